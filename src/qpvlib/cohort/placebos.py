"""Is the gap of a synthetic control exceptional? Placebos in space and time, leave-one-out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from qpvlib.cohort.panel import Panel
from qpvlib.cohort.synthetic import (
    Predictor,
    SyntheticControl,
    fitted,
    matrices,
    synthetic_control,
)


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


def placebos_in_space(
    panel: Panel, control: SyntheticControl, *, starts: int = 3, seed: int = 0
) -> Placebos:
    """Re-estimate on every donor as if it were treated, the treated unit excluded.

    Parameters
    ----------
    panel, starts, seed
        As in :func:`synthetic_control`.
    control
        The estimate to judge; its predictors are used for every donor.
    """
    pool = sorted(control.weights.index, key=str)
    rows = panel.data["unit"].isin([control.unit, *pool])
    outcomes, table = matrices(panel.where(rows), control.start, control.predictors)
    runs = [control]
    for donor in pool:
        others = [other for other in pool if other != donor]
        run = fitted(
            outcomes, table, control.predictors, donor, others, control.start, starts, seed
        )
        runs.append(run)
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


def placebo_in_time(
    panel: Panel,
    control: SyntheticControl,
    start: int,
    *,
    predictors: Sequence[Predictor] = (),
    starts: int = 10,
    seed: int = 0,
) -> SyntheticControl:
    """Re-estimate on the true pre-treatment window with an earlier, fictitious start.

    Parameters
    ----------
    panel, predictors, starts, seed
        As in :func:`synthetic_control`; the predictors must precede the fictitious start.
    control
        The estimate to judge.
    start
        The fictitious start.
    """
    earlier = panel.where(panel.data["period"] < control.start)
    return synthetic_control(
        earlier,
        unit=control.unit,
        start=start,
        predictors=predictors,
        donors=list(control.weights.index),
        starts=starts,
        seed=seed,
    )


def leave_one_out(
    panel: Panel,
    control: SyntheticControl,
    *,
    least: float = 0.01,
    starts: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Re-estimate without each donor that counts, in turn.

    Parameters
    ----------
    panel, starts, seed
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
    counted = control.weights.index[control.weights >= least]
    return pd.DataFrame(
        {
            donor: synthetic_control(
                panel,
                unit=control.unit,
                start=control.start,
                predictors=control.predictors,
                donors=[other for other in control.weights.index if other != donor],
                starts=starts,
                seed=seed,
            ).gaps
            for donor in counted
        }
    )
