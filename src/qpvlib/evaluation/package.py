"""The declared tables of ``data/evaluation``: references read from the text, registers to fill.

``datapackage.json`` (Frictionless, Table Schema) drives the empty workbook, the reading, the checks
and the codebook; what it cannot say (closed lists of places and organisations) is in
:func:`choices`.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from qpvlib import paths, territories
from qpvlib.typography import typeset

ANSWERS = "reponses"
"""The only register that people do not fill: counts of residents' answers."""
OBJECTIVES = "objectifs de la convention"
"""The closed list of the 17 objectives, the only rows of « orientations » that a cell may name."""
_LABELS = ("libelle", "objet", "nom", "organisation", "dispositif", "exigence",
           "espace_ou_modalite")  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column as Table Schema declares it; ``closed`` names its list (:func:`choices`), if any.

    ``constraints``: ``required, enum, minimum, maximum, pattern, maxLength``.
    """

    name: str
    title: str
    type: str
    description: str
    closed: str
    example: str
    constraints: Mapping[str, Any] = field(hash=False)

    @property
    def required(self) -> bool:
        """Whether the cell may not be empty."""
        return bool(self.constraints.get("required"))


@dataclass(frozen=True)
class Table:
    """One resource of the package: its columns, those that name a row, its rules."""

    name: str
    title: str
    path: Path
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]

    def field(self, name: str) -> Field:
        """Return a column by its name."""
        return next(one for one in self.fields if one.name == name)


def folder() -> Path:
    """Return ``data/evaluation``."""
    return paths.data() / "evaluation"


def tables() -> dict[str, Table]:
    """Return every table of the package, in its order."""
    return _tables(folder())


def registers() -> dict[str, Table]:
    """Return the tables that are filled by hand, one sheet of the workbook each."""
    return {
        name: table
        for name, table in tables().items()
        if name != ANSWERS and table.path.parent == folder()
    }


def reference(name: str) -> dict[str, dict[str, str]]:
    """Return the rows of a reference by their identifier, in the order of its file."""
    return _reference(tables()[name].path)


def choices(closed: str) -> dict[str, str]:
    """Return a closed list: value as stored -> label, both as people may type them.

    ``quartiers`` (the 41 of 2024), ``territoires`` (these, the sectors, the city),
    ``organisations`` (those the text names, and the commission), :data:`OBJECTIVES`; else the name
    of a reference.
    """
    if closed == "quartiers":
        return {one.code: one.name for one in territories.qpv()}
    if closed == "territoires":
        places = (territories.get(territories.CITY), *territories.sectors(), *territories.qpv())
        return {one.code: one.name for one in places}
    if closed == "organisations":
        return choices("signataires") | {"I21": choices("instances")["I21"]}
    if closed == OBJECTIVES:
        return {name: row["libelle"] for name, row in objectives().items()}
    rows = reference(closed)
    return {k: next(row[name] for name in _LABELS if name in row) for k, row in rows.items()}


def objectives() -> dict[str, dict[str, str]]:
    """Return the 17 objectives of the convention."""
    rows = reference("orientations")
    return {name: row for name, row in rows.items() if row["niveau"] == "objectif"}


@cache
def _reference(path: Path) -> dict[str, dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return {
            row["id"]: {name: typeset(text) for name, text in row.items()}
            for row in csv.DictReader(file)
        }


def notice() -> list[str]:
    """Return what the workbook says before its sheets."""
    return _declared(folder())["qpv:notice"]


@cache
def _declared(source: Path) -> dict[str, Any]:
    return json.loads((source / "datapackage.json").read_text("utf-8"))


@cache
def _tables(source: Path) -> dict[str, Table]:
    return {
        one["name"]: Table(
            one["name"], one["title"], source / one["path"], tuple(_fields(one["schema"])),
            tuple(one["schema"]["primaryKey"]),
            tuple(map(tuple, one["schema"].get("qpv:regles", ()))),
        )
        for one in _declared(source)["resources"]
    }  # fmt: skip


def _fields(schema: dict) -> Iterator[Field]:
    foreign = {k["fields"]: k["reference"]["resource"] for k in schema.get("foreignKeys", ())}
    for one in schema["fields"]:
        name, closed = one["name"], foreign.get(one["name"], one.get("qpv:liste", ""))
        # The rows of « orientations » are of six levels: an objective is asked for.
        closed = OBJECTIVES if closed == "orientations" else closed
        yield Field(
            name, one.get("title", name), one["type"], one.get("description", ""), closed,
            one.get("example", ""), one.get("constraints", {}),
        )  # fmt: skip
