"""Mahalanobis matching of controls to targets, with or without replacement.

The assignment is that of `scipy`; no maintained Python library matches without replacement.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from qpvlib.errors import EstimationError

FORBIDDEN = 1e6


@dataclass(frozen=True)
class Match:
    """Controls matched to targets.

    Attributes
    ----------
    pairs
        ``target``, ``control``, ``distance``, one row per pair.
    unmatched
        Targets without a control within the rules; they are reported, never forced.
    weights
        Weight of every unit: 1 for matched targets, the share of the targets it serves for a
        control, scaled to the number of matched targets (ATT), 0 otherwise.
    """

    pairs: pd.DataFrame
    unmatched: tuple
    weights: pd.Series


def pooled_covariance(covariates: pd.DataFrame, treated: pd.Series) -> np.ndarray:
    """Return the within-group covariance (divisor n - 1 after centring each group)."""
    values = covariates.astype(float)
    centred = values - values.groupby(treated.to_numpy()).transform("mean")
    return np.cov(centred.to_numpy(), rowvar=False)


def distances(left: pd.DataFrame, right: pd.DataFrame, covariance: np.ndarray) -> pd.DataFrame:
    """Return Mahalanobis distances, shape (left rows, right rows).

    Redundant columns (one dummy per level) are allowed: the inverse is generalised.
    """
    values, vectors = np.linalg.eigh(np.atleast_2d(covariance))
    kept = values > values.max() * 1e-10
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    a, b = left.to_numpy(float) @ whiten, right.to_numpy(float) @ whiten
    squares = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    return pd.DataFrame(np.sqrt(squares), index=left.index, columns=right.index)


def match(
    covariates: pd.DataFrame,
    treated: pd.Series,
    *,
    ratio: int = 1,
    replace: bool = False,
    exact: pd.DataFrame | None = None,
    caliper: float | None = None,
    forbidden: pd.DataFrame | None = None,
    covariance: np.ndarray | None = None,
) -> Match:
    """Match each target to its nearest controls.

    Parameters
    ----------
    covariates
        One row per unit, without blanks.
    treated
        Boolean by unit.
    ratio
        Controls per target.
    replace
        True: each target takes its nearest controls, which may serve again. False: the total
        distance is minimised over all targets at once (linear sum assignment).
    exact
        Categories that must coincide, one column each.
    caliper
        Largest distance allowed.
    forbidden
        Targets x controls, true for pairs that may not be matched (neighbours).
    covariance
        Of the covariates; by default :func:`pooled_covariance`, as MatchIt.

    Raises
    ------
    EstimationError
        When there are no targets, too few controls, or blanks.
    """
    treated = treated.reindex(covariates.index).astype(bool)
    problems = []
    if not treated.any():
        problems.append("Aucune cible à apparier.")
    needed = ratio if replace else ratio * int(treated.sum())
    if (~treated).sum() < needed:
        problems.append(
            f"Témoins possibles\u00a0: {(~treated).sum()}, alors que l'appariement en demande "
            f"{needed}. Ajoutez des témoins, réduisez le nombre par cible ou autorisez la remise."
        )
    if covariates.isna().any(axis=None):
        names = ", ".join(map(str, covariates.columns[covariates.isna().any()]))
        problems.append(f"Valeurs absentes dans {names}\u00a0: l'appariement est impossible.")
    if problems:
        raise EstimationError(problems)
    if covariance is None:
        covariance = pooled_covariance(covariates, treated)
    gaps = distances(covariates[treated], covariates[~treated], covariance)
    cost = gaps.to_numpy().copy()
    if caliper is not None:
        cost[cost > caliper] = FORBIDDEN
    if exact is not None:
        labels = exact.loc[covariates.index].astype(str).agg("|".join, axis=1)
        cost[labels[treated].to_numpy()[:, None] != labels[~treated].to_numpy()[None]] = FORBIDDEN
    if forbidden is not None:
        cost[forbidden.loc[gaps.index, gaps.columns].to_numpy(bool)] = FORBIDDEN
    if replace:
        rows = np.repeat(np.arange(len(cost)), ratio)
        columns = np.argsort(cost, axis=1, kind="stable")[:, :ratio].ravel()
    else:
        rows, columns = linear_sum_assignment(np.repeat(cost, ratio, axis=0))
        rows = rows // ratio
    kept = cost[rows, columns] < FORBIDDEN
    rows, columns = rows[kept], columns[kept]
    pairs = pd.DataFrame(
        {
            "target": gaps.index[rows],
            "control": gaps.columns[columns],
            "distance": gaps.to_numpy()[rows, columns],
        }
    )
    return Match(
        pairs=pairs,
        unmatched=tuple(gaps.index.difference(pairs["target"], sort=False)),
        weights=_weights(pairs, covariates.index),
    )


def _weights(pairs: pd.DataFrame, units: pd.Index) -> pd.Series:
    weights = pd.Series(0.0, index=units)
    weights[pairs["target"].unique()] = 1.0
    share = 1.0 / pairs.groupby("target")["control"].transform("size")
    served = share.groupby(pairs["control"]).sum()
    weights[served.index] = served
    return weights
