"""Nothing masked can be rebuilt, and the attack that says so finds every leak.

All counts are fictitious.
"""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib import disclosure
from qpvlib.errors import EstimationError

SEXES = {"ensemble": ["femmes", "hommes"], "femmes": ["femmes"], "hommes": ["hommes"]}


def cells(members, atoms, masked):
    """Published counts of every cell, the masked ones missing."""
    counts = pd.Series(members.to_numpy() @ np.asarray(atoms, float), index=members.index)
    counts[masked] = np.nan
    return counts


def in_row_space(rows, target):
    """Slow reference: exact elimination, says whether the target is a combination of rows."""

    def reduced(vector, basis):
        for pivot, line in basis:
            factor = vector[pivot] / line[pivot]
            vector = [a - factor * b for a, b in zip(vector, line, strict=True)]
        return vector

    basis = []
    for row in rows:
        vector = reduced([Fraction(int(v)) for v in row], basis)
        pivot = next((i for i, v in enumerate(vector) if v), None)
        if pivot is not None:
            basis.append((pivot, vector))
    return not any(reduced([Fraction(int(v)) for v in target], basis))


territories = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=2, max_size=7).map(
    lambda sets: {f"T{rank}": sorted(atoms) for rank, atoms in enumerate(sets)}
)


@settings(max_examples=60, deadline=None)
@given(territories, st.data())
def test_the_attack_finds_exactly_what_elimination_finds(sets, data):
    members = disclosure.membership(sets)
    atoms = data.draw(
        st.lists(st.integers(1, 90), min_size=members.shape[1], max_size=members.shape[1])
    )
    masked = data.draw(st.lists(st.sampled_from(list(members.index)), min_size=1, unique=True))
    published = cells(members, atoms, masked)
    rebuilt = disclosure.attack(published, members)
    rows = members.loc[published.dropna().index].to_numpy()
    expected = {cell for cell in masked if in_row_space(rows, members.loc[cell])}
    assert set(rebuilt.index) == expected
    truth = members.loc[list(rebuilt.index)].to_numpy() @ np.array(atoms, float)
    np.testing.assert_allclose(rebuilt["bas"], truth, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(territories, st.data())
def test_after_complementary_suppression_nothing_is_rebuilt(sets, data):
    members = disclosure.membership(sets)
    atoms = data.draw(
        st.lists(st.integers(0, 90), min_size=members.shape[1], max_size=members.shape[1])
    )
    masked = data.draw(st.lists(st.sampled_from(list(members.index)), min_size=1, unique=True))
    published = cells(members, atoms, masked)
    safe = disclosure.complementary(published, members)
    assert disclosure.attack(safe, members).empty
    assert set(safe.dropna().index) <= set(published.dropna().index)


SECTOR = {
    "secteur": ["q1", "q2", "q3"],
    "Q1": ["q1"],
    "Q2": ["q2"],
    "Q3": ["q3"],
}


def test_sector_minus_quartiers_gives_the_masked_one_away():
    members = disclosure.membership(SECTOR)
    published = cells(members, [50, 30, 8], [("Q3", "ensemble")])
    assert disclosure.attack(published, members).loc[("Q3", "ensemble"), "bas"] == pytest.approx(8)
    safe = disclosure.complementary(published, members, kept=[("secteur", "ensemble")])
    assert list(safe.index[safe.isna()]) == [("Q2", "ensemble"), ("Q3", "ensemble")]


def test_an_old_perimeter_minus_a_new_one_gives_the_rest_away():
    """The quartier of 2015 lost a piece that the quartier of 2024 and an IRIS give together."""
    members = disclosure.membership(
        {"Q2015": ["a", "b"], "Q2024": ["a"], "IRIS": ["b", "c"], "autre": ["c"]}
    )
    published = cells(members, [40, 6, 21], [("IRIS", "ensemble")])
    assert ("IRIS", "ensemble") in disclosure.attack(published, members).index


def test_women_and_men_are_hidden_together():
    members = disclosure.membership({"Q1": ["q1"]}, SEXES)
    published = cells(members, [7, 20], [("Q1", "femmes")])
    safe = disclosure.complementary(published, members, kept=[("Q1", "ensemble")])
    assert safe.dropna().to_dict() == {("Q1", "ensemble"): 27}


def test_when_all_is_masked_nothing_is_given_away():
    members = disclosure.membership(SECTOR)
    published = pd.Series(np.nan, index=members.index)
    assert np.isinf(disclosure.bounds(published, members)["haut"]).all()


def test_a_zero_total_gives_its_parts_away():
    members = disclosure.membership(SECTOR)
    published = cells(members, [0, 0, 0], [("Q1", "ensemble"), ("Q2", "ensemble")])
    assert len(disclosure.attack(published, members)) == 2


def test_rounding_protects_within_its_step():
    members = disclosure.membership(SECTOR)
    published = cells(members, [50, 30, 8], [("Q3", "ensemble")])
    assert disclosure.attack(published, members, precision=5.0, width=2.0).empty
    assert len(disclosure.attack(published, members, precision=0.5, width=4.0)) == 1
    bound = disclosure.bounds(published, members, precision=0.5).iloc[0]
    assert (bound["bas"], bound["haut"]) == pytest.approx((6.5, 9.5))


def test_thresholds_that_were_not_found_stay_unknown():
    known = disclosure.thresholds()
    assert known["filosofi_qpv"].limit is None
    assert all((one.limit is None) == (one.status == "non_trouve") for one in known.values())


def test_a_threshold_that_was_read_is_applied():
    size = pd.Series({"a": 199, "b": 200})
    assert disclosure.states(size, "rp_iris").to_dict() == {"a": "secret", "b": "valeur"}
    assert disclosure.states(size, "filosofi_qpv", limit=200)["a"] == "secret"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: disclosure.states(pd.Series([1]), "filosofi_qpv"), "n'est pas établi"),
        (lambda: disclosure.states(pd.Series([1]), "rp_nationalite"), "n'est pas établi"),
        (lambda: disclosure.states(pd.Series([1]), "inconnue"), "sans règle de secret"),
        (
            lambda: disclosure.attack(
                pd.Series({("X", "ensemble"): 1.0}), disclosure.membership(SECTOR)
            ),
            "composition inconnue",
        ),
        (
            lambda: disclosure.attack(
                pd.Series(
                    {
                        ("secteur", "ensemble"): 5.0,
                        ("Q1", "ensemble"): 9.0,
                        ("Q2", "ensemble"): np.nan,
                    }
                ),
                disclosure.membership(SECTOR),
            ),
            "se contredisent",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused_in_french(call, sentence):
    with pytest.raises(EstimationError, match=sentence):
        call()


@settings(max_examples=25)
@given(territories, st.lists(st.integers(0, 30), min_size=6, max_size=6), st.integers(0, 6))
def test_the_bounds_hold_the_truth_and_an_exact_one_is_an_attack(sets, atoms, masked):
    members = disclosure.membership(sets)
    truth = cells(members, [atoms["abcdef".index(a)] for a, _ in members.columns], [])
    published = truth.copy()
    published.iloc[: min(masked, len(truth) - 1)] = np.nan
    found = disclosure.bounds(published, members)
    hidden = truth[published.isna()]
    assert (found["bas"] <= hidden + 1e-6).all() and (hidden <= found["haut"] + 1e-6).all()
    given_away = disclosure.attack(published, members).index
    assert set(given_away) == set(found.index[found["haut"] - found["bas"] < 1e-4])


def test_an_interval_as_wide_as_allowed_still_gives_the_figure_away():
    members = disclosure.membership({"a": ["x"], "ab": ["x", "y"], "b": ["y"]})
    published = pd.Series([np.nan, 10.0, 5.0], index=members.index)
    wide = {"precision": 1.0}  # a is between 3 and 7
    assert len(disclosure.attack(published, members, width=4.0, **wide)) == 1
    assert disclosure.attack(published, members, width=3.9, **wide).empty


def test_a_piece_named_twice_counts_once():
    assert disclosure.membership({"a": ["x", "x"], "b": ["y"]}).to_numpy().tolist() == [
        [1, 0],
        [0, 1],
    ]
    assert list(disclosure.membership({"a": ["x"]}).index) == [("a", "ensemble")]


def test_each_cell_may_be_known_to_its_own_precision():
    members = disclosure.membership({"a": ["x"], "ab": ["x", "y"], "b": ["y"]})
    published = pd.Series([np.nan, 10.0, 5.0], index=members.index)
    step = pd.Series([2.0, 0.5], index=members.index[1:])
    bound = disclosure.bounds(published, members, step).iloc[0]
    assert (bound["bas"], bound["haut"]) == pytest.approx((2.5, 7.5))
    crossed = pd.Series([0.0, 3.0], index=members.index[:0:-1])  # by label, not by rank
    bound = disclosure.bounds(published, members, crossed).iloc[0]
    assert (bound["bas"], bound["haut"]) == pytest.approx((2.0, 8.0))


def test_without_a_width_only_an_exact_figure_is_given_away():
    members = disclosure.membership({"a": ["x"], "ab": ["x", "y"], "b": ["y"]})
    published = pd.Series([np.nan, 10.0, 5.0], index=members.index)
    assert len(disclosure.attack(published, members)) == 1
    assert disclosure.attack(published, members, precision=0.2).empty
    assert disclosure.complementary(published, members, precision=0.2).equals(published)
    large = published * 1e9  # the last digits of a solver are no secret
    assert len(disclosure.attack(large, members, precision=100.0)) == 1


def test_what_is_spared_goes_last_though_it_is_the_smallest():
    members = disclosure.membership({"a": ["x"], "b": ["y"], "c": ["z"], "tout": ["x", "y", "z"]})
    published = pd.Series([np.nan, 3.0, 8.0, 15.0], index=members.index)
    (b, c, whole) = members.index[1:]
    assert list(disclosure.complementary(published, members)[lambda s: s.isna()].index)[1:] == [b]
    left = disclosure.complementary(published, members, kept=[b])
    assert left.notna()[b] and left.isna()[c] and left.notna()[whole]
    left = disclosure.complementary(published, members, kept=[b, c, whole])
    assert left.isna().sum() == 2 and left.isna()[b]  # nothing else would do
