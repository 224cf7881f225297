"""The page that tells how to read the book quotes its pages: what it quotes must be there.

A quotation is written ``[En 5 chiffres]{.qpv-exemple-portraits}``: words, and where they are: a
folder of the book, or a page.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import html

PAGE = "book/mode_emploi.html"
_MARK = "qpv-exemple-"


def faults(folder: Path, name: str) -> Iterator[str]:
    """Yield, in French, the quotations of the page that no page of the place it says holds.

    Parameters
    ----------
    folder, name
        The built book, and a page of it.
    """
    if name != PAGE:
        return
    for element in _parsed(folder / name).xpath(f"//*[contains(@class, '{_MARK}')]"):
        words = _words(element)
        place = re.findall(rf"{_MARK}([\w-]+)", element.get("class"))[0]
        pages = [*folder.glob(f"**/{place}/**/*.html"), *folder.glob(f"**/{place}.html")]
        if not any(words in _words(_parsed(path).find(".//body")) for path in sorted(pages)):
            yield f"« {words} » n'est sur aucune page de « {place} »."


def _parsed(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_bytes())


def _words(element: html.HtmlElement) -> str:
    """Return the words read in an element, on one line."""
    return " ".join(" ".join(element.itertext()).split()).casefold()
