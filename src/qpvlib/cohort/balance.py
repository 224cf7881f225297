"""Balance of targets and controls on what was known before: differences and variance ratios.

Its conventions are those of R's `MatchIt`, which no Python library follows.
"""

from typing import Literal

import numpy as np
import pandas as pd

from qpvlib.errors import EstimationError

GOOD, ACCEPTABLE = 0.10, 0.25
VARIANCE_BOUNDS = (0.5, 2.0)


def balance(
    covariates: pd.DataFrame,
    treated: pd.Series,
    weights: pd.Series | None = None,
    *,
    scale: Literal["treated", "pooled"] = "treated",
) -> pd.DataFrame:
    """Compare the groups before and after matching.

    Parameters
    ----------
    covariates
        One row per unit, numeric or boolean; categories as one dummy per level.
    treated
        Boolean by unit.
    weights
        Matching weights by unit, zero for the units set aside; None: no matching yet.
    scale
        Standard deviation that divides the difference: of the treated (MatchIt), or the root of
        the mean of both variances.

    Returns
    -------
    pd.DataFrame
        Indexed by variable: ``treated`` and ``control`` means, ``smd`` (standardised by the
        unweighted deviation), ``variance_ratio`` (blank for binaries); then the same after
        matching with the suffix ``_matched``, and ``verdict`` (bon, acceptable, déséquilibré)
        on the last ``smd`` and ``variance_ratio`` computed.

    Raises
    ------
    EstimationError
        When a group is empty or holds a blank.
    """
    treated = treated.reindex(covariates.index).astype(bool)
    values = covariates.astype(float)
    problems = []
    if treated.sum() < 2 or (~treated).sum() < 2:
        problems.append(
            f"Cibles\u00a0: {treated.sum()}, témoins\u00a0: {(~treated).sum()}. Il en faut deux "
            "de chaque."
        )
    for name in values.columns[values.isna().any()]:
        problems.append(f"{name}\u00a0: des valeurs sont absentes, l'équilibre ne se mesure pas.")
    if problems:
        raise EstimationError(problems)
    binary = values.isin([0, 1]).all()
    before = _compare(values, treated, pd.Series(1.0, index=values.index), binary)
    deviation = np.sqrt(
        before["v1"] if scale == "treated" else (before["v1"] + before["v0"]) / 2
    ).replace(0, np.nan)
    result = _columns(before, deviation, binary, "")
    if weights is not None:
        after = _compare(values, treated, weights.reindex(values.index).fillna(0.0), binary)
        result = result.join(_columns(after, deviation, binary, "_matched"))
    last = "_matched" if weights is not None else ""
    result["verdict"] = _verdict(result[f"smd{last}"], result[f"variance_ratio{last}"])
    return result


def _compare(
    values: pd.DataFrame, treated: pd.Series, weights: pd.Series, binary: pd.Series
) -> pd.DataFrame:
    """Return weighted means and variances (m1, m0, v1, v0) by variable."""
    rows = {}
    for side, group in (("1", treated), ("0", ~treated)):
        mass = weights[group] / weights[group].sum()
        mean = values[group].mul(mass, axis=0).sum()
        # Unbiased for equal weights; the weighted form is that of cov.wt in R.
        spread = (values[group] - mean).pow(2).mul(mass, axis=0).sum() / (1 - (mass**2).sum())
        rows[f"m{side}"] = mean
        rows[f"v{side}"] = (mean * (1 - mean)).where(binary, spread)
    return pd.DataFrame(rows)


def _columns(
    compared: pd.DataFrame, deviation: pd.Series, binary: pd.Series, suffix: str
) -> pd.DataFrame:
    ratio = (compared["v1"] / compared["v0"].replace(0, np.nan)).mask(binary)
    return pd.DataFrame(
        {
            f"treated{suffix}": compared["m1"],
            f"control{suffix}": compared["m0"],
            f"smd{suffix}": (compared["m1"] - compared["m0"]) / deviation,
            f"variance_ratio{suffix}": ratio,
        }
    )


def _verdict(smd: pd.Series, ratio: pd.Series) -> np.ndarray:
    low, high = VARIANCE_BOUNDS
    spread = ratio.isna() | ratio.between(low, high)
    return np.select(
        [smd.abs().lt(GOOD) & spread, smd.abs().lt(ACCEPTABLE) & spread],
        ["bon", "acceptable"],
        "déséquilibré",
    )
