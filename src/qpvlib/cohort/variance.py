"""Cluster-robust inference for few clusters: CR1, CR2 with its df, CR3, wild bootstrap."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from diff_diff.utils import wild_bootstrap_se
from scipy import stats

from qpvlib.cohort.regression import Fit
from qpvlib.errors import EstimationError, InvalidParameterError

Kind = Literal["CR1", "CR2", "CR3"]
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


def covariance(fit: Fit, kind: Kind = "CR2") -> np.ndarray:
    """Return the cluster-robust covariance of the coefficients.

    Parameters
    ----------
    fit
        The regression, with its clusters.
    kind
        ``CR1``: the factor G/(G-1) (N-1)/(N-K), K without the fixed effects nested in clusters
        (Stata, fixest). ``CR2``: bias-reduced, Bell and McCaffrey 2002 as generalised by
        Pustejovsky and Tipton 2018, working model of independent errors of equal variance.
        ``CR3``: jackknife, (G-1)/G times the sum over clusters of the squared change of the
        estimate when the cluster is left out (MacKinnon, Nielsen and Webb 2023).

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
    groups = len(fit.members)
    if groups < 2:
        raise EstimationError(
            "Une seule grappe\u00a0: aucune variance entre grappes ne peut être calculée."
        )
    if kind == "CR1":
        scores = np.stack([fit.design[g].T @ fit.residuals[g] for g in fit.members], axis=1)
        n, free = len(fit.residuals), len(fit.residuals) - (fit.rank - fit.nested)
        scores *= np.sqrt(groups / (groups - 1) * (n - 1) / free)
    elif kind == "CR2":
        roots = [np.sqrt(fit.weights[g]) for g in fit.members]
        scores = np.stack(
            [
                fit.design[g].T @ (root * (adjustment @ (fit.residuals[g] / root)))
                for g, root, adjustment in zip(fit.members, roots, _adjustments(fit), strict=True)
            ],
            axis=1,
        )
    elif kind == "CR3":
        scores = _jackknife_scores(fit) * np.sqrt((groups - 1) / groups)
    else:
        raise InvalidParameterError(
            f"«\u00a0{kind}\u00a0» n'est pas une variance connue. Choisissez CR1, CR2 ou CR3."
        )
    half = fit.bread @ scores
    return half @ half.T


def _adjustments(fit: Fit) -> list[np.ndarray]:
    """Return A_g for each cluster, the inverse root of its residuals' variance when Phi = I."""
    heavy = fit.design * np.sqrt(fit.weights)[:, None]
    middle = fit.bread @ (heavy.T @ heavy) @ fit.bread
    adjustments = []
    for g in fit.members:
        root = np.sqrt(fit.weights[g])
        design = fit.design[g] / root[:, None]
        hat = design @ fit.bread @ design.T * fit.weights[g]
        variance = np.eye(len(g)) - hat - hat.T + design @ middle @ design.T
        values, vectors = np.linalg.eigh(variance)
        powers = np.where(values > _ZERO, np.maximum(values, _ZERO) ** -0.5, 0.0)
        adjustments.append((vectors * powers) @ vectors.T)
    return adjustments


def _jackknife_scores(fit: Fit) -> np.ndarray:
    """Return X_g' (I - H_gg)^+ e_g for each cluster, shape (k, G): CR3 scores."""
    columns = []
    for g in fit.members:
        design = fit.design[g]
        values, vectors = np.linalg.eigh(np.eye(len(g)) - design @ fit.bread @ design.T)
        powers = np.where(values > _ZERO, 1 / np.maximum(values, _ZERO), 0.0)
        columns.append(design.T @ ((vectors * powers) @ (vectors.T @ fit.residuals[g])))
    return np.stack(columns, axis=1)


def _lost(fit: Fit, contrast: np.ndarray) -> bool:
    """Tell whether leaving one cluster out makes the contrast unidentified."""
    for g in fit.members:
        design = fit.design[g]
        values, vectors = np.linalg.eigh(np.eye(len(g)) - design @ fit.bread @ design.T)
        null = vectors[:, values <= _ZERO]
        influence = np.abs(contrast @ fit.bread @ design.T @ null)
        if (influence > 1e-6 * np.sqrt(contrast @ fit.bread @ contrast)).any():
            return True
    return False


def satterthwaite(fit: Fit, contrast: np.ndarray) -> float:
    """Return the Bell-McCaffrey degrees of freedom of a CR2 contrast.

    Parameters
    ----------
    fit
        The regression.
    contrast
        Shape (k,).

    Notes
    -----
    (trace P)^2 / trace(P P), P the matrix of the quadratic form in the errors of the working
    model (Pustejovsky and Tipton 2018, eq. 11); P is formed on the G clusters only.
    """
    direction = fit.bread @ contrast
    own, plain, heavy = [], [], []
    for g, adjustment in zip(fit.members, _adjustments(fit), strict=True):
        root = np.sqrt(fit.weights[g])
        loading = adjustment @ (root * (fit.design[g] @ direction))
        own.append(loading @ loading)
        plain.append(fit.design[g].T @ (loading / root))
        heavy.append(fit.design[g].T @ (loading * root))
    plain, heavy = np.stack(plain, axis=1), np.stack(heavy, axis=1)
    weighted = fit.design * np.sqrt(fit.weights)[:, None]
    middle = fit.bread @ (weighted.T @ weighted) @ fit.bread
    cross = plain.T @ fit.bread @ heavy
    form = np.diag(own) - cross - cross.T + plain.T @ middle @ plain
    return float(np.trace(form) ** 2 / np.sum(form**2))


def tested(
    fit: Fit, contrast: np.ndarray, kind: Kind = "CR2", alpha: float = 0.05
) -> tuple[float, float, float, float, float, float]:
    """Return value, error, degrees of freedom, confidence limits and p-value of a contrast.

    When the contrast rests on one cluster (a single treated unit), only the value is known: its
    cluster-robust error would be far too small, or not exist.
    """
    value = float(contrast @ fit.coefficients)
    if _lost(fit, contrast):
        return value, *[np.nan] * 5
    error = float(np.sqrt(contrast @ covariance(fit, kind) @ contrast))
    df = satterthwaite(fit, contrast) if kind == "CR2" else len(fit.members) - 1.0
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
        CR1 and CR3 use G-1 degrees of freedom, CR2 those of :func:`satterthwaite`.
    alpha
        Level of the interval (0.05: a 95 % interval).
    method, units, notes
        Kept in the result.

    Raises
    ------
    EstimationError
        When the coefficient is not identified.
    """
    value, error, df, low, high, p = tested(fit, fit.contrast(name), kind, alpha)
    if np.isnan(error):
        notes = (*notes, _ALONE)
    return Estimate(
        value=value,
        error=error,
        df=df,
        low=low,
        high=high,
        p=p,
        method=f"{method}, {kind}".strip(", "),
        n=len(fit.residuals),
        units=units or len(fit.members),
        clusters=len(fit.members),
        notes=notes,
    )


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
    fit.contrast(name)
    labels = np.empty(len(fit.residuals), int)
    for number, g in enumerate(fit.members):
        labels[g] = number
    kept = _independent_columns(fit.design, fit.names.index(name))
    result = wild_bootstrap_se(
        fit.design[:, kept],
        fit.outcome,
        fit.residuals,
        labels,
        int(np.flatnonzero(kept == fit.names.index(name))[0]),
        n_bootstrap=draws,
        weight_type="webb",
        alpha=alpha,
        seed=seed,
        cluster_k_adjustment=-fit.nested,
    )
    return Estimate(
        value=float(fit.coefficients[fit.names.index(name)]),
        error=float(result.se),
        df=len(fit.members) - 1.0,
        low=float(result.ci_lower),
        high=float(result.ci_upper),
        p=float(result.p_value),
        method=f"bootstrap sauvage par grappes (Webb, {draws} tirages)",
        n=len(fit.residuals),
        units=len(fit.members),
        clusters=len(fit.members),
    )


def _independent_columns(design: np.ndarray, first: int) -> np.ndarray:
    """Return the indices of a full-rank set of columns that holds column `first`."""
    design = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(float).tiny)
    order = np.r_[first, np.delete(np.arange(design.shape[1]), first)]
    triangle = np.abs(np.diag(np.linalg.qr(design[:, order], mode="r")))
    return np.sort(order[triangle > 1e-9])
