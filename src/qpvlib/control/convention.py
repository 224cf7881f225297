"""The convention's figures and inconsistencies, read from ``data/convention``.

Every figure keeps the line and the words that print it.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qpvlib import paths
from qpvlib.catalogue import THEMES
from qpvlib.errors import (
    CheckError,
    InvalidCodeError,
    Problem,
    QpvError,
    UnknownTerritoryError,
)
from qpvlib.territories import Territory, get

COMPARATORS = ("=", "~", "plus de", "moins de", ">=", "<=")
ORIGINS = ("", "imprimee", "note", "deduite")
GRAVITIES = ("majeure", "moyenne", "mineure", "information")
ORIENTATIONS = THEMES | {"autre": "Engagements, moyens et méthode"}

# Columns of figures.csv, in the order of the attributes of a printed figure.
_COLUMNS = (
    "id", "orientation", "indicateur", "libelle", "territoire", "nom_imprime", "modalite",
    "precision", "valeur", "comparateur", "arrondi", "unite", "annee", "annee_origine",
    "source_imprimee", "ligne", "citation", "remarque",
)  # fmt: skip
_READ: dict[str, Callable[[str], Any]] = {
    "territoire": lambda cell: tuple(cell.split()),
    "valeur": float,
    "arrondi": float,
    "ligne": int,
}
_ID = re.compile(r"CF(\d{3})(?:-CF(\d{3}))?")


@dataclass(frozen=True)
class PrintedFigure:
    """One figure as the convention prints it.

    Attributes
    ----------
    id
        ``CF001`` to ``CF296``, in the order of the text.
    orientation
        A key of :data:`ORIENTATIONS`.
    indicator
        Id of the catalogue, or of the convention alone.
    label
        What is counted, in French.
    territories
        Codes; several when the text adds quartiers up, none when no territory is meant.
    printed_name
        The territory as the text names it.
    category, detail
        ``femmes``, ``hommes``… as in the observations; and what else restricts the figure.
    value, comparator, rounding
        The number, one of :data:`COMPARATORS`, and the last place printed (0.1 for « 53,1 »,
        10 000 for « 250 000 », 5 for a fraction in words).
    unit
        Unit of ``value``.
    year, year_origin
        The year as printed, and whether it is printed with the figure, given by a note or a
        source line, or deduced from the context.
    source
        The source as printed; empty when the text gives none.
    line, quote
        Line of the text that holds the quotation, and the quotation (twelve words at most).
    remark
        What a reader must know of it.
    """

    id: str
    orientation: str
    indicator: str
    label: str
    territories: tuple[str, ...]
    printed_name: str
    category: str
    detail: str
    value: float
    comparator: str
    rounding: float
    unit: str
    year: str
    year_origin: str
    source: str
    line: int
    quote: str
    remark: str

    @property
    def vintage(self) -> int | None:
        """The year when it is a single one."""
        return int(self.year) if re.fullmatch(r"\d{4}", self.year) else None

    @property
    def decimals(self) -> int:
        """How many decimals the text prints."""
        return len(repr(self.rounding).partition(".")[2].rstrip("0"))


@dataclass(frozen=True)
class Inconsistency:
    """A place where the convention disagrees with itself, its sources or its own words.

    Attributes
    ----------
    id, lines, kind, gravity
        Identifier, lines of the text, nature and one of :data:`GRAVITIES`.
    finding, reading
        What the text says, and how to read it.
    figures
        Figures it is about.
    undermined
        Those that the text alone makes untenable.
    """

    id: str
    lines: str
    kind: str
    finding: str
    reading: str
    gravity: str
    figures: tuple[str, ...]
    undermined: tuple[str, ...]


def figures() -> tuple[PrintedFigure, ...]:
    """Return the figures of the convention, in the order of the text.

    Raises
    ------
    CheckError
        With every row whose number, comparator, year, territory or order is wrong.
    UnknownTerritoryError
        If the only problems are territories that do not exist.
    """
    return _figures(folder())


def inconsistencies() -> tuple[Inconsistency, ...]:
    """Return the inconsistencies of the convention.

    Raises
    ------
    CheckError
        With every unknown gravity or figure.
    """
    return _inconsistencies(folder())


def territory(code: str) -> Territory:
    """Return a territory of the project, or one that only the convention names.

    Raises
    ------
    UnknownTerritoryError
        If it is neither.
    """
    if code in _peers(folder()):
        return _peers(folder())[code]
    try:
        return get(code)
    except InvalidCodeError as error:
        raise UnknownTerritoryError(error.problems) from None


def figure_ids(selection: str) -> tuple[str, ...]:
    """Return the ids of a selection such as ``CF001-CF005 CF009``.

    Raises
    ------
    CheckError
        If it is written otherwise.
    """
    found: list[str] = []
    for part in selection.split():
        ends = _ID.fullmatch(part)
        if not ends:
            raise CheckError(f"« {part} » n'est pas une sélection de chiffres (CF001-CF005).")
        first, last = int(ends[1]), int(ends[2] or ends[1])
        found += [f"CF{number:03d}" for number in range(first, last + 1)]
    return tuple(found)


def folder() -> Path:
    """Return ``data/convention``."""
    return paths.data() / "convention"


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV of the folder."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _figures(source: Path) -> tuple[PrintedFigure, ...]:
    path = source / "figures.csv"
    found, problems, unknown = [], [], []
    for number, row in enumerate(rows(path), 1):
        try:
            figure = PrintedFigure(*(_READ.get(name, str)(row[name]) for name in _COLUMNS))
        except ValueError as error:
            problems.append(Problem(f"nombre illisible ({error}).", path.name, number + 1))
            continue
        found.append(figure)
        rules = {
            "id": figure.id == f"CF{number:03d}",
            "orientation": figure.orientation in ORIENTATIONS,
            "comparateur": figure.comparator in COMPARATORS,
            "annee_origine": figure.year_origin in ORIGINS
            and bool(figure.year) == bool(figure.year_origin),
            "arrondi": figure.rounding > 0,
            "citation": 0 < len(figure.quote.split()) <= 12,
        }
        for column, respected in rules.items():
            if not respected:
                problems.append(
                    Problem(f"valeur « {row[column]} » refusée.", path.name, number + 1, column)
                )
        for code in figure.territories:
            try:
                territory(code)
            except QpvError as error:
                fact = error.problems[0].fact
                unknown.append(Problem(fact, path.name, number + 1, "territoire"))
    if problems:
        raise CheckError([*problems, *unknown])
    if unknown:
        raise UnknownTerritoryError(unknown)
    return tuple(found)


@cache
def _inconsistencies(source: Path) -> tuple[Inconsistency, ...]:
    path = source / "incoherences.csv"
    known = {figure.id for figure in _figures(source)}
    found, problems = [], []
    for number, row in enumerate(rows(path), 2):
        about, undermined = figure_ids(row["figures"]), figure_ids(row["figures_intenables"])
        if row["gravite"] not in GRAVITIES:
            fact = f"gravité « {row['gravite']} » inconnue."
            problems.append(Problem(fact, path.name, number, "gravite"))
        if not set(undermined) <= set(about) <= known:
            fact = "un chiffre cité n'existe pas, ou n'est que dans la seconde liste."
            problems.append(Problem(fact, path.name, number, "figures"))
        place = row["id"], row["lignes"], row["nature"]
        words = row["constat"], row["lecture"], row["gravite"]
        found.append(Inconsistency(*place, *words, about, undermined))
    if problems:
        raise CheckError(problems)
    return tuple(found)


@cache
def _peers(source: Path) -> dict[str, Territory]:
    return {
        row["code"]: Territory(
            row["code"], row["geographie"], row["nom"], row["nom_court"], row["code"].lower()
        )
        for row in rows(source / "territoires.csv")
    }
