"""A document on its own: a page of HTML that prints, and its PDF by Typst.

The PDF is tagged for a screen reader (PDF/UA-1), and the same bytes twice.
"""

import re
from collections.abc import Iterable

from lxml import html
from markupsafe import escape

from qpvlib import pdf as tagged
from qpvlib.typography import apostrophes, typst_string

_STYLE = (
    "body{font:11pt/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.85em}"
    "th,td{border-bottom:1px solid #c9d2dc;padding:.3em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}caption{text-align:left}"
    ".qpv-table{overflow-x:auto}@page{size:A4;margin:18mm}h2{break-after:avoid}tr{break-inside:avoid}"
)
_WRAPPED = {
    "p": "#par[{}]\n",
    "li": "[{}]",
    "ul": "#list({})\n",
    "ol": "#enum({})\n",
    "summary": "#block(sticky: true)[#strong[{}]]\n",
    "caption": "#block(sticky: true)[#strong[{}]]\n",
    "figcaption": "#par[{}]\n",
    "blockquote": "#quote(block: true)[{}]\n",
    "strong": "#strong[{}]",
    "b": "#strong[{}]",
    "em": "#emph[{}]",
    "i": "#emph[{}]",
    "small": "#text(size: 0.85em)[{}]",
}
_LEFT_OUT = ("style", "script", "svg")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def page(title: str, body: str) -> str:
    """Return a whole page of HTML, with the style it needs: it reads, and prints, alone."""
    body = body.replace("<details>", "<details open>")  # what is folded is not printed
    return apostrophes(
        '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{body}</html>\n"
    )


def pdf(title: str, body: str) -> bytes:
    """Return the same page as a PDF: headings, paragraphs, lists, tables, links; no drawing.

    Parameters
    ----------
    title
        Title of the document, printed above it.
    body
        HTML; its headings begin at ``h2``.
    """
    return compiled(
        title, "\n".join(_written(one) for one in html.fragments_fromstring(apostrophes(body)))
    )


def compiled(title: str, source: str) -> bytes:
    """Return a Typst source as a PDF, under a title."""
    head = (
        f"#set document(title: {typst_string(title)}, date: none)\n"
        '#set page(paper: "a4", margin: 2cm, numbering: "1 / 1")\n'
        '#set text(lang: "fr", size: 11pt, font: "DejaVu Sans")\n'
        "#set table(inset: 4pt, stroke: 0.4pt + luma(170))\n"
        "#show table: set text(size: 0.85em)\n#title()\n"
    )
    return tagged.compiled(head + source)


def _quoted(text: str) -> str:
    return typst_string(re.sub(r"[ \t\r\n]+", " ", text))


def _written(element: html.HtmlElement | str) -> str:
    """Return the Typst source of an element, or of a text, without what follows it."""
    if isinstance(element, str):
        return f"#{_quoted(element)}" if element.strip() else ""
    tag = element.tag
    if not isinstance(tag, str) or tag in _LEFT_OUT:
        return ""
    if tag in _HEADINGS:
        return f"#heading(level: {_HEADINGS.index(tag)})[{_inside(element)}]\n"
    if tag == "table":
        return _table(element)
    if tag in ("ul", "ol"):
        return _WRAPPED[tag].format(", ".join(map(_written, element.iterchildren("li"))))
    if tag == "a" and element.get("href", "").startswith("https://"):
        return f"#link({_quoted(element.get('href'))})[{_inside(element)}]"
    return _WRAPPED.get(tag, "{}").replace("{}", _inside(element))


def _inside(element: html.HtmlElement) -> str:
    parts = [element.text or "", *(one for child in element for one in (child, child.tail or ""))]
    # A blank between two words counts, one between two blocks does not.
    return "".join(f"#{_quoted(one)}" if isinstance(one, str) and one else _written(one)
                   for one in parts)  # fmt: skip


def _table(table: html.HtmlElement) -> str:
    lines = list(table.iter("tr"))
    # What the fold around the table says is not said again.
    above = table.xpath("string(ancestor::details[1]/summary)")
    caption = "".join(_written(one) for one in table.iterchildren("caption")
                      if one.text_content() != above)  # fmt: skip
    head, body = lines[0], lines[1:]
    rows = ", ".join(cell for line in body for cell in _cells(line))
    columns = len(list(head))
    return f"{caption}#table(columns: {columns}, table.header({', '.join(_cells(head))}), {rows})\n"


def _cells(line: html.HtmlElement) -> Iterable[str]:
    for cell in line:
        yield f"[#strong[{_inside(cell)}]]" if cell.tag == "th" else f"[{_inside(cell)}]"
