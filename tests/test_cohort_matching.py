"""Mahalanobis matching finds the nearest controls, optimally, and forces nobody."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort.balance import balance
from qpvlib.cohort.matching import distances, match, pooled_covariance
from qpvlib.errors import EstimationError
from test_cohort_balance import lalonde


def effective(found) -> float:
    """Kish's effective number of controls."""
    used = found.weights[found.pairs["control"].unique()]
    return used.sum() ** 2 / (used**2).sum()


def line(**positions) -> tuple[pd.DataFrame, pd.Series]:
    """Fictitious units on a line; capitals are targets."""
    table = pd.DataFrame({"x": positions}, dtype=float)
    return table, pd.Series([name.isupper() for name in table.index], index=table.index)


def test_lalonde_nearest_neighbour_with_replacement(shared):
    covariates, treated = lalonde(shared)
    result = match(covariates, treated, replace=True)
    table = balance(covariates, treated, result.weights)
    published = {
        "age": 25.5405,
        "educ": 10.4270,
        "black": 0.8432,
        "hispan": 0.0595,
        "white": 0.0973,
        "married": 0.1784,
        "nodegree": 0.7081,
        "re74": 1788.6941,
        "re75": 1087.7420,
    }
    assert table["control_matched"].to_dict() == pytest.approx(published, abs=1e-4)
    # The published 79 differ by ties between identical controls.
    assert result.pairs["control"].nunique() == pytest.approx(79, abs=5)
    assert effective(result) == pytest.approx(34.19, abs=5)


def test_the_total_distance_is_the_smallest():
    """Greedy matching would give A its nearest, b, and leave the far d to C."""
    covariates, treated = line(A=0, C=2, b=0.9, d=-1.5)
    pairs = match(covariates, treated).pairs.set_index("target")["control"]
    assert pairs.to_dict() == {"A": "d", "C": "b"}
    nearest = match(covariates, treated, replace=True)
    assert nearest.pairs["control"].tolist() == ["b", "b"]
    assert nearest.weights.to_dict() == {"A": 1, "C": 1, "b": 2, "d": 0}


def test_two_controls_share_the_weight_of_their_target():
    covariates, treated = line(A=0, C=10, b=1, d=-1, e=9, f=11)
    result = match(covariates, treated, ratio=2)
    assert result.weights[["b", "d", "e", "f"]].tolist() == [0.5] * 4
    assert effective(result) == pytest.approx(4)


def test_rules_leave_targets_unmatched_and_say_so():
    covariates, treated = line(A=0, C=50, b=1, d=2)
    kind = pd.DataFrame({"npnru": [1, 1, 0, 1]}, index=covariates.index)
    scale = np.eye(1)
    far = match(covariates, treated, caliper=5, covariance=scale)
    assert far.unmatched == ("C",) and far.weights["C"] == 0
    exact = match(covariates, treated, exact=kind, caliper=5, covariance=scale)
    assert exact.pairs["control"].tolist() == ["d"]
    touching = pd.DataFrame([[True, False], [False, False]], index=["A", "C"], columns=["b", "d"])
    apart = match(covariates, treated, forbidden=touching, caliper=5, covariance=scale)
    assert apart.pairs["control"].tolist() == ["d"]


def test_redundant_dummies_do_not_change_the_distance():
    generator = np.random.default_rng(0)
    table = pd.DataFrame({"x": generator.normal(size=20), "a": np.arange(20) % 2})
    treated = pd.Series(np.arange(20) < 8)
    both = table.assign(b=1 - table["a"])
    plain = distances(table, table, pooled_covariance(table, treated))
    doubled = distances(both, both, pooled_covariance(both, treated))
    assert doubled.to_numpy() == pytest.approx(plain.to_numpy())


def test_too_few_controls_and_blanks_are_refused_together():
    covariates, treated = line(A=0, C=1, b=np.nan)
    with pytest.raises(EstimationError) as error:
        match(covariates, treated)
    assert "Témoins possibles\u00a0: 1" in str(error.value) and "absentes" in str(error.value)
