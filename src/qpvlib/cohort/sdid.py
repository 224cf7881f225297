"""Synthetic difference-in-differences of a common start, computed by `diff-diff`."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD

from qpvlib.cohort.borrowing import borrowed
from qpvlib.cohort.effects import described
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.variance import Estimate, inference
from qpvlib.errors import EstimationError


@dataclass(frozen=True)
class SyntheticDifference:
    """The effect with the weights that define its comparison.

    Attributes
    ----------
    estimate
        Average effect over treated units and periods.
    units, periods
        Weights of the comparison units and of the periods before the start, largest first.
    """

    estimate: Estimate
    units: pd.Series
    periods: pd.Series


def synthetic_did(
    panel: Panel,
    *,
    variance: Literal["placebo", "jackknife", "bootstrap"] = "placebo",
    draws: int = 200,
    seed: int = 0,
    alpha: float = 0.05,
) -> SyntheticDifference:
    """Estimate the synthetic difference-in-differences of Arkhangelsky et al. 2021.

    Parameters
    ----------
    panel
        A balanced panel with one start date, one or several treated units.
    variance
        ``placebo`` needs more comparison than treated units; ``jackknife`` two treated units.
    draws, seed, alpha
        Draws and seed of the placebo or bootstrap variance, level of the interval.

    Raises
    ------
    EstimationError
        With several start dates, an unbalanced panel or too few comparison units.
    """
    panel.require(treated=1)
    if len(panel.cohorts) != 1 or not panel.balanced:
        raise EstimationError(
            "La double différence synthétique demande une seule date de début et un panel "
            "équilibré. Restreignez le panel, ou estimez cohorte par cohorte."
        )
    treated = int((panel.units()["first_treated"] <= panel.periods.max()).sum())
    if variance == "placebo" and len(panel.units()) - treated <= treated:
        raise EstimationError(
            f"{len(panel.units()) - treated} témoins pour {treated} cibles\u00a0: la variance par "
            "placebos demande davantage de témoins que de cibles. Choisissez le jackknife."
        )
    start = panel.cohorts[0]
    data = panel.data.assign(arm=(panel.data["first_treated"] <= panel.periods.max()).astype(int))
    model = SyntheticDiD(variance_method=variance, n_bootstrap=draws, seed=seed, alpha=alpha)
    result, warned = borrowed(
        lambda: model.fit(
            data,
            outcome="outcome",
            treatment="arm",
            unit="unit",
            time="period",
            post_periods=[int(period) for period in panel.periods if period >= start],
            covariates=list(panel.covariates) or None,
        )
    )
    notes = panel.notes + warned
    if panel.weighted:
        notes += ("Les poids du panel n'entrent pas dans cet estimateur.",)
    value, error = float(result.att), float(result.se)
    numbers = value, error, np.inf, *inference(value, error, np.inf, alpha)
    method = f"double différence synthétique, variance {variance}"
    return SyntheticDifference(
        estimate=described(panel, numbers, method, notes),
        units=pd.Series(result.unit_weights, dtype=float).sort_values(ascending=False),
        periods=pd.Series(result.time_weights, dtype=float).sort_values(ascending=False),
    )
