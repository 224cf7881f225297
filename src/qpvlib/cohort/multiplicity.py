"""Several tests at once: Holm for the primary outcomes, Benjamini-Hochberg for the others."""

from collections.abc import Mapping

import pandas as pd
from statsmodels.stats.multitest import multipletests

from qpvlib.errors import EstimationError


def _adjusted(p: pd.Series | Mapping[str, float], method: str) -> pd.Series:
    values = pd.Series(p, dtype=float)
    if values.empty or not values.between(0, 1).all():
        raise EstimationError(
            "Les p-valeurs à corriger doivent être toutes connues et comprises entre 0 et 1. "
            "Retirez les indicateurs non estimés, et dites combien."
        )
    return pd.Series(multipletests(values, method=method)[1], index=values.index)


def holm(p: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return p-values that control the chance of one false finding in the family.

    Parameters
    ----------
    p
        Unadjusted p-values, indexed by outcome.

    Raises
    ------
    EstimationError
        When one is absent or outside [0, 1].
    """
    return _adjusted(p, "holm")


def benjamini_hochberg(p: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return p-values that control the share of false findings (q-values).

    Parameters
    ----------
    p
        Unadjusted p-values, indexed by outcome.

    Raises
    ------
    EstimationError
        When one is absent or outside [0, 1].
    """
    return _adjusted(p, "fdr_bh")
