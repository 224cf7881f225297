"""Sentences: what a figure says, in the words that its uncertainty allows.

Templates hold no adjective or participle that would have to agree with a label or a name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from qpvlib.catalogue import THEMES, Indicator, indicator
from qpvlib.numerals import number
from qpvlib.observations import NOT_APPLICABLE, SECRET, UNAVAILABLE, Observations
from qpvlib.presentation import names
from qpvlib.presentation.formats import STATES, data_tag, with_margin
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.placement import badge, marseille, placed, position
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.indicator import Reading, nearest, read
from qpvlib.territories import CITY, Qpv, area_ha, get, predecessors
from qpvlib.typography import typeset

# A figure older than this, in years, is not what stands out today.
RECENT = 8
ORIENTATIONS = tuple(theme for theme in THEMES if theme != "presentation")
# Up to this many indicators without a clear gap, each one is named.
NAMED = 3
PERIMETERS = {
    "identique": "identique à celui de 2015",
    "a_verifier": "identique à celui de 2015 selon son code, à vérifier",
    "modifie": "modifié par rapport à celui de 2015",
    "nouveau": "nouveau en 2024",
}
PASSAGES = {
    "identique": "même périmètre",
    "a_verifier": "même périmètre selon le code, à vérifier",
    "modifie": "périmètre modifié",
    "scission": "divisé en plusieurs quartiers en 2024",
    "transfert": "une partie seulement",
}
REASONS = {
    SECRET: "trop peu de personnes ou de ménages pour que le chiffre soit publié",
    UNAVAILABLE: "la source ne donne pas ce chiffre pour ce quartier",
    NOT_APPLICABLE: "le chiffre n'a pas de sens pour ce quartier",
}
REFUSED = "les IRIS débordent trop du quartier pour l'estimer, ou l'intervalle serait trop large"


@dataclass(frozen=True)
class Highlight:
    """What stands out of one orientation.

    Attributes
    ----------
    theme
        Key of :data:`qpvlib.catalogue.THEMES`.
    strength, difficulty
        The readings that stand out most, on each side; ``None`` where none can be told apart.
    html
        The sentence.
    """

    theme: str
    strength: Reading | None
    difficulty: Reading | None
    html: Html

    def show(self) -> None:
        """Show the sentence as the output of a notebook's cell."""
        self.html.show()


def label(reading: Reading) -> str:
    """Return the indicator's label as it reads inside a sentence."""
    return _inside(reading.indicator.libelle)


def comparison(reading: Reading) -> Html:
    """Return one sentence: the figure, where, when, and its place among the references."""
    where = position(reading)
    return prose(
        "{} : {}{}.",
        reading.indicator.libelle,
        _figure(reading),
        prose(", {}", where) if where else "",
    )


def trend(reading: Reading) -> Html:
    """Return one sentence: first and last published figures, and what changed in between.

    Empty when fewer than two figures may be compared.
    """
    series = reading.trend
    if not series.drawable:
        return Html("")
    first, last = series.published[0], series.published[-1]
    broken = [year for year in series.breaks if first.year < year <= last.year]
    tail = ""
    if broken:
        tail = prose(
            " ; la mesure a changé en {}, l'écart mêle évolution réelle et changement de mesure",
            listing(map(str, broken)),
        )
    return prose(
        "{} : {} en {}, {} en {}{}{}.",
        reading.indicator.libelle,
        data_tag(first, reading.indicator),
        first.year,
        data_tag(last, reading.indicator),
        last.year,
        "" if reading.territory.perimeter == "identique" else prose(" (périmètre 2015)"),
        tail,
    )


def highlights(readings: Sequence[Reading]) -> list[Highlight]:
    """Return « En bref »: one sentence per orientation, a strength and a difficulty if any.

    The rule: among the figures of the last :data:`RECENT` years whose higher values are good or
    bad, that do not rest on too few people, and whose gap with the median quartier of Marseille is
    neither noise nor small, the one whose gap is the largest part of the interquartile range of
    the quartiers.
    """
    judged = [r for r in readings if r.indicator.sens != "neutre" and not r.indicator.additif]
    latest = max((r.observation.vintage or 0 for r in judged), default=0)
    found = []
    for theme in ORIENTATIONS:
        mine = [r for r in readings if r.indicator.orientation == theme]
        recent = [r for r in mine if r in judged and latest - (r.observation.vintage or 0) < RECENT]
        scored = sorted(
            ((advantage(r), r) for r in recent if r.observation.grade != "prudence"),
            key=lambda pair: (pair[0], pair[1].indicator.id),
        )
        strength = scored[-1][1] if scored and scored[-1][0] > 0 else None
        difficulty = scored[0][1] if scored and scored[0][0] < 0 else None
        html = prose(
            "<strong>{}.</strong> {}", THEMES[theme], _highlight(mine, recent, strength, difficulty)
        )
        found.append(Highlight(theme, strength, difficulty, html))
    return found


def advantage(reading: Reading) -> float:
    """Return how far the quartier stands on the good side (> 0) or the bad side (< 0).

    Returns
    -------
    float
        Gap with the median quartier of Marseille, in interquartile ranges of the published
        quartiers; 0 for a neutral indicator, a count, an indistinct gap, or fewer than 8
        quartiers.
    """
    found, entry = marseille(reading), reading.indicator
    if not found or found[0].verdict not in (ABOVE, BELOW):
        return 0.0
    if entry.sens == "neutre" or entry.additif:
        return 0.0
    values = [o.amount for o in found[0].group.published]
    if len(values) < 8:
        return 0.0
    low, _, high = quantiles(values, n=4)
    if high == low:
        return 0.0
    sign = 1 if entry.sens == "favorable" else -1
    gap = found[0].gap or 0.0
    return sign * gap / (high - low)


def brief(readings: Sequence[Reading]) -> Html:
    """Return the list of :func:`highlights`."""
    items = Html("").join(Html("<li>{}</li>").format(h.html) for h in highlights(readings))
    return Html('<ul class="qpv-enbref">{}</ul>').format(items)


def missing(
    readings: Sequence[Reading],
    wider: Sequence[Indicator] = (),
    absent: Sequence[Indicator] = (),
) -> Html:
    """Return the figures that are not printed, by reason, and the recent years that are masked.

    Parameters
    ----------
    readings
        The readings of the chapter.
    wider, absent
        The indicators of the chapter that have figures for the city or its arrondissements only,
        and those that have none.
    """
    items = []
    for state, words in STATES.items():
        told = [r for r in readings if r.observation.state == state]
        for title, why, group in (
            (words.capitalize(), REASONS[state], [r for r in told if not r.refused]),
            ("Pas d'estimation", REFUSED, [r for r in told if r.refused]),
        ):
            if group:
                items.append((title, why, [with_year(r) for r in group]))
    later = [
        f"{label(r)} ({r.masked.vintage} : {STATES[r.masked.state]})" for r in readings if r.masked
    ]
    if later:
        items.append(("Année plus récente", "le dernier chiffre publié est montré", later))
    for title, why, entries in (
        ("Rien par quartier", "la fiche donne la ville ou les arrondissements", wider),
        ("Pas encore dans l'observatoire", "le fichier source manque", absent),
    ):
        if entries:
            items.append((title, why, [_inside(entry.libelle) for entry in entries]))
    if not items:
        return prose("<p>Tous les chiffres de cette page sont publiés.</p>")
    lines = Html("").join(
        prose("<li><strong>{}</strong> ({}) : {}.</li>", title, why, typeset(listing(labels)))
        for title, why, labels in items
    )
    return Html('<ul class="qpv-manques">{}</ul>').format(lines)


def identity(territory: Qpv, observations: Observations) -> Html:
    """Return who the quartier is, where its perimeter comes from, and how that is known."""
    facts = [
        ("Code officiel", territory.code),
        ("Secteur", _sector(territory)),
        ("Arrondissement", _arrondissements(territory)),
        ("Population", _population(territory, observations)),
        ("Superficie", prose("{} hectares", number(area_ha(territory.code)))),
        ("Périmètre", PERIMETERS[territory.perimeter]),
        *(
            ("Quartier de 2015", prose("{} ({})", get(p.code_2015).name, PASSAGES[p.kind]))
            for p in predecessors(territory.code)
        ),
    ]
    return Html('<dl class="qpv-identite">{}</dl>{}').format(
        Html("").join(
            Html("<div><dt>{}</dt><dd>{}</dd></div>").format(name, fact) for name, fact in facts
        ),
        Html("").join(
            Html('<p class="qpv-clair">{}</p>').format(typeset(p.note))
            for p in predecessors(territory.code)
            if p.note
        ),
    )


def listing(items: Iterable[str]) -> str:
    """Return ``a, b et c``."""
    *first, last = items
    return f"{', '.join(first)} et {last}" if first else last


def _figure(reading: Reading) -> Html:
    """The figure, where and when: « 48,3 % (± 2 points) à La Savine en 2019 (périmètre 2015) »."""
    when = prose(" en {}", reading.observation.vintage) if reading.observation.vintage else ""
    where, former = names.at(reading.territory), ""
    if not reading.same_perimeter:
        where, former = names.at(reading.perimeter), " (périmètre 2015)"
    elif reading.estimated:
        former = " (estimation)"
    figure = with_margin(reading.observation, reading.indicator)
    return prose("{} {}{}{}", figure, where, when, former)


def _highlight(
    mine: list[Reading],
    recent: list[Reading],
    strength: Reading | None,
    difficulty: Reading | None,
) -> Html:
    parts = [
        prose("{} : {}, {}, {}", title, label(r), _figure(r), placed(r, marseille(r)))
        for title, r in (("Atout", strength), ("Difficulté", difficulty))
        if r
    ]
    if parts:
        return prose("{}.", prose(". ").join(parts))
    judged = [label(r) for r in recent if marseille(r)]
    if judged:
        what = listing(judged) if len(judged) <= NAMED else f"les {len(judged)} chiffres comparés"
        return prose("Pas d'écart net avec la médiane des QPV de Marseille pour {}.", what)
    if any(r.observation.is_value for r in recent):
        return prose("Aucun chiffre récent ne se compare à la médiane des QPV de Marseille.")
    if any(r.observation.is_value for r in mine):
        return prose("Pas de chiffre récent qui soit un atout ou une difficulté en soi.")
    return prose("Pas encore de chiffre publié.")


def _sector(territory: Qpv) -> Html:
    note = prose(". {}", territory.sector_note) if territory.sector_note else ""
    return prose("{}{}", get(territory.sector).name, note)


def _arrondissements(territory: Qpv) -> str:
    numbers = (int(code[-2:]) for code in sorted(territory.arrondissements))
    text = listing("1er" if n == 1 else f"{n}e" for n in numbers)
    others = [code for code in territory.communes if code != CITY]
    return f"{text} de Marseille" + (", et une commune voisine" if others else "")


def _population(territory: Qpv, observations: Observations) -> Html:
    people = indicator("population_qpv")
    found = read(people, territory.code, observations)
    figure = found.observation
    if not figure.is_value:
        return data_tag(figure, people)
    count = with_margin(figure, people)
    text = prose("{} habitants en {}", count, figure.year)
    if not found.same_perimeter:
        return text + prose(" ({})", badge(found))
    city = nearest(observations, people, CITY, figure.year)
    if city.is_value and territory.communes == (CITY,):
        share = number(100 * figure.amount / city.amount, 1)
        text += prose(", soit {} % de la ville", share)
    return text


def with_year(reading: Reading) -> str:
    """Return the label of an indicator, and the year of its figure."""
    year = reading.observation.vintage
    return f"{label(reading)} ({year})" if year else label(reading)


def _inside(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text
