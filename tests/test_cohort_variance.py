"""CR1, CR2 with its degrees of freedom and the wild bootstrap do what their formulas say."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from diff_diff.linalg import LinearRegression

from cohort_cases import fictitious, read
from qpvlib.cohort.effects import EFFECT, did, did_fit
from qpvlib.cohort.regression import fit
from qpvlib.cohort.variance import covariance, estimate, wild_bootstrap
from qpvlib.errors import EstimationError, InvalidParameterError


def clustered(weighted: bool, seed: int = 1):
    generator = np.random.default_rng(seed)
    clusters = generator.integers(9, size=60)
    design = pd.DataFrame({"un": 1.0, "x": generator.normal(size=60)})
    design["z"] = generator.normal(size=9)[clusters]
    outcome = generator.normal(size=60) + generator.normal(size=9)[clusters]
    weights = generator.uniform(0.5, 4, 60) if weighted else None
    return design, outcome, weights, clusters


def test_cr2_and_its_degrees_of_freedom_agree_with_diff_diff():
    design, outcome, _, clusters = clustered(weighted=False)
    model = fit(design, outcome, clusters=clusters)
    peer = LinearRegression(include_intercept=False, vcov_type="hc2_bm", cluster_ids=clusters).fit(
        design.to_numpy(), outcome
    )
    assert covariance(model, "CR2") == pytest.approx(peer.vcov_, abs=1e-12)
    for position, name in enumerate(design):
        expected = peer.get_inference(position).df
        assert estimate(model, name).df == pytest.approx(expected, rel=1e-9)


def test_weighted_cr2_is_unbiased_under_its_working_model():
    """With independent errors of equal variance, the mean of the variance is the true one."""
    design, _, weights, clusters = clustered(weighted=True)
    matrix = design.to_numpy()
    bread = np.linalg.inv(matrix.T @ (weights[:, None] * matrix))
    maker = bread @ (matrix * weights[:, None]).T
    generator = np.random.default_rng(0)
    draws = [
        covariance(fit(design, generator.normal(size=60), weights=weights, clusters=clusters))[2, 2]
        for _ in range(1500)
    ]
    truth = (maker @ maker.T)[2, 2]
    assert np.mean(draws) == pytest.approx(truth, abs=3.5 * np.std(draws) / np.sqrt(1500))


def test_weighted_degrees_of_freedom_match_the_moments_of_the_variance():
    design, _, weights, clusters = clustered(weighted=True)
    generator = np.random.default_rng(0)
    models = [
        fit(design, generator.normal(size=60), weights=weights, clusters=clusters)
        for _ in range(3000)
    ]
    draws = np.array([covariance(model)[2, 2] for model in models])
    # A scaled chi-squared law of df d has a squared coefficient of variation of 2/d.
    expected = 2 * draws.mean() ** 2 / draws.var()
    assert estimate(models[0], "z").df == pytest.approx(expected, rel=0.1)


def test_the_wild_bootstrap_finds_an_effect_and_not_its_absence():
    with_effect = wild_bootstrap(did_fit(read(fictitious(effect=3.0))), EFFECT, draws=499)
    without = wild_bootstrap(did_fit(read(fictitious())), EFFECT, draws=499)
    assert with_effect.p < 0.02 and with_effect.low < 3 < with_effect.high
    assert without.p > 0.05 and without.low < 0 < without.high
    reference = estimate(did_fit(read(fictitious())), EFFECT, kind="CR1")
    assert without.value == pytest.approx(reference.value, abs=1e-9)
    assert without.error == pytest.approx(reference.error, abs=1e-9)


def test_what_has_no_variance_is_refused():
    design, outcome, _, clusters = clustered(weighted=False)
    with pytest.raises(EstimationError, match="Une seule grappe"):
        covariance(fit(design, outcome, clusters=np.zeros(60)))
    with pytest.raises(InvalidParameterError, match="CR9"):
        covariance(fit(design, outcome, clusters=clusters), "CR9")
    with pytest.raises(EstimationError, match="autant de paramètres"):
        fit(design[:3], outcome[:3])
    with pytest.raises(EstimationError, match="absentes ou infinies"):
        fit(design.assign(x=np.nan), outcome)


def test_ordinary_errors_agree_with_a_regression_on_dummies():
    table = fictitious(effect=1.0)
    table["d"] = ((table["debut"] > 0) & (table["annee"] >= 2004)).astype(float)
    peer = smf.ols("taux ~ d + C(territoire) + C(annee)", table)
    for kind, options in (("iid", {}), ("HC1", {"cov_type": "HC1"})):
        found, expected = did(read(table), kind=kind), peer.fit(**options)
        assert found.error == pytest.approx(expected.bse["d"], rel=1e-9)
        assert found.df == expected.df_resid


def test_strata_have_their_own_periods():
    table = fictitious(effect=1.0)
    strata = pd.Series(np.arange(24) % 4, index=sorted(table["territoire"].unique()))
    means = read(table).collapse().assign(strate=strata)
    peer = smf.ols("change ~ treated + C(strate)", means).fit()
    found = did(read(table), strata=strata)
    assert found.value == pytest.approx(peer.params["treated[T.True]"], abs=1e-9)
    with pytest.raises(EstimationError, match="pas de strate"):
        did(read(table), strata=strata[1:])


def test_the_bootstrap_of_one_treated_unit_is_refused_as_its_error_is():
    found = wild_bootstrap(did_fit(read(fictitious(targets=1))), EFFECT, draws=99)
    assert np.isnan(found.p) and "une seule grappe" in " ".join(found.notes)
