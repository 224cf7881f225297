"""How sure a published figure is: its margin, how many people it rests on, its reliability.

The producers publish rates without their counts. The people behind a rate of the census are
therefore found again, to an order of size, from other published figures: the population of the
territory, the share that the universe of the indicator holds, the share of a group (women,
foreigners) in the population. Without one of them the base is unknown, and said to be.
"""

from qpvlib.catalogue import Indicator, indicator
from qpvlib.categories import EXHAUSTIVE, GROUPS, category
from qpvlib.estimate import (
    grade,
    groups_half_width,
    half_width,
    mean_half_width,
    relative_half_width,
)
from qpvlib.observations import ALL, Observation, Observations

UNKNOWN_BASE = "base inconnue"
# Between households, in persons; computed on the sizes that the QPV of 2024 with the largest
# households publishes (Kalliste, 2020), so an upper end.
HOUSEHOLD_DEVIATION = 1.8
# Share of the population in the two groups of the youth index, 0-19 and 60 or more, about.
YOUTH_INDEX_SHARE = 0.5
_YOUTH, _COUNT, _DENSITY = "rapport", "habitants", "habitants par hectare"
# Unit of a census figure -> its half-width, from its value and the size of its universe.
_SAMPLED = {
    "%": half_width,
    _YOUTH: lambda value, people: groups_half_width(value, YOUTH_INDEX_SHARE * people),
    "personnes par ménage": lambda _, households: mean_half_width(HOUSEHOLD_DEVIATION, households),
    _COUNT: lambda value, people: value * relative_half_width(people),
    _DENSITY: lambda value, people: value * relative_half_width(people),
}


def margin(observation: Observation, indicator: Indicator, observations: Observations) -> float:
    """Return the half-width of the interval of a figure, in its own unit.

    The published bounds when there are; for a count, a rate, a ratio of groups or a mean from the
    census, the order of size given by :mod:`qpvlib.estimate` on :func:`base`; in all cases at
    least half of the last printed decimal, which is all that is left when the base is unknown.
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
    formula, size = _SAMPLED.get(indicator.unite), base(observation, indicator, observations)
    if formula is None or size is None:
        return rounding, rounding
    both = max(float(formula(observation.value, size)), rounding)
    return both, both


def span(observation: Observation, margin: float) -> tuple[float, float]:
    """Return the ends of the interval of a figure: its own bounds, else a margin on each side.

    A margin of 0 says that the interval is no more than the rounding: both ends are the figure.
    """
    if margin and observation.low is not None and observation.high is not None:
        return observation.low, observation.high
    return observation.value - margin, observation.value + margin


def base(observation: Observation, entry: Indicator, observations: Observations) -> float | None:
    """Return how many people, households or dwellings a figure of the census is computed on.

    The published denominator of a rate when there is one; otherwise the population, times the
    share of a group (same territory, same year), times ``part_univers``; where ``univers_de``
    names a rate, what this rate counts (people in employment) replaces ``part_univers``.

    Returns
    -------
    float or None
        ``None`` when the figure is not from a survey, or when a term is not published.
    """
    if not sampled(observation, entry):
        return None
    if entry.unite == "%" and observation.denominator:
        return observation.denominator
    people, kind = population(observation, observations), category(observation.category)
    share = _share(kind.group, observation, observations) if kind.field else None
    if people is None or share is None or entry.part_univers is None:
        return None
    if entry.univers_de:
        rate, whole = _universe(entry, kind.group, observation, observations)
        if rate.is_value:
            size = base(rate, whole, observations)
            return size * rate.value / 100 or None if size else None
    return people * entry.part_univers * share or None


def sampled(observation: Observation, indicator: Indicator) -> bool:
    """Return whether a figure comes from a survey; a category may come from another source."""
    return (
        observation.is_value
        and indicator.nature == "enquete"
        and category(observation.category).field != EXHAUSTIVE
    )


def reliability(observation: Observation, indicator: Indicator, observations: Observations) -> str:
    """Return the grade of a survey figure, from the smallest count that it rests on.

    ``fiable``, ``moyenne`` or ``prudence`` (see :func:`qpvlib.estimate.grade`);
    :data:`UNKNOWN_BASE` when the count cannot be told; empty for what is not a survey.
    """
    if not sampled(observation, indicator):
        return ""
    size = base(observation, indicator, observations)
    return UNKNOWN_BASE if size is None else str(grade(_smallest(observation, indicator, size)))


def population(observation: Observation, observations: Observations) -> float | None:
    """Return the population of a figure's territory, of the vintage nearest to the figure."""
    known = [o for o in observations.series("population_qpv", observation.territory) if o.is_value]
    if not known:
        return None
    return min(known, key=lambda o: abs(o.vintage - observation.vintage)).value


def _share(group: str, observation: Observation, observations: Observations) -> float | None:
    """Share of a group in the population, between 0 and 1, published for the same year."""
    if not group:
        return 1.0
    name, others = GROUPS[group]
    found = observations.get(name, observation.territory, vintage=observation.vintage)
    if not found.is_value:
        return None
    return 1 - found.value / 100 if others else found.value / 100


def _universe(
    entry: Indicator, group: str, observation: Observation, observations: Observations
) -> tuple[Observation, Indicator]:
    """The rate whose numerator is the universe of an indicator, for the same group and year."""
    name, where = entry.univers_de, observation.territory
    rate = observations.get(name, where, group or ALL, observation.vintage)
    return rate, indicator(name)


def _smallest(observation: Observation, indicator: Indicator, size: float) -> float:
    if indicator.unite == "%":
        return size * min(observation.value, 100) / 100
    if indicator.unite == _YOUTH:
        second = YOUTH_INDEX_SHARE * size / (1 + observation.value)
        return second * min(observation.value, 1)
    return size
