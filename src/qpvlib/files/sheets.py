"""The table of a page, read back from its CSV: a workbook for analysts, JSON for programs."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from qpvlib import __version__, clock, schools
from qpvlib.evaluation.workbook import README, stable
from qpvlib.files import columns
from qpvlib.observations import ALL, VALUE
from qpvlib.presentation.formats import MEDIAN, PUBLISHED
from qpvlib.sources import registry
from qpvlib.territories import CITY, Qpv, get, predecessors
from qpvlib.typography import typeset

Cell = str | float | int | None
Row = dict[str, Cell]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run, at the head of a text."""
_PROVENANCE = ("producteur", "jeu", "publication", "licence", "url", "page", "fichier", "sha256")
_FIGURE = (
    "modalite", "millesime", "statistique", "valeur", "borne_basse", "borne_haute", "intervalle",
    "fiabilite", "numerateur", "denominateur", "etat", "source",
)  # fmt: skip
_SHARED = {"intervalle", "fiabilite", "source"}
_BOUNDS = {"borne_basse", "borne_haute"}
"""Written with six figures: no more are known."""
_USUAL = {"modalite": ALL, "statistique": PUBLISHED, "etat": VALUE}


def rows(table: bytes) -> list[Row]:
    """Return the rows of the CSV of a page: numbers as numbers, ``None`` for an empty cell."""
    lines = csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";")
    return [{name: _read(name, text) for name, text in line.items()} for line in lines]


def _read(name: str, text: str) -> Cell:
    kind = columns.column(name).type
    if not text:
        return None
    if kind == "number":
        return float(text.replace(",", "."))
    return int(text) if kind in ("year", "integer") else text


def workbook(title: str, table: list[Row]) -> bytes:
    """Return the workbook of a page: « lisez-moi », then its figures; same rows, same bytes.

    A text that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    book = openpyxl.Workbook(write_only=True)
    front = book.create_sheet(README)
    front.column_dimensions["A"].width, front.column_dimensions["B"].width = 18, 110
    for line in _front(title, list(table[0]) if table else []):
        front.append([harmless(typeset(text)) for text in line])
    sheet = book.create_sheet("chiffres")
    sheet.freeze_panes = "C2"
    for letter, width in zip("ABCDEF", (12, 30, 12, 28, 44, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    if table:
        heads = [WriteOnlyCell(sheet, name) for name in table[0]]
        for head in heads:
            head.font = Font(bold=True)
        sheet.append(heads)
        sheet.auto_filter.ref = f"A1:{_letter(len(heads))}{len(table) + 1}"
    for row in table:
        sheet.append([harmless(value) for value in row.values()])
    return stable(book)


def harmless(value: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def document(code: str, table: list[Row]) -> bytes:
    """Return the figures of a territory's page as JSON: one series per indicator and territory.

    That of a quartier holds its own figures, those of the quartiers of 2015 it comes from, of its
    schools, of the median quartier and of the city; its table has the other territories.
    Territories, indicators and sources are told once, by their code; what all figures of a series
    share is told by the series. A fact that a figure lacks is left out, but ``valeur``, null in
    three of the four states; so is the usual one (``sous_entendu``).
    """
    known, table = registry.sources(), _about(code, table)
    used = sorted({str(row["source"]) for row in table if row["source"]})
    content = {
        "territoire": code,
        "edition": clock.edition().isoformat(),
        "qpvlib": __version__,
        "sous_entendu": _USUAL,
        "etats": columns.states(),
        "territoires": _told(table, "territoire", ("nom", "geographie")),
        "indicateurs": _told(table, "indicateur", ("libelle", "unite")),
        "sources": {name: {key: value for key, value in asdict(known[name]).items()
                           if key in _PROVENANCE and value} for name in used},
        "series": [],
    }  # fmt: skip
    groups: dict[tuple[Cell, Cell], list[Row]] = {}
    for row in table:
        groups.setdefault((row["indicateur"], row["territoire"]), []).append(row)
    series = ",\n".join(_compact(_series(rows)) for rows in groups.values())
    head = json.dumps(content, ensure_ascii=False, indent=1).removesuffix("]\n}")
    return f"{head}\n{series}\n]}}\n".encode()


def _about(code: str, table: list[Row]) -> list[Row]:
    if not isinstance(get(code), Qpv):
        return table
    own = {code, CITY, *(passage.code_2015 for passage in predecessors(code))}
    return [
        row
        for row in table
        if row["territoire"] in own
        or row["geographie"] == schools.GEOGRAPHY
        or row["statistique"] == MEDIAN
    ]


def _series(rows: list[Row]) -> dict:
    figures = [_figure(row) for row in rows]
    shared = {
        name: value
        for name, value in figures[0].items()
        if name in _SHARED and all(figure.get(name) == value for figure in figures)
    }
    key = {name: rows[0][name] for name in ("indicateur", "territoire")}
    own = [{k: v for k, v in figure.items() if k not in shared} for figure in figures]
    return key | shared | {"chiffres": own}


def _figure(row: Row) -> Row:
    return {
        name: float(f"{row[name]:.6g}") if name in _BOUNDS else row[name]
        for name in _FIGURE
        if name == "valeur" or row[name] not in (None, _USUAL.get(name))
    }


def _compact(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _told(table: list[Row], key: str, facts: tuple[str, ...]) -> dict[str, dict[str, Cell]]:
    return {str(row[key]): {name: row[name] for name in facts} for row in table}


def _front(title: str, names: Iterable[str]) -> Iterable[tuple[str, ...]]:
    yield (title,)
    yield (f"Édition du {clock.edition():%d/%m/%Y}, qpvlib {__version__}.",)
    yield ("Une ligne par chiffre de la page. Chaque chiffre a son année, son intervalle et sa",
           "source ; les empreintes (sha256) sont celles des fichiers officiels.")  # fmt: skip
    yield ()
    yield ("état", "sens")
    yield from columns.states().items()
    yield ()
    yield ("colonne", "contenu")
    yield from ((name, columns.column(name).text) for name in names)


def _letter(number: int) -> str:
    return openpyxl.utils.get_column_letter(number)
