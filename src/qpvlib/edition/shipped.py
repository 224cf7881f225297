"""Everything an edition ships, read back: what someone after a secret would have in hand.

:data:`READERS` is the one list of the forms in which figures leave; an archive is read member by
member. A file whose form is neither there nor in :data:`INERT` is a fault: nobody would attack it.
"""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import openpyxl
import pandas as pd
import pypdf
from lxml import html

from qpvlib.catalogue import indicators
from qpvlib.errors import Problem
from qpvlib.observations import ALL, KEY, SECRET, VALUE
from qpvlib.presentation.formats import PUBLISHED

NUMBERS = ["valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"]
COLUMNS = ["territoire", "indicateur", "modalite", "millesime", "statistique", *NUMBERS, "etat"]
_FIGURE = [name for name in KEY if name != "geographie"]
_KEYED = {"territoire", "indicateur", "millesime"}
_PRINTED = re.compile(r"(?<![\d,])(\d{1,3}(?:\s?\d{3})*(?:,\d+)?)\s?[%€]")
_MARKS = {str(mark) for mark in range(0, 101, 5)}  # of an axis, drawn and not told in the page
_UNSAID = {"statistique": PUBLISHED, "modalite": ALL}
Row = dict[str, str]


def _row(cells: Mapping) -> Iterator[Row]:
    """Yield the one figure of a row, or one per column that is named after an indicator."""
    texts = {name: "" if cell is None else str(cell) for name, cell in cells.items()}
    if texts.keys() >= _KEYED and texts.keys() & {*NUMBERS}:
        yield {name: texts[name] for name in COLUMNS if name in texts}
    elif "code" in texts:
        for name in texts.keys() & indicators().keys():
            yield {"territoire": texts["code"], "indicateur": name, "valeur": texts[name]}


def _page(content: bytes) -> Iterator[Row]:
    yield from _marked(html.document_fromstring(content))


def _marked(page: html.HtmlElement) -> Iterator[Row]:
    for element in page.xpath("//*[self::data or @data-etat][@data-indicateur]"):
        row = {name: element.get(f"data-{name}", "") for name in COLUMNS}
        yield row | {"valeur": element.get("value", "")}
    for script in page.xpath("//script[contains(@type, 'json')]"):
        yield from _json((script.text or "null").encode())


def _table(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    separator = ";" if ";" in text.partition("\n")[0] else ","
    for cells in csv.DictReader(io.StringIO(text, newline=""), delimiter=separator):
        yield from _row(cells)


def _notebook(content: bytes) -> Iterator[Row]:
    for cell in json.loads(content)["cells"]:
        for output in cell.get("outputs", ()):
            text = "".join(output.get("data", {}).get("text/html", ""))
            if "data-indicateur" in text:
                yield from _marked(html.fragment_fromstring(text, create_parent="div"))


def _json(content: bytes) -> Iterator[Row]:
    nodes: list[tuple[Any, dict]] = [(json.loads(content), {})]
    while nodes:
        node, above = nodes.pop()
        if isinstance(node, dict):
            own = {name: cell for name, cell in node.items() if not isinstance(cell, dict | list)}
            if own.keys() & {*NUMBERS, "code"}:
                yield from _row(above | own)
            above = above | {name: own[name] for name in _KEYED & own.keys()}
        children = node.values() if isinstance(node, dict) else node
        nodes += [(child, above) for child in children or () if isinstance(child, dict | list)]


def _workbook(content: bytes) -> Iterator[Row]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for sheet in book.worksheets:
        head: tuple = ()
        for cells in sheet.iter_rows(values_only=True):
            if {*cells} >= _KEYED or "code" in cells:
                head = cells
            elif head:
                yield from _row(dict(zip(head, cells, strict=False)))


def _geopackage(content: bytes) -> Iterator[Row]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        base.row_factory = sqlite3.Row
        for (layer,) in base.execute("SELECT table_name FROM gpkg_contents").fetchall():
            for cells in base.execute(f'SELECT * FROM "{layer}"'):
                yield from _row(dict(cells))


def _attached(content: bytes) -> Iterator[Row]:
    """Yield the figures attached to a PDF; its text says no key: see :func:`_untold`."""
    for tables in pypdf.PdfReader(io.BytesIO(content)).attachments.values():
        for table in tables:
            yield from _table(table)


READERS: dict[str, Callable[[bytes], Iterator[Row]]] = {
    ".html": _page,
    ".csv": _table,
    ".ipynb": _notebook,
    ".json": _json,
    ".geojson": _json,
    ".xlsx": _workbook,
    ".gpkg": _geopackage,
    ".pdf": _attached,
}
INERT = {
    ".css", ".js", ".map", ".png", ".svg", ".ico", ".gif", ".woff", ".woff2", ".ttf", ".otf",
    ".eot", ".txt", ".md", ".po", ".mo", ".inv", ".py", ".xml", ".webmanifest", "",
}  # fmt: skip


def _files(book: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for path in sorted(book.rglob("*")):
        if path.is_file():
            yield from _opened(path.relative_to(book).as_posix(), path.read_bytes)


def _opened(name: str, read: Callable[[], bytes]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a file, or the members of an archive."""
    if not name.endswith(".zip"):
        yield name, read
        return
    with zipfile.ZipFile(io.BytesIO(read())) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield from _opened(f"{name}/{member.filename}", partial(archive.read, member))


def _frames(book: Path) -> Iterator[pd.DataFrame]:
    for file, read in _files(book):
        if reader := READERS.get(PurePath(file).suffix.lower()):
            rows = [
                _UNSAID | {k: text for k, text in row.items() if text} for row in reader(read())
            ]
            frame = pd.DataFrame(rows, columns=COLUMNS).assign(fichier=file)
            for name in [*NUMBERS, "millesime"]:
                texts = frame[name].astype(str).str.replace(",", ".")
                frame[name] = pd.to_numeric(texts, errors="coerce")
            yield frame


def figures(book: Path) -> pd.DataFrame:
    """Return every figure of every file of a built book.

    Returns
    -------
    DataFrame
        :data:`COLUMNS` and ``fichier``; numbers missing where none is shipped, ``millesime`` in a
        table of one column per indicator. A figure shipped without the word of what it is
        (``statistique``) is a published one.
    """
    frames = [frame for frame in _frames(book) if len(frame)]
    if not frames:
        return pd.DataFrame(columns=[*COLUMNS, "fichier"])
    return pd.concat(frames, ignore_index=True)


def faults(book: Path, stored: pd.DataFrame) -> Iterator[Problem]:
    """Yield the forms that nobody reads back, and the secrets that a file gives.

    Parameters
    ----------
    book
        Folder of the built book.
    stored
        Observations, each key once.
    """
    for name, _ in _files(book):
        if PurePath(name).suffix.lower() not in READERS.keys() | INERT:
            remedy = "Ajoutez son lecteur à qpvlib.edition.shipped."
            yield Problem("ses chiffres ne sont relus par aucun contrôle.", name, remedy=remedy)
    shown = figures(book)
    yield from _given(shown, stored[stored["etat"] == SECRET], "est secret")
    undated = shown[shown["millesime"].isna() & shown["valeur"].notna()]
    known = stored.loc[stored["etat"] == VALUE, ["territoire", "indicateur", "valeur"]]
    both = undated.merge(known.drop_duplicates(), how="left", indicator=True)
    for row in both[both["_merge"] == "left_only"].to_dict("records"):
        fact = f"{row['territoire']}/{row['indicateur']} : {row['valeur']} n'est publié nulle part."
        yield Problem(fact, row["fichier"])
    yield from _untold(book)


def _untold(book: Path) -> Iterator[Problem]:
    """Yield the percentages and euros of a PDF that neither its page nor its table tells."""
    for path in sorted(book.rglob("*.pdf")):
        slug = path.stem.removeprefix("falc-")
        pages = [html.document_fromstring(p.read_bytes()) for p in book.rglob(f"{slug}.html")]
        told = {n for page in pages for n in _numbers(page.text_content())}
        told |= {f"{float(n.replace(',', '.')) + 1e-9:.0f}" for n in told}
        told |= {n for row in _attached(path.read_bytes()) for n in _roundings(row)}
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        if lost := sorted(_numbers(text) - told - _MARKS):
            where = f"ni dans la page {slug} ni dans son tableau"
            fact = f"des nombres ne sont {where} : {', '.join(lost[:5])}."
            yield Problem(fact, path.relative_to(book).as_posix())


def _roundings(row: Row) -> set[str]:
    values = [float(row[name]) for name in NUMBERS if row.get(name)]
    return {f"{v + 1e-9:.{digits}f}".replace(".", ",") for v in values for digits in range(3)}


def _numbers(text: str) -> set[str]:
    return {re.sub(r"\s", "", number) for number in _PRINTED.findall(text)}


def across(one: Path, other: Path) -> Iterator[Problem]:
    """Yield what one edition masks and the other gives."""
    first, second = figures(one), figures(other)
    for shown, masked in ((first, second), (second, first)):
        secrets = masked[masked["etat"] == SECRET]
        yield from _given(shown, secrets, "est secret dans l'autre édition")


def _given(shown: pd.DataFrame, masked: pd.DataFrame, why: str) -> Iterator[Problem]:
    shown = shown[(shown["statistique"] == PUBLISHED) & shown[NUMBERS].notna().any(axis=1)]
    keys = masked[_FIGURE].drop_duplicates().astype({"millesime": float})
    found = shown.merge(keys, on=_FIGURE).drop_duplicates([*_FIGURE, "fichier"])
    for row in found.to_dict("records"):
        name = "/".join(str(row[part]) for part in _FIGURE)
        yield Problem(f"{name} {why}, et un nombre en est donné.", row["fichier"])
