"""What a page says of one indicator: the figure, whose perimeter it has, its references.

A quartier of 2024 shows its own figure where one is published; otherwise that of the QPV of
2015 it comes from, under that name. Nothing is carried from one perimeter to the other.
"""

from dataclasses import dataclass

from qpvlib.catalogue import Indicator
from qpvlib.intervals import ESTIMATES
from qpvlib.observations import ALL, NEAR_YEARS, Observation, Observations
from qpvlib.reading import compare, trends
from qpvlib.reading.aggregate import Spread, spread
from qpvlib.territories import (
    Passage,
    Qpv,
    Territory,
    get,
    predecessors,
    qpv,
    quartier,
    successors,
)

# References in the order of the comparison strip, after the sector and the QPV of Marseille.
REFERENCES = ("HORS-QPV{year}-MARSEILLE", "13055", "200054807", "QPV{year}-FRANCE", "FM")


@dataclass(frozen=True)
class Reading:
    """One indicator on the page of one quartier.

    Attributes
    ----------
    indicator, territory
        What is read, and the quartier of the page.
    observation
        The latest published figure; when there is none, the latest row, which says why.
    perimeter
        The territory this figure is about.
    passage
        How that perimeter became the quartier's; ``None`` when it is the quartier itself.
    masked
        A more recent vintage that is not published, if any.
    comparisons
        Sector, QPV of Marseille, Marseille outside QPV, city, metropolis, QPV of France, France.
    trend
        The series of the perimeter of 2015, the only one long enough.
    """

    indicator: Indicator
    territory: Qpv
    observation: Observation
    perimeter: Territory
    passage: Passage | None
    masked: Observation | None
    comparisons: tuple[compare.Comparison, ...]
    trend: trends.Trend

    @property
    def same_perimeter(self) -> bool:
        """Whether the figure has exactly the quartier's perimeter of 2024."""
        return self.passage is None or self.passage.same

    @property
    def estimated(self) -> bool:
        """Whether the figure is an estimate of qpvlib from the IRIS, not one of the producer."""
        return self.observation.is_value and self.observation.source == ESTIMATES

    @property
    def refused(self) -> bool:
        """Whether there is no figure because qpvlib would not estimate one from the IRIS."""
        return not self.observation.is_value and self.observation.source == ESTIMATES


def read(
    indicator: Indicator, code: str, observations: Observations, category: str = ALL
) -> Reading:
    """Read one indicator for a quartier of 2024.

    Parameters
    ----------
    indicator
        Entry of the catalogue.
    code
        Code of a QPV of 2024.
    observations
        The store.
    category
        ``ensemble``, ``femmes``…
    """
    territory = quartier(code)
    passages = predecessors(code)
    former = passages[0].code_2015 if passages else None
    own = observations.series(indicator.id, code, category)
    inherited = observations.series(indicator.id, former, category) if former else ()
    candidates = sorted([*inherited, *own], key=lambda o: o.year)
    published = [o for o in candidates if o.is_value]
    if passages and not passages[0].same and any(o.is_value for o in own):
        # The quartier's own figure, even older, rather than that of another territory.
        published = [o for o in own if o.is_value]
    if published:
        shown = published[-1]
    elif candidates:
        shown = candidates[-1]
    else:
        shown = observations.get(indicator.id, code, category)
    later = [o for o in candidates if not o.is_value and o.year > (shown.year or 0)]
    return Reading(
        indicator,
        territory,
        shown,
        get(shown.territory),
        passages[0] if shown.territory == former else None,
        later[-1] if later else None,
        _comparisons(indicator, territory, shown, observations, category),
        trends.trend(indicator, inherited),
    )


def group(
    indicator: Indicator,
    observations: Observations,
    sector: str | None = None,
    category: str = ALL,
) -> Spread | None:
    """Return the figures of all quartiers, or of those of a sector, of the best vintage.

    The perimeter of 2024 is preferred where at least half of its quartiers are published,
    then the latest vintage for which at least half are. ``None`` when there is no such year.
    """
    for geography in ("qpv2024", "qpv2015"):
        everyone = [member.code for member in qpv(geography)]
        for year in reversed(observations.vintages(indicator.id, geography, category)):
            rows = observations.across(indicator.id, everyone, year, category)
            if 2 * sum(o.is_value for o in rows) >= len(rows):
                codes = members(geography, sector)
                return spread(observations.across(indicator.id, codes, year, category))
    return None


def members(geography: str, sector: str | None = None) -> tuple[str, ...]:
    """Return the codes of the quartiers of a sector (of the city when none) in a geography.

    A QPV of 2015 belongs to a sector that holds all its successors: one that lies over two is in
    neither, as its figures are not those of a sector it may well outgrow.
    """
    return tuple(one.code for one in qpv(geography) if sector is None or _within(one) == {sector})


def straddling(sector: str) -> tuple[Qpv, ...]:
    """Return the QPV of 2015 that lie in a sector and in another: figures of none."""
    return tuple(one for one in qpv("qpv2015") if {sector} < _within(one))


def _within(one: Qpv) -> set[str]:
    heirs = [get(p.code_2024) for p in successors(one.code)] or [one]
    return {heir.sector for heir in heirs if isinstance(heir, Qpv)}


def nearest(
    observations: Observations, indicator: Indicator, code: str, year: int, category: str = ALL
) -> Observation:
    """Return a reference's figure of this year, or of the closest year within two years."""
    exact = observations.get(indicator.id, code, category, year)
    if exact.is_value:
        return exact
    near = [
        o
        for o in observations.series(indicator.id, code, category)
        if o.is_value and abs(o.year - year) <= NEAR_YEARS
    ]
    return min(near, key=lambda o: (abs(o.year - year), -o.year)) if near else exact


def _comparisons(indicator, territory, shown, observations, category):
    if not shown.is_value:
        return ()
    year = shown.geography.removeprefix("qpv")
    found = []
    for reference, sector in (
        (get(territory.sector), territory.sector),
        (get(f"QPV{year}-MARSEILLE"), None),
    ):
        codes = members(shown.geography, sector)
        figures = spread(observations.across(indicator.id, codes, shown.vintage, category))
        found.append(compare.with_group(shown, reference, figures))
    for form in REFERENCES:
        reference = get(form.format(year=year))
        other = nearest(observations, indicator, reference.code, shown.vintage, category)
        found.append(compare.with_territory(shown, reference, other))
    return tuple(found)
