"""The quartiers side by side: how far each stands from the city, and how surely."""

from collections.abc import Iterator
from dataclasses import dataclass

from qpvlib.observations import Observation
from qpvlib.reading import compare
from qpvlib.reading.compare import Comparison
from qpvlib.reading.indicator import members
from qpvlib.reading.portrait import Panorama
from qpvlib.territories import CITY, Territory, get, match_key, sectors

SEVERAL = Territory("", "secteur", "Sur plusieurs secteurs", "Sur plusieurs secteurs", "")


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
        the city has no figure.
    sectors
        The quartiers of each sector that has some, in the order of the sectors and of their
        names.
    """

    panorama: Panorama
    reference: Observation
    sectors: tuple[tuple[Territory, tuple[Gap, ...]], ...]

    @property
    def beside_city(self) -> bool:
        """Whether the reference is the city, and not the median quartier."""
        return self.reference.territory == CITY

    @property
    def rows(self) -> tuple[Gap, ...]:
        """Every quartier, sector after sector."""
        return tuple(gap for _, rows in self.sectors for gap in rows)

    def count(self, *verdicts: str) -> int:
        """Return how many quartiers have one of these verdicts."""
        return sum(gap.comparison.verdict in verdicts for gap in self.rows)


def gaps(panorama: Panorama) -> Gaps:
    """Set each quartier of a panorama of the whole city beside its reference."""
    entry = panorama.indicator
    city = next((o for o in panorama.references if o.territory == CITY), None)
    beside = city if city is not None and city.is_value and not entry.additif else None
    found = {}
    for one in panorama.spread.observations:
        if beside:
            comparison = compare.with_territory(one, get(CITY), beside)
        else:
            comparison = compare.with_group(one, panorama.group, panorama.spread)
        found[one.territory] = Gap(one, comparison)
    reference = beside or panorama.median
    assert reference, "a panorama of the whole city is published for half of its quartiers"
    return Gaps(panorama, reference, tuple(_by_sector(found, panorama)))


def _by_sector(
    found: dict[str, Gap], panorama: Panorama
) -> Iterator[tuple[Territory, tuple[Gap, ...]]]:
    """Yield the gaps of each sector, then those of the QPV of 2015 that lie over several."""
    left = dict(found)
    geography = panorama.spread.observations[0].geography
    for sector in sectors():
        present = set(members(geography, sector.code)) & set(left)
        codes = sorted(present, key=lambda code: match_key(get(code).name))
        if codes:
            yield sector, tuple(left.pop(code) for code in codes)
    if left:
        yield SEVERAL, tuple(left.values())
