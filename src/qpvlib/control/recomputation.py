"""Compute a figure again from official data, or check it against the text's own numbers.

A formula is a small tree read from ``data/convention/controle.yml``: one operation and what it
applies to. Each result keeps the years, the sources and the nature of everything it rests on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from math import prod
from operator import sub, truediv
from statistics import fmean
from typing import Any, TypeVar

from qpvlib import territories
from qpvlib.catalogue import indicator as catalogued
from qpvlib.control.complements import DERIVED, PUBLISHED, WEIGHTED, Complement, complements
from qpvlib.control.convention import PrintedFigure, figure_ids
from qpvlib.errors import CheckError
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.reading.aggregate import pool
from qpvlib.sources.registry import Source, sources

ESTIMATED, PRINTED, COUNTED = "estimation", "texte", "decompte"
_ARITHMETIC: dict[str, Callable[..., float]] = {
    "pour_cent": lambda part, whole: 100 * part / whole,
    "rapport": truediv,
    "difference": sub,
    "total": lambda *parts: sum(parts),
}
_Row = TypeVar("_Row", Observation, Complement)


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
        Among ``donnee`` (as published), ``calcul`` (worked out from published numbers),
        ``estimation`` (computed by qpvlib), ``approximation`` (mean weighted by population),
        ``texte`` (numbers printed in the convention) and ``decompte`` (things the text lists).
    others
        Other values the same data allow: the plain mean beside the weighted one, the bounds of an
        estimate, the year before the text's beside the year after, the count if rounded numbers
        passed the threshold.
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
    others: tuple[float, ...] = ()

    @property
    def rests_on_data(self) -> bool:
        """Whether any official figure enters it."""
        return not self.natures <= {PRINTED, COUNTED}

    @property
    def rests_on_text(self) -> bool:
        """Whether any number of the convention itself enters it."""
        return bool(self.natures & {PRINTED, COUNTED})

    @property
    def approximate(self) -> bool:
        """Whether it is a weighted mean, which Insee does not publish."""
        return WEIGHTED in self.natures

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest value that the same data allow."""
        values = (self.value, *self.others)
        return min(values), max(values)


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
            **{name: partial(self._combine, operation) for name, operation in _ARITHMETIC.items()},
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
        chosen = _closest(rows, arguments.get("millesime", figure.vintage))
        if not chosen:
            return None
        ends = (end for o in chosen if _nature(o) == ESTIMATED for end in (o.low, o.high))
        others = (*(o.amount for o in chosen[1:]), *(end for end in ends if end is not None))
        return _from_observations(chosen, chosen[0].amount, others=others)

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
                natures = frozenset({DERIVED, *map(_nature, rows)})
                members = {"published": len(rows), "total": len(rows)}
                return _from_observations(rows, total, natures=natures, **members)
        return None

    def _mean(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        """Mean over quartiers, weighted by population times the shares listed in ``poids``.

        The plain mean stands beside it: the text does not say which one it prints.
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
        people = self._amounts("population_qpv", codes, year)
        factors = [people, *(self._amounts(share, codes, year) for share in shares)]
        weights = {
            code: prod(factor[code] for factor in factors)
            for code in codes
            if all(code in factor for factor in factors)
        }
        rows = self.observations.across(name, codes, year, category)
        kept = [o for o in rows if o.is_value and weights.get(o.territory)]
        covered = sum(people[o.territory] for o in kept)
        if not kept or covered < self.coverage * sum(people.values()):
            return None
        total = sum(o.amount * weights[o.territory] for o in kept)
        return _from_observations(
            kept,
            total / sum(weights[o.territory] for o in kept),
            natures=frozenset({WEIGHTED}),
            published=len(kept),
            total=len(codes),
            others=(fmean(o.amount for o in kept),),
        )

    def _complement(self, arguments: Mapping, figure: PrintedFigure) -> Recomputed | None:
        name, category = _target(arguments, figure)
        territory = arguments.get("territoire") or " ".join(figure.territories)
        rows = [c for c in complements() if (c.indicator, c.territory) == (name, territory)]
        found = _closest([c for c in rows if c.category == category], figure.vintage)
        return _from_complement(found[0]) if found else None

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
                natures=frozenset({DERIVED}),
            )
        cited = [self.printed[name] for name in figure_ids(arguments["figures"])]
        above, natures = arguments.get("superieur_a"), frozenset({COUNTED})
        if above is None:
            return Recomputed(len(cited), natures=natures)
        # A printed 10 may be a 10.4: it is above 10, or it is not.
        surely, possibly = (
            sum(one.value + shift * one.rounding / 2 > above for one in cited) for shift in (-1, 1)
        )
        return Recomputed(surely, natures=natures, others=(possibly,))

    def _enumeration(self, arguments: list[str], figure: PrintedFigure) -> Recomputed:
        return Recomputed(len(arguments), natures=frozenset({COUNTED}))

    def _combine(
        self, operation: Callable[..., float], arguments: list, figure: PrintedFigure
    ) -> Recomputed | None:
        computed = [self.compute(argument, figure) for argument in arguments]
        parts = [part for part in computed if part is not None]
        years = frozenset[int]().union(*(part.years for part in parts))
        # Figures of different years are never combined.
        if len(parts) < len(computed) or len(years) > 1:
            return None
        natures = frozenset[str]().union(*(part.natures for part in parts))
        value, *others = (
            operation(*values) for values in product(*((p.value, *p.others) for p in parts))
        )
        return Recomputed(
            value,
            years,
            frozenset[str]().union(*(part.sources for part in parts)),
            natures | {DERIVED} if PUBLISHED in natures else natures,
            max(part.published for part in parts),
            max(part.total for part in parts),
            others=tuple(others),
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

    def _amounts(self, name: str, codes: Iterable[str], year: int) -> dict[str, float]:
        """The published figure of each quartier that has one, of the nearest year."""
        found = {}
        for code in codes:
            rows = [o for o in self.observations.series(name, code) if o.is_value]
            if nearest := _closest(rows, year):
                found[code] = nearest[0].amount
        return found


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


def _closest(rows: Sequence[_Row], wanted: int | None) -> list[_Row]:
    """The rows of the year closest to the wanted one, or of the latest; of two as close, both."""
    dated = [(row.vintage, row) for row in rows if row.vintage is not None]
    if wanted is None:
        wanted = max((year for year, _ in dated), default=0)
    least = min((abs(year - wanted) for year, _ in dated), default=0)
    found = [pair for pair in dated if abs(pair[0] - wanted) == least]
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def _from_observations(rows: Sequence[Observation], value: float, **more: Any) -> Recomputed:
    more.setdefault("natures", frozenset(map(_nature, rows)))
    years = frozenset(o.vintage for o in rows if o.vintage is not None)
    return Recomputed(value, years, frozenset(o.source for o in rows), **more)


@cache
def _registry() -> Mapping[str, Source]:
    return sources()


def _nature(row: Observation) -> str:
    """Computed by qpvlib, a ratio or a sum of published counts, or a figure as published."""
    if row.source in _registry() and _registry()[row.source].computed:
        return ESTIMATED
    return PUBLISHED if row.denominator is None else DERIVED


def _from_complement(row: Complement) -> Recomputed:
    return Recomputed(
        row.value,
        frozenset({row.vintage}),
        frozenset(row.sources),
        frozenset({row.nature}),
        row.published,
        row.total,
        row.method,
        () if row.plain is None else (row.plain,),
    )
