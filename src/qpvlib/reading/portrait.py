"""The content of a page, before any drawing: which indicators it shows, and which it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from qpvlib.catalogue import THEMES, Indicator, by_theme, indicators
from qpvlib.categories import category
from qpvlib.errors import InvalidParameterError, NotAdditiveError
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.reading import indicator as reading
from qpvlib.reading.aggregate import Spread, pool
from qpvlib.reading.indicator import Reading
from qpvlib.sources import registry
from qpvlib.territories import CITY, Qpv, Territory, arrondissements, get, predecessors

_QUARTIERS = ("QPV2024-MARSEILLE", "QPV2015-MARSEILLE")
# What holds the city: metropolis, department, region, France, then the QPV of France.
_AROUND = ("200054807", "D13", "R93", "FM", "QPV2024-FRANCE", "QPV2015-FRANCE")


@dataclass(frozen=True)
class Portrait:
    """All that the page of a quartier says.

    Attributes
    ----------
    territory
        A QPV of 2024.
    readings
        One per indicator of which some source has a row for this quartier, catalogue's order.
    wider
        The indicators that have figures for the city or its arrondissements, none by quartier.
    absent
        The indicators of which no embedded source gives any figure.
    """

    territory: Qpv
    readings: tuple[Reading, ...]
    wider: tuple[Indicator, ...]
    absent: tuple[Indicator, ...]

    def theme(self, name: str) -> tuple[Reading, ...]:
        """Return the readings of one theme."""
        return tuple(r for r in self.readings if r.indicator.orientation == name)

    def lacking(self, name: str) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...]]:
        """Return the wider and the absent indicators of one theme."""
        wider, absent = (
            tuple(i for i in group if i.orientation == name) for group in (self.wider, self.absent)
        )
        return wider, absent


@dataclass(frozen=True)
class Detail:
    """A figure about a part of a quartier's population, beside that of the whole.

    Attributes
    ----------
    observation, whole
        The figure of the category, and that of everyone: same territory, same vintage, same
        measure.
    """

    indicator: Indicator
    observation: Observation
    whole: Observation


@dataclass(frozen=True)
class Panorama:
    """One indicator over the quartiers of a sector, or of the whole city.

    Attributes
    ----------
    indicator, group
        What is read, and the sector or the set of quartiers.
    spread
        The quartiers, of one geography and one vintage.
    pooled
        The group's own figure where it may be computed from theirs, else ``None``.
    references
        Marseille outside QPV, city, metropolis, QPV of France, France: one figure each, whatever
        its state.
    """

    indicator: Indicator
    group: Territory
    spread: Spread
    pooled: Observation | None
    references: tuple[Observation, ...]

    @property
    def median(self) -> Observation | None:
        """The median quartier, as a figure of the group; ``None`` if too few are published.

        Two quartiers have no one in the middle.
        """
        middle = self.spread.middle if len(self.spread.published) > 2 else None
        return None if middle is None else self.spread.figure(self.group, middle)


@cache
def store() -> Observations:
    """Return the observations of ``data/observations``, sources in the registry's order."""
    return Observations.load(rank=registry.ranks())


def portrait(code: str, observations: Observations) -> Portrait:
    """Gather the content of the page of a quartier.

    Raises
    ------
    InvalidParameterError
        If the territory is not a QPV of 2024.
    """
    territory = get(code)
    if not isinstance(territory, Qpv) or territory.geography != "qpv2024":
        raise InvalidParameterError(
            f"Un portrait décrit un quartier prioritaire de 2024 ; {territory.name} ({code}) n'en "
            "est pas un."
        )
    found = {name: reading.read(entry, code, observations) for name, entry in indicators().items()}
    kept = tuple(r for r in found.values() if r.observation.source)
    rest = [r.indicator for r in found.values() if not r.observation.source]
    wider = tuple(entry for entry in rest if elsewhere(entry, observations))
    return Portrait(territory, kept, wider, tuple(entry for entry in rest if entry not in wider))


def details(code: str, observations: Observations) -> tuple[Detail, ...]:
    """Return the figures of a quartier for parts of its population: women, ages, diplomas…

    For each indicator and category, the latest published one, of the quartier or of the QPV of
    2015 it comes from; the latest row of any state when none is published.
    """
    former = [p.code_2015 for p in predecessors(code)[:1]]
    found = []
    for entry in indicators().values():
        for name in observations.categories(entry.id):
            rows = [o for c in (*former, code) for o in observations.series(entry.id, c, name)]
            if rows:
                shown = max(rows, key=lambda o: (o.is_value, o.vintage))
                found.append(_detail(entry, shown, observations))
    return tuple(found)


def _detail(entry: Indicator, shown: Observation, observations: Observations) -> Detail:
    measure = category(shown.category).measure
    return Detail(
        entry,
        shown,
        observations.get(entry.id, shown.territory, measure, shown.vintage),
    )


def wholes(entry: Indicator, observations: Observations) -> tuple[Detail, ...]:
    """Return the latest figures of the city and of its quartiers together, by category."""
    latest = (
        observations.get(entry.id, code, name)
        for code in (CITY, *_QUARTIERS)
        for name in (ALL, *observations.categories(entry.id))
    )
    return tuple(_detail(entry, shown, observations) for shown in latest if shown.is_value)


def panoramas(
    observations: Observations, sector: Territory | None = None
) -> dict[str, tuple[Panorama, ...]]:
    """Return, by theme, the indicators that at least half of the quartiers publish."""
    return {
        theme: tuple(
            found
            for entry in by_theme(theme)
            if (found := panorama(entry, observations, sector)) is not None
        )
        for theme in THEMES
    }


def panorama(
    entry: Indicator, observations: Observations, sector: Territory | None = None
) -> Panorama | None:
    """Return one indicator over the quartiers; ``None`` if fewer than half of them publish it."""
    spread = reading.group(entry, observations, sector.code if sector else None)
    if spread is None or not spread.published:
        return None
    first = spread.observations[0]
    year = first.geography.removeprefix("qpv")
    group = sector or get(f"QPV{year}-MARSEILLE")
    references = tuple(
        reading.nearest(observations, entry, form.format(year=year), first.year)
        for form in reading.REFERENCES
    )
    return Panorama(entry, group, spread, _pooled(entry, group, spread), references)


def elsewhere(entry: Indicator, observations: Observations) -> tuple[Observation, ...]:
    """Return the latest published figures of the city, its arrondissements and what holds them.

    The city first, its quartiers together, its arrondissements, the metropolis, the department,
    the region, France and its QPV; by category where the whole is published for none of them.
    """
    codes = (CITY, *_QUARTIERS, *(found.code for found in arrondissements()), *_AROUND)
    for categories in ((ALL,), observations.categories(entry.id)):
        series = (observations.series(entry.id, c, name) for c in codes for name in categories)
        published = [[o for o in rows if o.is_value] for rows in series]
        if any(published):
            return tuple(rows[-1] for rows in published if rows)
    return ()


def links(folder: str) -> Callable[[str], str]:
    """Return the function giving the address of a quartier's page, from its code.

    Parameters
    ----------
    folder
        The folder of the portraits, relative to the page that links to them.
    """
    return lambda code: f"{folder}/{get(code).slug}.html"


def definitions(folder: str) -> Callable[[str], str]:
    """Return the function giving the address of an indicator's card, from its id.

    Parameters
    ----------
    folder
        The folder of the cards, relative to the page that links to them.
    """
    return lambda name: f"{folder}/{name.replace('_', '-')}.html"


def _pooled(entry: Indicator, group: Territory, spread: Spread) -> Observation | None:
    if group.geography == "secteur" and spread.observations[0].geography == "qpv2015":
        # Those that lie over two sectors are in neither: the sum would not be that of the sector.
        return None
    try:
        pooled = pool(entry, spread.observations)
    except NotAdditiveError:
        return None
    return spread.figure(group, pooled.value, pooled.numerator, pooled.denominator)
