"""« Ce qui ressort » in sentences: a strength, a difficulty, what is worth noting, no more."""

from dataclasses import replace

from qpvlib.catalogue import Indicator
from qpvlib.numerals import counted
from qpvlib.observations import Observation
from qpvlib.presentation.formats import MEDIAN, RATE, RATE_MEDIAN, data_tag, interval, symbol
from qpvlib.presentation.markup import Html, prose
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.findings import DIFFICULTY, NOTABLE, STRENGTH, Finding, Findings
from qpvlib.territories import CITY

WORDS = {STRENGTH: "Atout", DIFFICULTY: "Difficulté", NOTABLE: "À noter"}
SIDES = {ABOVE: "au-dessus", BELOW: "en dessous"}


def section(found: Findings) -> Html:
    """Return the sentences, and on how many figures they rest."""
    if not found.judged:
        return prose(
            "<p>Pas de comparaison possible : aucun chiffre récent et sûr de ce quartier ne se "
            "compare à ceux des autres.</p>"
        )
    items = Html("").join(Html("<li>{}</li>").format(sentence(one)) for one in found.told)
    alike = sum(one.comparison.verdict not in SIDES for one in found.judged)
    note = prose(
        "<p>{} au quartier médian de Marseille, dont {} sans écart net.</p>",
        counted(len(found.judged), "chiffre(s) comparé(s)"),
        alike or "aucun",
    )
    return (Html('<ul class="qpv-enbref">{}</ul>').format(items) if items else Html("")) + note


def sentence(one: Finding) -> Html:
    """Return one sentence: the figure, its margin and year, beside the median and the city."""
    entry, beside = one.reading.indicator, one.comparison
    unit, statistic, middle = entry, None, MEDIAN
    if one.per_thousand:
        unit, statistic, middle = per_thousand(entry), RATE, RATE_MEDIAN
    median = beside.group.median(beside.reference)
    return prose(
        "<strong>{}.</strong> {} : {}{}, en {} ; {} du quartier médian de Marseille ({}){}.",
        WORDS[one.kind],
        entry.libelle,
        _figure(one.figure, unit, statistic),
        _unit(entry, one.per_thousand),
        one.figure.year,
        SIDES[beside.verdict],
        data_tag(median, unit, middle),
        _city(one),
    )


def per_thousand(entry: Indicator) -> Indicator:
    """Return the indicator that a count becomes when it is divided by the inhabitants."""
    return replace(entry, unite="pour 1\u202f000 habitants", decimales=2, additif=False)


def _unit(entry: Indicator, per_thousand: bool) -> Html:
    """The unit in words, when nothing follows the number: « 227 habitants par hectare »."""
    if per_thousand:
        return prose(" pour 1 000 habitants")
    worded = " " in entry.unite and not symbol(entry)
    return prose(" {}", entry.unite) if worded else Html("")


def _figure(figure: Observation, unit: Indicator, statistic: str | None) -> Html:
    tag, within = data_tag(figure, unit, statistic), interval(figure, unit, statistic)
    return Html("{} ({})").format(tag, within) if within else tag


def _city(one: Finding) -> Html:
    """The city's figure; a count of the whole city compares with nothing."""
    if one.per_thousand:
        return Html("")
    for beside in one.reading.comparisons:
        city = beside.observation
        if beside.reference.code == CITY and city is not None and city.is_value:
            year = "" if city.year == one.figure.year else prose(" en {}", city.year)
            return prose(" ; Marseille : {}{}", data_tag(city, one.reading.indicator), year)
    return Html("")
