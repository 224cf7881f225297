"""What masked outcomes could hide: worst-case bounds, without imputing anything.

No library bounds a difference of means with cells that are masked rather than lost.
"""

import numpy as np
import pandas as pd

from qpvlib.cohort.contract import decimal
from qpvlib.cohort.panel import Panel
from qpvlib.errors import EstimationError


def worst_case(panel: Panel, low: float, high: float) -> tuple[float, float]:
    """Return the smallest and largest difference-in-differences compatible with masked cells.

    Parameters
    ----------
    panel
        One start date; the missing cells are bounded, but units with a ``sans_objet`` cell are
        left out: their means would cover other periods.
    low, high
        Feasible interval of an outcome (0 and 100 for a rate in percent).

    Raises
    ------
    EstimationError
        When the interval is empty or excludes an observed outcome.

    Notes
    -----
    Manski 1990: every masked cell takes the end of the interval that moves the estimate most.
    The completed cells never leave this function.
    """
    known = panel.data["outcome"]
    if not low < high or known.min() < low or known.max() > high:
        raise EstimationError(
            f"L'intervalle de {decimal(low)} à {decimal(high)} doit contenir toutes les valeurs "
            f"observées, de {decimal(known.min())} à {decimal(known.max())}."
        )
    panel.require(treated=1)
    if len(panel.cohorts) != 1:
        raise EstimationError("Les bornes demandent une seule date de début.")
    start = panel.cohorts[0]
    arms = panel.units()["first_treated"] <= panel.periods.max()
    absent = panel.missing.loc[panel.missing["state"] == "sans_objet", "unit"]
    arms = arms[~arms.index.isin(absent)]
    hidden = panel.missing[panel.missing["unit"].isin(arms.index)]
    raises = (hidden["unit"].map(arms) == (hidden["period"] >= start)).to_numpy()
    bounds = []
    for most, least in ((low, high), (high, low)):
        filled = hidden.assign(outcome=np.where(raises, most, least))
        cells = pd.concat([panel.data, filled])
        side = np.where(cells["period"] < start, "pre", "post")
        means = cells.groupby(["unit", side])["outcome"].mean().unstack().loc[arms.index]
        change, arm = means["post"] - means["pre"], arms
        bounds.append(float(change[arm].mean() - change[~arm].mean()))
    return bounds[0], bounds[1]
