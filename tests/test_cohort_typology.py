"""Classes that exist are found, described, and declared fragile when they do not hold."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort.typology import class_number, sensitivity, typology, v_tests
from qpvlib.errors import EstimationError


def islands(spread=0.3, seed=0) -> tuple[pd.DataFrame, np.ndarray]:
    """Forty fictitious territories in four groups."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(range(4), [5, 13, 6, 16])
    centres = np.array([[0, 0, 0], [4, 0, 1], [0, 4, 2], [4, 4, -3]])
    values = centres[labels] + spread * generator.normal(size=(40, 3))
    names = [f"T{i:02d}" for i in range(40)]
    return pd.DataFrame(values, index=names, columns=["jeunes", "seuls", "hlm"]), labels


def test_the_number_of_classes_follows_the_largest_gap():
    assert class_number(np.array([12.4, 9.4, 9.2, 5.3, 5.1, 4.9])) == 4
    assert class_number(np.array([20.0, 9.4, 3.2, 3.1, 3.0, 2.9])) == 3


def test_separate_groups_are_found_and_stable():
    table, labels = islands()
    result = typology(table, list(table), draws=50)
    assert pd.crosstab(result.classes.to_numpy(), labels).gt(0).to_numpy().sum() == 4
    assert result.stability > 0.95 and not result.fragile
    means = result.components.individuals["axe 1"].groupby(result.classes).mean()
    assert means.is_monotonic_increasing


def test_the_same_input_in_any_order_gives_the_same_classes():
    table, _ = islands(spread=1.0)
    first = typology(table, list(table), draws=5)
    second = typology(table.sample(frac=1, random_state=1), list(table), draws=5)
    pd.testing.assert_series_equal(first.classes, second.classes.loc[first.classes.index])
    assert first.stability == second.stability


def test_noise_is_declared_fragile():
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 5)), columns=list("abcde"))
    assert typology(noise, list("abcde"), draws=50).fragile


def test_masked_inputs_are_imputed_only_when_asked_and_flagged():
    table, _ = islands()
    table.loc[["T03", "T30"], "hlm"] = np.nan
    with pytest.raises(EstimationError, match="T03"):
        typology(table, list(table))
    result = typology(table, list(table), impute=True, draws=5)
    assert result.imputed.sum().to_dict() == {"jeunes": 0, "seuls": 0, "hlm": 2}
    assert 0.5 < sensitivity(table, list(table), result, ["hlm"]) <= 1


def test_v_tests_follow_their_formula():
    table, labels = islands()
    classes = pd.Series(labels, index=table.index)
    result = v_tests(table, classes).set_index(["classe", "variable"])["v"]
    values, inside = table["jeunes"], table.loc[labels == 2, "jeunes"]
    spread = np.sqrt(values.var(ddof=0) / 6 * (40 - 6) / 39)
    assert result[2, "jeunes"] == pytest.approx((inside.mean() - values.mean()) / spread)


def test_absent_variables_and_too_many_classes_are_refused():
    table, _ = islands()
    with pytest.raises(EstimationError, match="revenu"):
        typology(table, ["revenu", "hlm"])
    with pytest.raises(EstimationError, match="classes"):
        typology(table, list(table), number=40)
