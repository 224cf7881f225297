"""Practitioners by specialty: never a ratio without the counts it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from qpvlib.catalogue import indicator
from qpvlib.categories import category
from qpvlib.indicators.practitioners import COUNT, FRAGILE, RATIO, SPECIALTIES
from qpvlib.observations import ALL, Observations
from qpvlib.presentation.formats import data_tag, interval
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.reading import compare
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR, UNKNOWN
from qpvlib.reading.portrait import Detail
from qpvlib.territories import CITY, get, predecessors

READINGS = {
    ABOVE: "moins qu'à Marseille",
    BELOW: "plus qu'à Marseille",
    SIMILAR: "comparable",
    INDISTINCT: "non distinguable",
    UNKNOWN: "",
}
_WHOLE = "les six ensemble"
_GROUPS = ("QPV2024-MARSEILLE", "QPV2015-MARSEILLE")


@dataclass(frozen=True)
class Practice:
    """One specialty in one territory, beside the city.

    Attributes
    ----------
    category
        Specialty, or ``ensemble`` for all six.
    count, ratio
        Practitioners of the territory and of the city; ratio of the densities.
    verdict
        Whether the ratio can be told from 1.
    """

    category: str
    count: Detail
    ratio: Detail
    verdict: str

    @property
    def fragile(self) -> bool:
        """Whether the ratio rests on too few practitioners to be relied upon."""
        return self.ratio.observation.is_value and self.count.observation.amount < FRAGILE

    @property
    def details(self) -> tuple[Detail, Detail]:
        """What a page prints of it."""
        return self.count, self.ratio


def practices(code: str, observations: Observations) -> tuple[Practice, ...]:
    """Return the specialties of a quartier, or of all of them together; none without a file.

    A quartier of 2024 without figures shows those of the quartier of 2015 it comes from.
    """
    former = [passage.code_2015 for passage in predecessors(code)[:1]]
    known = [c for c in (code, *former) if observations.series(COUNT, c)]
    if not known:
        return ()
    return tuple(_practice(known[0], category, observations) for category in (ALL, *SPECIALTIES))


def overview(theme: str, observations: Observations) -> tuple[Practice, ...]:
    """Return the specialties of the quartiers of Marseille together, on the page of their theme."""
    if indicator(RATIO).orientation != theme:
        return ()
    return next((found for code in _GROUPS if (found := practices(code, observations))), ())


def table(found: Sequence[Practice]) -> Table:
    """Return one row per specialty; what is read first on a phone comes first."""
    first = found[0].count.observation
    return Table(
        prose("Praticiens, {}, {}", get(first.territory).name, first.year),
        (
            "Spécialité",
            "Ici",
            "Lecture",
            "Rapport",
            "Intervalle",
            "Marseille",
        ),
        tuple(_row(practice) for practice in found),
    )


def _practice(code: str, category: str, observations: Observations) -> Practice:
    count, ratio = (_detail(name, code, category, observations) for name in (COUNT, RATIO))
    compared = compare.with_territory(ratio.observation, get(CITY), ratio.whole)
    return Practice(category, count, ratio, compared.verdict)


def _detail(name: str, code: str, category: str, observations: Observations) -> Detail:
    own = observations.get(name, code, category)
    return Detail(indicator(name), own, observations.get(name, CITY, category, own.vintage))


def _row(practice: Practice) -> tuple[Html | str, ...]:
    count, ratio = practice.details
    return (
        _WHOLE if practice.category == ALL else category(practice.category).label,
        data_tag(count.observation, count.indicator),
        _reading(practice),
        data_tag(ratio.observation, ratio.indicator),
        interval(ratio.observation, ratio.indicator),
        data_tag(count.whole, count.indicator),
    )


def _reading(practice: Practice) -> Html:
    if practice.count.observation.value == 0:
        return prose("aucun praticien ici")
    words = READINGS[practice.verdict]
    if practice.fragile:
        return prose("{}", ", ".join(part for part in (words, "fragile") if part))
    return prose("{}", words)
