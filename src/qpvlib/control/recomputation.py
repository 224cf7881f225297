"""Compute a figure again from official data, or check it against the text's own numbers.

A formula is a small tree read from ``data/convention/controle.yml``: one operation and what it
applies to. Each result keeps the years, the sources and the nature of everything it rests on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod

from qpvlib import territories
from qpvlib.catalogue import indicator as catalogued
from qpvlib.control.complements import PUBLISHED, WEIGHTED, Complement, complements
from qpvlib.control.convention import PrintedFigure, figure_ids
from qpvlib.errors import CheckError
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.reading.aggregate import pool

PRINTED = "texte"


@dataclass(frozen=True)
class Recomputed:
    """A figure computed again.

    Attributes
    ----------
    value
        In the unit of the printed figure.
    years
        Years of the official data it rests on; empty for the text's own arithmetic and for
        the number of quartiers of a list.
    sources
        Source ids of these data.
    natures
        Among ``donnee`` (published figures), ``approximation`` (mean weighted by population) and
        ``texte`` (numbers printed in the convention).
    published, total
        Quartiers that enter it, out of how many; both 0 when it is not about a group.
    method
        One French sentence, for what the rule does not say; may be empty.
    """

    value: float
    years: frozenset[int] = frozenset()
    sources: frozenset[str] = frozenset()
    natures: frozenset[str] = frozenset()
    published: int = 0
    total: int = 0
    method: str = ""

    @property
    def rests_on_data(self) -> bool:
        """Whether any official figure enters it."""
        return self.natures != {PRINTED}

    @property
    def approximate(self) -> bool:
        """Whether it is a weighted mean, which Insee does not publish."""
        return WEIGHTED in self.natures


class Calculator:
    """Evaluate formulas for one edition of the observations.

    Parameters
    ----------
    observations
        The store; only values enter, never a masked figure.
    printed
        Figures of the convention by id.
    coverage
        Share of the group's population that must be published for a weighted mean
        (part entre 0 et 1).
    """

    def __init__(
        self, observations: Observations, printed: Mapping[str, PrintedFigure], coverage: float
    ):
        self.observations = observations
        self.printed = printed
        self.coverage = coverage
        self._operations: dict[str, Callable] = {
            "observation": self._observation,
            "somme": self._sum,
            "moyenne": self._mean,
            "complement": self._complement,
            "figure": self._figure,
            "nombre": self._constant,
            "comptage": self._count,
            "enumeration": self._enumeration,
            "pour_cent": self._percentage,
            "rapport": self._ratio,
            "difference": self._difference,
            "total": self._total,
        }

    def compute(self, formula: Mapping, figure: PrintedFigure) -> Recomputed | None:
        """Evaluate a formula for a figure; ``None`` when an official figure is missing.

        Raises
        ------
        CheckError
            If the operation does not exist.
        """
        (name, arguments), *rest = formula.items()
        if rest or name not in self._operations:
            raise CheckError(f"Opération inconnue dans controle.yml : {', '.join(formula)}.")
        return self._operations[name](arguments, figure)

    def _observation(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        name, category = _target(arguments, figure)
        territory = arguments.get("territoire") or " ".join(figure.territories)
        rows = [o for o in self.observations.series(name, territory, category) if o.is_value]
        if not rows:
            rows = self._same_perimeter(name, territory, category)
        chosen = _nearest(rows, arguments.get("millesime", figure.vintage), lambda o: o.vintage)
        return _from_observations([chosen], chosen.value) if chosen else None

    def _same_perimeter(self, name: str, territory: str, category: str) -> list[Observation]:
        """The figures of the QPV of 2024 that has exactly the perimeter of this one of 2015."""
        found = territories.successors(territory)
        if len(found) != 1 or not found[0].same:
            return []
        series = self.observations.series(name, found[0].code_2024, category)
        return [o for o in series if o.is_value]

    def _sum(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        """Sum of a count over quartiers, all of them published."""
        name, category = _target(arguments, figure)
        codes = _members(arguments.get("membres") or figure.territories)
        for year in self._vintages(name, codes, category, figure.vintage):
            rows = self.observations.across(name, codes, year, category)
            if all(o.is_value for o in rows):
                total = pool(catalogued(name), rows).value
                return replace(
                    _from_observations(rows, total), published=len(rows), total=len(rows)
                )
        return None

    def _mean(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        """Mean over quartiers, weighted by population times the shares listed in ``poids``.

        Of two years as close to the wanted one, the one with more published quartiers wins.
        """
        name, category = _target(arguments, figure)
        codes = _members(arguments["membres"])
        years = self._vintages(name, codes, category, figure.vintage)
        means = [self._mean_of(name, category, codes, y, arguments.get("poids", ())) for y in years]
        found = [mean for mean in means if mean is not None]
        if not found:
            return None
        wanted = figure.vintage or years[0]
        return min(found, key=lambda m: (*(abs(y - wanted) for y in m.years), -m.published))

    def _mean_of(
        self,
        name: str,
        category: str,
        codes: tuple[str, ...],
        year: int,
        shares: Iterable[str],
    ) -> Recomputed | None:
        people = {code: self._nearest_value("population_qpv", code, year) for code in codes}
        weights = {
            code: _product(people[code], *(self._nearest_value(w, code, year) for w in shares))
            for code in codes
        }
        rows = self.observations.across(name, codes, year, category)
        kept = [o for o in rows if o.is_value and weights[o.territory]]
        covered = sum(people[o.territory] for o in kept)
        if not kept or covered < self.coverage * sum(p or 0 for p in people.values()):
            return None
        value = sum(o.value * weights[o.territory] for o in kept)
        return replace(
            _from_observations(kept, value / sum(weights[o.territory] for o in kept)),
            natures=frozenset({WEIGHTED}),
            published=len(kept),
            total=len(codes),
        )

    def _complement(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        name, category = _target(arguments, figure)
        territory = arguments.get("territoire") or " ".join(figure.territories)
        rows = [c for c in complements() if (c.indicator, c.territory) == (name, territory)]
        found = _nearest(
            [c for c in rows if c.category == category], figure.vintage, lambda c: c.vintage
        )
        return _from_complement(found) if found else None

    def _figure(self, argument: str, figure: PrintedFigure) -> Recomputed:
        return Recomputed(self.printed[argument].value, natures=frozenset({PRINTED}))

    def _constant(self, argument: float, figure: PrintedFigure) -> Recomputed:
        return Recomputed(float(argument), natures=frozenset({PRINTED}))

    def _count(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed:
        """Number of quartiers of a geography, or of printed figures above a threshold."""
        if "geographie" in arguments:
            geography = arguments["geographie"]
            return Recomputed(
                len(territories.qpv(geography)),
                sources=frozenset({f"liste-{geography}"}),
                natures=frozenset({PUBLISHED}),
            )
        values = [self.printed[name].value for name in figure_ids(arguments["figures"])]
        above = arguments.get("superieur_a")
        counted = len(values) if above is None else sum(value > above for value in values)
        return Recomputed(counted, natures=frozenset({PRINTED}))

    def _enumeration(self, arguments: list[str], figure: PrintedFigure) -> Recomputed:
        return Recomputed(len(arguments), natures=frozenset({PRINTED}))

    def _percentage(self, arguments: list, figure: PrintedFigure) -> Recomputed | None:
        return self._combine(arguments, figure, lambda a, b: 100 * a / b)

    def _ratio(self, arguments: list, figure: PrintedFigure) -> Recomputed | None:
        return self._combine(arguments, figure, lambda a, b: a / b)

    def _difference(self, arguments: list, figure: PrintedFigure) -> Recomputed | None:
        return self._combine(arguments, figure, lambda a, b: a - b)

    def _total(self, arguments: list, figure: PrintedFigure) -> Recomputed | None:
        return self._combine(arguments, figure, lambda *parts: sum(parts))

    def _combine(
        self, arguments: list, figure: PrintedFigure, operation: Callable[..., float]
    ) -> Recomputed | None:
        parts = [self.compute(argument, figure) for argument in arguments]
        if any(part is None for part in parts):
            return None
        years = frozenset().union(*(part.years for part in parts))
        if len(years) > 1:  # figures of different years are never combined
            return None
        return Recomputed(
            operation(*(part.value for part in parts)),
            years,
            frozenset().union(*(part.sources for part in parts)),
            frozenset().union(*(part.natures for part in parts)),
            max(part.published for part in parts),
            max(part.total for part in parts),
        )

    def _vintages(
        self, name: str, codes: tuple[str, ...], category: str, wanted: int | None
    ) -> list[int]:
        """Years with a value for any of the quartiers, the closest to the wanted one first."""
        geography = territories.get(codes[0]).geography
        years = self.observations.vintages(name, geography, category)
        if wanted is None:
            return sorted(years, reverse=True)
        return sorted(years, key=lambda year: (abs(year - wanted), -year))

    def _nearest_value(self, name: str, code: str, year: int) -> float | None:
        rows = [o for o in self.observations.series(name, code) if o.is_value]
        found = _nearest(rows, year, lambda o: o.vintage)
        return found.value if found else None


def _target(arguments: Mapping, figure: PrintedFigure) -> tuple[str, str]:
    category = arguments.get("modalite") or figure.category or ALL
    return arguments.get("indicateur") or figure.indicator, category


def _members(named: str | Iterable[str]) -> tuple[str, ...]:
    """The quartiers of ``QPV2015-MARSEILLE`` or ``QPV2024-MARSEILLE``, or those listed."""
    if not isinstance(named, str):
        return tuple(named)
    found = territories.qpv(named.removesuffix("-MARSEILLE").lower())
    if not found:
        raise CheckError(f"controle.yml : « {named} » n'est pas un ensemble de quartiers.")
    return tuple(quartier.code for quartier in found)


def _nearest(rows: list, wanted: int | None, year: Callable):
    if not rows:
        return None
    if wanted is None:
        return max(rows, key=year)
    return min(rows, key=lambda row: (abs(year(row) - wanted), -year(row)))


def _product(*factors: float | None) -> float | None:
    return None if any(factor is None for factor in factors) else prod(factors)


def _from_observations(rows: Iterable[Observation], value: float) -> Recomputed:
    rows = list(rows)
    return Recomputed(
        value,
        frozenset(o.vintage for o in rows),
        frozenset(o.source for o in rows),
        frozenset({PUBLISHED}),
    )


def _from_complement(row: Complement) -> Recomputed:
    return Recomputed(
        row.value,
        frozenset({row.vintage}),
        frozenset(row.sources),
        frozenset({row.nature}),
        row.published,
        row.total,
        row.method,
    )
