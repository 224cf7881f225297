"""The parts of a population or of a measure (``modalite``), read from ``data/modalites.yml``."""

from dataclasses import dataclass
from functools import cache

from qpvlib import declared, paths
from qpvlib.errors import CatalogueError, Problem
from qpvlib.typography import typeset

ALL = "ensemble"
WOMEN, MEN = "femmes", "hommes"
GROUPS = {
    WOMEN: ("part_femmes", False),
    MEN: ("part_femmes", True),
    "etrangers": ("part_etrangers", False),
    "francais": ("part_etrangers", True),
}
"""Group of inhabitants -> the indicator that gives its share, and whether it is the others'."""
EXHAUSTIVE = "exhaustif"
_FILE = "modalites.yml"
_KEYS = {"libelle", "groupe", "mesure", "champ"}


@dataclass(frozen=True)
class Category:
    """What a category counts.

    Attributes
    ----------
    name, label
        Identifier, and what it counts in words.
    group
        The group of inhabitants it is about, a key of :data:`GROUPS`; empty for everyone.
    measure
        Category of the same measure for everyone: a group is set beside it.
    field
        ``ensemble`` if it is computed on the whole universe of the indicator (or of the group);
        ``exhaustif`` if its source is no survey; empty if on whom it is computed is not known.
    """

    name: str
    label: str
    group: str = ""
    measure: str = ALL
    field: str = ""


def category(name: str) -> Category:
    """Return one category; ``ensemble`` is about everyone and has no words.

    Raises
    ------
    CatalogueError
        If the category is not described, or not rightly.
    """
    if name == ALL:
        return Category(ALL, "", field=ALL)
    known = _categories()
    if name not in known:
        raise CatalogueError(
            Problem(f"la modalité « {name} » n'a pas de libellé : ajoutez-le.", _FILE)
        )
    return known[name]


@cache
def _categories() -> dict[str, Category]:
    entries = declared.read(paths.data() / _FILE)
    problems, found = [], {}
    for name, entry in entries.items():
        given = {"libelle": entry} if isinstance(entry, str) else entry
        group, field = given.get("groupe", ""), given.get("champ", "")
        if set(given) - _KEYS or "libelle" not in given:
            problems.append(Problem(f"{name} : un libelle, puis {sorted(_KEYS)} au plus.", _FILE))
        elif group and group not in GROUPS:
            problems.append(Problem(f"{name} : groupe inconnu « {group} ».", _FILE))
        elif field not in ("", ALL, EXHAUSTIVE):
            problems.append(Problem(f"{name} : champ « {field} » n'est pas permis.", _FILE))
        else:
            field = field or (ALL if group else "")
            found[name] = Category(
                name, typeset(given["libelle"]), group, given.get("mesure", ALL), field
            )
    if problems:
        raise CatalogueError(problems)
    return found
