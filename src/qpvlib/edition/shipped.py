"""Everything an edition ships, read back: what someone after a secret would have in hand.

:data:`READERS` is the one list of the forms in which figures leave. A file of the book whose form
is neither there nor in :data:`INERT` is a fault: nobody would have attacked it.
"""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from lxml import html

from qpvlib.errors import Problem
from qpvlib.observations import ALL, KEY, SECRET
from qpvlib.presentation.formats import PUBLISHED

NUMBERS = ["valeur", "numerateur", "denominateur"]
COLUMNS = ["territoire", "indicateur", "modalite", "millesime", "statistique", *NUMBERS, "etat"]
_FIGURE = [name for name in KEY if name != "geographie"]
Row = dict[str, str]


def _page(path: Path) -> Iterator[Row]:
    yield from _printed(html.document_fromstring(path.read_bytes()))


def _printed(page: html.HtmlElement) -> Iterator[Row]:
    for element in page.xpath("//*[self::data or @data-etat][@data-indicateur]"):
        row = {name: element.get(f"data-{name}", "") for name in COLUMNS}
        yield row | {"valeur": element.get("value", ""), "modalite": row["modalite"] or ALL}


def _table(path: Path) -> Iterator[Row]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        separator = ";" if ";" in file.readline() else ","
        file.seek(0)
        for row in csv.DictReader(file, delimiter=separator):
            if row.keys() >= {*_FIGURE, "valeur"}:
                yield {name: row.get(name) or "" for name in COLUMNS}


def _notebook(path: Path) -> Iterator[Row]:
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            text = "".join(output.get("data", {}).get("text/html", ""))
            if "data-indicateur" in text:
                yield from _printed(html.fragment_fromstring(text, create_parent="div"))


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".html": _page,
    ".csv": _table,
    ".ipynb": _notebook,
}
INERT = {
    ".css", ".js", ".map", ".png", ".svg", ".ico", ".gif", ".woff", ".woff2", ".ttf", ".otf",
    ".eot", ".txt", ".md", ".po", ".mo", ".inv", ".py", "",
}  # fmt: skip


def figures(book: Path) -> pd.DataFrame:
    """Return every figure of every file of a built book.

    Returns
    -------
    DataFrame
        :data:`COLUMNS` and ``fichier``; numbers missing where none is shipped. A figure shipped
        without the word of what it is (``statistique``) is a published one.
    """
    rows = [
        row | {"fichier": path.relative_to(book).as_posix()}
        for path in sorted(book.rglob("*"))
        if path.is_file() and path.suffix in READERS
        for row in READERS[path.suffix](path)
    ]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "fichier"])
    for name in NUMBERS:
        frame[name] = pd.to_numeric(frame[name].str.replace(",", "."), errors="coerce")
    frame["millesime"] = pd.to_numeric(frame["millesime"], errors="coerce")
    frame["statistique"] = frame["statistique"].replace("", PUBLISHED)
    return frame


def faults(book: Path, stored: pd.DataFrame) -> Iterator[Problem]:
    """Yield the forms that nobody reads back, and the secrets that a file gives.

    Parameters
    ----------
    book
        Folder of the built book.
    stored
        Observations, each key once.
    """
    for path in sorted(book.rglob("*")):
        if path.is_file() and path.suffix not in READERS.keys() | INERT:
            name = path.relative_to(book).as_posix()
            remedy = "Ajoutez son lecteur à qpvlib.edition.shipped."
            yield Problem("ses chiffres ne sont relus par aucun contrôle.", name, remedy=remedy)
    yield from _given(figures(book), stored[stored["etat"] == SECRET], "est secret")


def across(one: Path, other: Path) -> Iterator[Problem]:
    """Yield what one edition masks and the other gives."""
    first, second = figures(one), figures(other)
    for shown, masked in ((first, second), (second, first)):
        yield from _given(
            shown, masked[masked["etat"] == SECRET], "est secret dans l'autre édition"
        )


def _given(shown: pd.DataFrame, masked: pd.DataFrame, why: str) -> Iterator[Problem]:
    shown = shown[(shown["statistique"] == PUBLISHED) & shown[NUMBERS].notna().any(axis=1)]
    keys = masked[_FIGURE].drop_duplicates().astype({"millesime": float})
    for row in (
        shown.merge(keys, on=_FIGURE).drop_duplicates([*_FIGURE, "fichier"]).to_dict("records")
    ):
        name = "/".join(str(row[part]) for part in _FIGURE)
        yield Problem(f"{name} {why}, et un nombre en est donné.", row["fichier"])
