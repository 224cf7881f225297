"""Standardised differences and variance ratios are those of MatchIt."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort.balance import balance
from qpvlib.errors import EstimationError

SMD = {
    "age": -0.3094,
    "educ": 0.0550,
    "black": 1.7615,
    "hispan": -0.3498,
    "white": -1.8819,
    "married": -0.8263,
    "nodegree": 0.2450,
    "re74": -0.7211,
    "re75": -0.2903,
}
RATIO = {"age": 0.4400, "educ": 0.4959, "re74": 0.5181, "re75": 0.9563}


def lalonde(shared) -> tuple[pd.DataFrame, pd.Series]:
    table = pd.read_csv(shared / "data/cases/lalonde_matchit.csv").set_index("id")
    table = table.join(pd.get_dummies(table["race"], dtype=float))
    return table[list(SMD)], table["treat"] == 1


def test_lalonde_before_matching(shared):
    table = balance(*lalonde(shared))
    assert table["smd"].to_dict() == pytest.approx(SMD, abs=5e-5)
    assert table["variance_ratio"].dropna().to_dict() == pytest.approx(RATIO, abs=5e-5)


def small() -> tuple[pd.DataFrame, pd.Series]:
    table = pd.DataFrame(
        {"x": [1.0, 2, 3, 2, 4, 6, 8], "hlm": [1, 1, 0, 0, 1, 0, 0]}, index=list("ABCDEFG")
    )
    return table, pd.Series([True] * 3 + [False] * 4, index=table.index)


def test_values_by_hand_before_and_after_weighting():
    covariates, treated = small()
    weights = pd.Series([1, 1, 1, 2, 1, 0, 0], index=covariates.index)
    table = balance(covariates, treated, weights)
    assert table.loc["x", "smd"] == pytest.approx((2 - 5) / 1)
    assert table.loc["x", "variance_ratio"] == pytest.approx(1 / (20 / 3))
    assert table.loc["x", "smd_matched"] == pytest.approx(2 - 8 / 3)
    assert table.loc["hlm", "smd"] == pytest.approx((2 / 3 - 1 / 4) / np.sqrt(2 / 9))
    assert np.isnan(table.loc["hlm", "variance_ratio"])
    pooled = balance(covariates, treated, scale="pooled").loc["x", "smd"]
    assert pooled == pytest.approx(-3 / np.sqrt((1 + 20 / 3) / 2))


def test_verdicts():
    covariates, treated = small()
    table = balance(covariates, treated)
    assert (table["verdict"] == "déséquilibré").all()
    same = pd.DataFrame({"x": [1.0, 2, 3, 1, 2, 3]}, index=list("ABCDEF"))
    even = balance(same, pd.Series([True] * 3 + [False] * 3, index=same.index))
    assert even.loc["x", "verdict"] == "bon"


def test_blanks_and_empty_groups_are_refused_together():
    covariates, treated = small()
    covariates.loc["A", "x"] = np.nan
    with pytest.raises(EstimationError) as error:
        balance(covariates, treated & False)
    assert "absentes" in str(error.value) and "témoins" in str(error.value)
