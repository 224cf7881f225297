"""Weighted least squares by `statsmodels`, with the clusters that inference needs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from diff_diff.linalg import compute_robust_vcov
from statsmodels.regression.linear_model import WLS, RegressionResults

from qpvlib.cohort.borrowing import borrowed
from qpvlib.errors import EstimationError

_DEPENDENT = 1e-8


@dataclass(frozen=True)
class Fit:
    """A least-squares fit on the independent columns of a design, the first ones first.

    Attributes
    ----------
    names
        The k columns kept.
    identified
        Those whose coefficient has a meaning: no column left out is a combination of them.
    model
        The results of `statsmodels`.
    clusters
        Shape (n,), number of the cluster of each row.
    nested, absorbed
        Parameters nested in the clusters, that CR1 does not count; parameters removed from the
        data before the fit, that every degree of freedom counts.
    """

    names: tuple[str, ...]
    identified: frozenset[str]
    model: RegressionResults
    clusters: np.ndarray
    nested: int
    absorbed: int

    @property
    def coefficients(self) -> np.ndarray:
        """Shape (k,)."""
        return self.model.params

    @property
    def design(self) -> np.ndarray:
        """Shape (n, k), each row multiplied by the square root of its weight."""
        return self.model.model.wexog

    @property
    def residuals(self) -> np.ndarray:
        """Shape (n,), multiplied by the square root of the weights."""
        return self.model.wresid

    @property
    def bread(self) -> np.ndarray:
        """Shape (k, k), inverse of X'WX."""
        return self.model.normalized_cov_params

    @property
    def parameters(self) -> int:
        """Number of parameters, those removed beforehand included."""
        return len(self.names) + self.absorbed

    @cached_property
    def members(self) -> tuple[np.ndarray, ...]:
        """Row indices of each cluster."""
        order = np.argsort(self.clusters, kind="stable")
        return tuple(np.split(order, np.flatnonzero(np.diff(self.clusters[order])) + 1))

    @cached_property
    def bias_reduced(self) -> tuple[np.ndarray, np.ndarray]:
        """CR2 covariance, and the degrees of freedom of each coefficient, by `diff-diff`."""
        model = self.model.model
        return borrowed(
            lambda: compute_robust_vcov(
                model.exog,
                self.model.resid,
                cluster_ids=self.clusters,
                weights=None if np.ptp(model.weights) == 0 else model.weights,
                vcov_type="hc2_bm",
                return_dof=True,
            )
        )[0]

    def contrast(self, name: str) -> np.ndarray:
        """Return the unit vector of one coefficient, refused when it is not identified.

        Raises
        ------
        EstimationError
            When the column is a combination of the others.
        """
        if name not in self.identified:
            raise EstimationError(
                f"L'effet de «\u00a0{name}\u00a0» n'est pas identifié\u00a0: il se confond avec "
                "les autres variables du modèle. Retirez une variable redondante ou ajoutez des "
                "témoins."
            )
        return np.eye(len(self.names))[self.names.index(name)]


def _independent(columns: np.ndarray) -> np.ndarray:
    """Tell which columns, of norm one, are no combination of those before."""
    kept = np.abs(np.diag(np.linalg.qr(columns, mode="r"))) > _DEPENDENT
    kept = np.append(kept, np.zeros(columns.shape[1] - len(kept), bool))
    if kept.all():
        return kept
    # After a dependent column the factor is arbitrary: one column at a time.
    basis = np.empty((len(columns), 0))
    for place, column in enumerate(columns.T):
        for _ in range(2):
            column = column - basis @ (basis.T @ column)
        size = np.linalg.norm(column)
        kept[place] = size > _DEPENDENT
        if kept[place]:
            basis = np.column_stack([basis, column / size])
    return kept


def fit(
    design: pd.DataFrame,
    outcome: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    nested: int = 0,
    absorbed: int = 0,
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
    nested, absorbed
        See :class:`Fit`.

    Raises
    ------
    EstimationError
        When a value is not finite or no degree of freedom is left.
    """
    matrix, outcome = design.to_numpy(float), np.asarray(outcome, float)
    if not (np.isfinite(matrix).all() and np.isfinite(outcome).all()):
        raise EstimationError(
            "Une variable du modèle contient des valeurs absentes ou infinies. Retirez la variable "
            "ou les lignes concernées."
        )
    weights = np.ones(len(outcome)) if weights is None else np.asarray(weights, float)
    clusters = np.arange(len(outcome)) if clusters is None else np.asarray(clusters)
    scaled = matrix * np.sqrt(weights)[:, None]
    scaled = scaled / np.maximum(np.linalg.norm(scaled, axis=0), np.finfo(float).tiny)
    kept = _independent(scaled)
    names = np.array(list(map(str, design.columns)), dtype=object)
    combined = np.linalg.lstsq(scaled[:, kept], scaled[:, ~kept], rcond=None)[0]
    rank = int(kept.sum())
    if rank + absorbed >= len(outcome):
        raise EstimationError(
            f"Le modèle a autant de paramètres ({rank + absorbed}) que d'observations "
            f"({len(outcome)})."
        )
    return Fit(
        names=tuple(names[kept]),
        identified=frozenset(names[kept][(np.abs(combined) < 1e-6).all(axis=1)]),
        model=WLS(outcome, matrix[:, kept], weights=weights).fit(),
        clusters=np.unique(clusters, return_inverse=True)[1],
        nested=nested,
        absorbed=absorbed,
    )
