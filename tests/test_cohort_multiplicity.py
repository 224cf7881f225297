"""Corrections and the index follow their definitions."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort.multiplicity import benjamini_hochberg, holm, summary_index
from qpvlib.errors import EstimationError

P = {"a": 0.01, "b": 0.04, "c": 0.03}


def test_corrections_by_hand():
    assert holm(P).to_dict() == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert benjamini_hochberg(P).to_dict() == pytest.approx({"a": 0.03, "b": 0.04, "c": 0.04})


@pytest.mark.parametrize("wrong", [{}, {"a": np.nan}, {"a": 1.2}])
def test_unknown_p_values_are_refused(wrong):
    with pytest.raises(EstimationError, match="p-valeurs"):
        holm(wrong)


def test_the_index_standardises_on_the_controls_and_turns_signs():
    data = pd.DataFrame({"x": [0.0, 2, 4, 10], "y": [1.0, 2, 3, np.nan]}, index=list("ABCD"))
    controls = pd.Series([True, True, True, False], index=data.index)
    index = summary_index(data, controls, {"x": 1, "y": -1})
    assert index.tolist() == pytest.approx([0, 0, 0, 4])
    with pytest.raises(EstimationError, match="y"):
        summary_index(data, controls, {"x": 1})
    with pytest.raises(EstimationError, match="constant"):
        summary_index(data.assign(x=1.0), controls, {"x": 1, "y": 1})
