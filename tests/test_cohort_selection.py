"""Targets and controls are allocated, grouped and drawn as the protocol says, for ever the same."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort import selection as sel
from qpvlib.errors import EstimationError

UNITS = [f"T{i:02d}" for i in range(41)]
CLASSES = pd.Series(np.repeat([1, 2, 3, 4], [5, 14, 6, 16]), index=UNITS)
COVARIATES = pd.DataFrame(
    np.random.default_rng(0).normal(size=(41, 4)), index=UNITS, columns=list("abcd")
)
SECTORS = pd.Series(np.resize(["nord", "centre", "est-sud"], 41), index=UNITS)


def formed(**options) -> sel.Groups:
    return sel.groups(COVARIATES, CLASSES, sel.allocate(CLASSES, 10), **options)


@pytest.mark.parametrize(("total", "expected"), [(8, [1, 3, 1, 3]), (10, [1, 3, 2, 4])])
def test_targets_are_shared_in_proportion(total, expected):
    assert sel.allocate(CLASSES, total).tolist() == expected


def test_a_class_too_small_or_too_many_targets_is_refused():
    with pytest.raises(EstimationError, match="ne se répartissent pas"):
        sel.allocate(CLASSES, 14)
    with pytest.raises(EstimationError, match="ne se répartissent pas"):
        sel.allocate(pd.Series([1, 1, 1, 2]), 2)


def test_groups_stay_in_their_class_and_within_the_caliper():
    groups = formed()
    members = groups.members
    assert not members.index.duplicated().any()
    assert (members["classe"] == CLASSES[members.index]).all()
    assert (members["distance"] <= members["classe"].map(groups.caliper)).all()
    sizes = members.groupby("group").size()
    assert set(sizes.index[sizes < 3]) == set(groups.incomplete)
    assert members["group"].nunique() + len(groups.unmatched) == 10


def test_obvious_triplets_are_found_whether_enumerated_or_improved():
    positions = pd.DataFrame({"x": [0, 1, 2, 100, 101, 102, 50]}, index=UNITS[:7], dtype=float)
    classes = pd.Series(1, index=positions.index)
    allocation = pd.Series({1: 2})
    expected = {frozenset(UNITS[:3]), frozenset(UNITS[3:6])}
    for limit in (5000, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sel, "_EXHAUSTIVE", limit)
            members = sel.groups(positions, classes, allocation).members
        assert {frozenset(m.index) for _, m in members.groupby("group")} == expected


def test_neighbours_are_never_in_the_same_group():
    first = formed().members
    pairs = pd.DataFrame(False, index=UNITS, columns=UNITS)
    for _, members in first.groupby("group"):
        a, b = members.index[:2]
        pairs.loc[a, b] = pairs.loc[b, a] = True
    for _, members in formed(forbidden=pairs).members.groupby("group"):
        assert not pairs.loc[members.index, members.index].any(axis=None)


def test_a_unit_without_anyone_alike_is_reported():
    positions = pd.DataFrame({"x": [0.0, 100, 200, 300]}, index=UNITS[:4])
    alone = sel.groups(
        positions, pd.Series(1, index=positions.index), pd.Series({1: 1}), caliper_quantile=0.0
    )
    assert alone.incomplete == ("1-1",)
    apart = pd.DataFrame(True, index=positions.index, columns=positions.index)
    nobody = sel.groups(
        positions, pd.Series(1, index=positions.index), pd.Series({1: 1}), forbidden=apart
    )
    assert len(nobody.unmatched) == 1 and nobody.members.empty


def test_the_lottery_can_be_redone_by_hand_and_meets_its_rules():
    design = sel.lottery_design(formed(), balance=COVARIATES, sectors=SECTORS)
    number, chosen = sel.lottery(design, "graine fictive")
    rows = design.enumerate()
    hashes = [
        hashlib.sha256(f"graine fictive {one}".encode()).hexdigest()
        for one in range(1, len(rows) + 1)
    ]
    assert number == 1 + hashes.index(min(hashes)) and (chosen == rows[number - 1]).all()
    assert (
        design.vector([u for u, one in zip(design.units, chosen, strict=True) if one]).sum() == 10
    )
    assert sel.lottery(design, "autre graine")[0] != number
    listed = replace(design, listed=rows, balance=None, cover=None)
    assert (listed.enumerate() == rows).all() and listed.support(1, 0)[1]
    with pytest.raises(EstimationError, match="ne pouvait pas"):
        listed.vector([design.units[0]])


def test_an_impossible_sector_rule_is_refused():
    groups = formed()
    alone = pd.Series([f"secteur {i}" for i in range(41)], index=UNITS)
    with pytest.raises(EstimationError, match="secteur"):
        sel.lottery_design(groups, sectors=alone)


def test_the_fallback_takes_the_medoid_then_the_farthest():
    positions = pd.DataFrame({"x": [0.0, 1, 2, 3, 10]}, index=UNITS[:5])
    chosen = sel.representatives(positions, pd.Series(1, index=positions.index), pd.Series({1: 3}))
    assert chosen == {1: ["T02", "T04", "T00"]}


def test_masked_covariates_are_refused():
    masked = COVARIATES.copy()
    masked.iloc[0, 0] = np.nan
    with pytest.raises(EstimationError, match="absentes"):
        sel.groups(masked, CLASSES, sel.allocate(CLASSES, 8))
