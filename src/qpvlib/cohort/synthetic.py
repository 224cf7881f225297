"""Synthetic control of one treated unit, with placebos in space and time.

Own code: `pysyncon` and `diff-diff` stop at a local optimum and miss the published weights.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize, nnls

from qpvlib.cohort.contract import listed
from qpvlib.cohort.panel import Panel
from qpvlib.errors import EstimationError

_SUM = 1e3  # weight of the adding-up row, large against standardised predictors


@dataclass(frozen=True)
class Predictor:
    """A column averaged over periods of the pre-treatment window.

    Attributes
    ----------
    column
        ``outcome`` or a covariate of the panel.
    periods
        Periods averaged; blanks are skipped. Empty: every period before the start.
    """

    column: str
    periods: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """Name shown in tables."""
        if not self.periods:
            return self.column
        first, last = min(self.periods), max(self.periods)
        return f"{self.column} {first}" if first == last else f"{self.column} {first}-{last}"


@dataclass(frozen=True)
class Recipe:
    """How a synthetic control is sought, kept to seek that of another unit alike.

    Attributes
    ----------
    predictors
        What it must resemble; empty: the outcome of each period before the start.
    importance
        Weight of each predictor in the distance, in their order; empty: sought.
    training
        Periods whose gaps the importances minimise; empty: every one before the start.
    starts, seed
        Starting points of the search, and its seed.
    """

    predictors: tuple[Predictor, ...] = ()
    importance: tuple[float, ...] = ()
    training: tuple[int, ...] = ()
    starts: int = 10
    seed: int = 0


@dataclass(frozen=True)
class SyntheticControl:
    """The combination of donors closest to the treated unit before the start.

    Attributes
    ----------
    unit, start
        The treated unit and the first treated period.
    weights
        Weight of each donor, largest first; positive, summing to one.
    importance
        Weight of each predictor in the distance, summing to one.
    gaps
        Outcome of the unit minus its synthetic control, indexed by period.
    balance
        Predictors of the unit, of its synthetic control and of the donors' mean.
    recipe
        How it was sought.
    """

    unit: Hashable
    start: int
    weights: pd.Series
    importance: pd.Series
    gaps: pd.Series
    balance: pd.DataFrame
    recipe: Recipe

    @property
    def mspe(self) -> tuple[float, float]:
        """Mean squared gap before and after the start."""
        squares = self.gaps**2
        before = self.gaps.index < self.start
        return float(squares[before].mean()), float(squares[~before].mean())

    @property
    def ratio(self) -> float:
        """Mean squared gap after over before."""
        before, after = self.mspe
        return after / before if before > 0 else np.inf

    @property
    def effect(self) -> float:
        """Mean gap after the start."""
        return float(self.gaps[self.gaps.index >= self.start].mean())


@dataclass(frozen=True)
class _Problem:
    """Standardised predictors and outcomes before the start of one unit and its donors.

    The last row of `target` and `donors` holds ones: it makes the weights add up to one.
    """

    target: np.ndarray
    donors: np.ndarray
    target_path: np.ndarray
    donor_paths: np.ndarray

    def solve(self, importance: np.ndarray) -> np.ndarray:
        """Return the donor weights that minimise the weighted distance of predictors."""
        root = np.append(np.sqrt(importance), _SUM)
        weights, _ = nnls(root[:, None] * self.donors, root * self.target)
        return weights / weights.sum()

    def loss(self, logits: np.ndarray) -> float:
        """Return the mean squared gap before the start."""
        gaps = self.target_path - self.donor_paths @ self.solve(_softmax(logits))
        return float(gaps @ gaps / len(gaps))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(np.clip(logits - logits.max(), -25, 0))
    return powers / powers.sum()


def _starts(problem: _Problem, starts: int, seed: int) -> list[np.ndarray]:
    """Return starting points: equal, by regression of the outcomes, then random importances."""
    size = len(problem.target) - 1
    everyone = np.column_stack([problem.target, problem.donors])
    paths = np.column_stack([problem.target_path, problem.donor_paths])
    slopes = np.linalg.lstsq(everyone.T, paths.T)[0]
    importance = (slopes[:size] ** 2).sum(axis=1)
    points = [np.zeros(size), np.log(importance / importance.sum() + 1e-8)]
    generator = np.random.default_rng(seed)
    return (points + [3 * generator.normal(size=size) for _ in range(starts)])[:starts]


def _search(problem: _Problem, recipe: Recipe) -> np.ndarray:
    """Return the predictor importances: those given, or of the best local optimum found."""
    if recipe.importance:
        given = np.array(recipe.importance, float)
        return given / given.sum()
    if len(problem.target) == 2:
        return np.ones(1)
    points = _starts(problem, recipe.starts, recipe.seed)
    options = {"maxiter": 60 * len(points[0]), "xatol": 1e-3, "fatol": 1e-5, "adaptive": True}
    found = [minimize(problem.loss, p, method="Nelder-Mead", options=options) for p in points]
    best = min(found, key=lambda result: result.fun)
    # A simplex that has collapsed often moves again once rebuilt around its best point.
    return _softmax(minimize(problem.loss, best.x, method="Nelder-Mead", options=options).x)


def _wide(panel: Panel, column: str) -> pd.DataFrame:
    return panel.data.pivot(index="period", columns="unit", values=column)


def matrices(panel: Panel, start: int, recipe: Recipe) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return outcomes (periods x units) and predictors (predictors x units), both complete."""
    outcomes = _wide(panel, "outcome")
    before = outcomes.index[outcomes.index < start]
    problems = []
    if len(before) < 2:
        problems.append(f"{len(before)} période avant {start}\u00a0: il en faut au moins deux.")
    if not (outcomes.index >= start).any():
        problems.append(f"Aucune période à partir de {start}\u00a0: il n'y a pas d'effet à lire.")
    if not set(recipe.training) <= {*before}:
        problems.append(f"Les périodes d'apprentissage doivent précéder {start}.")
    every = [Predictor("outcome", (int(period),)) for period in before]
    predictors, rows = recipe.predictors or every, {}
    if recipe.importance and not (
        len(recipe.importance) == len(predictors)
        and min(recipe.importance) >= 0 < sum(recipe.importance)
    ):
        problems.append(
            f"Il faut une importance positive pour chacun des {len(predictors)} prédicteurs."
        )
    for predictor in predictors:
        periods = predictor.periods or tuple(before)
        if predictor.column != "outcome" and predictor.column not in panel.covariates:
            problems.append(f"{predictor.column} n'est pas une covariable du panel.")
        elif max(periods, default=start) >= start:
            problems.append(f"Le prédicteur {predictor.label} utilise des périodes traitées.")
        else:
            values = _wide(panel, predictor.column)
            rows[predictor.label] = values[values.index.isin(periods)].mean()
    table = pd.DataFrame.from_dict(rows, orient="index")
    lacking = outcomes.columns[outcomes.isna().any()]
    if len(lacking):
        problems.append(
            f"Séries incomplètes\u00a0: {listed(lacking)}. Retirez ces unités ou raccourcissez la "
            "fenêtre."
        )
    lacking = table.columns[table.isna().any()] if rows else []
    if len(lacking):
        problems.append(f"Prédicteurs absents pour {listed(lacking)}.")
    if problems:
        raise EstimationError(problems)
    return outcomes, table


def fitted(
    outcomes: pd.DataFrame,
    predictors: pd.DataFrame,
    recipe: Recipe,
    unit: Hashable,
    donors: list,
    start: int,
) -> SyntheticControl:
    """Return the synthetic control of a unit from the tables of :func:`matrices`."""
    if len(donors) < 2:
        raise EstimationError(
            f"{len(donors)} donneur pour {unit}\u00a0: un contrôle synthétique en demande "
            "au moins deux."
        )
    scale = predictors[[unit, *donors]].std(axis=1).replace(0, 1.0)
    standard = predictors.div(scale, axis=0)
    before = outcomes.index.isin(recipe.training) if recipe.training else outcomes.index < start
    problem = _Problem(
        target=np.append(standard[unit].to_numpy(), 1.0),
        donors=np.vstack([standard[donors].to_numpy(), np.ones(len(donors))]),
        target_path=outcomes.loc[before, unit].to_numpy(),
        donor_paths=outcomes.loc[before, donors].to_numpy(),
    )
    importance = _search(problem, recipe)
    weights = pd.Series(problem.solve(importance), index=donors)
    return SyntheticControl(
        unit=unit,
        start=start,
        weights=weights.sort_values(ascending=False, kind="stable"),
        importance=pd.Series(importance, index=predictors.index),
        gaps=outcomes[unit] - outcomes[donors] @ weights,
        balance=pd.DataFrame(
            {
                "unit": predictors[unit],
                "synthetic": predictors[donors] @ weights,
                "donors": predictors[donors].mean(axis=1),
            }
        ),
        recipe=recipe,
    )


def _setting(panel: Panel, unit: Hashable | None, start: int | None) -> tuple[Hashable, int, list]:
    """Return the treated unit, its start and its never-treated donors."""
    treated = panel.units()["first_treated"]
    inside = treated[treated <= panel.periods.max()]
    if unit is None:
        if len(inside) != 1:
            raise EstimationError(
                f"Unités traitées\u00a0: {len(inside)}. Dites laquelle comparer à son contrôle "
                "synthétique."
            )
        unit = inside.index[0]
    if unit not in treated.index:
        raise EstimationError(f"{unit} n'est pas une unité du panel.")
    if start is None:
        if unit not in inside.index:
            raise EstimationError(f"{unit} n'est pas traitée\u00a0: donnez la date à étudier.")
        start = int(inside[unit])
    return (
        unit,
        start,
        [other for other in treated.index if other not in inside.index and other != unit],
    )


def synthetic_control(
    panel: Panel,
    *,
    unit: Hashable | None = None,
    start: int | None = None,
    donors: Sequence[Hashable] | None = None,
    predictors: Sequence[Predictor] = (),
    importance: Sequence[float] = (),
    training: Sequence[int] = (),
    starts: int = 10,
    seed: int = 0,
) -> SyntheticControl:
    """Estimate the synthetic control of one unit (Abadie, Diamond and Hainmueller 2010).

    Parameters
    ----------
    panel
        Complete series; the donors are the units never treated in the panel.
    unit, start
        Treated unit and first treated period, by default those of the panel.
    donors
        Donors to use instead of all never-treated units.
    predictors, importance, training, starts, seed
        See :class:`Recipe`. `importance` is R Synth's ``custom.v`` and `training` its
        ``time.optimize.ssr``. One local optimum is not enough: libraries that stop at it miss
        the published weights.

    Raises
    ------
    EstimationError
        With every reason found.
    """
    unit, start, pool = _setting(panel, unit, start)
    pool = pool if donors is None else list(donors)
    recipe = Recipe(tuple(predictors), tuple(importance), tuple(training), starts, seed)
    outcomes, table = matrices(panel.where(panel.data["unit"].isin([unit, *pool])), start, recipe)
    return fitted(outcomes, table, recipe, unit, pool, start)
