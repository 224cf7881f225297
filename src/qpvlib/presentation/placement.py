"""The place of a figure among the quartiers, and the gap between women and the others."""

from qpvlib.categories import category
from qpvlib.observations import ALL
from qpvlib.presentation.formats import MEN_GAP, WHOLE_GAP, gap_tag
from qpvlib.presentation.markup import Html
from qpvlib.reading.compare import UNKNOWN, Comparison
from qpvlib.reading.indicator import Reading
from qpvlib.reading.key_figures import beside_median
from qpvlib.reading.sexes import Pair


def marseille(reading: Reading) -> list[Comparison]:
    """Return the comparison with the median quartier of Marseille: one, or none."""
    beside = beside_median(reading)
    return [] if beside is None or beside.verdict == UNKNOWN else [beside]


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
