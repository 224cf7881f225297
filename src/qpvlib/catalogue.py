"""The indicators: what each one is, read from ``data/indicateurs.yml``."""

import difflib
from dataclasses import dataclass
from functools import cache

import yaml

from qpvlib import paths
from qpvlib.errors import CatalogueError, Problem, UnknownIndicatorError

THEMES = {
    "presentation": "Habitants",
    "mobilite_services": "Mobilité et services",
    "precarite": "Précarité",
    "espace_public": "Espace public",
    "jeunesse": "Jeunesse",
}
DIRECTIONS = ("favorable", "defavorable", "neutre")
STATUSES = ("calcule", "publie", "source_locale")
KINDS = ("exhaustif", "enquete", "decompte")


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    Attributes
    ----------
    id, libelle, libelle_court
        Identifier, full label, and the label used in charts.
    en_clair
        What it says, in one sentence without a technical word.
    definition, numerateur, denominateur, univers
        Formula parts, in words.
    unite
        ``%``, ``euros par an``, ``habitants``, ``rapport``…
    decimales
        Number of decimals printed.
    sens
        Whether a higher value is ``favorable``, ``defavorable`` or ``neutre``.
    orientation
        Theme, a key of :data:`THEMES`.
    additif
        Whether values of disjoint territories may be summed (counts only).
    nature
        ``exhaustif`` (administrative file), ``enquete`` (survey: has a sampling error) or
        ``decompte`` (count of places).
    part_univers
        Share of the population that the universe holds, about; sets the order of size of the
        sampling error of a published survey rate (`part entre 0 et 1`).
    source, limites, statut, dans_convention
        Producer and dataset, what to beware of, one of :data:`STATUSES`, and whether the
        convention uses it.
    """

    id: str
    libelle: str
    libelle_court: str
    en_clair: str
    definition: str
    numerateur: str
    denominateur: str
    univers: str
    unite: str
    decimales: int
    sens: str
    orientation: str
    additif: bool
    nature: str
    part_univers: float
    source: str
    limites: str
    statut: str
    dans_convention: str


@cache
def indicators() -> dict[str, Indicator]:
    """Return the whole catalogue, in its order: id -> indicator.

    Raises
    ------
    CatalogueError
        With every entry that misses a field, has one too many, or a value out of its list.
    """
    path = paths.data() / "indicateurs.yml"
    entries = yaml.safe_load(path.read_text("utf-8")) or {}
    fields = set(Indicator.__dataclass_fields__) - {"id"}
    problems = []
    for name, entry in entries.items():
        wrong = sorted(fields ^ set(entry))
        if wrong:
            problems.append(
                f"{name}\u00a0: champs manquants ou inconnus\u00a0: {', '.join(wrong)}."
            )
            continue
        for field, allowed in (
            ("sens", DIRECTIONS),
            ("orientation", THEMES),
            ("statut", STATUSES),
            ("nature", KINDS),
        ):
            if entry[field] not in allowed:
                problems.append(f"{name}\u00a0: {field} «\u00a0{entry[field]}\u00a0» inconnu.")
    if problems:
        raise CatalogueError(Problem(problem, path.name) for problem in problems)
    return {name: Indicator(id=name, **entry) for name, entry in entries.items()}


def indicator(name: str) -> Indicator:
    """Return one indicator.

    Raises
    ------
    UnknownIndicatorError
        If the catalogue has no such id, with the closest ones.
    """
    known = indicators()
    if name not in known:
        close = difflib.get_close_matches(name, known, 3, 0.5)
        hint = f" Identifiants proches\u00a0: {', '.join(close)}." if close else ""
        raise UnknownIndicatorError(f"L'indicateur «\u00a0{name}\u00a0» n'existe pas.{hint}")
    return known[name]


def by_theme(theme: str) -> tuple[Indicator, ...]:
    """Return the indicators of one theme, in the catalogue's order."""
    return tuple(entry for entry in indicators().values() if entry.orientation == theme)
