"""Robust intervals match the published ones, and what is not right is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cohort_cases import EXERCISE, README, fictitious, honest_sample, read
from qpvlib.cohort import Estimate, did, event_study, group_time
from qpvlib.cohort import sensitivity as sens
from qpvlib.errors import EstimationError

PUBLISHED = {
    README: {
        0: (0.0259, 0.0607),
        0.01: (0.0132, 0.0787),
        0.02: (0.0029, 0.0907),
        0.03: (-0.0071, 0.1010),
    },
    EXERCISE: {
        0: (0.0262, 0.0583),
        0.01: (0.00724, 0.0649),
        0.02: (-0.00273, 0.0748),
        0.03: (-0.0127, 0.0848),
        0.04: (-0.0227, 0.0948),
        0.05: (-0.0327, 0.105),
    },
}


@pytest.mark.parametrize("sample", PUBLISHED)
def test_medicaid_smoothness_intervals(shared, sample):
    published = PUBLISHED[sample]
    table = sens.smoothness(*honest_sample(shared, sample), list(published), weights=[1, 0])
    for bound, interval in published.items():
        assert table.loc[bound].tolist() == pytest.approx(interval, abs=3e-4)


def test_a_pre_trend_test_comes_with_its_power():
    spread = np.eye(4) * 0.25
    flat = sens.pre_trend(np.array([0.1, -0.2, 1.0, 1.0]), spread, 2, slope=0.5)
    assert flat.statistic == pytest.approx((0.01 + 0.04) / 0.25)
    assert flat.p == pytest.approx(stats.chi2.sf(0.2, 2))
    draws = np.random.default_rng(0).normal([-1.0, -0.5], 0.5, size=(20_000, 2))
    detected = ((draws**2).sum(axis=1) / 0.25 > stats.chi2.isf(0.05, 2)).mean()
    assert flat.power == pytest.approx(detected, abs=0.015)
    assert sens.pre_trend(np.zeros(3), np.eye(3), 2, slope=0.0).power == pytest.approx(0.05)
    few = sens.pre_trend(np.array([1.0, -0.5, 1.0]), np.eye(3), 2, slope=0.5, df=12)
    assert few.p == pytest.approx(stats.f.sf(1.25 * 11 / 24, 2, 11))
    assert sens.pre_trend(np.zeros(3), np.eye(3), 2, slope=0.0, df=12).power == pytest.approx(0.05)


def test_a_linear_gap_is_removed_exactly():
    """With one coefficient before and one after, M = 0 leaves only their sum."""
    table = sens.smoothness(np.array([-0.5, 2.0]), np.diag([0.04, 0.09]), 1, [0.0])
    half = 1.959964 * np.sqrt(0.04 + 0.09)
    assert table.loc[0.0].tolist() == pytest.approx([1.5 - half, 1.5 + half], abs=1e-4)


def test_a_larger_bound_widens_the_interval():
    study = event_study(read(fictitious(before=4)))
    table = sens.smoothness(*sens.coefficients(study), [0, 0.1, 0.5, 1])
    assert (table["high"] - table["low"]).is_monotonic_increasing


def test_the_largest_kink_is_a_second_difference_with_the_reference():
    assert sens.largest_kink(np.array([1.0, 3.0, 5.0]), 2) == pytest.approx(abs(0 - 2 * 3 + 1))
    with pytest.raises(EstimationError, match="trois périodes"):
        sens.largest_kink(np.array([1.0, 2.0]), 1)


def test_coefficients_with_moving_references_are_refused():
    panel = read(fictitious())
    with pytest.raises(EstimationError, match="universal"):
        sens.coefficients(group_time(panel, base="varying").event)
    estimates, _, before = sens.coefficients(group_time(panel, base="universal").event)
    assert before == 2 and len(estimates) == 5
    with pytest.raises(EstimationError, match="avant et un après"):
        sens.smoothness(estimates, np.eye(5), 5, [0])


def test_every_specification_is_counted_even_the_refused_ones():
    table = fictitious(effect=3.0)

    def estimator(fenetre: int, temoins: int) -> Estimate:
        kept = table[table["annee"] >= fenetre]
        ranks = kept["territoire"].str[1:].astype(int)
        return did(read(kept[(ranks < 8) | (ranks >= 24 - temoins)]))

    curve = sens.specification_curve({"fenetre": [2001, 2002], "temoins": [1, 8, 16]}, estimator)
    assert curve.run == 6 and (curve.table["refused"] != "").sum() == 2
    assert curve.same_sign(3.0) == 1.0 and curve.same_sign(-1.0) == 0.0
    assert curve.table["value"].dropna().is_monotonic_increasing


@pytest.mark.parametrize("gap", [(2002,), (2005,)])
def test_a_change_of_slope_is_not_measured_across_missing_years(gap):
    """HonestDiD issue 45: gaps in event time gave the intervals of consecutive periods."""
    table = fictitious()
    study = event_study(read(table[~table["annee"].isin(gap)]))
    with pytest.raises(EstimationError, match="consécutives"):
        sens.coefficients(study)


def test_the_curve_of_nothing_has_no_sign():
    curve = sens.SpecificationCurve(pd.DataFrame({"value": [np.nan]}))
    assert np.isnan(curve.same_sign(1.0))
