"""What Sphinx does for this book beyond its pages: a search without accents, and the site's files.

A Sphinx extension, declared in ``_config.yml``. The theme's own search is kept: its index and its
query lose their accents (``book/_static/recherche.js`` is the half that the browser runs), the
pages of the quartiers answer to the places in them, and words of neighbouring cells are not glued.
A page for broken links, and ``sitemap.xml`` and a card for shared links where the book's address
is known.
"""

import re
import unicodedata
from collections.abc import Iterator
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.fr import SearchFrench

from qpvlib.edition import card, pages
from qpvlib.presentation import home
from qpvlib.reading import finder

_BLOCKS = re.compile(r"(</(?:td|th|li|dt|dd|p|div|h\d|summary|caption|figcaption|text|title)>)")


def fold(text: str) -> str:
    """Return the text in lower case, without accents."""
    plain = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class Unaccented(SearchFrench):
    """French, where « chomage » is « chômage »."""

    def split(self, text: str) -> list[str]:
        """Return the words of a text, in lower case and without accents."""
        return super().split(fold(text))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_search_language(Unaccented)
    app.connect("doctree-resolved", _separate)
    app.connect("html-page-context", _context)
    app.connect("html-collect-pages", _more)
    app.connect("build-finished", _files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _separate(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a space after each block of raw HTML: Sphinx strips the tags and glues what is left."""
    for raw in doctree.findall(nodes.raw):
        raw.children = [nodes.Text(_BLOCKS.sub(r"\1 ", raw.astext()))]


def _context(app: Sphinx, name: str, template: str, context: dict, doctree) -> None:
    context["adresse"] = _address(app)
    context["contact"] = home.contact()
    if name.startswith("book/indicateurs/"):  # a menu of its 120 sisters is no menu
        context["theme_max_navbar_depth"] = 1


def _more(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Let the portraits be found by their places, then yield the page of broken links."""
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        made = {page.code: page.docname for page in (*pages.portraits(), *pages.sectors())}
        for name in finder.names():
            for word in indexer.lang.split(name.label):
                for code, inside in name.targets.items():
                    # Words of a title weigh more; « mapping » is what Sphinx has for the others.
                    told = indexer._title_mapping if inside else indexer._mapping
                    if made[code] in app.env.found_docs and indexer.lang.word_filter(word):
                        told.setdefault(indexer.lang.stem(word), set()).add(made[code])
    yield "404", {"title": "Page introuvable"}, "404.html"


def _files(app: Sphinx, error: Exception | None) -> None:
    address = _address(app)
    if error or not address or app.builder.format != "html":
        return
    links = "".join(
        f"<url><loc>{escape(address + app.builder.get_target_uri(name))}</loc></url>\n"
        for name in sorted(app.env.found_docs)
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{links}</urlset>\n'
    )
    (app.outdir / "sitemap.xml").write_text(text, "utf-8")
    (app.outdir / "_static" / card.NAME).write_bytes(card.picture(app.config.html_title))


def _address(app: Sphinx) -> str:
    """Return the address of the published book, ending with a slash, or nothing."""
    address = app.config.html_baseurl
    return f"{address.rstrip('/')}/" if address else ""
