"""Group-time effects, imputation and Bacon weights reproduce the Medicaid exercises."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cohort_cases import medicaid, read
from qpvlib.cohort import bacon, did, group_time, imputation
from qpvlib.cohort.staggered import reassigned
from qpvlib.errors import EstimationError

ATT = {
    2014: [0.0467, 0.0692, 0.0785, 0.0725, 0.0738, 0.0803],
    2015: [0.0491, 0.0526, 0.0682, 0.0663, 0.0738],
}


def staggered() -> pd.DataFrame:
    """Five fictitious units, starts in 3, 4 and never; effects 2 and 5, no noise."""
    rows = []
    for rank, (unit, start) in enumerate({"A": 3, "B": 3, "C": 4, "D": 0, "E": 0}.items()):
        for period in range(1, 6):
            effect = {3: 2.0, 4: 5.0}.get(start, 0.0) * (0 < start <= period)
            rows.append((unit, period, start, 10 * rank + period**2 + effect))
    return pd.DataFrame(rows, columns=["territoire", "annee", "debut", "taux"])


def test_medicaid_group_time_effects(shared):
    result = group_time(medicaid(shared), controls="not_yet_treated")
    assert result.overall.value == pytest.approx(0.06798, abs=1e-4)
    # The published error divides by n, ours by n - 1 in each cohort.
    assert 1 < result.overall.error / 0.0077 < 1.1
    cells = result.cells.set_index(["cohort", "period"])["estimate"]
    for cohort, expected in ATT.items():
        assert cells.loc[cohort].loc[cohort:].to_numpy() == pytest.approx(expected, abs=1e-4)


def test_medicaid_first_effect_by_hand(shared):
    panel = medicaid(shared)
    wide = panel.data.pivot(index="unit", columns="period", values="outcome")
    change = wide[2014] - wide[2013]
    start = panel.units()["first_treated"]
    by_hand = change[start == 2014].mean() - change[start > 2014].mean()
    assert by_hand == pytest.approx(0.04670243, abs=1e-6)
    cells = group_time(panel).cells.set_index(["cohort", "period"])["estimate"]
    assert cells.loc[(2014, 2014)] == pytest.approx(by_hand, abs=1e-12)


def test_medicaid_bacon_weights(shared):
    table = bacon(medicaid(shared))
    table["product"] = table["weight"] * table["estimate"]
    kinds = table.groupby("kind")[["weight", "product"]].sum()
    expected = {
        "treated_vs_never": (0.79262, 0.07228),
        "earlier_vs_later": (0.14911, 0.06983),
        "later_vs_earlier": (0.05827, 0.04486),
    }
    for kind, (weight, estimate) in expected.items():
        assert kinds.loc[kind, "weight"] == pytest.approx(weight, abs=1e-4)
        assert kinds.loc[kind, "product"] / weight == pytest.approx(estimate, abs=1e-4)


def test_medicaid_without_the_never_treated(shared):
    panel = medicaid(shared, "yexp2.notna()")
    overall = group_time(panel).overall
    assert overall.value == pytest.approx(0.0728, abs=1e-4)
    assert 1 < overall.error / 0.0092 < 1.3  # cohorts of two and three among the comparison units
    weights = bacon(panel).groupby("kind")["weight"].sum().to_dict()
    assert weights == pytest.approx(
        {"earlier_vs_later": 0.71902, "later_vs_earlier": 0.28098}, abs=1e-5
    )
    static = did(panel, kind="CR1")
    assert (static.value, static.error) == pytest.approx((0.062817, 0.007653), abs=1e-6)


def test_medicaid_imputation(shared):
    overall = imputation(medicaid(shared)).overall
    assert overall.value == pytest.approx(0.073365, abs=1e-5)
    assert overall.error == pytest.approx(0.0078, rel=0.10) and overall.df == 29


def test_known_effects_are_found_exactly():
    panel = read(staggered())
    for estimator in (group_time, imputation):
        result = estimator(panel)
        assert result.overall.value == pytest.approx((6 * 2 + 2 * 5) / 8)
        assert result.cohorts["estimate"].to_dict() == pytest.approx({3: 2.0, 4: 5.0})
        assert result.event.table.loc[0, "estimate"] == pytest.approx((2 * 2 + 5) / 3)


def test_bacon_weights_rebuild_the_static_effect():
    panel = read(staggered())
    table = bacon(panel)
    assert table["weight"].sum() == pytest.approx(1)
    assert (table["weight"] * table["estimate"]).sum() == pytest.approx(did(panel).value, abs=1e-12)


def test_weights_change_the_estimate_as_they_should():
    table = staggered()
    table["poids"] = table["territoire"].map({"A": 1, "B": 1, "C": 6, "D": 2, "E": 1})
    result = group_time(read(table, weight="poids"))
    assert result.overall.value == pytest.approx((6 * 2 + 6 * 2 * 5) / (6 + 12))


def test_weights_that_vary_are_fixed_and_said():
    table = staggered()
    table["poids"] = np.linspace(1, 2, len(table))
    assert "poids changent" in " ".join(group_time(read(table, weight="poids")).overall.notes)


def test_an_unbalanced_panel_is_estimated_and_said_but_not_decomposed():
    panel = read(staggered().drop(index=7))
    assert group_time(panel).overall.value == pytest.approx((6 * 2 + 2 * 5) / 8, abs=0.5)
    assert any("Panel incomplet" in note for note in imputation(panel).overall.notes)
    with pytest.raises(EstimationError, match="équilibré"):
        bacon(panel)


def test_clusters_above_units_are_used():
    table = staggered().assign(grappe=lambda t: t["territoire"].replace({"B": "A"}))
    assert group_time(read(table, cluster="grappe")).overall.clusters == 4


@pytest.mark.parametrize("shift", [-1, -4])
def test_periods_may_start_at_zero_or_below(shift):
    """With negative periods a date of zero is a date, not « never »."""
    table = staggered()
    table["annee"] += shift
    table["debut"] = np.where(table["debut"] > 0, table["debut"] + shift, np.nan)
    panel = read(table)
    for estimator in (group_time, imputation):
        result = estimator(panel)
        assert result.cohorts["estimate"].to_dict() == pytest.approx({3 + shift: 2, 4 + shift: 5})
        assert set(result.cells["period"]) <= set(panel.periods)
    assert did(panel).value == pytest.approx(did(read(staggered())).value)
    assert set(bacon(panel)["treated"]) == {3 + shift, 4 + shift}


def test_no_treated_unit_is_refused():
    with pytest.raises(EstimationError, match="traitée"):
        group_time(read(staggered().assign(debut=0)))


def test_the_data_loaders_of_diff_diff_are_never_used():
    """Offline they return synthetic data with a mere warning."""
    from pathlib import Path

    import qpvlib.cohort

    for source in Path(qpvlib.cohort.__file__).parent.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        assert "diff_diff.datasets" not in text and "load_" not in text


def noisy(starts: list[int], controls: int = 16, seed: int = 0) -> pd.DataFrame:
    """Fictitious units without any effect, one start each."""
    generator = np.random.default_rng(seed)
    rows = [
        (f"T{rank:02d}", period, start, generator.normal())
        for rank, start in enumerate([*starts, *[0] * controls])
        for period in range(1, 7)
    ]
    return pd.DataFrame(rows, columns=["territoire", "annee", "debut", "taux"])


def test_one_date_has_the_error_and_the_freedom_of_a_comparison_of_means():
    """With the base at the last period before, group-time effects are differences of means."""
    panel = read(noisy([4] * 8))
    wide = panel.data.pivot(index="unit", columns="period", values="outcome")
    change = wide[5] - wide[3]
    arms = change[:8], change[8:]
    row = group_time(panel).cells.set_index("period").loc[5]
    assert row["estimate"] == pytest.approx(arms[0].mean() - arms[1].mean())
    assert row["error"] == pytest.approx(np.sqrt(sum(arm.var() / len(arm) for arm in arms)))
    closed = (1 / 8 + 1 / 16) ** 2 / (1 / (8**2 * 7) + 1 / (16**2 * 15))
    assert row["df"] == pytest.approx(closed) and closed == pytest.approx(14.104, abs=1e-3)


def test_a_cohort_of_one_has_no_error_and_an_average_of_them_neither():
    """Staggered issue 10; a true null was rejected 69 % of the time."""
    alone = group_time(read(noisy([3, 4, 5, 6])))
    assert alone.cohorts["error"].isna().all() and np.isnan(alone.overall.p)
    assert "qu'une grappe" in " ".join(alone.overall.notes)
    mixed = group_time(read(noisy([3, 4, 4, 4, 4, 4])))
    assert np.isnan(mixed.cohorts.loc[3, "error"]) and mixed.overall.error > 0
    imputed = imputation(read(noisy([3, 4, 5, 6])))
    assert imputed.overall.df == 3 and imputed.cohorts["error"].isna().all()


@pytest.mark.parametrize("starts", [[4] * 8, [3, 3, 4, 4, 5, 5, 6, 6]])
def test_a_true_null_is_not_rejected_too_often(starts):
    """bench/sizes.py measures 1 000 panels: 5.1 % and below; the normal law gave 10.4 %."""
    found = [group_time(read(noisy(starts, seed=seed))).overall.p < 0.05 for seed in range(150)]
    assert np.mean(found) <= 0.10


def test_averages_come_with_their_covariance():
    result = group_time(read(noisy([3, 3, 4, 4, 4])))
    event = result.event.table
    assert np.sqrt(np.diag(result.event.covariance)) == pytest.approx(event["error"])
    assert np.sqrt(np.diag(result.covariance)) == pytest.approx(result.cells["error"])
    by_hand = result.cells.query("period == 5")["estimate"] @ [2 / 5, 3 / 5]
    assert result.calendar.loc[5, "estimate"] == pytest.approx(by_hand)


def test_the_joint_pre_test_is_hotelling_s_on_the_changes_before():
    """bench: 5.0 % of true nulls rejected with 8 and 16 units, 9.7 % by the chi-squared law."""
    panel = read(noisy([4] * 8))
    wide = panel.data.pivot(index="unit", columns="period", values="outcome")
    changes = wide.diff(axis=1)[[2, 3]]
    arms = changes[:8], changes[8:]
    gap = arms[0].mean() - arms[1].mean()
    spread = sum(arm.cov() / len(arm) for arm in arms)
    by_hand = float(gap @ np.linalg.solve(spread, gap))
    statistic, p = group_time(panel).pre_test
    df = (1 / 8 + 1 / 16) ** 2 / (1 / (8**2 * 7) + 1 / (16**2 * 15))
    assert statistic == pytest.approx(by_hand)
    assert p == pytest.approx(stats.f.sf(by_hand * (df - 1) / (2 * df), 2, df - 1))
    assert group_time(read(noisy([2] * 8))).pre_test is None
    few = group_time(read(noisy([3, 3, 4, 4, 5, 5, 6, 6]))).pre_test
    assert few[0] > 0 and np.isnan(few[1])


def test_cells_keep_their_covariance_when_one_is_missing():
    """A cohort without its base period has no cell there: the others keep their own error."""
    table = noisy([3, 3, 5, 5, 5])
    found = group_time(read(table[~((table["debut"] == 5) & (table["annee"] == 4))]))
    cells = found.cells.dropna(subset=["error"]).query("error > 0")
    spread = np.sqrt(np.diag(found.covariance))
    assert spread[spread > 0] == pytest.approx(cells["error"])
    assert (found.cells["period"] >= 2).all()


def test_dealing_the_dates_again_measures_the_test():
    size, p = reassigned(read(noisy([4] * 8)), draws=99)
    assert size <= 0.14 and 0.01 <= p <= 1
    effect = noisy([4] * 8).assign(taux=lambda t: t["taux"] + 9 * (
        (t["debut"] > 0) & (t["annee"] >= 4)))  # fmt: skip
    assert reassigned(read(effect), draws=99)[1] == pytest.approx(0.01)


@pytest.mark.parametrize("estimator", [group_time, imputation])
def test_a_blank_covariate_is_refused_and_never_drops_the_adjustment(estimator):
    """One blank for one control silently gave everybody the unadjusted estimate."""
    table = noisy([4] * 8)
    table["jeunes"] = np.random.default_rng(1).normal(size=24)[
        table["territoire"].str[1:].astype(int)
    ]
    assert estimator(read(table, covariates=["jeunes"])).overall.error > 0
    table.loc[table["territoire"] == "T20", "jeunes"] = np.nan
    with pytest.raises(EstimationError, match="Covariables absentes pour T20"):
        estimator(read(table, covariates=["jeunes"]))
