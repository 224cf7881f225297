"""The directory of places open to the public: its map and its list, by quartier."""

import itertools
from collections import Counter
from collections.abc import Sequence

from qpvlib import territories
from qpvlib.evaluation import counts, registers
from qpvlib.evaluation.package import tables
from qpvlib.evaluation.rules import Row
from qpvlib.numerals import counted
from qpvlib.presentation.evaluation.text import grids, shown
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.maps import CLASSES, OTHER, painted
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.reading import portrait

_STEPS = (1, 3, 6)
"""Fewest places of each class of the map."""


def directory(participation: bool = False) -> Html:
    """Return the map and list of the places received, or of the spaces of participation only."""
    cards = [
        card for card in registers.load()["annuaire"]
        if not participation or card["participation"]
        or card["type"] == "espace de participation"
    ]  # fmt: skip
    if not cards:
        return Html("")
    what = "espace(s) de participation" if participation else "fiche(s)"
    return _map(cards, what) + _list(cards, participation)


def _map(cards: Sequence[Row], what: str) -> Html:
    near = Counter(code for places in counts.around(cards) for code in places)
    ends = (f"{low} à {high - 1}" for low, high in itertools.pairwise(_STEPS))
    names = ("aucun reçu", *ends, f"{_STEPS[-1]} ou plus")
    colours = (OTHER, *CLASSES[len(_STEPS)])
    rank = {one.code: sum(near[one.code] >= s for s in _STEPS) for one in territories.qpv()}
    alt = prose(
        "{} dans {} sur 41, ou à moins de {} mètres.",
        counted(len(cards), what), counted(len(near), "quartier(s)"), counts.NEAR,
    )  # fmt: skip
    lines = tuple((one.name, str(near[one.code])) for one in territories.qpv())
    return Figure(
        painted({code: (colours[step], names[step]) for code, step in rank.items()},
                portrait.links("../portraits"), alt),
        prose("{} Ce qui n'a pas été reçu peut exister.", alt),
        alt,
        Table("Nombre reçu par quartier", ("Quartier", "Reçu"), lines),
        prose("Registre « annuaire » de ce livre. Contours : ANCT, 2024."),
    ).html()  # fmt: skip


def _list(cards: Sequence[Row], participation: bool) -> Html:
    field = tables()["annuaire"].field
    kind = field("participation" if participation else "type")
    found: dict[str, list[tuple[object, ...]]] = {}
    for card, places in zip(cards, counts.around(cards), strict=True):
        seen = counts.freshness(card)
        told = Html('<span class="qpv-etat">{}</span>').format(seen)
        line = (shown(kind, card[kind.name]), shown(field("adresse"), card["adresse"]),
                told if counts.STALE in seen else seen)  # fmt: skip
        for code, metres in (places or {"": None}).items():
            place = territories.get(code).name if code else "Hors quartiers"
            found.setdefault(place, []).append((card["nom"], _away(metres), *line))
    heads = f"Lieu | Distance du quartier | {kind.title} | Adresse | Fiche vérifiée"
    return grids(heads, {f"{place} ({len(found[place])})": sorted(found[place])
                         for place in sorted(found)})  # fmt: skip


def _away(metres: float | None) -> str:
    if metres is None:
        return "non connue"
    return "dedans" if not metres else f"à moins de {300 if metres <= 300 else counts.NEAR} m"
