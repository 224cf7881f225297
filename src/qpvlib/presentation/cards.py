"""Cards of key figures: one indicator each, with its year, its perimeter and its place."""

from collections.abc import Callable, Iterable

from qpvlib.presentation.formats import STATES, data_tag, interval
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.names import perimeter_year
from qpvlib.presentation.placement import badge, position
from qpvlib.reading.indicator import Reading

# A survey figure that rests on too few people for confidence.
CAREFUL = "à lire avec prudence"
UNFOLDED = 8
"""Cards in sight; a phone shows one per row, and a chapter may hold thirty."""


def cards(readings: Iterable[Reading], link: Callable[[str], str]) -> Html:
    """Return the cards of some indicators: those of the convention first, the last ones folded.

    Parameters
    ----------
    readings
        One per card; their order is kept among those the convention uses, then among the others.
    link
        Id of an indicator -> address of the page that defines it.
    """
    ordered = sorted(readings, key=lambda reading: reading.indicator.dans_convention == "non")
    first, rest = ordered[:UNFOLDED], ordered[UNFOLDED:]
    if not rest:
        return _grid(first, link)
    others = f"les {len(rest)} autres chiffres" if len(rest) > 1 else "l'autre chiffre"
    return _grid(first, link) + prose(
        '<details class="qpv-suite"><summary>Voir {}</summary>{}</details>',
        others,
        _grid(rest, link),
    )


def _grid(readings: Iterable[Reading], link: Callable[[str], str]) -> Html:
    return Html('<ul class="qpv-cartes">{}</ul>').format(
        Html("\n").join(_card(reading, link(reading.indicator.id)) for reading in readings)
    )


def _card(reading: Reading, address: str) -> Html:
    indicator, figure = reading.indicator, reading.observation
    year = "2024" if reading.same_perimeter else perimeter_year(reading.perimeter)
    kind = "estimation" if reading.estimated else year
    facts = [
        interval(figure, indicator),
        CAREFUL if figure.grade == "prudence" else "",
        str(figure.vintage or ""),
        Html('<span class="qpv-badge qpv-badge--{}">{}</span>').format(kind, badge(reading)),
        _later(reading),
    ]
    where = position(reading)
    return Html(
        '<li class="qpv-carte"><p class="qpv-carte-titre"><a href="{}">{}</a></p>'
        '<p class="qpv-clair">{}</p>'
        '<p class="qpv-valeur">{}{}</p><p class="qpv-legende">{}</p>{}</li>'
    ).format(
        address,
        indicator.libelle_court,
        indicator.en_clair,
        data_tag(figure, indicator),
        _unit(reading),
        Html(" · ").join(fact for fact in facts if fact),
        prose('<p class="qpv-phrase">{}.</p>', where[:1].upper() + where[1:]) if where else "",
    )


def _unit(reading: Reading) -> Html:
    """The unit in small type, when it is neither a sign nor already in the label."""
    unit = reading.indicator.unite
    if not reading.observation.is_value or unit.startswith(
        ("%", "euros", "rapport", "indice", "nombre")
    ):
        return Html("")
    if abs(round(reading.observation.amount, reading.indicator.decimales)) < 2:
        first, *rest = unit.split(" ")  # the plural begins at two
        unit = " ".join([first.removesuffix("s"), *rest])
    return Html(' <span class="qpv-unite">{}</span>').format(unit)


def _later(reading: Reading) -> str:
    masked = reading.masked
    return prose("{} : {}", masked.year, STATES[masked.state]) if masked else ""
