"""Two-way fixed effects, ANCOVA and the event study give the published and analytic values."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from cohort_cases import fictitious, medicaid, read, smoking_sdid
from qpvlib.cohort import ancova, did, event_study, group_time, imputation
from qpvlib.errors import EstimationError


def test_medicaid_static_effect(shared):
    estimate = did(medicaid(shared), kind="CR1")
    assert estimate.value == pytest.approx(0.070321, abs=1e-6)
    assert estimate.error == pytest.approx(0.007401, abs=1e-6)
    assert estimate.p == pytest.approx(2.5169e-12, rel=1e-4)


def test_medicaid_event_study(shared):
    table = event_study(medicaid(shared, "year < 2016 and yexp2 != 2015"), kind="CR1").table
    assert table.loc[[0, 1], "estimate"].to_numpy() == pytest.approx([0.04645, 0.06921], abs=1e-5)
    assert table.loc[[0, 1], "error"].to_numpy() == pytest.approx([0.00915, 0.01035], abs=1e-5)


def test_proposition_99_difference_without_an_error(shared):
    estimate = did(smoking_sdid(shared))
    assert estimate.value == pytest.approx(-27.3491, abs=1e-3)
    assert np.isnan(estimate.error) and "seule grappe" in estimate.notes[-1]


def test_the_analytic_oracle():
    """8 targets, 16 controls, 6 years, one start: everything is known in closed form."""
    panel = read(fictitious())
    means = panel.collapse()
    groups = [means.loc[means["treated"] == side, "change"] for side in (True, False)]
    difference = groups[0].mean() - groups[1].mean()
    static, collapsed = did(panel), ancova(panel, adjust=False)
    assert static.value == pytest.approx(difference, abs=1e-12)
    assert collapsed.value == pytest.approx(difference, abs=1e-12)
    assert imputation(panel).overall.value == pytest.approx(difference, abs=1e-9)

    welch = np.sqrt(sum(group.var() / len(group) for group in groups))
    assert static.error == pytest.approx(welch, abs=1e-12)
    assert collapsed.error == pytest.approx(welch, abs=1e-12)
    n1, n0 = 8, 16
    closed = (1 / n1 + 1 / n0) ** 2 / (1 / (n1**2 * (n1 - 1)) + 1 / (n0**2 * (n0 - 1)))
    assert closed == pytest.approx(14.104, abs=1e-3)
    assert static.df == pytest.approx(closed, abs=1e-8)
    assert collapsed.df == pytest.approx(closed, abs=1e-8)
    assert static.p == pytest.approx(2 * stats.t.sf(abs(difference / welch), closed))


def test_the_last_year_before_is_another_baseline():
    """Group-time and event-study effects compare with 2003 alone, not with 2001-2003."""
    table = fictitious()
    wide = table.pivot(index="territoire", columns="annee", values="taux")
    change = wide[[2004, 2005, 2006]].mean(axis=1) - wide[2003]
    by_hand = change.iloc[:8].mean() - change.iloc[8:].mean()
    panel = read(table)
    assert group_time(panel).overall.value == pytest.approx(by_hand, abs=1e-12)
    study = event_study(panel)
    assert study.table.loc[[0, 1, 2], "estimate"].mean() == pytest.approx(by_hand, abs=1e-12)
    assert did(panel).value != pytest.approx(by_hand, abs=1e-3)


def test_a_weighted_unbalanced_panel_with_a_covariate_agrees_with_statsmodels():
    table = fictitious(effect=1.0)
    generator = np.random.default_rng(0)
    table["poids"] = generator.uniform(0.5, 3, len(table))
    table["chomage"] = generator.normal(size=len(table))
    table = table[generator.random(len(table)) > 0.1]
    table["d"] = ((table["debut"] > 0) & (table["annee"] >= 2004)).astype(float)
    estimate = did(read(table, weight="poids", covariates=["chomage"]), kind="CR1")
    peer = smf.wls(
        "taux ~ d + chomage + C(territoire) + C(annee)", table, weights=table["poids"]
    ).fit(cov_type="cluster", cov_kwds={"groups": table["territoire"].astype("category").cat.codes})
    assert estimate.value == pytest.approx(peer.params["d"], abs=1e-9)
    # statsmodels counts the territory effects in K; CR1 here does not, as fixest.
    n, k, units = len(table), 24 + 5 + 2, 24
    assert estimate.error == pytest.approx(
        peer.bse["d"] * np.sqrt((n - k) / (n - k + units - 1)), rel=1e-9
    )


def test_centring_or_dummies_give_the_same_inference():
    """Weights of one make the dummies be used; nothing may change."""
    table = fictitious(effect=1.0).assign(un=1.0)
    table = table.drop(index=[4, 70, 71])
    for kind in ("CR1", "CR2"):
        plain, weighted = did(read(table), kind=kind), did(read(table, weight="un"), kind=kind)
        for name in ("value", "error", "df", "p"):
            assert getattr(plain, name) == pytest.approx(getattr(weighted, name), rel=1e-9)


def test_ancova_with_strata_agrees_with_statsmodels():
    panel = read(fictitious(effect=2.0))
    means = panel.collapse()
    means["strate"] = np.arange(24) % 4
    means["hlm"] = np.random.default_rng(0).uniform(size=24)
    estimate = ancova(panel, strata=means["strate"], baseline=means[["hlm"]])
    peer = smf.ols("post ~ treated + pre + hlm + C(strate)", means).fit(cov_type="HC2")
    assert estimate.value == pytest.approx(peer.params["treated[T.True]"], abs=1e-9)
    assert estimate.error == pytest.approx(peer.bse["treated[T.True]"], abs=1e-9)


def test_the_simultaneous_band_is_wider_than_the_pointwise_one():
    study = event_study(read(fictitious()), kind="CR1")
    band = study.band()
    pointwise = study.table.dropna()
    width = (band["high"] - band["low"]) / pointwise["error"]
    assert (width > 2 * 1.96).all() and (width < 2 * stats.norm.isf(0.025 / 5) + 0.1).all()


def test_a_period_with_one_target_left_has_no_error():
    table = fictitious(targets=3)
    alone = (table["annee"] == 2006) & table["territoire"].isin(["T00", "T01"])
    study = event_study(read(table[~alone])).table
    assert np.isnan(study.loc[2, "error"]) and np.isfinite(study.loc[1, "error"])


def test_an_event_study_needs_one_date_and_its_reference():
    table = fictitious()
    with pytest.raises(EstimationError, match="référence"):
        event_study(read(table), reference=-9)
    table.loc[table["territoire"] == "T00", "debut"] = 2005
    with pytest.raises(EstimationError, match="dates de début"):
        event_study(read(table))


def test_a_covariate_that_is_the_treatment_is_refused():
    table = fictitious()
    table["copie"] = ((table["debut"] > 0) & (table["annee"] >= 2004)).astype(float)
    with pytest.raises(EstimationError, match="identifié"):
        did(read(table, covariates=["copie"]))
