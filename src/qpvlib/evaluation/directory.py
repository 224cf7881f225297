"""Directories of structures, read through a map of their columns: contacts never leave the file."""

import re

from qpvlib import declared
from qpvlib.evaluation.cells import written
from qpvlib.evaluation.package import folder
from qpvlib.evaluation.rules import Row

Cells = list[tuple[int, Row]]


def mapped(lines: list[list[str]], stored: list[Row]) -> Cells | None:
    """Return the register that a file of structures makes; ``None`` for a file of no known kind.

    Parameters
    ----------
    lines
        The file, its header first; structures out of Marseille are left aside.
    stored
        Rows of the register: those of another origin stay.
    """
    heads = [head.strip() for head in lines[0]] if lines else []
    maps = declared.read(folder() / "correspondances.yml")
    known = next((one for one in maps.values() if {*one["reconnu_a"]} <= {*heads}), None)
    if known is None:
        return None
    kept: Cells = [
        (0, {name: written(value) for name, value in row.items() if name})
        for row in stored
        if not row["id"].startswith(known["prefixe"])
    ]
    for number, line in enumerate(lines[1:], 2):
        row = dict(zip(heads, line, strict=False))
        if all(re.fullmatch(form, row.get(name, "")) for name, form in known["garder"].items()):
            cells = {name: row.get(column, "") for name, column in known["colonnes"].items()}
            cells["id"] = known["prefixe"] + re.sub(r"[^A-Za-z0-9._-]", "-", cells["id"])[-30:]
            cells["verifie_le"] = cells["verifie_le"][:10]
            kept.append((number, known["constantes"] | cells))
    return kept
