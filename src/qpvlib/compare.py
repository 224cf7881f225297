"""The gap between a figure and a reference, and whether it can be told from noise."""

import math
from dataclasses import dataclass

from qpvlib.aggregate import Spread
from qpvlib.catalogue import Indicator
from qpvlib.estimate import groups_half_width, half_width, mean_half_width
from qpvlib.observations import Observation, Observations
from qpvlib.territories import Territory

ABOVE, BELOW, SIMILAR, INDISTINCT, UNKNOWN = (
    "au_dessus",
    "au_dessous",
    "comparable",
    "non_distinguable",
    "sans_reference",
)
# Below this share of the reference, a real gap is still worded "comparable".
SIMILAR_SHARE = 0.05
# Between households, in persons; computed on the sizes that the QPV of 2024 with the largest
# households publishes (Kalliste, 2020), so an upper end.
HOUSEHOLD_DEVIATION = 1.8
# Share of the population in the two groups of the youth index, 0-19 and 60 or more, about.
YOUTH_INDEX_SHARE = 0.5
# Unit of a census figure -> its half-width, from its value and the size of its universe.
_SAMPLED = {
    "%": half_width,
    "rapport": lambda value, people: groups_half_width(value, YOUTH_INDEX_SHARE * people),
    "personnes par ménage": lambda _, households: mean_half_width(HOUSEHOLD_DEVIATION, households),
}


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
    def noise(self) -> float | None:
        """Half-width of the interval of the gap, in the indicator's unit."""
        return None if self.gap is None else (self.high - self.low) / 2


def margin(observation: Observation, indicator: Indicator, observations: Observations) -> float:
    """Return the half-width of the interval of a figure, in its own unit.

    The published bounds when there are; for a rate, a ratio of groups or a mean from the
    census, the order of size given by :mod:`qpvlib.estimate` on the territory's population; in
    all cases at least half of the last printed decimal.
    """
    return sum(reach(observation, indicator, observations)) / 2


def reach(
    observation: Observation, indicator: Indicator, observations: Observations
) -> tuple[float, float]:
    """Return how far the interval of a figure goes below and above it, in its own unit.

    As :func:`margin`; the two differ when the published bounds are not symmetrical, as those of a
    ratio of small counts.
    """
    rounding = 0.5 * 10**-indicator.decimales
    if observation.low is not None and observation.high is not None:
        below, above = observation.value - observation.low, observation.high - observation.value
        return max(below, rounding), max(above, rounding)
    both = max(_sampling(observation, indicator, observations), rounding)
    return both, both


def span(observation: Observation, margin: float) -> tuple[float, float]:
    """Return the ends of the interval of a figure: its own bounds, else a margin on each side.

    A margin of 0 says that the interval is no more than the rounding: both ends are the figure.
    """
    if margin and observation.low is not None and observation.high is not None:
        return observation.low, observation.high
    return observation.value - margin, observation.value + margin


def _sampling(observation: Observation, indicator: Indicator, observations: Observations) -> float:
    """Return the half-width due to the sampling of the census, 0 where it is unknown."""
    sampled = _SAMPLED.get(indicator.unite)
    if sampled is None or indicator.nature != "enquete" or indicator.part_univers is None:
        return 0.0
    people = population(observation, observations)
    if people is None:
        return 0.0
    return float(sampled(observation.value, people * indicator.part_univers))


def population(observation: Observation, observations: Observations) -> float | None:
    """Return the population of a figure's territory, of the vintage nearest to the figure."""
    known = [o for o in observations.series("population_qpv", observation.territory) if o.is_value]
    if not known:
        return None
    return min(known, key=lambda o: abs(o.vintage - observation.vintage)).value


def with_territory(
    observation: Observation,
    reference: Territory,
    other: Observation,
    indicator: Indicator,
    observations: Observations,
) -> Comparison:
    """Compare two figures; the interval of the gap combines both of theirs in quadrature.

    Each of its sides takes the sides that would widen it: the figure lower and the reference
    higher, or the reverse.
    """
    if not (observation.is_value and other.is_value):
        return Comparison(reference, other, None, None, UNKNOWN)
    gap = observation.value - other.value
    below, above = reach(observation, indicator, observations)
    under, over = reach(other, indicator, observations)
    low, high = gap - math.hypot(below, over), gap + math.hypot(above, under)
    return Comparison(reference, other, None, gap, _verdict(gap, other.value, low, high), low, high)


def with_group(
    observation: Observation,
    reference: Territory,
    group: Spread,
    indicator: Indicator,
    observations: Observations,
) -> Comparison:
    """Compare a figure with the median quartier of a group, published for half of it at least."""
    if not observation.is_value or 2 * len(group.published) < len(group.observations):
        return Comparison(reference, None, group, None, UNKNOWN)
    gap = observation.value - group.middle
    below, above = reach(observation, indicator, observations)
    low, high = gap - below, gap + above
    return Comparison(
        reference, None, group, gap, _verdict(gap, group.middle, low, high), low, high
    )


def _verdict(gap: float, reference: float, low: float, high: float) -> str:
    if low <= 0 <= high:
        return INDISTINCT
    if abs(gap) <= SIMILAR_SHARE * abs(reference):
        return SIMILAR
    return ABOVE if gap > 0 else BELOW
