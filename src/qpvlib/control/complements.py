"""Figures of the control that the observations cannot hold: peers, weighted means, plain counts.

They are read from ``data/convention/complements.csv``, which :mod:`qpvlib.control.peers`
writes from official files. None is ever published as an observation.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qpvlib.control.convention import folder, rows, territory
from qpvlib.errors import CheckError, Problem

FILE = "complements.csv"
_READ: dict[str, Callable[[str], Any]] = {
    "territoire": str,
    "indicateur": str,
    "modalite": str,
    "millesime": int,
    "valeur": float,
    "moyenne_simple": lambda cell: float(cell) if cell else None,
    "numerateur": lambda cell: float(cell) if cell else None,
    "denominateur": lambda cell: float(cell) if cell else None,
    "nature": str,
    "publies": int,
    "total": int,
    "sources": lambda cell: tuple(cell.split(" ; ")),
    "fichiers": lambda cell: tuple(cell.split(" ; ")),
    "methode": str,
}
"""How each column is read, in the order of the attributes of a complement."""
COLUMNS = tuple(_READ)
NATURES = PUBLISHED, DERIVED, WEIGHTED = ("donnee", "calcul", "approximation")


@dataclass(frozen=True)
class Complement:
    """One figure outside the observations.

    Attributes
    ----------
    territory, indicator, category, vintage, value
        As in an observation; the territory may be a peer known to the convention only.
    plain
        The mean that gives each quartier the same weight, beside a weighted one.
    numerator, denominator
        The parts, when the value is a ratio.
    nature
        ``donnee`` (as published), ``calcul`` (counted, added up or a ratio of published numbers)
        or ``approximation`` (mean weighted by population).
    published, total
        Zones that enter it, out of how many; both 0 when it is not about a group.
    sources, files
        Source ids, and « name sha256 » of each file.
    method
        One French sentence; empty for a mean.
    """

    territory: str
    indicator: str
    category: str
    vintage: int
    value: float
    plain: float | None
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
            found.append(Complement(*(read(row[name]) for name, read in _READ.items())))
        except ValueError as error:
            problems.append(Problem(f"nombre illisible ({error}).", path.name, line))
            continue
        if row["nature"] not in NATURES:
            fact = f"nature « {row['nature']} » inconnue."
            problems.append(Problem(fact, path.name, line, "nature"))
    if problems:
        raise CheckError(problems)
    return tuple(found)
