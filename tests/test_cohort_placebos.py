"""Placebos rank the treated unit first when it should be, in space, in time and leave-one-out."""

import pytest

from cohort_cases import SMOKING_PREDICTORS, read, smoking
from qpvlib.cohort import Predictor, leave_one_out, placebos_in_space, synthetic_control
from test_cohort_synthetic import mixture


def test_proposition_99_is_first_of_39(shared):
    panel = smoking(shared)
    control = synthetic_control(panel, predictors=SMOKING_PREDICTORS)
    placebos = placebos_in_space(panel, control)
    assert len(placebos.table) == 39
    assert list(placebos.table.index[:2]) == ["California", "Georgia"]
    assert placebos.p == pytest.approx(0.02564, abs=1e-5)
    assert control.ratio == pytest.approx(129.0, abs=6)


def test_a_known_effect_ranks_first():
    panel = read(mixture())
    control = synthetic_control(panel, starts=2)
    placebos = placebos_in_space(panel, control, starts=1)
    assert placebos.table.index[0] == "T00"
    assert placebos.p == placebos.smallest_p == pytest.approx(1 / 9)
    assert placebos.gaps.shape == (12, 9)


def test_before_the_start_there_is_no_effect():
    panel = read(mixture())
    earlier = panel.where(panel.data["period"] < 2009)
    placebo = synthetic_control(earlier, unit="T00", start=2006, starts=2)
    assert placebo.gaps.index.max() == 2008
    assert placebo.effect == pytest.approx(0, abs=0.5)


def test_each_donor_that_counts_is_left_out():
    panel = read(mixture())
    control = synthetic_control(panel, starts=2)
    gaps = leave_one_out(panel, control, least=0.2)
    assert set(gaps) == {"T01", "T02"}
    assert (gaps.loc[2009:].mean() < -2).all()


def test_placebos_follow_the_importances_asked():
    panel = read(mixture())
    asked = [Predictor("outcome", (2002,)), Predictor("outcome", (2008,))]
    runs = [
        placebos_in_space(panel, synthetic_control(panel, predictors=asked, importance=importance))
        for importance in ((1, 0), (0, 1))
    ]
    inner = [f"T0{i}" for i in range(2, 8)]  # the lowest and the highest have one neighbour only
    assert (runs[0].table["before"] - runs[1].table["before"])[inner].abs().min() > 1e-6
