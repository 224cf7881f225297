"""The place of a figure among its references, worded by what the uncertainty allows."""

from qpvlib.categories import category
from qpvlib.observations import ALL
from qpvlib.presentation import names
from qpvlib.presentation.formats import MEDIAN, MEN_GAP, WHOLE_GAP, data_tag, gap_tag
from qpvlib.presentation.markup import Html, prose
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR, UNKNOWN, Comparison
from qpvlib.reading.indicator import Reading
from qpvlib.reading.sexes import Pair
from qpvlib.territories import CITY

# The single territory a figure is set against: the first of these that has a figure.
WITNESSES = (CITY, "QPV2024-FRANCE", "QPV2015-FRANCE", "FM")
# Verdict -> its words, and the form of the name after them: of, to or the (see names).
WORDS = {
    ABOVE: ("au-dessus", 0),
    BELOW: ("en dessous", 0),
    SIMILAR: ("comparable", 1),
    INDISTINCT: ("écart non distinguable avec", 2),
}


def position(reading: Reading) -> Html:
    """Return the place of a figure beside the city and the median quartier, as a clause.

    Empty when there is nothing to compare with. A count is not set against a larger territory.
    """
    known = [c for c in reading.comparisons if c.verdict != UNKNOWN]
    single = [c for code in WITNESSES for c in known if c.reference.code == code][:1]
    group = marseille(reading)
    return placed(reading, group if reading.indicator.additif else [*single, *group])


def placed(reading: Reading, found: list[Comparison]) -> Html:
    """Return the comparisons in words; those of the same verdict share them."""
    clauses = []
    for verdict, (opening, form) in WORDS.items():
        same = [_named(reading, c, form) for c in found if c.verdict == verdict]
        if same:
            clauses.append(prose("{} {}", opening, Html(" et ").join(same)))
    return prose(" ; ").join(clauses)


def marseille(reading: Reading) -> list[Comparison]:
    """Return the comparison with the median quartier of Marseille: one, or none."""
    return [
        c
        for c in reading.comparisons
        if c.spread is not None and c.reference.geography == "ensemble" and c.verdict != UNKNOWN
    ]


def badge(reading: Reading) -> str:
    """Return whose perimeter a figure has: ``périmètre 2024`` or ``périmètre 2015 : La Savine``.

    An estimate from the IRIS says that it is one.
    """
    if reading.estimated:
        return "estimation à partir des IRIS, périmètre 2024"
    if reading.same_perimeter:
        return "périmètre 2024"
    return prose("périmètre 2015 : {}", reading.perimeter.name)


def measured(pair: Pair, text: str) -> str:
    """Return a label of the indicator, with the measure when it is not the usual one."""
    measure = category(pair.women.category).measure
    return text if measure == ALL else f"{text} ({category(measure).label})"


def distance(pair: Pair) -> Html:
    """Return the gap and its margin, signed like a figure; empty where there is none."""
    if pair.gap is None:
        return Html("")
    statistic = MEN_GAP if pair.beside_men else WHOLE_GAP
    return gap_tag(pair.gap, pair.indicator, statistic)


def _named(reading: Reading, found: Comparison, form: int) -> Html:
    """A reference with its figure; ``form`` chooses between « de », « à » and the bare name."""
    forms = tuple(word(found.reference) for word in (names.of, names.to, names.the))
    if found.observation is not None:
        figure = data_tag(found.observation, reading.indicator)
        if found.observation.year != reading.observation.year:
            figure += prose(" en {}", found.observation.year)
    else:
        forms = tuple(f"{word} médiane {forms[0]}" for word in ("de la", "à la", "la"))
        figure = data_tag(found.group.median(found.reference), reading.indicator, MEDIAN)
    return prose("{} ({})", forms[form], figure)
