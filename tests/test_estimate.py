"""Intervals have the announced width and cover the truth as often as they say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from qpvlib import estimate
from qpvlib.errors import EstimationError


def half(ends):
    low, high = ends
    return (high - low) / 2


@pytest.mark.parametrize(
    ("p", "population", "simple", "clustered"),
    [(40, 1200, 3.4, 4.8), (40, 2500, 2.4, 3.3), (40, 9000, 1.2, 1.8), (47, 195, 8.6, 12)],
)
def test_half_widths_of_the_working_rule(p, population, simple, clustered):
    """The figures quoted in the design notes, to their printed rounding."""
    assert half(estimate.interval(p, population, deff=1)) == pytest.approx(simple, abs=0.15)
    assert half(estimate.interval(p, population, deff=2)) == pytest.approx(clustered, abs=0.25)


@given(st.integers(1, 500), st.data())
def test_wilson_bounds_are_those_of_statsmodels(size, data):
    count = data.draw(st.integers(0, size))
    expected = proportion_confint(count, size, method="wilson")
    np.testing.assert_allclose(estimate.wilson(count / size, size), expected, atol=1e-12)


def test_an_exhaustive_count_has_no_sampling_error():
    assert half(estimate.interval(30, 1000, sampling_rate=1)) == pytest.approx(0)


def test_nobody_concerned_still_leaves_a_doubt():
    low, high = estimate.interval(0, 1000)
    assert low == 0
    assert high > 0.5


def test_intervals_cover_the_truth_when_dwellings_are_drawn_whole():
    """Fictitious city: 1 500 households of 1 to 6, 40 % drawn whole, 600 draws."""
    random = np.random.default_rng(3)
    sizes = random.integers(1, 7, 1500)
    household = np.repeat(np.arange(1500), sizes)
    concerned = random.random(len(household)) < np.repeat(random.beta(2, 3, 1500), sizes)
    truth = concerned.mean()
    hits = 0
    for _ in range(600):
        kept = np.isin(household, random.choice(1500, 600, replace=False))
        found = estimate.ratio(
            concerned[kept], np.ones(kept.sum()), np.full(kept.sum(), 2.5), household[kept], 0.4
        )
        hits += found.low <= truth <= found.high
    assert 0.925 <= hits / 600 <= 0.975


def test_grades_follow_the_two_thresholds_of_insee():
    grades = estimate.grade([0, 199, 200, 500, 501])
    assert grades.tolist() == ["prudence", "prudence", "moyenne", "moyenne", "fiable"]


def test_independent_errors_add_in_quadrature():
    assert estimate.combine(3, 4) == 5


def _table(**changes):
    row = {"indicateur": "a", "valeur": 40.0, "numerateur": 480.0, "denominateur": 1200.0, "n": 480}
    return pd.DataFrame([row | changes])


def test_a_table_of_shares_gets_the_same_interval_as_the_rule():
    found = estimate.with_intervals(_table(), {"a": "part"}).iloc[0]
    low, high = estimate.interval(40, 1200)
    assert (found["borne_basse"], found["borne_haute"]) == pytest.approx((low, high))
    assert found["fiabilite"] == "moyenne"


def test_the_iris_error_widens_the_interval():
    plain = estimate.with_intervals(_table(), {"a": "part"}).iloc[0]
    wide = estimate.with_intervals(_table(), {"a": "part"}, iris_error=3.0).iloc[0]
    expected = np.hypot(40 - plain["borne_basse"], 1.959964 * 3)
    assert 40 - wide["borne_basse"] == pytest.approx(expected)


def test_a_ratio_of_two_groups_is_the_odds_of_a_share():
    table = _table(valeur=2.0, numerateur=800.0, denominateur=400.0)
    found = estimate.with_intervals(table, {"a": "rapport"}).iloc[0]
    low, high = (bound / 100 for bound in estimate.interval(100 * 2 / 3, 1200))
    assert found["borne_basse"] == pytest.approx(low / (1 - low))
    assert found["borne_haute"] == pytest.approx(high / (1 - high))


def test_a_mean_has_no_interval_without_its_variance():
    found = estimate.with_intervals(_table(), {"a": "moyenne"}).iloc[0]
    assert np.isnan(found["borne_basse"])


def test_a_mean_with_its_squares_gets_the_same_interval_as_the_rule():
    """1200 households, half of 1 and half of 3 persons: mean 2, deviation 1."""
    table = _table(valeur=2.0, numerateur=2400.0, carres=600 * 1.0 + 600 * 9.0)
    found = estimate.with_intervals(table, {"a": "moyenne"}).iloc[0]
    reach = estimate.mean_half_width(1.0, 1200)
    assert (found["borne_basse"], found["borne_haute"]) == pytest.approx((2 - reach, 2 + reach))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: estimate.interval(120, 1000), "hors de l'intervalle"),
        (lambda: estimate.interval(20, 0), "population nulle"),
        (lambda: estimate.interval(20, 100, sampling_rate=0), "taux de sondage"),
        (lambda: estimate.interval(20, 100, deff=0), "effet de plan"),
        (lambda: estimate.effective_size(-1, 0.5), "négative"),
        (lambda: estimate.ratio([1], [1], [-2]), "poids"),
        (lambda: estimate.ratio([1], [1], [np.nan]), "poids"),
        (lambda: estimate.ratio([1, 0], [0, 0], [1, 1]), "dénominateur"),
        (lambda: estimate.with_intervals(_table(), {}), "forme"),
    ],
)
def test_meaningless_input_is_refused_in_french(call, sentence):
    with pytest.raises(EstimationError, match=sentence):
        call()


def test_the_ratio_of_two_groups_and_a_mean_are_as_wide_as_repeated_samples():
    """Fictitious population of 1,000 units, 40 % drawn without replacement."""
    rng = np.random.default_rng(7)
    young = np.arange(1000) < 600
    sizes = rng.integers(1, 8, 1000)
    ratios, means = [], []
    for _ in range(4000):
        drawn = rng.choice(1000, 400, replace=False)
        ratios.append(young[drawn].sum() / (~young[drawn]).sum())
        means.append(sizes[drawn].mean())
    assert half(estimate.ratio_interval(1.5, 1000, deff=1)) == pytest.approx(
        estimate.Z95 * np.std(ratios), rel=0.08
    )
    assert estimate.mean_half_width(sizes.std(), 1000, deff=1) == pytest.approx(
        estimate.Z95 * np.std(means), rel=0.05
    )


@pytest.mark.parametrize(
    "call", [lambda: estimate.ratio_interval(0, 100), lambda: estimate.mean_half_width(1, 0)]
)
def test_an_empty_group_has_no_interval(call):
    with pytest.raises(EstimationError):
        call()


def test_the_gap_of_a_group_with_all_is_that_of_two_independent_samples_of_statsmodels():
    """Newcombe's hybrid score interval; at 50 %, where Wilson's bounds are symmetrical."""
    low, high = confint_proportions_2indep(100, 200, 150, 300, method="newcomb")
    found = estimate.part_gap_half_width(50, 50, 500, 1250, sampling_rate=0.4, deff=1 / 0.6)
    # 200 women and 300 others in the sample, infinite population: women are 2/5 of all.
    assert found == pytest.approx(100 * 3 / 5 * (high - low) / 2)


def test_the_gap_of_a_group_with_all_is_as_wide_as_repeated_samples():
    """Fictitious population of 1,000, 450 women, 40 % drawn without replacement."""
    rng = np.random.default_rng(11)
    women = np.arange(1000) < 450
    working = np.where(women, np.arange(1000) % 10 < 3, np.arange(1000) % 10 < 5)
    gaps = []
    for _ in range(4000):
        drawn = rng.choice(1000, 400, replace=False)
        gaps.append(working[drawn][women[drawn]].mean() - working[drawn].mean())
    rates = 100 * working[women].mean(), 100 * working.mean()
    found = estimate.part_gap_half_width(*rates, 450, 1000, deff=1)
    assert found == pytest.approx(100 * estimate.Z95 * np.std(gaps), rel=0.05)
    with pytest.raises(EstimationError, match="plus petite que l'ensemble"):
        estimate.part_gap_half_width(*rates, 1000, 1000)


def test_a_count_is_known_by_its_effective_size():
    """1,000 people at 40 %: 400 / (2 * 0.6)."""
    expected = estimate.Z95 / (400 / 1.2) ** 0.5
    assert estimate.relative_half_width(1000) == pytest.approx(expected)


def test_the_bounds_of_a_count_are_those_of_garwood_and_hold_95_percent():
    low, high = estimate.poisson([0, 1, 10])
    assert low == pytest.approx([0, 0.0253, 4.795], abs=5e-4)
    assert high == pytest.approx([3.689, 5.572, 18.39], abs=5e-3)
    assert stats.poisson.sf(9, low[2]) == pytest.approx(0.025)  # ten or more, at the lower bound


def test_the_equivalent_size_undoes_the_half_width():
    """A rate of 40 % in 1,200 people, a mean of deviation 1.8 in 700 households."""
    low, high = estimate.wilson(0.4, 1e7)  # so many that Wilson's correction is nothing
    assert estimate.equivalent_size(0.24, (high - low) / 2) == pytest.approx(1e7 * 3, rel=1e-4)
    reach = estimate.mean_half_width(1.8, 700)
    assert estimate.equivalent_size(1.8**2, reach) == pytest.approx(700)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_a_mean_of_few_clusters_has_the_standard_error_of_an_independent_library(size):
    """A ratio whose denominator is one per observation is a mean: its variance is over n - 1."""
    values = np.random.default_rng(size).normal(10, 3, size)
    found = estimate.ratio(values, np.ones(size), np.ones(size))
    assert found.high - found.value == pytest.approx(stats.norm.ppf(0.975) * stats.sem(values))
    halves = estimate.ratio(np.repeat(values, 2), np.ones(2 * size), np.full(2 * size, 0.5),
                            clusters=np.repeat(np.arange(size), 2))  # fmt: skip
    assert (halves.low, halves.high) == pytest.approx((found.low, found.high))


def test_a_ratio_of_two_measures_is_about_as_wide_as_its_jackknife():
    chance = np.random.default_rng(4)
    x = chance.gamma(5, 2, 40)
    y = 0.3 * x + chance.normal(0, 0.4, 40)
    found = estimate.ratio(y, x, np.ones(40))
    left = np.array([(y.sum() - y[i]) / (x.sum() - x[i]) for i in range(40)])
    error = np.sqrt(39 / 40 * ((left - left.mean()) ** 2).sum())
    assert (found.high - found.low) / 2 == pytest.approx(stats.norm.ppf(0.975) * error, rel=0.05)
