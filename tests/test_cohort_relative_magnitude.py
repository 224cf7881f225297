"""Relative-magnitude intervals are those of R, where diff-diff is too narrow."""

import numpy as np
import pytest
from diff_diff import HonestDiD

from cohort_cases import EXERCISE, README, fictitious, honest_sample, read
from qpvlib.cohort import event_study
from qpvlib.cohort.relative_magnitude import relative_magnitude
from qpvlib.cohort.sensitivity import coefficients, dressed
from qpvlib.errors import EstimationError

PUBLISHED = {
    README: {
        0.5: (0.0241, 0.0673),
        1: (0.0171, 0.0720),
        1.5: (0.0086, 0.0796),
        2: (-0.0011, 0.0883),
    },
    EXERCISE: {
        0: (0.0261, 0.0584),
        0.5: (0.0208, 0.0634),
        1: (0.0125, 0.0714),
        1.5: (0.00283, 0.0810),
        2: (-0.00782, 0.0917),
    },
}


@pytest.mark.parametrize("sample", PUBLISHED)
def test_medicaid_intervals_are_those_of_r(shared, sample):
    published = PUBLISHED[sample]
    table = relative_magnitude(*honest_sample(shared, sample), list(published), weights=[1, 0])
    for bound, interval in published.items():
        assert table.loc[bound].tolist() == pytest.approx(interval, abs=1.5e-3)


def test_diff_diff_still_rejects_zero_where_r_does_not(shared):
    """The reason for our own code; the day diff-diff agrees with R, this test will say so."""
    model = HonestDiD(method="relative_magnitude", l_vec=np.array([1.0, 0.0]))
    container = dressed(*honest_sample(shared, README))
    lows = {bound: model.fit(container, M=bound).ci_lb for bound in PUBLISHED[README]}
    assert all(lows[bound] - PUBLISHED[README][bound][0] > 1.5e-3 for bound in (1, 1.5, 2))
    assert lows[2] > 0 > PUBLISHED[README][2][0]


def test_without_drift_the_interval_is_the_usual_one():
    """One period after the start, Mbar = 0: the hybrid test keeps 1.96 standard errors."""
    table = relative_magnitude(np.array([0.3, 2.0]), np.diag([0.04, 0.09]), 1, [0.0])
    assert table.loc[0.0].tolist() == pytest.approx([2 - 0.588, 2 + 0.588], abs=0.01)


def test_the_unit_of_the_outcome_does_not_matter_and_larger_bounds_widen():
    estimates, covariance, before = coefficients(event_study(read(fictitious(before=4))))
    table = relative_magnitude(estimates, covariance, before, [0, 0.5, 1, 2])
    assert (table["high"] - table["low"]).is_monotonic_increasing
    euros = relative_magnitude(1e4 * estimates, 1e8 * covariance, before, [1])
    assert euros.loc[1].to_numpy() == pytest.approx(1e4 * table.loc[1].to_numpy(), rel=1e-6)


def test_a_precise_drift_before_bounds_the_drift_after():
    """Known gap of one a period and almost no noise: the interval is effect plus or minus Mbar."""
    table = relative_magnitude(np.array([-2.0, -1.0, 7.0]), np.eye(3) * 1e-6, 2, [1, 2])
    for bound in (1, 2):
        assert table.loc[bound].tolist() == pytest.approx([7 - bound, 7 + bound], abs=0.02)


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(EstimationError, match="avant et un après"):
        relative_magnitude(np.zeros(2), np.eye(2), 2, [1])
    with pytest.raises(EstimationError, match="Regroupez"):
        relative_magnitude(np.zeros(13), np.eye(13), 1, [1])
