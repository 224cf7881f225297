"""Women beside men where both are published, beside everyone where men are not.

Nothing is rebuilt: the figure of men is never drawn from those of women and of everyone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from qpvlib.catalogue import Indicator, indicators
from qpvlib.categories import MEN, WOMEN, category
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.reading import compare
from qpvlib.reading.compare import Comparison
from qpvlib.reading.portrait import Detail


@dataclass(frozen=True)
class Pair:
    """One indicator for women and for whom they are set beside: same territory, year, measure.

    Attributes
    ----------
    women, other
        Both figures, whatever their states.
    comparison
        Women minus the other; without a verdict when a figure or its base is not published.
    """

    indicator: Indicator
    women: Observation
    other: Observation
    comparison: Comparison

    @property
    def beside_men(self) -> bool:
        """Whether the other figure is that of men, and not that of everyone."""
        return category(self.other.category).group == MEN

    @property
    def gap(self) -> Observation | None:
        """The gap as a figure with its interval; ``None`` without a verdict."""
        return self.comparison.figure(self.women)


def pairs(details: Iterable[Detail], observations: Observations) -> tuple[Pair, ...]:
    """Return one pair per rate of the catalogue that a survey gives for women.

    Parameters
    ----------
    details
        Those of one quartier.
    observations
        The store.

    Returns
    -------
    tuple
        In the catalogue's order. Of several measures of one indicator, the latest published.
    """
    found: dict[str, Detail] = {}
    for detail in details:
        entry, kind = detail.indicator, category(detail.observation.category)
        if kind.group == WOMEN and entry.nature == "enquete" and not entry.additif:
            found[entry.id] = max(found.get(entry.id, detail), detail, key=_freshness)
    return tuple(
        _pair(entry, found[name].observation, observations)
        for name, entry in indicators().items()
        if name in found
    )


def _freshness(detail: Detail) -> tuple[bool, int]:
    return detail.observation.is_value, detail.observation.year


def _pair(entry: Indicator, women: Observation, observations: Observations) -> Pair:
    measure = category(women.category).measure
    other, men = (
        observations.get(entry.id, women.territory, name, women.vintage) for name in (measure, MEN)
    )
    if measure == ALL and men.source:
        other = men
    return Pair(entry, women, other, compare.between(women, other, entry))
