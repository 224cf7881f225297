"""The published figure: drawing, caption, alternative text, table and source in one object."""

import hashlib
import io
import re
from dataclasses import dataclass

import matplotlib
from IPython.display import display
from matplotlib.figure import Figure as Drawing

from qpvlib.presentation.markup import Html
from qpvlib.presentation.tables import Table

# Drawn in these colours, a mark takes that of the page, light or dark: of its text, of its ground,
# and a blue that shows on both.
INK, PAPER, BLUE = "#010203", "#ffffff", "#0072b2"

_BODY = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]*)\"[^>]*>(.*)</svg>", re.DOTALL)
# Left out of a drawing: what would repeat ids or leak into the page, and dead weight.
_NEEDLESS = tuple(
    (re.compile(pattern, re.DOTALL), kept)
    for pattern, kept in (
        (r"<metadata>.*?</metadata>", ""),
        (r"<style.*?</style>", ""),
        (r"<defs>\s*</defs>", ""),
        (r"<!--.*?-->", ""),
        (r"<g id=\"qpv-(\w+)=([^\"]*)\"", r'<g data-\1="\2"'),
        (r"<g id=\"[^\"]*\"", "<g"),
        (r" *font-family: [^;\"]*;?", ""),
        (r" transform=\"rotate\(-0 [^\"]*\"", ""),
        (r"\s*\n\s*", "\n"),
        (r"(\d\.\d\d)\d+(?![\d|])", r"\1"),
        (r"xlink:href", "href"),
        (INK, "currentColor"),
        (PAPER, f"var(--qpv-papier, {PAPER})"),
        (BLUE, f"var(--qpv-dessin-bleu, {BLUE})"),
    )
)


@dataclass(frozen=True)
class Figure:
    """A figure of the book.

    Attributes
    ----------
    drawing
        A matplotlib figure, or HTML holding inline SVG.
    caption
        What is drawn, and for what year.
    alt
        The finding, in two sentences at most.
    table
        The same figures, as a table.
    source
        Producer, dataset and vintage.
    """

    drawing: Drawing | Html
    caption: str
    alt: str
    table: Table
    source: str

    def html(self) -> Html:
        """Return the whole ``<figure>``; the table is folded under it."""
        drawing = self.drawing
        if not isinstance(drawing, Html):
            drawing = inline_svg(drawing, self.alt, self.table.html())
        return Html(
            '<figure class="qpv-figure">{}<figcaption>{}</figcaption>'
            "<details><summary>Voir les données</summary>{}</details>"
            '<p class="qpv-source">{}</p></figure>'
        ).format(drawing, self.caption, self.table.html(), self.source)

    def show(self) -> None:
        """Emit the figure: the same drawing for the book and for who opens the notebook."""
        display({"text/html": str(self.html()), "text/plain": self.alt}, raw=True)


def inline_svg(drawing: Drawing, alt: str, data: str = "") -> Html:
    """Return a matplotlib figure as inline SVG: same figure, same bytes; ids of its own.

    Text stays text, in the fonts of the page.

    Parameters
    ----------
    data
        What is drawn, to tell apart the ids of two figures with the same finding.
    """
    salt = hashlib.sha256((alt + data).encode()).hexdigest()[:12]
    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt}):
        drawing.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    drawn = _BODY.search(out.getvalue())
    assert drawn, "matplotlib writes one svg element"
    box, body = drawn.groups()
    for pattern, kept in _NEEDLESS:
        body = pattern.sub(kept, body)
    return Html('<svg class="qpv-dessin" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(
        box, alt, Html(body)
    )
