"""Whether our composite index puts territories in the order the convention prints for its model.

Values are never compared: the formula behind the printed ones is not public.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from qpvlib import catalogue, territories
from qpvlib.control.convention import PrintedFigure, figures
from qpvlib.indicators.composites import Composite
from qpvlib.observations import Observations
from qpvlib.reading import indicator as reading

SAME, OPPOSITE, BLURRED, UNKNOWN = (
    "même ordre",
    "ordre contraire",
    "écart non distinguable",
    "non calculable",
)


@dataclass(frozen=True)
class Order:
    """Two printed figures, the higher first, and whether our index orders them so."""

    higher: PrintedFigure
    lower: PrintedFigure
    verdict: str


@dataclass(frozen=True)
class _Place:
    value: float
    reach: float
    year: int | None


def orders(composite: Composite, store: Observations) -> tuple[Order, ...]:
    """Compare the order of our index with the printed one, neighbour by neighbour.

    The quartiers of the city stand for their group by the median one, where half of them at least
    have an index; a single territory by its own index, two years away from the first at most.

    Parameters
    ----------
    composite
        The index; its model gives the printed figures.
    store
        The observations.
    """
    printed = [figure for figure in figures() if figure.indicator == composite.model]
    ordered = sorted(printed, key=lambda figure: -figure.value)
    places: list[_Place | None] = []
    for figure in ordered:
        (code,) = figure.territories
        year = next((place.year for place in places if place), None)
        places.append(_place(code, composite, store, year))
    return tuple(
        Order(*pair, _verdict(*place))
        for pair, place in zip(pairwise(ordered), pairwise(places), strict=True)
    )


def _place(code: str, composite: Composite, store: Observations, year: int | None) -> _Place | None:
    entry = catalogue.indicator(composite.name)
    if territories.get(code).geography == "ensemble":
        group = reading.group(entry, store)
        if group is None or group.middle is None:
            return None
        return _Place(group.middle, 0.0, group.observations[0].vintage)
    latest = store.get(entry.id, code)
    found = latest if year is None else reading.nearest(store, entry, code, year)
    if not found.is_value:
        return None
    low, high = found.low, found.high
    reach = 0.0 if low is None or high is None else (high - low) / 2
    return _Place(found.amount, reach, found.vintage)


def _verdict(high: _Place | None, low: _Place | None) -> str:
    if high is None or low is None:
        return UNKNOWN
    gap = high.value - low.value
    if abs(gap) <= math.hypot(high.reach, low.reach):
        return BLURRED
    return SAME if gap > 0 else OPPOSITE
