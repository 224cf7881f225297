"""Staggered starts: group-time effects, imputation and Bacon weights, computed by `diff-diff`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from diff_diff import BaconDecomposition, CallawaySantAnna, ImputationDiD, SurveyDesign

from qpvlib.cohort.aggregation import COLUMNS, Cells
from qpvlib.cohort.borrowing import borrowed
from qpvlib.cohort.contract import listed
from qpvlib.cohort.effects import EventStudy, described
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.variance import Estimate, inference, joint
from qpvlib.errors import EstimationError

_COLUMNS = {"outcome": "outcome", "unit": "unit", "time": "period", "first_treat": "first_treated"}
_SMALL = 5
_ALONE = (
    "Une cohorte ne compte qu'une grappe traitée\u00a0: son effet n'a pas d'erreur-type, ni les "
    "moyennes où de telles cohortes pèsent la moitié\u00a0; ailleurs, la variance des autres tient "
    "lieu de la sienne. Regroupez des dates proches, ou lisez l'imputation."
)


@dataclass(frozen=True)
class StaggeredEffects:
    """Effects of a treatment whose start differs between units.

    Attributes
    ----------
    overall
        Average over treated unit-periods.
    cells
        One row per cohort and period: ``cohort``, ``period``, ``estimate``, ``error``, ``df``,
        ``low``, ``high``, ``p`` (no inference for the imputation estimator, which has none there).
    event
        Effects by time since the start, with their covariance.
    cohorts, calendar
        Averages by ``cohort`` and by ``period``; no calendar for the imputation estimator.
    covariance
        Covariance of the cells, in their order; None for the imputation estimator.
    pre_test
        Wald statistic of all the cells before the start that have an error, and its p-value,
        blank with more cells than degrees of freedom; it has little power at our size and
        decides nothing. None without such cells and for the imputation estimator.
    """

    overall: Estimate
    cells: pd.DataFrame
    event: EventStudy
    cohorts: pd.DataFrame
    calendar: pd.DataFrame | None = None
    covariance: np.ndarray | None = None
    pre_test: tuple[float, float] | None = None


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
    blank = panel.data[panel.data[list(panel.covariates)].isna().any(axis=1)]
    if len(blank):
        raise EstimationError(
            f"Covariables absentes pour {listed(blank['unit'].unique())}. Retirez ces unités du "
            "panel (Panel.where) ou ces covariables\u00a0: l'ajustement ne vaut que complet."
        )
    notes = panel.remarks
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


def _cells(result: Any, panel: Panel, anticipation: int, universal: bool) -> Cells:
    """Return the cells of a fit with the influence of each cluster, and what each cell compares."""
    units = panel.units()
    kit = result._aggregation_kit
    starts = np.where(np.isfinite(units["first_treated"]), units["first_treated"], -_offset(panel))
    assert np.array_equal(kit.bookkeeping["unit_cohorts"], starts + _offset(panel))
    clusters, first = np.unique(units["cluster"], return_index=True)
    place = np.searchsorted(clusters, units["cluster"])
    heavy = units["weight"].to_numpy()
    periods = [int(period) for period in panel.periods]
    shape = (len(kit.influence), len(clusters))
    treated, controls, loadings = (
        np.zeros(shape), np.zeros(shape), np.zeros((*shape, len(periods)))
    )  # fmt: skip
    rows = []
    for row, ((cohort, period), parts) in enumerate(kit.influence.items()):
        cohort, period = cohort - _offset(panel), int(period) - _offset(panel)
        rows.append((cohort, period, result.group_time_effects[
            (cohort + _offset(panel), period + _offset(panel))]["effect"],
            heavy[starts == cohort].sum()))  # fmt: skip
        before = [p for p in periods if p < cohort - anticipation]
        if period in before and not universal:
            before = [p for p in periods if p < period]
        for side, into, sign in (("treated", treated, 1.0), ("control", controls, -1.0)):
            members = np.asarray(parts[f"{side}_idx"], int)
            if not len(members):
                continue
            np.add.at(into[row], place[members], parts[f"{side}_inf"])
            share = sign * heavy[members] / heavy[members].sum()
            np.add.at(loadings[row, :, periods.index(period)], place[members], share)
            np.add.at(loadings[row, :, periods.index(before[-1])], place[members], -share)
    table = pd.DataFrame(rows, columns=["cohort", "period", "estimate", "mass"])
    order = np.lexsort((table["period"], table["cohort"]))
    return Cells(
        table.iloc[order].reset_index(drop=True), treated[order], controls[order],
        loadings[order], starts[first],
    )  # fmt: skip


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
    Estimates and influence functions are those of `diff-diff`; errors, degrees of freedom and
    averages those of :mod:`qpvlib.cohort.aggregation`. ``simple``, ``dynamic``, ``group`` and
    ``calendar`` of R's `did` are ``overall``, ``event``, ``cohorts`` and ``calendar``.
    """
    data, design, notes = _prepared(panel)
    method = "effets par cohorte et période (Callaway et Sant'Anna)"
    model = CallawaySantAnna(
        control_group=controls, base_period=base, anticipation=anticipation, alpha=alpha
    )
    covariates = list(panel.covariates) or None
    result, warned = borrowed(
        lambda: model.fit(data, covariates=covariates, survey_design=design, **_COLUMNS)
    )
    notes += warned
    found = _cells(result, panel, anticipation, base == "universal")
    cohort, period = found.table["cohort"], found.table["period"]
    treated = period >= cohort
    cells, covariance = found.by(pd.Series(range(len(cohort)), dtype=float), alpha)
    overall = found.by(pd.Series(0.0, cohort.index).where(treated), alpha)[0].iloc[0]
    times, spread = found.by(period - cohort, alpha)
    # The reference of a universal base is a zero without error, not an estimate.
    certain = times["error"] == 0
    times.loc[certain, list(COLUMNS[1:])] = np.nan
    kept = times["error"].notna().to_numpy()
    if cells["error"].isna().any():
        notes += (_ALONE,)
    cells = found.table[["cohort", "period"]].join(
        cells.set_axis(cells.index.astype(int)), how="right"
    )
    early = ((cells["period"] < cells["cohort"]) & (cells["error"] > 0)).to_numpy()
    return StaggeredEffects(
        overall=described(panel, overall, method, notes),
        cells=cells,
        event=EventStudy(
            times.set_axis(times.index.astype(int)).rename_axis("event_time"),
            spread[np.ix_(kept, kept)], -1, method, notes,
        ),
        cohorts=found.by(cohort.where(treated), alpha, equal=True)[0].rename_axis("cohort"),
        calendar=found.by(period.where(treated), alpha)[0].rename_axis("period"),
        covariance=covariance,
        pre_test=joint(cells["estimate"].to_numpy()[early], covariance[np.ix_(early, early)],
                       cells["df"].to_numpy()[early].min()) if early.any() else None,
    )  # fmt: skip


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
    starts = panel.units().groupby("cluster")["first_treated"].min()
    sizes = starts.value_counts()
    model = ImputationDiD(
        alpha=alpha,
        cluster=None if data["cluster"].equals(data["unit"]) else "cluster",
        # Residuals around the mean of a cohort of one would be zero, of a small one too small.
        aux_partition="horizon" if sizes[panel.cohorts].min() < _SMALL else "cohort_horizon",
    )
    covariates = list(panel.covariates) or None
    result, warned = borrowed(
        lambda: model.fit(data, covariates=covariates, survey_design=design, **_COLUMNS)
    )
    notes += warned
    method = "imputation (Borusyak, Jaravel et Spiess)"
    effects = result.treatment_effects.rename(columns={"time": "period", "tau_hat": "estimate"})
    effects["period"] -= _offset(panel)
    effects["cohort"] = effects["unit"].map(panel.units()["first_treated"])
    effects["cluster"] = effects["unit"].map(panel.units()["cluster"])
    effects["event_time"] = (effects["period"] - effects["cohort"]).astype(int)

    def corrected(table: pd.DataFrame, by: str) -> pd.DataFrame:
        counts = effects.groupby(by)["cluster"].nunique().reindex(table.index)
        rows = {
            label: _few(row.iloc[0], row.iloc[1], counts[label], alpha)
            for label, row in table.iterrows()
        }
        found = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
        return found.rename_axis(by)

    cohorts = result.aggregate("group").to_dataframe().set_index("label")
    cohorts.index = cohorts.index.astype(float) - _offset(panel)
    container = result.aggregate("event_study")
    times = container.to_dataframe().set_index("event_time")
    times.index = times.index.astype(int)
    inflated = corrected(times[["att", "se"]], "event_time")
    errors = inflated["error"].dropna()
    overall = _few(result.overall_att, result.overall_se, effects["cluster"].nunique(), alpha)
    return StaggeredEffects(
        overall=described(panel, overall, method, notes),
        cells=effects.groupby(["cohort", "period"])["estimate"].mean().reset_index(),
        event=EventStudy(inflated, np.diag(errors.to_numpy() ** 2), -1, method, notes),
        cohorts=corrected(cohorts[["att", "se"]], "cohort"),
    )


def _few(value: float, error: float, treated: int, alpha: float) -> tuple[float, ...]:
    """Return the :data:`COLUMNS` of a library's estimate, made prudent for few treated clusters."""
    if treated < 2:
        return (float(value), *[np.nan] * 5)
    error = float(error * np.sqrt(treated / (treated - 1)))
    return (float(value), error, treated - 1.0, *inference(value, error, treated - 1, alpha))


def reassigned(
    panel: Panel,
    estimator: Callable[[Panel], Estimate] = lambda panel: group_time(panel).overall,
    *,
    draws: int = 199,
    level: float = 0.05,
    seed: int = 0,
) -> tuple[float, float]:
    """Measure a test on the panel itself, by dealing its start dates again among its units.

    Parameters
    ----------
    panel
        Several start dates or one.
    estimator
        What is estimated on each dealing; its statistic is t, or the estimate without error.
    draws, level, seed
        Dealings, level of the test, seed.

    Returns
    -------
    tuple
        How often the test rejects at its level, its measured size if there is no effect; and the
        share of the dealings whose statistic is as large, a p-value when the dates were drawn.
    """
    units = panel.units()
    generator = np.random.default_rng(seed)

    def estimated(dates: np.ndarray) -> Estimate:
        dealt = panel.data["unit"].map(pd.Series(dates, units.index))
        return estimator(replace(panel, data=panel.data.assign(first_treated=dealt)))

    actual = estimated(units["first_treated"].to_numpy())
    dealt = [estimated(generator.permutation(units["first_treated"])) for _ in range(draws)]
    known = actual.error > 0

    def statistic(found: Estimate) -> float:
        return abs(found.value / found.error if known else found.value)

    beyond = sum(statistic(found) >= statistic(actual) * (1 - 1e-9) for found in dealt)
    size = np.mean([found.p < level for found in dealt]) if known else np.nan
    return float(size), (1 + beyond) / (1 + draws)


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
