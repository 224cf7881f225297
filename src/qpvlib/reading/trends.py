"""Change over time: one geography, permitted pairs of vintages, breaks marked."""

from dataclasses import dataclass

from qpvlib.catalogue import Indicator
from qpvlib.errors import MixedGeographyError, TrendError
from qpvlib.intervals import PUBLISHED
from qpvlib.observations import Observation
from qpvlib.reading import compare
from qpvlib.territories import get

# A census vintage pools five years of surveys: closer vintages share answers.
CENSUS_STEP = 5
# Years from which Filosofi is not measured as before, and why (Insee notes).
FILOSOFI_BREAKS = {
    2016: "production des indicateurs réorganisée",
    2018: "réforme du loyer de solidarité et des APL",
    2019: "localisation des ménages améliorée",
    2020: "crise sanitaire",
}
BLURRED = "arrondi volontaire des taux"


@dataclass(frozen=True)
class Trend:
    """A territory's published figures over time.

    Attributes
    ----------
    observations
        All vintages in order, every state, one geography.
    breaks
        Years at which the series changes its way of measuring -> the reason.
    """

    observations: tuple[Observation, ...]
    breaks: dict[int, str]

    @property
    def published(self) -> tuple[Observation, ...]:
        """The vintages that have a value."""
        return tuple(o for o in self.observations if o.is_value)

    @property
    def drawable(self) -> bool:
        """Whether there are at least two values to join."""
        return len(self.published) > 1


def trend(indicator: Indicator, series: tuple[Observation, ...]) -> Trend:
    """Order a series and mark its breaks.

    Census vintages less than five years apart are thinned, the latest kept.

    Raises
    ------
    MixedGeographyError
        If the series mixes territories or geographies.
    """
    if len({(o.geography, o.territory) for o in series}) > 1:
        raise MixedGeographyError(
            f"La série de « {indicator.libelle} » mêle plusieurs territoires ou géographies."
        )
    ordered = tuple(sorted(series, key=lambda o: o.year))
    if indicator.nature == "enquete":
        ordered = _thinned(ordered)
    years = {o.year for o in ordered}
    marked = FILOSOFI_BREAKS if "filosofi" in indicator.source.lower() else {}
    inside = {y: why for y, why in marked.items() if years and min(years) < y <= max(years)}
    inside |= {o.year: BLURRED for o in ordered[1:] if blurred(indicator, o)}
    return Trend(ordered, inside)


def steady(series: Trend) -> Trend:
    """Return the last run of published figures measured in one way, no year masked between them.

    A break counts in whatever year it falls, with a figure or not.
    """
    run: list[Observation] = []
    for figure in reversed(series.observations):
        broken = run and any(figure.year < year <= run[-1].year for year in series.breaks)
        if broken or (run and not figure.is_value):
            break
        if figure.is_value:
            run.append(figure)
    return Trend(tuple(reversed(run)), {})


def changed(run: Trend) -> bool:
    """Whether the first and last figures of a run can be told apart, by both their intervals."""
    first, last = run.published[0], run.published[-1]
    verdict = compare.with_territory(last, get(last.territory), first).verdict
    return verdict not in (compare.INDISTINCT, compare.UNKNOWN)


def relative(run: Trend) -> float:
    """Return the size of a change, as a share of the first figure; 0 when that one is 0."""
    first, last = run.published[0].amount, run.published[-1].amount
    return abs(last - first) / abs(first) if first else 0.0


def blurred(indicator: Indicator, figure: Observation) -> bool:
    """Whether the producer blurred a figure of an exhaustive file: it then publishes bounds."""
    return indicator.nature == "exhaustif" and figure.interval == PUBLISHED


def change(indicator: Indicator, start: Observation, end: Observation) -> float:
    """Return the change between two published figures of one territory, in its unit.

    Raises
    ------
    TrendError
        If a figure is not published, or two census vintages share survey years.
    MixedGeographyError
        If the figures are about different territories.
    """
    if (start.territory, start.geography) != (end.territory, end.geography):
        raise MixedGeographyError("Une évolution se mesure sur un seul territoire.")
    if not (start.is_value and end.is_value):
        raise TrendError("Une évolution demande deux chiffres publiés.")
    if indicator.nature == "enquete" and end.year - start.year < CENSUS_STEP:
        raise TrendError(
            f"Les recensements {start.vintage} et {end.vintage} partagent des années d'enquête : "
            f"il faut au moins {CENSUS_STEP} ans d'écart."
        )
    return end.amount - start.amount


def _thinned(ordered: tuple[Observation, ...]) -> tuple[Observation, ...]:
    kept: list[Observation] = []
    for observation in reversed([o for o in ordered if o.is_value]):
        if not kept or kept[-1].year - observation.year >= CENSUS_STEP:
            kept.append(observation)
    return tuple(reversed(kept))
