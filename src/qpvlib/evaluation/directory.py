"""Directories of structures, read through a map of their columns: contacts never leave the file."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import parquet

from qpvlib import declared
from qpvlib.errors import damaged
from qpvlib.evaluation.cells import written
from qpvlib.evaluation.package import folder, tables
from qpvlib.evaluation.rules import Row

ASIDE = "hors de Marseille, sans coordonnées, ou lieux qui hébergent ou protègent des personnes"
Cells = list[tuple[int, Row]]
Lines = list[list[Any]]
"""A table, its header first."""


def lines(path: Path) -> Lines:
    """Return the rows of a JSON file (a list of objects) or of a parquet file, header first.

    Of a parquet file that no map knows, the header alone is read: it may be of any size.

    Raises
    ------
    SourceError
        If it is neither.
    """
    try:
        if path.suffix.lower() == ".parquet":
            heads = parquet.read_schema(path).names
            known = _known(heads)
            if known is None:
                return [heads]
            wanted = {*known["reconnu_a"], *known["colonnes"].values(), known["genre"]}
            frame = pd.read_parquet(path, columns=sorted(wanted & {*heads}))
        else:
            frame = pd.DataFrame.from_records(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError, AttributeError):  # pyarrow's errors are ValueErrors too
        raise damaged(path.name) from None
    return [list(map(str, frame.columns)), *frame.astype(object).to_numpy().tolist()]


def mapped(lines: Lines, stored: list[Row], first: int = 2) -> Cells | None:
    """Return the register that a file of structures makes; ``None`` for a file of no known kind.

    Structures out of Marseille or without a point there, and those that shelter people, are left
    aside: a published file is not corrected by hand.

    Parameters
    ----------
    lines
        The file, its header first.
    stored
        Rows of the register: those of another origin stay.
    first
        Number of the first structure: 1 in a file of records, which has no header.
    """
    heads = [head.strip() for head in lines[0]] if lines else []
    known = _known(heads)
    if known is None:
        return None
    kept: Cells = [
        (0, {name: written(value) for name, value in row.items() if name})
        for row in stored
        if not row["id"].startswith(known["prefixe"])
    ]
    for number, line in enumerate(lines[1:], first):
        row = dict(zip(heads, line, strict=False))
        kinds = set(re.findall(r"[\w-]+", _text(row.get(known["genre"]))))
        inside = re.fullmatch(known["communes"], _text(row.get("code_insee")))
        if not inside or kinds & {*known["taire"]}:
            continue
        cells = {name: _text(row.get(column)) for name, column in known["colonnes"].items()}
        if not _listed(cells):
            continue
        cells["id"] = known["prefixe"] + re.sub(r"[^A-Za-z0-9._-]", "-", cells["id"])[-30:]
        cells["verifie_le"] = cells["verifie_le"][:10]
        if not cells.get("site", "").startswith("https://"):
            cells.pop("site", None)
        found = (kind for kind, names in known["types"].items() if kinds & {*names})
        kept.append((number, cells | {"type": next(found, known["type"])}))
    return kept


def _known(heads: list[str]) -> Mapping[str, Any] | None:
    maps = declared.read(folder() / "correspondances.yml").values()
    return next((one for one in maps if {*one["reconnu_a"]} <= {*heads}), None)


def _listed(cells: Mapping[str, str]) -> bool:
    """Return whether a structure may be listed, by its name, and has a point in Marseille."""
    field = tables()["annuaire"].field
    for axis in ("longitude", "latitude"):
        limits = field(axis).constraints
        degrees = pd.to_numeric(cells[axis].replace(",", "."), errors="coerce")
        if not limits["minimum"] <= degrees <= limits["maximum"]:
            return False
    return bool(re.fullmatch(field("nom").constraints["pattern"], cells["nom"]))


def _text(cell: Any) -> str:
    """Return a cell as text, a list with its items; empty when nothing is there."""
    missing = cell is None or (isinstance(cell, float) and cell != cell)
    return "" if missing else str(cell)
