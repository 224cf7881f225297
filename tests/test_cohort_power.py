"""Minimum detectable effects agree with the closed form and with those measured for Marseille."""

import numpy as np
import pandas as pd
import pytest

from cohort_cases import closed_form, marseille_poverty, simulated_changes
from qpvlib.cohort.power import detectable, observed_changes
from qpvlib.errors import EstimationError


def simulated(targets, controls, noise=1.2, slope=0.2):
    changes = simulated_changes(targets + controls, 3, 3, noise=noise, correlation=0.5, slope=slope)
    return changes, detectable(changes, targets)


def test_simulated_changes_have_the_variance_of_the_model():
    changes = simulated_changes(30, 3, 3, noise=1.2, correlation=0.5, slope=0.2, repetitions=4000)
    # AR(1): 2 (5.5/9 - 1.53125/9) noise², and (3 slope)² for the slopes.
    variance = 2 * (5.5 - 1.53125) / 9 * 1.2**2 + (3 * 0.2) ** 2
    assert changes.var() == pytest.approx(variance, rel=0.02)
    assert closed_form(np.sqrt(variance), 8, 16) == pytest.approx(1.62, abs=0.01)


@pytest.mark.parametrize(
    ("design", "ri", "cr2"),
    [
        ((8, 16, 0.8, 0.1), 1.04, 1.07),
        ((8, 16), 1.63, 1.68),
        ((8, 16, 1.6, 0.3), 2.20, 2.28),
        ((6, 12), 1.91, 2.00),
        ((10, 20), 1.42, 1.46),
    ],
)
def test_the_table_of_the_protocol(design, ri, cr2):
    _, found = simulated(*design)
    assert found.ri == pytest.approx(ri, rel=0.06)
    assert found.cr2 == pytest.approx(cr2, rel=0.06)
    assert found.cr1 < found.cr2 and found.size_cr1 > found.size_cr2


def test_few_targets_break_cr1_and_one_target_needs_many_controls():
    _, pair = simulated(2, 16)
    assert pair.size_cr1 > 0.2 and pair.size_ri < 0.07
    _, alone = simulated(1, 16)
    assert np.isinf([alone.ri, alone.cr2, alone.cr1]).all()


def test_the_real_series_of_marseille(shared):
    """Measured when the protocol was written: 2.67 and 2.75 points, then 3.43 and 3.77."""
    for last, size, ri, cr2 in ((2021, 24, 2.67, 2.75), (2020, 33, 3.43, 3.77)):
        series = marseille_poverty(shared, 2013, last)
        assert len(series) == size
        found = detectable(observed_changes(series, 24, 3, 3), 8)
        assert found.ri == pytest.approx(ri, rel=0.05)
        assert found.cr2 == pytest.approx(cr2, rel=0.05)


def test_windows_and_units_come_from_the_series():
    series = pd.DataFrame(np.outer([1.0, 10.0, 100.0], np.arange(5)))
    changes = observed_changes(series, 3, 2, 2, repetitions=50)
    assert np.sort(changes, axis=1) == pytest.approx(np.tile([2.0, 20.0, 200.0], (50, 1)))


def test_impossible_requests_are_refused():
    series = pd.DataFrame(np.ones((5, 4)))
    series.iloc[0, 0] = np.nan
    with pytest.raises(EstimationError) as error:
        observed_changes(series, 24, 3, 3)
    for words in ("incomplètes", "5 séries", "4 périodes"):
        assert words in str(error.value)
    with pytest.raises(EstimationError, match="trop petit"):
        detectable(np.ones((3, 4)), 3)
