"""Robust intervals when the trend gap after the start is bounded by the one seen before."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy.linalg import null_space
from scipy.stats import truncnorm

from qpvlib.cohort.sensitivity import checked
from qpvlib.errors import EstimationError

_GRID = 2001
_REACH = 20.0  # half-width of the grid without drift, in standard errors (R's default)
_DRAWS = 20_000
_VERTICES = 50_000


def relative_magnitude(
    estimates: np.ndarray,
    covariance: np.ndarray,
    before: int,
    bounds: Sequence[float],
    *,
    weights: np.ndarray | None = None,
    alpha: float = 0.05,
    seed: int = 0,
) -> pd.DataFrame:
    """Return robust intervals when the gap changes, after the start, by Mbar times the worst seen.

    Parameters
    ----------
    estimates, covariance
        Event-study coefficients in time order without the reference, which is the last period
        before the start; shapes (k,), (k, k).
    before
        Number of coefficients before the start.
    bounds
        Values of Mbar: 1 allows, after the start, changes as large as the largest seen before.
    weights
        Weights of the post-start effects; by default their mean. ``[1, 0, …]`` is the first.
    alpha, seed
        Level of the intervals, seed of the least-favourable critical value.

    Returns
    -------
    pd.DataFrame
        Indexed by ``Mbar``: ``low``, ``high``, infinite when not found within reach.

    Raises
    ------
    EstimationError
        Without a coefficient on each side, or with too many periods after the start.

    Notes
    -----
    Rambachan and Roth 2023, section 2.4.2: the union over the period and sign of the largest
    earlier change of the hybrid conditional and least-favourable tests of Andrews, Roth and
    Pakes 2023, on the moments that involve post-start periods, as the R package `HonestDiD`.
    `diff-diff` 3.13 is not used here: its intervals are too narrow on the Medicaid example.
    """
    estimates, covariance, target = checked(estimates, covariance, before, weights)
    after = len(target)
    if comb(2 * after, after) > _VERTICES:
        raise EstimationError(
            f"{after} périodes après le début\u00a0: c'est trop pour l'analyse par amplitude "
            "relative. Regroupez les périodes."
        )
    # First differences of the gap, the reference (zero) between the two sides.
    path = np.insert(np.eye(len(estimates)), before, 0.0, axis=0)
    changes = np.diff(path, axis=0)
    # Everything below is in standard errors of the target, so that no tolerance has a unit.
    error = float(np.sqrt(target @ covariance[before:, before:] @ target))
    estimates, covariance = estimates / error, covariance / error**2
    worst = float(np.abs(changes[:before] @ estimates).max())
    worst += 3 * float(
        np.sqrt(np.einsum("ij,jk,ik->i", changes, covariance, changes)[:before].max())
    )
    lever = float(np.abs(target) @ np.arange(1, after + 1))
    centre = float(target @ estimates[before:])
    rows = {}
    for bound in bounds:

        def kept(grid: np.ndarray, bound: float = float(bound)) -> np.ndarray:
            found = np.zeros(len(grid), bool)
            for largest in changes[:before]:
                for limit in (-bound * largest, bound * largest):
                    moments = np.vstack([changes[before:] - limit, -changes[before:] - limit])
                    found |= _accepted(moments, estimates, covariance, target, grid, alpha, seed)
            return found

        reach = _REACH + bound * worst * lever
        rows[float(bound)] = [
            error * end for end in _ends(kept, np.linspace(centre - reach, centre + reach, _GRID))
        ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"])
    return table.rename_axis("Mbar")


def _ends(kept: Callable[[np.ndarray], np.ndarray], grid: np.ndarray) -> tuple[float, float]:
    """Return the first and last values kept, looked for on the grid and then between its points."""
    inside = kept(grid)
    if not inside.any():
        return np.nan, np.nan
    ends = []
    for side, last in ((-1, np.flatnonzero(inside)[0]), (1, np.flatnonzero(inside)[-1])):
        if not 0 < last < len(grid) - 1:
            ends.append(side * np.inf)
            continue
        fine = np.linspace(grid[last], grid[last + side], 50)
        ends.append(float(fine[np.flatnonzero(kept(fine))[-1]]))
    return ends[0], ends[1]


def _vertices(nuisance: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the vertices of {g >= 0, g' nuisance = 0, g' errors = 1}, one per row."""
    system = np.vstack([nuisance.T, errors])
    goal = np.append(np.zeros(nuisance.shape[1]), 1.0)
    found = []
    for columns in combinations(range(len(errors)), len(goal)):
        block = system[:, columns]
        if abs(np.linalg.det(block)) < 1e-12 * np.linalg.norm(block) ** len(goal):
            continue
        solution = np.linalg.solve(block, goal)
        if (solution >= -1e-10).all():
            vertex = np.zeros(len(errors))
            vertex[list(columns)] = np.maximum(solution, 0)
            found.append(vertex)
    return np.unique(np.round(found, 12), axis=0) if found else np.empty((0, len(errors)))


def _accepted(
    moments: np.ndarray,
    estimates: np.ndarray,
    covariance: np.ndarray,
    target: np.ndarray,
    grid: np.ndarray,
    alpha: float,
    seed: int,
) -> np.ndarray:
    """Tell which values of the target the hybrid test of `moments @ gap <= 0` does not reject."""
    post = moments[:, -len(target) :]
    spread = moments @ covariance @ moments.T
    errors = np.sqrt(np.diag(spread))
    vertices = _vertices(post @ null_space(target[None]), errors)
    if not len(vertices):
        return np.ones(len(grid), bool)
    draws = np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(moments)), spread, size=_DRAWS, method="eigh"
    )
    first = alpha / 10
    critical = float(np.quantile((draws @ vertices.T).max(axis=1), 1 - first))
    second = (alpha - first) / (1 - first)

    shift = post @ (target / (target @ target))
    levels = vertices @ ((moments @ estimates)[:, None] - shift[:, None] * grid)
    best = levels.argmax(axis=0)
    statistic = levels.max(axis=0)
    products = vertices @ spread @ vertices.T
    scale = np.sqrt(np.maximum(np.diag(products), 0))[best]
    # A moment and its opposite (Mbar = 0) make a vertex without variance: nothing to test there.
    random = scale > 1e-6
    scale[~random] = 1.0
    # The best vertex stays the best while the statistic lies between two bounds.
    slope = 1 - products[:, best] / scale**2
    rest = levels - (1 - slope) * statistic
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = rest / slope
    lower = np.where(slope > 1e-9, ends, -np.inf).max(axis=0)
    upper = np.minimum(np.where(slope < -1e-9, ends, np.inf).min(axis=0), critical)
    tested = random & (statistic > 0) & (statistic <= critical) & (lower < upper)
    threshold = np.zeros(len(grid))
    threshold[tested] = scale[tested] * truncnorm.ppf(
        1 - second, lower[tested] / scale[tested], upper[tested] / scale[tested]
    )
    return (statistic <= critical) & (statistic <= np.maximum(threshold, 0))
