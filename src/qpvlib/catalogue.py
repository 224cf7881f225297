"""The indicators: what each one is, read from ``data/indicateurs.yml``."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qpvlib import declared, paths
from qpvlib.errors import CatalogueError, Problem, UnknownIndicatorError
from qpvlib.typography import typeset

THEMES = {
    "presentation": "Habitants",
    "mobilite_services": "Mobilité et services",
    "precarite": "Précarité",
    "espace_public": "Espace public",
    "jeunesse": "Jeunesse",
}
DIRECTIONS = ("favorable", "defavorable", "neutre")
STATUSES = ("calcule", "publie", "source_locale")
KINDS = ("exhaustif", "enquete", "decompte", "modele")
IN_CONVENTION = ("oui", "cité sans chiffre", "composante", "non")
COUNTS = (
    "habitants",
    "demandeurs d'emploi",
    "établissements",
    "copropriétés",
    "homicides",
    "nombre",  # of what, the label says
)
# Counts of people, which tell how large a territory is and nothing else.
SIZES = ("habitants", "demandeurs d'emploi")
UNITS = (
    *COUNTS,
    "%",
    "% par an",
    "euros par an",
    "euros par m²",
    "rapport",
    "indice",
    "note sur 20",
    "points",
    "personnes par ménage",
    "habitants par hectare",
    "habitants par équipement",
    "pour 1\u202f000 habitants",
    "pour 10\u202f000 habitants",
    "pour 1\u202f000 logements",
    "pour 100 enfants",
    "m² par habitant",
    "kilomètres par jour",
    "consultations par an et par habitant",
)
SHORT = 28
"""Longest short label, in characters."""


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    Attributes
    ----------
    id, libelle, libelle_court
        Identifier, full label, and the label used in charts (:data:`SHORT` characters at most).
    en_clair
        What it says, in one sentence without a technical word.
    definition, numerateur, denominateur, univers
        Formula parts, in words; numerator and denominator are empty where there is none.
    unite
        One of :data:`UNITS`.
    decimales
        Number of decimals printed, 0 to 2.
    sens
        Whether a higher value is ``favorable``, ``defavorable`` or ``neutre``.
    orientation
        Theme, a key of :data:`THEMES`.
    additif
        Whether values of disjoint territories may be summed (units of :data:`COUNTS` only).
    nature
        ``exhaustif`` (administrative file), ``enquete`` (survey: has a sampling error),
        ``decompte`` (count of places or events) or ``modele`` (modelled or composite).
    source, limites
        Producer and dataset; what to beware of.
    statut
        ``publie`` (printed as such by the producer), ``calcule`` (by qpvlib, from public official
        files) or ``source_locale`` (needs a file that is not public or not in this project).
    dans_convention
        One of :data:`IN_CONVENTION`.
    part_univers
        Census rates only: share of the population that the universe holds, between 0 and 1. An
        order of size (households 0.4, 15-64 years 0.6, 16-25 years 0.13, in employment 0.25…),
        it sets the order of size of the sampling error of a published rate. ``None`` elsewhere:
        no such rule applies.
    univers_de
        Census rates only: the rate whose numerator is the universe (``taux_emploi`` for people in
        employment). Where it is published it gives the size of the universe better than
        ``part_univers``.
    effet_plan, effet_plan_preuve
        Surveys only: design effect of the sampling error, measured on adjacent vintages, and how
        it is known, in one sentence. Without it, :data:`qpvlib.estimate.DESIGN_EFFECT`.
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
    source: str
    limites: str
    statut: str
    dans_convention: str
    part_univers: float | None = None
    univers_de: str | None = None
    effet_plan: float | None = None
    effet_plan_preuve: str | None = None

    @property
    def size(self) -> bool:
        """Whether a figure tells nothing but the size of the territory: never judged."""
        return self.unite in SIZES


@cache
def indicators() -> dict[str, Indicator]:
    """Return the whole catalogue, in its order: id -> indicator.

    Raises
    ------
    CatalogueError
        See :func:`read`.
    """
    return read(paths.data() / "indicateurs.yml")


def read(path: Path) -> dict[str, Indicator]:
    """Read and check a catalogue; its texts get their no-break spaces here.

    Raises
    ------
    CatalogueError
        With every entry that is given twice, misses a field, has one too many, or a value out of
        its list; with its line.
    """
    text = path.read_text("utf-8")
    try:
        loader = declared.Loader(text)
        tree = loader.get_single_node()
        entries: dict[str, Any] = loader.construct_document(tree) if tree else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise CatalogueError(Problem(_UNREADABLE, path.name, line)) from None
    if not isinstance(tree, yaml.MappingNode):
        raise CatalogueError(Problem(_UNREADABLE, path.name))
    problems, seen = [], set()
    for key, _ in tree.value:
        name = key.value
        facts = ["donné deux fois."] if name in seen else list(_faults(entries.get(name), entries))
        seen.add(name)
        problems += [
            Problem(f"{name} : {fact}", path.name, key.start_mark.line + 1) for fact in facts
        ]
    if problems:
        raise CatalogueError(problems)
    found = {}
    for name, entry in entries.items():
        texts = {field: typeset(x) for field, x in entry.items() if isinstance(x, str)}
        found[name] = Indicator(id=name, **(entry | texts))
    return found


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
        hint = f" Identifiants proches : {', '.join(close)}." if close else ""
        raise UnknownIndicatorError(f"L'indicateur « {name} » n'existe pas.{hint}")
    return known[name]


def by_theme(theme: str) -> tuple[Indicator, ...]:
    """Return the indicators of one theme, in the catalogue's order."""
    return tuple(entry for entry in indicators().values() if entry.orientation == theme)


_UNREADABLE = (
    "le fichier n'est pas un catalogue lisible. Vérifiez les retraits, les guillemets et les "
    "deux-points."
)
_LISTS = {
    "unite": UNITS,
    "decimales": (0, 1, 2),
    "sens": DIRECTIONS,
    "orientation": tuple(THEMES),
    "additif": (True, False),
    "nature": KINDS,
    "statut": STATUSES,
    "dans_convention": IN_CONVENTION,
}
_TEXTS = [
    field.name
    for field in fields(Indicator)
    if field.type is str and field.name not in (*_LISTS, "id")
]
_MAY_BE_EMPTY = ("numerateur", "denominateur")


def _faults(given: object, entries: dict) -> Iterator[str]:
    """Say in French all that is wrong with one entry."""
    optional = {"part_univers", "univers_de", "effet_plan", "effet_plan_preuve"}
    required = {field.name for field in fields(Indicator)} - {"id"} - optional
    entry = given if isinstance(given, dict) else {}
    if missing := sorted(required - entry.keys()):
        yield f"champs manquants : {', '.join(missing)}."
    if unknown := sorted(str(field) for field in entry.keys() - required - optional):
        yield f"champs inconnus : {', '.join(unknown)}."
    for field in _TEXTS:
        text = entry.get(field, "")
        if not isinstance(text, str):
            yield f"{field} doit être un texte."
        elif field in entry and not text.strip() and field not in _MAY_BE_EMPTY:
            yield f"{field} est vide."
        elif field == "libelle_court" and len(text) > SHORT:
            yield f"libelle_court a {len(text)} caractères, {SHORT} au plus."
    for field, allowed in _LISTS.items():
        if field in entry and entry[field] not in allowed:
            choices = ", ".join(str(choice) for choice in allowed)
            yield f"{field} « {entry[field]} » n'est pas permis. Choix : {choices}."
    if missing:
        return
    if entry["additif"] is True and entry["unite"] not in COUNTS:
        yield f"additif ne vaut que pour un effectif ({', '.join(COUNTS)})."
    share = entry.get("part_univers")
    if share is not None and not (
        entry["nature"] == "enquete" and isinstance(share, float) and 0 < share <= 1
    ):
        yield "part_univers est réservé aux enquêtes, entre 0 (exclu) et 1, par exemple 0.4."
    effect = entry.get("effet_plan")
    if effect is not None and not (
        entry["nature"] == "enquete" and isinstance(effect, float) and effect >= 1
    ):
        yield "effet_plan est réservé aux enquêtes, 1 ou plus, par exemple 4.4."
    if (effect is None) != (not entry.get("effet_plan_preuve")):
        yield "effet_plan et effet_plan_preuve vont ensemble : une valeur, et d'où elle vient."
    whole = entries.get(entry.get("univers_de"))
    if "univers_de" in entry and not (isinstance(whole, dict) and whole.get("unite") == "%"):
        yield "univers_de doit être l'identifiant d'un taux, par exemple taux_emploi."
