"""Tables: under a figure, of a whole page, and as a file for a spreadsheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qpvlib.presentation.markup import Html


@dataclass(frozen=True)
class Table:
    """A data table; the first cell of a row is its heading.

    Attributes
    ----------
    caption
        What the table holds, and for what year.
    heads
        Titles of the columns.
    rows
        Cells, text or HTML.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> Html:
        """Return the table in a box that scrolls by itself on a narrow screen."""
        heads = _each('<th scope="col">{}</th>', self.heads)
        rows = Html("").join(
            Html('<tr><th scope="row">{}</th>{}</tr>\n').format(
                row[0], _each("<td>{}</td>", row[1:])
            )
            for row in self.rows
        )
        return Html(
            '<div class="qpv-table" role="region" tabindex="0" aria-label="{0}"><table>'
            "<caption>{0}</caption>\n<thead><tr>{1}</tr></thead>\n<tbody>{2}</tbody></table></div>"
        ).format(self.caption, heads, rows)

    def show(self) -> None:
        """Show the table as the output of a notebook's cell."""
        self.html().show()


def _each(template: str, items: Iterable[str]) -> Html:
    return Html("").join(Html(template).format(item) for item in items)
