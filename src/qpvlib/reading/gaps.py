"""The quartiers side by side: how far each stands from the city, and how surely."""

from dataclasses import dataclass

from qpvlib.observations import Observation
from qpvlib.reading import compare
from qpvlib.reading.compare import UNKNOWN, Comparison
from qpvlib.reading.portrait import Panorama
from qpvlib.territories import CITY, get, match_key


@dataclass(frozen=True)
class Gap:
    """A quartier's figure beside the reference; the comparison has no verdict without a figure."""

    observation: Observation
    comparison: Comparison

    @property
    def figure(self) -> Observation | None:
        """The gap as a figure with its interval; ``None`` without a published figure."""
        return self.comparison.figure(self.observation)


@dataclass(frozen=True)
class Gaps:
    """The quartiers of Marseille beside one reference, for one indicator.

    Attributes
    ----------
    panorama
        The indicator and its figures.
    reference
        The city's figure; the median quartier, as a figure of the group, for a count or where
        the city has no figure; ``None`` where that median is zero, or where the figure tells
        nothing but the size of the quartier.
    rows
        Every quartier: from the furthest above the reference to the furthest below it, from the
        highest figure without a reference; those without a figure last, by name.
    """

    panorama: Panorama
    reference: Observation | None
    rows: tuple[Gap, ...]

    @property
    def beside_city(self) -> bool:
        """Whether the reference is the city, and not the median quartier."""
        return self.reference is not None and self.reference.territory == CITY

    def count(self, *verdicts: str) -> int:
        """Return how many quartiers have one of these verdicts."""
        return sum(gap.comparison.verdict in verdicts for gap in self.rows)


def gaps(panorama: Panorama) -> Gaps:
    """Set each quartier of a panorama of the whole city beside its reference."""
    entry = panorama.indicator
    city = next((o for o in panorama.references if o.territory == CITY), None)
    beside = city if city is not None and city.is_value and not entry.additif else None
    group = None if entry.size or not panorama.spread.middle else panorama.median
    found = []
    for one in panorama.spread.observations:
        if beside:
            comparison = compare.with_territory(one, get(CITY), beside)
        elif group:
            comparison = compare.with_group(one, panorama.group, panorama.spread)
        else:
            comparison = Comparison(panorama.group, None, panorama.spread, None, UNKNOWN)
        found.append(Gap(one, comparison))
    return Gaps(panorama, beside or group, tuple(sorted(found, key=_place)))


def _place(gap: Gap) -> tuple[bool, float, str]:
    one = gap.observation
    return not one.is_value, -(one.value or 0), match_key(get(one.territory).name)
