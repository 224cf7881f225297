"""Worst-case bounds hold every completion of the masked cells, and nothing else."""

import numpy as np
import pytest

from cohort_cases import fictitious, read
from qpvlib.cohort import did
from qpvlib.cohort.missing import worst_case
from qpvlib.errors import EstimationError


def masked():
    table = fictitious().assign(etat="")
    table.loc[[0, 5, 60, 100], ["taux", "etat"]] = [np.nan, "secret"]
    return table


def test_without_masked_cells_the_bounds_are_the_estimate():
    panel = read(fictitious())
    assert worst_case(panel, 0, 100) == pytest.approx((did(panel).value,) * 2)


def test_completions_lie_between_the_bounds_which_are_reached():
    table = masked()
    low, high = worst_case(read(table, state="etat"), 0, 100)
    generator = np.random.default_rng(0)
    hidden = table["taux"].isna()
    values = [
        did(read(table.assign(taux=table["taux"].where(~hidden, generator.uniform(0, 100, 144)))))
        for _ in range(30)
    ]
    assert all(low <= estimate.value <= high for estimate in values)
    worst = table["taux"].copy()
    start = table["annee"] >= 2004
    rises = (table["debut"] > 0) == start
    worst[hidden] = np.where(rises[hidden], 100, 0)
    assert did(read(table.assign(taux=worst))).value == pytest.approx(high)


def test_structurally_absent_cells_are_not_bounded():
    table = masked()
    table.loc[table["etat"] == "secret", "etat"] = "sans_objet"
    low, high = worst_case(read(table, state="etat"), 0, 100)
    assert low == high


def test_an_interval_that_excludes_an_observation_is_refused():
    with pytest.raises(EstimationError, match="doit contenir"):
        worst_case(read(fictitious()), 0, 10)
