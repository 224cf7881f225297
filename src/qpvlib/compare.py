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
    noise
        Half-width of the interval of the gap, in the indicator's unit.
    """

    reference: Territory
    observation: Observation | None
    spread: Spread | None
    gap: float | None
    verdict: str
    noise: float | None = None


def margin(observation: Observation, indicator: Indicator, observations: Observations) -> float:
    """Return the half-width of the interval of a figure, in its own unit.

    The published bounds when there are; for a rate, a ratio of groups or a mean from the
    census, the order of size given by :mod:`qpvlib.estimate` on the territory's population; in
    all cases at least half of the last printed decimal.
    """
    rounding = 0.5 * 10**-indicator.decimales
    if observation.low is not None and observation.high is not None:
        return max((observation.high - observation.low) / 2, rounding)
    sampled = _SAMPLED.get(indicator.unite)
    if sampled is None or indicator.nature != "enquete" or indicator.part_univers is None:
        return rounding
    people = population(observation, observations)
    if people is None:
        return rounding
    return max(float(sampled(observation.value, people * indicator.part_univers)), rounding)


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
    """Compare two figures; the verdict holds both margins, combined in quadrature."""
    if not (observation.is_value and other.is_value):
        return Comparison(reference, other, None, None, UNKNOWN)
    gap = observation.value - other.value
    noise = math.hypot(
        margin(observation, indicator, observations), margin(other, indicator, observations)
    )
    return Comparison(reference, other, None, gap, _verdict(gap, other.value, noise), noise)


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
    noise = margin(observation, indicator, observations)
    return Comparison(reference, None, group, gap, _verdict(gap, group.middle, noise), noise)


def _verdict(gap: float, reference: float, noise: float) -> str:
    if abs(gap) <= noise:
        return INDISTINCT
    if abs(gap) <= SIMILAR_SHARE * abs(reference):
        return SIMILAR
    return ABOVE if gap > 0 else BELOW
