"""The content of a page, before any drawing: which indicators it shows, and which it cannot."""

from dataclasses import dataclass

from qpvlib import reading
from qpvlib.aggregate import Spread
from qpvlib.catalogue import Indicator, by_theme, indicators
from qpvlib.errors import InvalidParameterError
from qpvlib.observations import Observations
from qpvlib.reading import Reading
from qpvlib.sources import registry
from qpvlib.territories import Qpv, Territory, get

WOMEN, MEN = "femmes", "hommes"


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
        The indicators that no embedded source gives for any quartier.
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
class Panorama:
    """One indicator over the quartiers of a sector, or of the whole city."""

    indicator: Indicator
    spread: Spread


def store() -> Observations:
    """Return the observations of ``data/observations``, sources in the registry's order."""
    return Observations.load(rank=registry.ranks(registry.load()))


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
    absent = tuple(r.indicator for r in found.values() if not r.observation.source)
    return Portrait(territory, kept, absent)


def by_category(
    readings: tuple[Reading, ...], category: str, observations: Observations
) -> tuple[Reading, ...]:
    """Return the same readings for a category (``femmes``…), where it is published."""
    found = (reading.read(r.indicator, r.territory.code, observations, category) for r in readings)
    return tuple(r for r in found if r.observation.is_value)


def panorama(
    theme: str, observations: Observations, sector: Territory | None = None
) -> tuple[Panorama, ...]:
    """Return the indicators of a theme that at least half of the quartiers publish."""
    code = sector.code if sector else None
    found = ((entry, reading.group(entry, observations, code)) for entry in by_theme(theme))
    return tuple(Panorama(entry, spread) for entry, spread in found if spread)
