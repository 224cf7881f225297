"""A design lists and draws exactly the assignments that were possible."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.cohort import Design
from qpvlib.errors import EstimationError, InvalidParameterError

STRATA = pd.Series([1, 1, 1, 2, 2, 2], index=list("ABCDEF"))


def test_every_assignment_is_listed_once():
    rows = Design.stratified(STRATA).enumerate()
    assert rows.shape == (9, 6) and len(np.unique(rows, axis=0)) == 9
    assert (rows[:, :3].sum(axis=1) == 1).all() and (rows[:, 3:].sum(axis=1) == 1).all()
    assert Design.stratified(pd.Series(np.repeat(range(8), 3))).count() == 3**8 == 6561


@given(st.lists(st.integers(2, 5), min_size=1, max_size=3), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_draws_belong_to_the_list(sizes, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    design = Design.stratified(pd.Series(labels))
    assert design.count() == np.prod(sizes)
    listed = {tuple(row) for row in design.enumerate()}
    assert {tuple(row) for row in design.draw(20, seed)} <= listed


def test_draws_are_uniform():
    rows = Design.free(list("ABCDE"), 2).draw(20_000, seed=1)
    _, counts = np.unique(rows, axis=0, return_counts=True)
    assert len(counts) == comb(5, 2)
    assert np.abs(counts / 2000 - 1).max() < 0.1


def test_the_acceptance_rule_holds_in_the_list_and_in_the_draws():
    balance = np.array([[0.0], [1.0], [9.0], [0.0], [1.0], [9.0]])
    full = Design.stratified(STRATA)
    free = Design(full.units, full.strata, full.targets, balance=balance)
    threshold = float(np.quantile(free.distances(free.enumerate()), 0.5))
    cover = ("nord", "sud", "nord", "sud", "nord", "sud")
    design = Design(full.units, full.strata, full.targets, balance, threshold, cover)
    for rows in (design.enumerate(), design.draw(50, seed=2)):
        assert (design.distances(rows) <= threshold + 1e-9).all()
        for group in ("nord", "sud"):
            assert rows[:, np.array(cover) == group].any(axis=1).all()
    assert len(design.enumerate()) < len(full.enumerate())


def test_the_distance_is_that_of_morgan_and_rubin():
    balance = np.array([[0.0], [2.0], [4.0], [6.0]])
    design = Design(tuple("ABCD"), ("e",) * 4, {"e": 2}, balance=balance)
    distance = design.distances(np.array([[True, True, False, False]]))[0]
    assert distance == pytest.approx(2 * 2 / 4 * (1 - 5) ** 2 / np.var(balance, ddof=1))


def test_what_could_not_be_drawn_is_refused():
    design = Design.stratified(STRATA)
    assert design.vector(["A", "F"]).tolist() == [True, *[False] * 4, True]
    with pytest.raises(EstimationError, match="ne pouvait pas sortir"):
        design.vector(["A", "B"])
    with pytest.raises(EstimationError, match="Z"):
        design.vector(["A", "Z"])
    with pytest.raises(InvalidParameterError, match="garder un témoin"):
        Design.free(["A", "B"], 2)
    impossible = Design(design.units, design.strata, design.targets, np.arange(6.0)[:, None], -1.0)
    with pytest.raises(EstimationError, match="seuil"):
        impossible.draw(5, seed=0)
