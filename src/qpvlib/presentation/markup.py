"""Pieces of page: text that escapes whatever is put into it, and shows itself in a notebook."""

import re
from typing import Protocol

from IPython.display import display
from markupsafe import Markup

from qpvlib.typography import typeset

_TAG = re.compile(r"<[^>]*>")


class Html(Markup):
    """HTML; ``Html("<b>{}</b>").format(x)``, ``+`` and ``join`` escape what is not yet HTML."""

    def _repr_html_(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer, cycle: bool) -> None:
        printer.text(self.striptags())

    def words(self) -> str:
        """Return the text alone, its no-break spaces kept (``striptags`` makes them plain)."""
        return Html(_TAG.sub("", self)).unescape()

    def show(self) -> None:
        """Show the piece as the output of a notebook's cell."""
        display(self)


def attributes(**values: str | int | None) -> Html:
    """Return HTML attributes, escaped; ``_`` becomes ``-``, ``None`` leaves the attribute out."""
    return Html("").join(
        Html(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in values.items()
        if value is not None
    )


def prose(template: str, *items: str | int) -> Html:
    """Return French text with its no-break spaces; the items are escaped unless they are HTML."""
    return Html(typeset(template)).format(*items)


class Shown(Protocol):
    """A table or a figure: what the page shows of it."""

    def html(self) -> Html:
        """Return it as HTML."""


def fold(
    summary: str, *pieces: "str | Shown", opened: bool = False, name: str | None = None
) -> Html:
    """Return pieces behind a button that says what they are; ``name`` is their address."""
    content = Html("\n").join(one if isinstance(one, str) else one.html() for one in pieces)
    return Html("<details{}><summary>{}</summary>{}</details>").format(
        attributes(class_="qpv-repli", id=name, open="" if opened else None), summary, content
    )
