"""Synthetic difference-in-differences reproduces Proposition 99 and a known effect."""

import pytest

from cohort_cases import fictitious, read, smoking_sdid
from qpvlib.cohort import synthetic_did
from qpvlib.errors import EstimationError


def test_proposition_99(shared):
    result = synthetic_did(smoking_sdid(shared), draws=50, seed=1)
    assert result.estimate.value == pytest.approx(-15.60383, abs=1e-3)
    assert result.estimate.error == pytest.approx(9.48, abs=2)
    for year, weight in {1986: 0.3665, 1987: 0.2065, 1988: 0.4271}.items():
        assert result.periods[year] == pytest.approx(weight, abs=1e-3)
    for state, weight in {"Nevada": 0.1245, "New Hampshire": 0.1050, "Connecticut": 0.0783}.items():
        assert result.units[state] == pytest.approx(weight, abs=1e-3)


def test_a_known_effect_is_found():
    result = synthetic_did(read(fictitious(before=5, effect=4.0)), draws=50)
    assert result.estimate.value == pytest.approx(4, abs=1.2)
    assert result.estimate.low < 4 < result.estimate.high
    assert result.units.sum() == pytest.approx(1) and result.periods.sum() == pytest.approx(1)


def test_an_unbalanced_panel_is_refused():
    with pytest.raises(EstimationError, match="équilibré"):
        synthetic_did(read(fictitious().drop(index=5)))


def test_too_few_controls_for_placebos_are_refused():
    """Mlsynth issue 342: an error of zero was returned."""
    with pytest.raises(EstimationError, match="6 témoins pour 8 cibles"):
        synthetic_did(read(fictitious(controls=6)))
