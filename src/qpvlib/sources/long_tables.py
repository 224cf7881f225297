"""Tables that give one figure per line, spread to one line per territory and year.

Their forms are declared in ``data/tableaux_longs.yml``. Once spread, they are read as any other
table: the names of the figures have become the names of the columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from qpvlib import declared, paths
from qpvlib.errors import Problem, SourceError

Numbered = list[tuple[int, list[str]]]
"""Line number and cells of each line, the header first."""


@dataclass(frozen=True)
class Form:
    """One form of long table; the fields are those of ``data/tableaux_longs.yml``."""

    keys: tuple[re.Pattern, ...]
    head: str
    value: str

    def positions(self, header: Sequence[str]) -> tuple[tuple[int, ...], int, int] | None:
        """Return where the keys, the head and the value are, if all are there once."""
        names = [cell.strip() for cell in header]
        found = [
            [place for place, name in enumerate(names) if pattern.fullmatch(name)]
            for pattern in self.keys
        ]
        if any(len(places) != 1 for places in found) or not {self.head, self.value} <= {*names}:
            return None
        return tuple(place for (place,) in found), names.index(self.head), names.index(self.value)


@cache
def forms() -> tuple[Form, ...]:
    """Return every form of long table."""
    entries = declared.read(paths.data() / "tableaux_longs.yml")
    return tuple(
        Form(tuple(map(re.compile, entry["lignes"])), entry["tete"], entry["valeur"])
        for entry in entries.values()
    )


def spread(lines: Numbered, file: str) -> Numbered:
    """Return the lines of a table, spread if it is a long one.

    Parameters
    ----------
    lines
        Blank lines left out.
    file
        Name shown in messages.

    Returns
    -------
    list
        The same lines when no form matches. Otherwise one line per key, in order of appearance,
        under the number of its first line; a figure that a key lacks is blank.

    Raises
    ------
    SourceError
        For a line shorter than the header, or a figure given twice to the same key.
    """
    header = lines[0][1]
    places = next((found for form in forms() if (found := form.positions(header))), None)
    if places is None:
        return lines
    keys, head, value = places
    figures: dict[str, None] = {}
    rows: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    problems = []
    for number, cells in lines[1:]:
        if len(cells) < len(header):
            fact = f"{len(cells)} cellules au lieu de {len(header)}."
            problems.append(
                Problem(fact, file, number, remedy="Reprenez le fichier complet du producteur.")
            )
            continue
        name = cells[head].strip()
        figures.setdefault(name)
        _, row = rows.setdefault(tuple(cells[key] for key in keys), (number, {}))
        if name in row:
            problems.append(
                Problem(f"« {name} » est donné deux fois.", file, number, header[value])
            )
        row[name] = cells[value]
    if problems:
        raise SourceError(problems)
    wide = [(lines[0][0], [*(header[key] for key in keys), *figures])]
    return wide + [
        (number, [*key, *(row.get(name, "") for name in figures)])
        for key, (number, row) in rows.items()
    ]
