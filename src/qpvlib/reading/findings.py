"""« Ce qui ressort »: the few figures that set a quartier apart, from all themes, by rule.

A figure is judged against the median quartier of Marseille when it is this quartier's own, recent,
solid, and compared with at least half of the quartiers. It stands out when the gap is neither
noise nor small; those that stand out most, in interquartile ranges of the quartiers, are told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import quantiles

from qpvlib import clock
from qpvlib.catalogue import indicator
from qpvlib.intervals import SAMPLING
from qpvlib.observations import Observation, Observations
from qpvlib.reading import compare
from qpvlib.reading.aggregate import Spread
from qpvlib.reading.compare import ABOVE, BELOW, Comparison
from qpvlib.reading.indicator import Reading, members, nearest
from qpvlib.reading.key_figures import beside_median, outline
from qpvlib.territories import get

STRENGTH, DIFFICULTY, NOTABLE = "atout", "difficulte", "a_noter"
OLDEST = 8
"""Years before the edition's date beyond which a figure is not what stands out today."""
MOST, ENOUGH, LEAST = 4, 8, 0.25
"""Findings told at most; quartiers below which an interquartile range says nothing; share of that
range below which a gap, even certain, does not stand out."""
PER = 1000
_PEOPLE = "population_qpv"


@dataclass(frozen=True)
class Finding:
    """A figure beside the median quartier of Marseille.

    Attributes
    ----------
    reading
        The indicator on the page of the quartier.
    figure
        What is compared: the figure itself or, of a count, that number per :data:`PER`
        inhabitants, with the interval of both.
    comparison
        Beside the median quartier, of the same year and perimeters.
    score
        Gap in interquartile ranges of the quartiers; 0 when it is noise or does not stand out.
    """

    reading: Reading
    figure: Observation
    comparison: Comparison
    score: float

    @property
    def per_thousand(self) -> bool:
        """Whether the figure is a count per :data:`PER` inhabitants."""
        return self.reading.indicator.additif

    @property
    def kind(self) -> str:
        """:data:`STRENGTH`, :data:`DIFFICULTY`, or :data:`NOTABLE` for a neutral indicator."""
        sense = self.reading.indicator.sens
        if sense == "neutre":
            return NOTABLE
        return STRENGTH if (sense == "favorable") == (self.score > 0) else DIFFICULTY


@dataclass(frozen=True)
class Findings:
    """What stands out of a quartier.

    Attributes
    ----------
    told
        Two to four when so many exist, those that stand out most first: one per theme, but the
        first strength and the first difficulty are both told even when of the same theme.
    judged
        All figures that were compared: « pas d'écart » is said of these only.
    """

    told: tuple[Finding, ...]
    judged: tuple[Finding, ...]


def findings(readings: Sequence[Reading], observations: Observations) -> Findings:
    """Return what stands out among the readings of the page of a quartier.

    Parameters
    ----------
    readings
        All those of the quartier (:attr:`qpvlib.reading.portrait.Portrait.readings`).
    observations
        The store.
    """
    judged = tuple(_judged(readings, observations))
    ranked = sorted(
        (one for one in judged if one.score),
        key=lambda one: (-abs(one.score), one.reading.indicator.id),
    )
    told = [
        first
        for kind in (STRENGTH, DIFFICULTY)
        for first in [one for one in ranked if one.kind == kind][:1]
    ]
    for one in ranked:
        themes = {known.reading.indicator.orientation for known in told}
        if len(told) < MOST and one.reading.indicator.orientation not in themes:
            told.append(one)
    return Findings(tuple(sorted(told, key=ranked.index)), judged)


def _judged(readings: Sequence[Reading], observations: Observations) -> Iterator[Finding]:
    oldest, refused = clock.edition().year - OLDEST, outline().never_told | outline().left_out
    for reading in readings:
        entry, figure = reading.indicator, reading.observation
        if not (figure.is_value and reading.same_perimeter) or figure.year < oldest:
            continue
        if entry.id in refused or entry.unite == "habitants":
            continue
        if entry.additif:
            compared = _per_thousand(reading, observations)
        elif entry.nature == "decompte":
            continue  # what is within reach of the quartier is shared with who lives around
        else:
            compared = figure, beside_median(reading)
        figure, beside = compared
        if figure.grade != "prudence" and beside and beside.verdict != compare.UNKNOWN:
            # None inside is told by the schools and the table: there may be one across the street.
            score = _score(beside) if figure.amount or not entry.additif else 0.0
            yield Finding(reading, figure, beside, score)


def _per_thousand(
    reading: Reading, observations: Observations
) -> tuple[Observation, Comparison | None]:
    """A count per 1,000 inhabitants, beside those of the other quartiers."""
    count, beside = reading.observation, beside_median(reading)
    codes = members(count.geography)
    rates = [
        rate(one, observations) for one in observations.across(count.indicator, codes, count.year)
    ]
    own = rate(count, observations)
    if not own.is_value or beside is None:
        return own, None
    return own, compare.with_group(own, get(beside.reference.code), Spread(tuple(rates)))


def rate(count: Observation, observations: Observations) -> Observation:
    """Return a count per 1,000 inhabitants of its territory, of a population within two years.

    The interval takes the largest population for the lowest rate, and the reverse; a count whose
    population is unknown is not available.
    """
    people = nearest(observations, indicator(_PEOPLE), count.territory, count.year)
    if not count.is_value:
        return count
    if count.low is None or count.high is None or not people.is_value or not people.low:
        return replace(count, value=None, low=None, high=None, state="non_disponible")
    return replace(
        count,
        value=PER * count.amount / people.amount,
        numerator=count.amount,
        denominator=people.amount,
        low=PER * count.low / (people.high or people.amount),
        high=PER * count.high / people.low,
        interval=SAMPLING,
        grade=people.grade,
    )


def _score(beside: Comparison) -> float:
    """The gap in interquartile ranges; 0 when it does not stand out, or cannot be scaled."""
    values = [one.amount for one in beside.group.published]
    if beside.verdict not in (ABOVE, BELOW) or len(values) < ENOUGH:
        return 0.0
    low, _, high = quantiles(values, n=4)
    score = (beside.gap or 0.0) / (high - low) if high > low else 0.0
    return score if abs(score) >= LEAST else 0.0
