"""Staggered starts: group-time effects, imputation and Bacon weights, computed by `diff-diff`."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from diff_diff import BaconDecomposition, CallawaySantAnna, ImputationDiD, SurveyDesign

from qpvlib.cohort.effects import EventStudy
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.variance import Estimate
from qpvlib.errors import EstimationError

_COLUMNS = {"outcome": "outcome", "unit": "unit", "time": "period", "first_treat": "first_treated"}
_INFERENCE = {
    "att": "estimate",
    "effect": "estimate",
    "se": "error",
    "df": "df",
    "conf_int_lower": "low",
    "conf_int_upper": "high",
    "p_value": "p",
}


@dataclass(frozen=True)
class StaggeredEffects:
    """Effects of a treatment whose start differs between units.

    Attributes
    ----------
    overall
        Average over treated unit-periods.
    cells
        One row per cohort and period: ``cohort``, ``period``, ``estimate``, ``error``, ``low``,
        ``high``, ``p`` (inference is absent for the imputation estimator, which has none there).
    event
        Effects by time since the start.
    cohorts
        Average by cohort, indexed by ``cohort``.
    """

    overall: Estimate
    cells: pd.DataFrame
    event: EventStudy
    cohorts: pd.DataFrame


def borrowed(compute: Callable[[], Any]) -> tuple[Any, tuple[str, ...]]:
    """Run a `diff-diff` computation; return its result and its warnings as French notes.

    Raises
    ------
    EstimationError
        When the library refuses the data.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Said in French by `_prepared`.
        warnings.filterwarnings("ignore", message="Unbalanced panel detected")
        try:
            result = compute()
        except (ValueError, NotImplementedError, np.linalg.LinAlgError) as error:
            raise EstimationError(
                f"L'estimation a échoué\u00a0: diff-diff répond «\u00a0{error}\u00a0». Vérifiez "
                "les cohortes, les covariables et le nombre de témoins."
            ) from error
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return result, tuple(
        f"Avertissement de diff-diff\u00a0: «\u00a0{text}\u00a0»." for text in texts
    )


def _prepared(panel: Panel) -> tuple[pd.DataFrame, SurveyDesign | None, tuple[str, ...]]:
    """Return the data for diff-diff: dates from 1, 0 for never, weights constant over time."""
    panel.require(treated=1)
    if not len(panel.cohorts):
        raise EstimationError(
            "Aucune unité traitée pendant le panel\u00a0: il n'y a rien à estimer."
        )
    offset = _offset(panel)
    data = panel.data.assign(
        period=panel.data["period"] + offset,
        first_treated=(panel.data["first_treated"] + offset).replace(np.inf, 0.0),
    )
    notes = panel.notes
    if not panel.balanced:
        notes += (
            "Panel incomplet\u00a0: chaque effet compare les unités observées à ses deux périodes.",
        )
    if not panel.weighted:
        return data, None, notes
    first = data.groupby("unit")["weight"].transform("first")
    if not np.allclose(first, data["weight"]):
        notes += (
            "Les poids changent dans le temps\u00a0: celui de la première période de chaque unité "
            "est retenu.",
        )
    data["weight"] = first / first.mean()
    return data, SurveyDesign(weights="weight"), notes


def _offset(panel: Panel) -> int:
    """Return what to add to the periods so that all are positive: diff-diff reads 0 as never."""
    return max(0, 1 - int(panel.periods.min()))


def _cluster(data: pd.DataFrame) -> str | None:
    return None if data["cluster"].equals(data["unit"]) else "cluster"


def _renamed(table: pd.DataFrame, index: str) -> pd.DataFrame:
    kept = {name: new for name, new in _INFERENCE.items() if name in table}
    return table.set_index(index)[list(kept)].rename(columns=kept)


def _overall(result: Any, panel: Panel, method: str, notes: tuple[str, ...]) -> Estimate:
    low, high = result.overall_conf_int
    clusters = panel.data["cluster"].nunique()
    return Estimate(
        value=float(result.overall_att),
        error=float(result.overall_se),
        df=np.inf,
        low=float(low),
        high=float(high),
        p=float(result.overall_p_value),
        method=method,
        n=len(panel.data),
        units=len(panel.units()),
        clusters=clusters,
        notes=notes,
    )


def _event(result: Any, method: str, notes: tuple[str, ...]) -> EventStudy:
    container = result.aggregate("event_study")
    table = _renamed(container.to_dataframe(), "event_time")
    table.index = table.index.astype(int)
    estimated = table["error"].notna()
    covariance = np.diag(table.loc[estimated, "error"] ** 2)
    if container.vcov is not None:
        labels = list(np.asarray(container.vcov_index).astype(int))
        order = [labels.index(time) for time in table.index[estimated]]
        covariance = container.vcov[np.ix_(order, order)]
    return EventStudy(table, covariance, -1, method, notes)


def _cohorts(result: Any, panel: Panel) -> pd.DataFrame:
    table = _renamed(result.aggregate("group").to_dataframe(), "label").rename_axis("cohort")
    table.index = table.index.astype(float) - _offset(panel)
    return table


def group_time(
    panel: Panel,
    *,
    controls: Literal["never_treated", "not_yet_treated"] = "not_yet_treated",
    base: Literal["varying", "universal"] = "varying",
    anticipation: int = 0,
    alpha: float = 0.05,
) -> StaggeredEffects:
    """Estimate the group-time effects of Callaway and Sant'Anna 2021.

    Parameters
    ----------
    panel
        Any mix of start dates; covariates enter by the doubly robust method, at the period
        before treatment. In an unbalanced panel each cell uses the units observed in both of
        its periods (as `csdid` does; R's `did` drops incomplete units by default).
    controls
        Comparison units: never treated in the panel, or not yet treated.
    base
        Reference of the periods before treatment: the previous one, or the last one for all.
    anticipation
        Number of periods before the start that may already react.
    alpha
        Level of the intervals.

    Raises
    ------
    EstimationError
        With too few comparison units, or when the library refuses.

    Notes
    -----
    Standard errors are analytical (influence function): 0 to 7 % below bootstrapped ones on
    the Medicaid example.
    """
    data, design, notes = _prepared(panel)
    model = CallawaySantAnna(
        control_group=controls,
        base_period=base,
        anticipation=anticipation,
        alpha=alpha,
        cluster=_cluster(data),
    )
    covariates = list(panel.covariates) or None
    result, warned = borrowed(
        lambda: model.fit(data, covariates=covariates, survey_design=design, **_COLUMNS)
    )
    notes += warned
    method = "effets par cohorte et période (Callaway et Sant'Anna)"
    cells = result.to_dataframe("group_time").rename(
        columns={"group": "cohort", "time": "period", **_INFERENCE}
    )
    cells[["cohort", "period"]] -= _offset(panel)
    return StaggeredEffects(
        overall=_overall(result, panel, method, notes),
        cells=cells[["cohort", "period", "estimate", "error", "low", "high", "p"]],
        event=_event(result, method, notes),
        cohorts=_cohorts(result, panel),
    )


def imputation(panel: Panel, *, alpha: float = 0.05) -> StaggeredEffects:
    """Estimate effects by imputing untreated outcomes (Borusyak, Jaravel and Spiess 2024).

    Parameters
    ----------
    panel, alpha
        As in :func:`group_time`; covariates enter linearly.

    Raises
    ------
    EstimationError
        As in :func:`group_time`.
    """
    data, design, notes = _prepared(panel)
    model = ImputationDiD(alpha=alpha, cluster=_cluster(data))
    covariates = list(panel.covariates) or None
    result, warned = borrowed(
        lambda: model.fit(data, covariates=covariates, survey_design=design, **_COLUMNS)
    )
    notes += warned
    method = "imputation (Borusyak, Jaravel et Spiess)"
    effects = result.treatment_effects.rename(columns={"time": "period", "tau_hat": "estimate"})
    effects["period"] -= _offset(panel)
    effects["cohort"] = effects["unit"].map(panel.units()["first_treated"])
    return StaggeredEffects(
        overall=_overall(result, panel, method, notes),
        cells=effects.groupby(["cohort", "period"])["estimate"].mean().reset_index(),
        event=_event(result, method, notes),
        cohorts=_cohorts(result, panel),
    )


def bacon(panel: Panel) -> pd.DataFrame:
    """Decompose the two-way fixed-effects estimate into its 2x2 comparisons.

    Parameters
    ----------
    panel
        A balanced panel, without covariates.

    Returns
    -------
    pd.DataFrame
        One row per comparison: ``treated``, ``control``, ``kind`` (``treated_vs_never``,
        ``earlier_vs_later``, ``later_vs_earlier``), ``estimate``, ``weight``; the weights sum to
        one and the weighted sum is the static estimate (Goodman-Bacon 2021, theorem 1).

    Raises
    ------
    EstimationError
        On an unbalanced panel.
    """
    if not panel.balanced:
        raise EstimationError(
            "La décomposition de Bacon demande un panel équilibré\u00a0: restreignez-le aux unités "
            "observées à toutes les périodes."
        )
    data, design, _ = _prepared(panel)
    result, _ = borrowed(
        lambda: BaconDecomposition(weights="exact").fit(data, survey_design=design, **_COLUMNS)
    )
    table = result.to_dataframe().rename(
        columns={
            "treated_group": "treated",
            "control_group": "control",
            "comparison_type": "kind",
        }
    )
    for side in ("treated", "control"):
        table[side] = [
            date if isinstance(date, str) else date - _offset(panel) for date in table[side]
        ]
    return table[["treated", "control", "kind", "estimate", "weight"]]
