"""Weighted least squares kept with what cluster-robust inference needs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import pinvh

from qpvlib.errors import EstimationError


@dataclass(frozen=True)
class Fit:
    """A least-squares fit; design, outcome and residuals are scaled by the square-root weights.

    Attributes
    ----------
    names
        Names of the k columns of the design.
    coefficients
        Shape (k,), minimum-norm solution; only estimable contrasts have a meaning.
    design, outcome, residuals
        Shapes (n, k), (n,), (n,), each row multiplied by the square root of its weight.
    weights
        Shape (n,).
    members
        Row indices of each cluster.
    bread
        Shape (k, k), generalised inverse of X'WX.
    rank
        Rank of the design.
    nested
        Number of parameters of the design that the CR1 factor does not count.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    design: np.ndarray
    outcome: np.ndarray
    residuals: np.ndarray
    weights: np.ndarray
    members: tuple[np.ndarray, ...]
    bread: np.ndarray
    rank: int
    nested: int

    def contrast(self, name: str) -> np.ndarray:
        """Return the unit vector of one coefficient, refused when it is not identified.

        Raises
        ------
        EstimationError
            When the column is a combination of the others.
        """
        vector = np.zeros(len(self.names))
        vector[self.names.index(name)] = 1.0
        gram = self.design.T @ self.design
        if not np.allclose(vector @ self.bread @ gram, vector, atol=1e-6):
            raise EstimationError(
                f"L'effet de «\u00a0{name}\u00a0» n'est pas identifié\u00a0: il se confond avec "
                "les autres variables du modèle. Retirez une variable redondante ou ajoutez des "
                "témoins."
            )
        return vector


def fit(
    design: pd.DataFrame,
    outcome: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    nested: int = 0,
) -> Fit:
    """Fit weighted least squares.

    Parameters
    ----------
    design
        Shape (n, k), with its constant or dummies; collinear columns are allowed.
    outcome
        Shape (n,).
    weights
        Shape (n,), positive; one each by default.
    clusters
        Shape (n,), labels of the clusters; each row its own by default.
    nested
        Number of fixed effects nested in the clusters that K must not count; -1 when they were
        removed by centring, their common level still being one parameter.

    Raises
    ------
    EstimationError
        When a value is not finite or no degree of freedom is left.
    """
    matrix = design.to_numpy(float)
    outcome = np.asarray(outcome, float)
    if not (np.isfinite(matrix).all() and np.isfinite(outcome).all()):
        raise EstimationError(
            "Une variable du modèle contient des valeurs absentes ou infinies. Retirez la variable "
            "ou les lignes concernées."
        )
    weights = np.ones(len(outcome)) if weights is None else np.asarray(weights, float)
    clusters = np.arange(len(outcome)) if clusters is None else np.asarray(clusters)
    root = np.sqrt(weights)
    matrix, outcome = matrix * root[:, None], outcome * root
    scale = np.linalg.norm(matrix, axis=0)
    scale[scale == 0] = 1.0
    scaled = matrix / scale
    bread, rank = pinvh(scaled.T @ scaled, rtol=1e-11, return_rank=True)
    bread /= np.outer(scale, scale)
    if rank >= len(outcome):
        raise EstimationError(
            f"Le modèle a autant de paramètres ({rank}) que d'observations ({len(outcome)})."
        )
    coefficients = bread @ (matrix.T @ outcome)
    _, codes = np.unique(clusters, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return Fit(
        names=tuple(map(str, design.columns)),
        coefficients=coefficients,
        design=matrix,
        outcome=outcome,
        residuals=outcome - matrix @ coefficients,
        weights=weights,
        members=tuple(members),
        bread=bread,
        rank=int(rank),
        nested=nested,
    )
