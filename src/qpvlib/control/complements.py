"""Figures of the control that the observations cannot hold: peers, weighted means, plain counts.

They are read from ``data/convention/complements.csv``, which :mod:`qpvlib.control.peers`
writes from official files. None is ever published as an observation.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

from qpvlib.control.convention import folder, rows, territory
from qpvlib.errors import CheckError, Problem

FILE = "complements.csv"
COLUMNS = (
    "territoire",
    "indicateur",
    "modalite",
    "millesime",
    "valeur",
    "numerateur",
    "denominateur",
    "nature",
    "publies",
    "total",
    "sources",
    "fichiers",
    "methode",
)
NATURES = PUBLISHED, WEIGHTED = ("donnee", "approximation")


@dataclass(frozen=True)
class Complement:
    """One figure outside the observations.

    Attributes
    ----------
    territory, indicator, category, vintage, value
        As in an observation; the territory may be a peer known to the convention only.
    numerator, denominator
        The parts, when the value is a ratio or a count.
    nature
        ``donnee`` (counted, or a ratio of published numbers) or ``approximation`` (mean weighted
        by population).
    published, total
        Zones that enter it, out of how many; both 0 when it is not about a group.
    sources, files
        Source ids, and « name sha256 » of each file.
    method
        One French sentence.
    """

    territory: str
    indicator: str
    category: str
    vintage: int
    value: float
    numerator: float | None
    denominator: float | None
    nature: str
    published: int
    total: int
    sources: tuple[str, ...]
    files: tuple[str, ...]
    method: str


def complements() -> tuple[Complement, ...]:
    """Return the complements.

    Raises
    ------
    CheckError
        With every line whose number or nature is wrong.
    UnknownTerritoryError
        If a territory does not exist.
    """
    return _complements(folder() / FILE)


def to_csv(found: Iterable[Complement]) -> bytes:
    """Return the rows as CSV: same rows, same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(found, key=lambda c: (c.indicator, c.territory, c.vintage)):
        writer.writerow(_cell(value) for value in astuple(row))
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ; ".join(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@cache
def _complements(path: Path) -> tuple[Complement, ...]:
    found, problems = [], []
    for line, row in enumerate(rows(path), 2):
        territory(row["territoire"])
        try:
            found.append(_complement(row))
        except ValueError as error:
            problems.append(Problem(f"nombre illisible ({error}).", path.name, line))
            continue
        if row["nature"] not in NATURES:
            fact = f"nature « {row['nature']} » inconnue."
            problems.append(Problem(fact, path.name, line, "nature"))
    if problems:
        raise CheckError(problems)
    return tuple(found)


def _complement(row: dict[str, str]) -> Complement:
    def number(column: str) -> float | None:
        return float(row[column]) if row[column] else None

    return Complement(
        row["territoire"],
        row["indicateur"],
        row["modalite"],
        int(row["millesime"]),
        float(row["valeur"]),
        number("numerateur"),
        number("denominateur"),
        row["nature"],
        int(row["publies"]),
        int(row["total"]),
        tuple(row["sources"].split(" ; ")),
        tuple(row["fichiers"].split(" ; ")),
        row["methode"],
    )
