"""Inference for few clusters: iid, HC1, CR1, CR2 with its df, wild bootstrap."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from diff_diff.utils import wild_bootstrap_se
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster

from qpvlib.cohort.borrowing import borrowed
from qpvlib.cohort.regression import Fit
from qpvlib.errors import EstimationError, InvalidParameterError

Kind = Literal["iid", "HC1", "CR1", "CR2"]
_ZERO = 1e-9
_ALONE = (
    "L'effet repose sur une seule grappe\u00a0: aucune erreur-type par grappes n'a de sens ici. "
    "Jugez-le par placebos ou par tirage."
)


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its inference, in the unit of the outcome.

    Attributes
    ----------
    value, error, df
        Estimate, standard error, degrees of freedom of its t distribution.
    low, high, p
        Confidence limits and two-sided p-value.
    method
        Estimator and variance, for the reader.
    n, units, clusters
        Numbers of observations, units and clusters.
    notes
        French sentences about what the reader must know.
    """

    value: float
    error: float
    df: float
    low: float
    high: float
    p: float
    method: str
    n: int
    units: int
    clusters: int
    notes: tuple[str, ...] = ()


def inference(
    value: float, error: float, df: float, alpha: float = 0.05
) -> tuple[float, float, float]:
    """Return the confidence limits and the two-sided p-value of a t statistic."""
    if not error > 0:
        return np.nan, np.nan, np.nan
    half = stats.t.ppf(1 - alpha / 2, df) * error
    return float(value - half), float(value + half), float(2 * stats.t.sf(abs(value / error), df))


def joint(values: np.ndarray, spread: np.ndarray, df: float = np.inf) -> tuple[float, float]:
    """Return the Wald statistic of several estimates, and its p-value.

    Parameters
    ----------
    values, spread
        Shapes (k,), (k, k); combinations without variance are left out.
    df
        Degrees of freedom of the errors: the law is then Hotelling's, chi-squared when infinite.
    """
    statistic = float(values @ np.linalg.pinv(spread, hermitian=True) @ values)
    rank = int(np.linalg.matrix_rank(spread, hermitian=True))
    if np.isinf(df):
        return statistic, float(stats.chi2.sf(statistic, rank))
    scale = (df - rank + 1) / (df * rank)
    return statistic, float(stats.f.sf(scale * statistic, rank, df - rank + 1))


def covariance(fit: Fit, kind: Kind = "CR2") -> np.ndarray:
    """Return the covariance of the coefficients.

    Parameters
    ----------
    fit
        The regression, with its clusters.
    kind
        ``iid`` and ``HC1``: by `statsmodels`, N-K degrees of freedom. ``CR1``: the factor
        G/(G-1) (N-1)/(N-K), K without the fixed effects nested in clusters (Stata, fixest), by
        `statsmodels`. ``CR2``: bias-reduced, Bell and McCaffrey 2002 as generalised by
        Pustejovsky and Tipton 2018, working model of independent errors of equal variance, by
        `diff-diff`.

    Returns
    -------
    np.ndarray
        Shape (k, k).

    Raises
    ------
    EstimationError
        With a single cluster.
    InvalidParameterError
        With an unknown kind.
    """
    if kind not in get_args(Kind):
        known = ", ".join(get_args(Kind))
        raise InvalidParameterError(
            f"«\u00a0{kind}\u00a0» n'est pas une variance connue. Choisissez\u00a0: {known}."
        )
    rows, groups = len(fit.residuals), len(fit.members)
    if kind in ("iid", "HC1"):
        factor = (rows - len(fit.names)) / (rows - fit.parameters)
        return factor * (fit.model.cov_params() if kind == "iid" else fit.model.cov_HC1)
    if groups < 2:
        raise EstimationError(
            "Une seule grappe\u00a0: aucune variance entre grappes ne peut être calculée."
        )
    if kind == "CR1":
        plain = cov_cluster(fit.model, fit.clusters, use_correction=False)
        counted = rows - fit.parameters + fit.nested
        return groups / (groups - 1) * (rows - 1) / counted * plain
    return fit.bias_reduced[0]


def _lost(fit: Fit, contrast: np.ndarray) -> bool:
    """Tell whether leaving one cluster out makes the contrast unidentified."""
    limit = 1e-6 * np.sqrt(contrast @ fit.bread @ contrast)
    for rows in fit.members:
        lever = fit.bread @ fit.design[rows].T
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - fit.design[rows] @ lever)
        if (np.abs(contrast @ lever @ vectors[:, values <= _ZERO]) > limit).any():
            return True
    return False


def tested(
    fit: Fit, contrast: np.ndarray, kind: Kind = "CR2", alpha: float = 0.05
) -> tuple[float, float, float, float, float, float]:
    """Return value, error, degrees of freedom, confidence limits and p-value of a contrast.

    When the contrast rests on one cluster (a single treated unit), only the value is known: its
    cluster-robust error would be far too small, or not exist.
    """
    value, nan = float(contrast @ fit.coefficients), np.nan
    if _lost(fit, contrast):
        return value, nan, nan, nan, nan, nan
    error = float(np.sqrt(contrast @ covariance(fit, kind) @ contrast))
    if kind == "CR2":
        df = float(fit.bias_reduced[1][int(np.argmax(contrast))])
    else:
        by_rows = kind in ("iid", "HC1")
        df = float(len(fit.residuals) - fit.parameters if by_rows else len(fit.members) - 1)
    return value, error, df, *inference(value, error, df, alpha)


def estimate(
    fit: Fit,
    name: str,
    *,
    kind: Kind = "CR2",
    alpha: float = 0.05,
    method: str = "",
    units: int = 0,
    notes: tuple[str, ...] = (),
) -> Estimate:
    """Return one coefficient with its cluster-robust inference.

    Parameters
    ----------
    fit, name
        The regression and the coefficient.
    kind
        iid and HC1 use N-K degrees of freedom, CR1 G-1, CR2 those of Bell and McCaffrey.
    alpha
        Level of the interval (0.05: a 95 % interval).
    method, units, notes
        Kept in the result.

    Raises
    ------
    EstimationError
        When the coefficient is not identified.
    """
    numbers = tested(fit, fit.contrast(name), kind, alpha)
    if np.isnan(numbers[1]):
        notes = (*notes, _ALONE)
    sizes = len(fit.residuals), units or len(fit.members), len(fit.members)
    return Estimate(*numbers, f"{method}, {kind}".strip(", "), *sizes, notes)


def wild_bootstrap(
    fit: Fit, name: str, *, draws: int = 1999, seed: int = 0, alpha: float = 0.05
) -> Estimate:
    """Return one coefficient with the wild cluster bootstrap-t, null imposed (Webb weights).

    Parameters
    ----------
    fit, name
        The regression and the coefficient.
    draws, seed, alpha
        Bootstrap draws, seed, level of the interval obtained by inverting the test.

    Notes
    -----
    Cameron, Gelbach and Miller 2008 with the six-point weights of Webb 2014, by `diff-diff`;
    the restricted residuals are scaled by the square-root weights.
    """
    contrast = fit.contrast(name)
    alone = _lost(fit, contrast)
    result, notes = borrowed(
        lambda: wild_bootstrap_se(
            fit.design,
            fit.model.model.wendog,
            fit.residuals,
            fit.clusters,
            int(np.argmax(contrast)),
            n_bootstrap=draws,
            weight_type="webb",
            alpha=alpha,
            seed=seed,
            cluster_k_adjustment=fit.absorbed - fit.nested,
        )
    )
    numbers = (result.se, result.ci_lower, result.ci_upper, result.p_value)
    error, low, high, p = (np.nan if alone else float(number) for number in numbers)
    value, groups = float(contrast @ fit.coefficients), len(fit.members)
    method = f"bootstrap sauvage par grappes (Webb, {draws} tirages)"
    sizes = len(fit.residuals), groups, groups
    notes = (*notes, _ALONE) if alone else notes
    return Estimate(value, error, groups - 1.0, low, high, p, method, *sizes, notes)
