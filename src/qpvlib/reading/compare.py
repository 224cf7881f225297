"""The gap between a figure and a reference, and whether it can be told from noise."""

import math
from dataclasses import dataclass

from qpvlib.catalogue import Indicator
from qpvlib.categories import category
from qpvlib.estimate import design_effect, part_gap_half_width
from qpvlib.observations import VALUE, Observation
from qpvlib.reading.aggregate import Spread
from qpvlib.territories import Territory, get

ABOVE, BELOW, SIMILAR, INDISTINCT, UNKNOWN = (
    "au_dessus",
    "au_dessous",
    "comparable",
    "non_distinguable",
    "sans_reference",
)
# Below this share of the reference, a real gap is still worded "comparable".
SIMILAR_SHARE = 0.05


@dataclass(frozen=True)
class Comparison:
    """A figure beside one reference.

    Attributes
    ----------
    reference
        The reference territory.
    observation
        Its figure, whatever its state, for a single territory.
    spread
        Its quartiers, for a group whose figure does not exist; ``observation`` is then None.
    gap
        Figure minus reference (the median quartier of a group), in the indicator's unit.
    verdict
        One of the five words above.
    low, high
        Interval of the gap, in the indicator's unit.
    """

    reference: Territory
    observation: Observation | None
    spread: Spread | None
    gap: float | None
    verdict: str
    low: float | None = None
    high: float | None = None

    @property
    def group(self) -> Spread:
        """The quartiers of a comparison with a group."""
        if self.spread is None:
            raise ValueError(f"{self.reference.code} is a single territory.")
        return self.spread

    def figure(self, like: Observation) -> Observation | None:
        """Return the gap as a figure with its interval; ``None`` where there is no gap.

        Parameters
        ----------
        like
            The figure that is compared: whose gap it is.
        """
        if self.gap is None:
            return None
        return Observation(
            like.territory, like.geography, like.indicator, like.category, like.vintage,
            self.gap, None, None, self.low, self.high, VALUE, like.source,
        )  # fmt: skip


def with_territory(
    observation: Observation, reference: Territory, other: Observation
) -> Comparison:
    """Compare two figures; the interval of the gap combines both of theirs in quadrature.

    Each of its sides takes the sides that would widen it: the figure lower and the reference
    higher, or the reverse. A figure whose interval is unknown is not compared.
    """
    if observation.low is None or other.low is None:
        return Comparison(reference, other, None, None, UNKNOWN)
    gap = observation.amount - other.amount
    below, above = _reach(observation)
    under, over = _reach(other)
    low, high = gap - math.hypot(below, over), gap + math.hypot(above, under)
    return Comparison(
        reference, other, None, gap, _verdict(gap, other.amount, low, high), low, high
    )


def between(group: Observation, other: Observation, indicator: Indicator) -> Comparison:
    """Compare a group of inhabitants with another one, or with everyone, itself included.

    Both figures have the same territory and year. Two groups are two separate samples; for a rate
    beside that of everyone, see :func:`qpvlib.estimate.part_gap_half_width`. Without a known base
    for both there is no interval, so no verdict.
    """
    place = get(group.territory)
    nested = not category(other.category).group
    unknown = Comparison(place, other, None, None, UNKNOWN)
    if group.base is None or other.base is None:
        return unknown
    if nested and (indicator.unite != "%" or group.base >= other.base):
        return unknown
    if nested:
        rates, sizes = (group.amount, other.amount), (group.base, other.base)
        noise = part_gap_half_width(*rates, *sizes, deff=design_effect(indicator.id))
    else:
        noise = math.hypot(*(sum(_reach(one)) / 2 for one in (group, other)))
    noise = max(noise, math.sqrt(0.5) * 10**-indicator.decimales)
    gap = group.amount - other.amount
    low, high = gap - noise, gap + noise
    return Comparison(place, other, None, gap, _verdict(gap, other.amount, low, high), low, high)


def with_group(observation: Observation, reference: Territory, group: Spread) -> Comparison:
    """Compare a figure with the median quartier of a group, published for half of it at least.

    A median of 0 compares nothing: half of the quartiers have none.
    """
    if observation.low is None or not group.middle:
        return Comparison(reference, None, group, None, UNKNOWN)
    gap = observation.amount - group.middle
    below, above = _reach(observation)
    low, high = gap - below, gap + above
    return Comparison(
        reference, None, group, gap, _verdict(gap, group.middle, low, high), low, high
    )


def _reach(figure: Observation) -> tuple[float, float]:
    """How far the interval of a figure goes below and above it."""
    if figure.low is None or figure.high is None:
        raise ValueError(f"{figure.indicator}, {figure.territory}: unknown interval.")
    return figure.amount - figure.low, figure.high - figure.amount


def _verdict(gap: float, reference: float, low: float, high: float) -> str:
    if low <= 0 <= high:
        return INDISTINCT
    if abs(gap) <= SIMILAR_SHARE * abs(reference):
        return SIMILAR
    return ABOVE if gap > 0 else BELOW
