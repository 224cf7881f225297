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
    """Return p-values that control the chance of one false finding in the family."""
    return _adjusted(p, "holm")


def benjamini_hochberg(p: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return p-values that control the share of false findings (q-values)."""
    return _adjusted(p, "fdr_bh")


def summary_index(
    outcomes: pd.DataFrame, reference: pd.Series, directions: Mapping[str, int]
) -> pd.Series:
    """Return one standardised index of several outcomes, for a single global test.

    Parameters
    ----------
    outcomes
        One row per unit, one column per outcome; blanks are skipped, the unit's index is then
        the mean of its known outcomes.
    reference
        Boolean by unit: the controls, whose mean and deviation standardise.
    directions
        +1 when a rise is an improvement, -1 otherwise.

    Raises
    ------
    EstimationError
        When an outcome has no direction or does not vary among the controls.

    Notes
    -----
    Equally weighted mean of z-scores (Kling, Liebman and Katz 2007): with about twenty controls
    the inverse-covariance weights of Anderson 2008 would be noise.
    """
    lacking = [str(name) for name in outcomes if directions.get(name) not in (-1, 1)]
    if lacking:
        raise EstimationError(f"Sens non déclaré (+1 ou -1) pour\u00a0: {', '.join(lacking)}.")
    controls = outcomes[reference.reindex(outcomes.index).astype(bool)]
    spread = controls.std()
    flat = [str(name) for name in outcomes if not spread[name] > 0]
    if flat:
        raise EstimationError(f"Indicateur constant chez les témoins\u00a0: {', '.join(flat)}.")
    return ((outcomes - controls.mean()) / spread * pd.Series(directions)).mean(axis=1)
