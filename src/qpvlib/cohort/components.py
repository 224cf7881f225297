"""Standardised principal component analysis (ACP normée) with its reading aids.

Own code, two formulas on a singular value decomposition: a library would bring forty others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qpvlib.cohort.contract import listed
from qpvlib.errors import EstimationError


@dataclass(frozen=True)
class Components:
    """A principal component analysis of standardised variables.

    Attributes
    ----------
    eigenvalues
        One per axis, their sum is the number of active variables.
    shares
        Part of the total variance of each axis, between 0 and 1.
    individuals, variables
        Coordinates; those of the variables are their correlations with the axes.
    contributions
        Part of each axis due to each variable; columns sum to one.
    cos2
        Quality of representation of the variables; rows sum to one over all axes.
    supplementary
        Correlations of the variables that did not shape the axes.
    """

    eigenvalues: pd.Series
    shares: pd.Series
    individuals: pd.DataFrame
    variables: pd.DataFrame
    contributions: pd.DataFrame
    cos2: pd.DataFrame
    supplementary: pd.DataFrame

    def axes(self, share: float = 0.8) -> int:
        """Return the number of axes that hold at least a share of the variance."""
        return int(np.searchsorted(self.shares.cumsum().to_numpy(), share - 1e-12) + 1)


def checked(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns as numbers, refusing blanks and constants.

    Raises
    ------
    EstimationError
        With every problem found.
    """
    absent = [column for column in columns if column not in table]
    if absent:
        raise EstimationError(f"Variables absentes du tableau\u00a0: {listed(absent)}.")
    values = table[list(columns)].apply(pd.to_numeric, errors="coerce").astype(float)
    problems = []
    for column in values:
        blank = values.index[~np.isfinite(values[column])]
        if len(blank):
            problems.append(
                f"{column}\u00a0: valeur absente ou masquée pour {listed(blank)}. Utilisez la "
                "règle d'imputation de la typologie, ou retirez la variable."
            )
        elif values[column].nunique() == 1:
            problems.append(f"{column} est constante\u00a0: retirez-la.")
    if len(values) < 3:
        problems.append(f"{len(values)} territoires\u00a0: il en faut au moins trois.")
    if problems:
        raise EstimationError(problems)
    return values


def components(
    table: pd.DataFrame, active: Sequence[str], *, illustrative: Sequence[str] = ()
) -> Components:
    """Analyse standardised variables (divisor n, as FactoMineR).

    Parameters
    ----------
    table
        One row per territory.
    active
        Variables that shape the axes, without blanks.
    illustrative
        Numeric variables only correlated with the axes; blanks are skipped pairwise.

    Raises
    ------
    EstimationError
        With every problem found.
    """
    kept = checked(table, active)
    standard = (kept - kept.mean()) / kept.std(ddof=0)
    left, singular, right = np.linalg.svd(standard.to_numpy(), full_matrices=False)
    rank = int((singular > singular[0] * 1e-10).sum())
    left, singular, right = left[:, :rank], singular[:rank], right[:rank]
    # The sign of an axis is arbitrary: fix it, so that the same data give the same picture.
    signs = np.sign(right[np.arange(rank), np.abs(right).argmax(axis=1)])
    left, right = left * signs, right * signs[:, None]
    names = [f"axe {number + 1}" for number in range(rank)]
    eigenvalues = singular**2 / len(kept)
    scores = pd.DataFrame(left * singular, index=kept.index, columns=names)
    loadings = pd.DataFrame(right.T * np.sqrt(eigenvalues), index=list(active), columns=names)
    extra = {
        name: scores.corrwith(pd.to_numeric(table[name], errors="coerce")) for name in illustrative
    }
    return Components(
        eigenvalues=pd.Series(eigenvalues, index=names),
        shares=pd.Series(eigenvalues / len(active), index=names),
        individuals=scores,
        variables=loadings,
        contributions=loadings**2 / eigenvalues,
        cos2=(loadings**2).div((loadings**2).sum(axis=1), axis=0),
        supplementary=pd.DataFrame.from_dict(extra, orient="index", columns=names),
    )
