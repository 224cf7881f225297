"""The content of a page, before any drawing: which indicators it shows, and which it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from qpvlib import reading
from qpvlib.aggregate import Spread, pool
from qpvlib.catalogue import THEMES, Indicator, by_theme, indicators
from qpvlib.errors import InvalidParameterError, NotAdditiveError
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.reading import Reading
from qpvlib.sources import registry
from qpvlib.territories import CITY, Qpv, Territory, get, predecessors

# The city, and its quartiers taken together.
WHOLES = (CITY, "QPV2024-MARSEILLE", "QPV2015-MARSEILLE")
_OF_QUARTIERS = ("qpv2024", "qpv2015", "ensemble")


@dataclass(frozen=True)
class Portrait:
    """All that the page of a quartier says.

    Attributes
    ----------
    territory
        A QPV of 2024.
    readings
        One per indicator of which some source has a row for this quartier, catalogue's order.
    absent
        The indicators that no embedded source gives for any quartier, nor for all together.
    """

    territory: Qpv
    readings: tuple[Reading, ...]
    absent: tuple[Indicator, ...]

    def theme(self, name: str) -> tuple[Reading, ...]:
        """Return the readings of one theme."""
        return tuple(r for r in self.readings if r.indicator.orientation == name)

    def lacking(self, name: str) -> tuple[Indicator, ...]:
        """Return the indicators of one theme that no embedded source gives."""
        return tuple(i for i in self.absent if i.orientation == name)


@dataclass(frozen=True)
class Detail:
    """A figure about a part of a quartier's population, beside that of the whole.

    Attributes
    ----------
    observation, whole
        The figure of the category, and that of everyone: same territory, same vintage.
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
    def median(self) -> Observation:
        """The median quartier, as a figure of the group."""
        return self.spread.figure(self.group, self.spread.middle)


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
    if territory.geography != "qpv2024":
        raise InvalidParameterError(
            f"Un portrait décrit un quartier prioritaire de 2024 ; {territory.name} ({code}) n'en "
            "est pas un."
        )
    found = {name: reading.read(entry, code, observations) for name, entry in indicators().items()}
    kept = tuple(r for r in found.values() if r.observation.source)
    frame = observations.frame
    given = set(frame.loc[frame["geographie"].isin(_OF_QUARTIERS), "indicateur"])
    shown = {reading.indicator.id for reading in kept} | given
    absent = tuple(entry for name, entry in indicators().items() if name not in shown)
    return Portrait(territory, kept, absent)


def details(code: str, observations: Observations) -> tuple[Detail, ...]:
    """Return the figures of a quartier for parts of its population: women, ages, diplomas…

    For each indicator and category, the latest published one, of the quartier or of the QPV of
    2015 it comes from; the latest row of any state when none is published.
    """
    former = [p.code_2015 for p in predecessors(code)[:1]]
    found = []
    for entry in indicators().values():
        for category in observations.categories(entry.id):
            rows = [o for c in (*former, code) for o in observations.series(entry.id, c, category)]
            if rows:
                shown = max(rows, key=lambda o: (o.is_value, o.vintage))
                whole = observations.get(entry.id, shown.territory, vintage=shown.vintage)
                found.append(Detail(entry, shown, whole))
    return tuple(found)


def wholes(entry: Indicator, observations: Observations) -> tuple[Detail, ...]:
    """Return the latest figures of the city and of its quartiers together, by category."""
    found = []
    for code in WHOLES:
        for category in (ALL, *observations.categories(entry.id)):
            shown = observations.get(entry.id, code, category)
            if shown.is_value:
                whole = observations.get(entry.id, code, vintage=shown.vintage)
                found.append(Detail(entry, shown, whole))
    return tuple(found)


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
        reading.nearest(observations, entry, form.format(year=year), first.vintage)
        for form in reading.REFERENCES
    )
    return Panorama(entry, group, spread, _pooled(entry, group, spread), references)


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
        # A QPV of 2015 may lie in two sectors: its parts would be counted twice.
        return None
    try:
        pooled = pool(entry, spread.observations)
    except NotAdditiveError:
        return None
    return spread.figure(group, pooled.value, pooled.numerator, pooled.denominator)
