"""Is the gap of a synthetic control exceptional? Placebos in space, donors left out in turn.

A placebo in time needs nothing more: ``synthetic_control`` with an earlier ``start``, on
``panel.where(panel.data["period"] < date)``.
"""

from dataclasses import dataclass, replace

import pandas as pd

from qpvlib.cohort.panel import Panel
from qpvlib.cohort.synthetic import SyntheticControl, fitted, matrices


@dataclass(frozen=True)
class Placebos:
    """The same estimate made on every donor as if it had been treated.

    Attributes
    ----------
    table
        Indexed by unit, largest ratio first: ``before``, ``after`` (mean squared gaps),
        ``ratio``, ``effect``.
    gaps
        Gaps of each unit (columns) by period.
    p
        Rank of the treated unit's ratio over the number of units.
    smallest_p
        1/(J+1): what the number of donors allows at best.
    """

    table: pd.DataFrame
    gaps: pd.DataFrame
    p: float
    smallest_p: float


def placebos_in_space(panel: Panel, control: SyntheticControl, *, starts: int = 3) -> Placebos:
    """Re-estimate on every donor as if it were treated, the treated unit excluded.

    Parameters
    ----------
    panel
        As in :func:`synthetic_control`.
    control
        The estimate to judge; every donor follows its recipe.
    starts
        Starting points of each search.
    """
    pool = sorted(control.weights.index, key=str)
    recipe = replace(control.recipe, starts=starts)
    rows = panel.data["unit"].isin([control.unit, *pool])
    tables = matrices(panel.where(rows), control.start, recipe)
    runs = [control]
    for donor in pool:
        others = [other for other in pool if other != donor]
        runs.append(fitted(*tables, recipe, donor, others, control.start))
    result = pd.DataFrame(
        [(*run.mspe, run.ratio, run.effect) for run in runs],
        index=pd.Index([run.unit for run in runs], name="unit"),
        columns=["before", "after", "ratio", "effect"],
    ).sort_values("ratio", ascending=False, kind="stable")
    rank = int((result["ratio"] >= control.ratio).sum())
    return Placebos(
        table=result,
        gaps=pd.DataFrame({run.unit: run.gaps for run in runs}),
        p=rank / len(runs),
        smallest_p=1 / len(runs),
    )


def leave_one_out(panel: Panel, control: SyntheticControl, *, least: float = 0.01) -> pd.DataFrame:
    """Re-estimate without each donor that counts, in turn.

    Parameters
    ----------
    panel
        As in :func:`synthetic_control`.
    control
        The estimate to judge.
    least
        Smallest weight of the donors left out.

    Returns
    -------
    pd.DataFrame
        Gaps by period (rows), one column per donor left out.
    """
    pool = control.weights.index
    rows = panel.data["unit"].isin([control.unit, *pool])
    tables = matrices(panel.where(rows), control.start, control.recipe)
    return pd.DataFrame(
        {
            donor: fitted(*tables, control.recipe, control.unit, [*pool.drop(donor)],
                          control.start).gaps
            for donor in pool[control.weights >= least]
        }
    )  # fmt: skip
