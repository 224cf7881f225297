"""The second family of controls: IRIS of Marseille outside the QPV, never pooled with the first.

No lottery chose between a quartier and an IRIS: the only inference is that of the regression.
"""

from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from qpvlib.cohort import balance as balancing
from qpvlib.cohort.effects import ancova
from qpvlib.cohort.matching import Match, match
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.variance import Estimate
from qpvlib.followup import series
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study
from qpvlib.observations import VALUE
from qpvlib.reading import pockets
from qpvlib.territories import get


@dataclass(frozen=True)
class Family:
    """The IRIS matched to the targets.

    Attributes
    ----------
    shares
        Share of the inhabitants that live in a QPV of 2024, by IRIS where it is known.
    pool
        IRIS that could be chosen: below the limit, published in every year before the date.
    match
        Targets (QPV of 2015) and their IRIS.
    covariates
        What they were matched on, targets and pool.
    series
        Every figure of the targets and of the IRIS below the limit, states kept.
    """

    shares: pd.Series
    pool: tuple[str, ...]
    match: Match
    covariates: pd.DataFrame
    series: pd.DataFrame

    @property
    def outside(self) -> pd.DataFrame:
        """The figures of the IRIS below the limit."""
        return self.series[self.series["geographie"] == "iris"]

    @property
    def balance(self) -> pd.DataFrame:
        """Standardised differences before and after matching."""
        units = self.covariates.index
        treated = pd.Series(~units.isin(self.pool), units)
        return balancing.balance(self.covariates, treated, self.match.weights, scale="pooled")


def outcomes(study: Study) -> tuple[Outcome, ...]:
    """Return the primary outcomes on the years that both families share."""
    years = tuple(study.plan.content["seconde_famille"]["annees"])
    return tuple(replace(one, years=years) for one in study.plan.primary)


@cache
def family(study: Study, limit: float | None = None) -> Family:
    """Match IRIS to the targets on their levels before the date.

    Parameters
    ----------
    study
        The follow-up.
    limit
        Largest share of an IRIS living in a QPV of 2024; that of the protocol by default.
    """
    rules = study.plan.content["seconde_famille"]
    found = pockets.shares(study.observations)
    below = found.index[found <= (rules["part_maximale"] if limit is None else limit)]
    targets = study.units.index[study.units["cible"]]
    members = [get(code) for code in (*targets, *below)]
    indicators = [study.plan.outcome(name).indicator for name in rules["appariement"]]
    years = [*rules["annees"], *rules["annees_ecartees"]]
    figures = series.figures(indicators, study.observations, members, years)
    before = [year for year in rules["annees"] if year < study.plan.start]
    columns: dict[str, pd.Series] = {}
    for name in rules["appariement"]:
        wide = series.wide(figures, study.plan.outcome(name))
        columns |= {f"{name} {year}": wide[year] for year in before}
    covariates = pd.DataFrame(columns).dropna().rename_axis("territoire")
    chosen = match(
        covariates,
        pd.Series(covariates.index.isin(targets), covariates.index),
        ratio=rules["temoins_par_cible"],
    )
    return Family(found, tuple(covariates.index.difference(targets)), chosen, covariates, figures)


def units(study: Study, found: Family) -> pd.DataFrame:
    """Return the targets and their IRIS, as the units of a panel; ``groupe`` is the target."""
    pairs = found.match.pairs
    groups = pd.concat(
        [
            pd.Series(pairs["target"].to_numpy(), pairs["control"]),
            pd.Series(pairs["target"].unique(), pairs["target"].unique()),
        ]
    )
    return pd.DataFrame(
        {
            "groupe": groups,
            "cible": groups.index.isin(pairs["target"]),
            "debut": study.plan.start,
            "population": 1.0,
        }
    )


def panel(study: Study, outcome: Outcome, found: Family, complete: bool = True) -> Panel:
    """Return the panel of the targets and their IRIS, the only one that joins two geographies."""
    joined = found.series.assign(geographie="quartiers de 2015 et IRIS")
    return series.panel(joined, outcome, units(study, found), complete=complete)


@cache
def estimate(
    study: Study, outcome: Outcome, limit: float | None = None, adjust: bool = True
) -> Estimate:
    """Return the gap between the targets and their IRIS, within the matched groups, CR2."""
    found = family(study, limit)
    return ancova(panel(study, outcome, found), strata=units(study, found)["groupe"], adjust=adjust)


def levels(found: Family, outcome: Outcome, year: int) -> tuple[float, float, float]:
    """Return a mean level in a year: of the targets, of their IRIS, of the most alike IRIS.

    The last is the highest for poverty, the lowest for income: the edge of the pool on the side
    of the targets.
    """
    column = found.covariates[f"{outcome.indicator.id} {year}"]
    pairs = found.match.pairs
    pool = column[list(found.pool)]
    targets = column[pairs["target"].unique()].mean()
    edge = pool.max() if targets > pool.mean() else pool.min()
    return targets, column[pairs["control"]].mean(), edge


def attrition(study: Study, found: Family) -> pd.DataFrame:
    """Return how many IRIS have each state, by indicator, year and group.

    Returns
    -------
    pd.DataFrame
        Indexed by ``indicateur``, ``millesime`` and ``groupe`` (« hors quartiers », « choisis »),
        one column per state.
    """
    rows = found.outside
    chosen = rows[rows["territoire"].isin(found.match.pairs["control"])]
    both = pd.concat({"hors quartiers": rows, "choisis": chosen}, names=["groupe"])
    keys = ["indicateur", "millesime", "groupe"]
    counts = both.reset_index("groupe").groupby([*keys, "etat"]).size().unstack(fill_value=0)
    return counts.assign(**{VALUE: counts.get(VALUE, 0)})
