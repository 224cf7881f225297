"""Randomisation inference is exact, keeps its level, and its interval inverts the test."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from cohort_cases import fictitious, marseille_poverty, read
from qpvlib.cohort import Design, randomisation, randomisation_test
from qpvlib.cohort.randomisation import (
    RandomisationTest,
    _share,
    null_rejections,
    rejected,
    romano_wolf,
)
from qpvlib.errors import EstimationError


def frame(values, units=None, name="taux") -> pd.DataFrame:
    return pd.DataFrame({name: values}, index=units or [f"T{i:02d}" for i in range(len(values))])


def test_the_p_value_counts_assignments_by_hand():
    data = frame([9.0, 8.0, 4.0, 3.0, 2.0, 1.5])
    result = randomisation_test(data, Design.free(list(data.index), 2), ["T00", "T01"])
    values = data["taux"].to_numpy()
    statistics = []
    for pick in combinations(range(6), 2):
        rest = [i for i in range(6) if i not in pick]
        statistics.append(
            stats.ttest_ind(values[list(pick)], values[rest], equal_var=False).statistic
        )
    share = np.mean(np.abs(statistics) >= abs(statistics[0]) - 1e-9)
    row = result.table.loc["taux"]
    assert result.exhaustive and len(result.statistics) == 15
    assert row["p"] == pytest.approx(share)
    assert row["statistic"] == pytest.approx(statistics[0])
    assert result.smallest_p == pytest.approx(1 / 15)


def test_the_unstudentised_p_value_agrees_with_scipy():
    data = frame(np.random.default_rng(3).normal(size=12))
    targets = list(data.index[:4])
    result = randomisation_test(data, Design.free(list(data.index), 4), targets, interval=False)
    peer = stats.permutation_test(
        (data["taux"][:4], data["taux"][4:]),
        lambda a, b: a.mean() - b.mean(),
        n_resamples=np.inf,
    )
    # scipy doubles the smaller tail; compare the two-sided share of |difference|.
    expected = np.mean(np.abs(peer.null_distribution) >= abs(peer.statistic) - 1e-12)
    assert result.table.loc["taux", "p_unstudentised"] == pytest.approx(expected)


def test_triplets_with_a_weight_and_a_covariate_agree_with_least_squares():
    import statsmodels.formula.api as smf

    generator = np.random.default_rng(0)
    strata = pd.Series(np.repeat(range(5), 3), index=[f"T{i:02d}" for i in range(15)])
    table = pd.DataFrame(
        {
            "y": generator.normal(size=15),
            "avant": generator.normal(size=15),
            "w": generator.uniform(1, 3, 15),
            "s": strata,
        }
    )
    targets = list(strata.index[::3])
    table["d"] = table.index.isin(targets).astype(float)
    result = randomisation_test(
        table[["y"]],
        Design.stratified(strata),
        targets,
        covariates=table[["avant"]],
        weights=table["w"],
    )
    peer = smf.wls("y ~ d + avant + C(s)", table, weights=table["w"]).fit(cov_type="HC2")
    row = result.table.loc["y"]
    assert row["estimate"] == pytest.approx(peer.params["d"], abs=1e-10)
    assert row["error"] == pytest.approx(peer.bse["d"], abs=1e-10)
    assert result.exhaustive and len(result.statistics) == 3**5


def test_the_interval_holds_the_effects_that_are_not_rejected():
    data = read(fictitious(effect=2.0)).collapse()[["change"]]
    strata = pd.Series(np.r_[np.arange(8), np.repeat(np.arange(8), 2)], index=data.index)
    design, targets = Design.stratified(strata), list(data.index[:8])
    row = randomisation_test(data, design, targets).table.loc["change"]
    assert row["low"] < 2 < row["high"] and row["p"] < 0.05
    for bound, outside in ((row["low"], -1), (row["high"], 1)):
        for side in (-1, 1):
            shifted = data.copy()
            shifted.iloc[:8] -= bound + side * 1e-3
            p = randomisation_test(shifted, design, targets, interval=False).table["p"].iloc[0]
            assert (p > 0.05) == (side != outside)


def test_romano_wolf_is_between_the_raw_p_value_and_bonferroni():
    generator = np.random.default_rng(5)
    units = [f"T{i:02d}" for i in range(24)]
    data = pd.DataFrame(generator.normal(size=(24, 4)), index=units, columns=list("abcd"))
    data["e"] = data["a"]
    data.loc[units[:8], ["a", "e"]] += 1.5
    result = randomisation_test(data, Design.free(units, 8), units[:8], interval=False, draws=1999)
    table = result.table.assign(p_romano_wolf=romano_wolf([result]))
    assert (table["p_romano_wolf"] >= table["p"] - 1e-12).all()
    assert (table["p_romano_wolf"] <= 5 * table["p"] + 0.02).all()
    # Two copies of one outcome cost nothing: max-t sees that they are the same test.
    assert table.loc["a", "p_romano_wolf"] == pytest.approx(table.loc["e", "p_romano_wolf"])
    order = table["statistic"].abs().sort_values(ascending=False).index
    assert table.loc[order, "p_romano_wolf"].is_monotonic_increasing


def test_the_true_null_is_rejected_at_the_level_on_fictitious_panels():
    change = read(fictitious(targets=9, controls=18)).collapse()["change"]
    strata = pd.Series(np.arange(27) % 9, index=change.index)
    rate = null_rejections(change, Design.stratified(strata), repetitions=4000)[0]
    assert 0.035 <= rate <= 0.065
    balance = np.random.default_rng(1).normal(size=(27, 2))
    base = Design.stratified(strata)
    free = Design(base.units, base.strata, base.targets, balance)
    threshold = float(np.quantile(free.distances(free.enumerate()), 0.1))
    accepted = Design(base.units, base.strata, base.targets, balance, threshold)
    assert 0.035 <= null_rejections(change, accepted, repetitions=4000)[0] <= 0.065


@pytest.mark.parametrize("stratified", [False, True])
def test_the_true_null_is_rejected_at_the_level_in_marseille(shared, stratified):
    """Placebo targets in the real poverty series 2013-2021: nothing happened, by construction."""
    series = marseille_poverty(shared, 2013, 2021)
    change = series.loc[:, 2019:2021].mean(axis=1) - series.loc[:, 2016:2018].mean(axis=1)
    assert len(change) == 24
    design = Design.free(list(change.index), 8)
    if stratified:
        ranks = series.loc[:, 2016:2018].mean(axis=1).rank(method="first")
        design = Design.stratified(((ranks - 1) // 3).astype(int))
    assert 0.035 <= null_rejections(change, design, repetitions=4000)[0] <= 0.065


def test_each_placebo_draw_through_the_public_function_gives_the_same_level():
    change = read(fictitious(targets=4, controls=8)).collapse()[["change"]]
    design = Design.stratified(pd.Series(np.arange(12) % 4, index=change.index))
    rejected = []
    for row in design.enumerate():
        targets = list(change.index[row])
        test = randomisation_test(change, design, targets, interval=False)
        rejected.append(test.table["p"].iloc[0] <= 0.05)
    assert np.mean(rejected) == pytest.approx(0.05, abs=1 / len(rejected))


def test_a_masked_unit_leaves_only_its_outcome():
    data = read(fictitious()).collapse()[["pre", "change"]]
    data.loc["T20", "change"] = np.nan
    table = randomisation_test(
        data, Design.free(list(data.index), 8), list(data.index[:8]), draws=499, interval=False
    ).table
    assert table["n"].to_dict() == {"pre": 24, "change": 23}


def test_bad_input_gives_every_reason_and_no_estimate():
    data = frame(np.ones(6))
    data["vide"] = np.nan
    data["seul"] = [np.nan, np.nan, 1, 2, 3, 4]
    with pytest.raises(EstimationError) as error:
        randomisation_test(data, Design.free(list(data.index), 2), ["T00", "T01"])
    message = str(error.value)
    for words in ("constant", "masquées", "au moins une cible"):
        assert words in message


def test_an_acceptance_rule_does_not_move_the_estimate():
    """Unequal chances shift the regression's mean over the draws; the centred one has none."""
    generator = np.random.default_rng(2)
    strata = pd.Series(np.arange(15) % 5, index=[f"T{i:02d}" for i in range(15)])
    data = pd.DataFrame({"taux": generator.normal(size=15) ** 3}, index=strata.index)
    covers = tuple("abbbbbccccccccc")
    design = Design(tuple(strata.index), tuple(strata), dict.fromkeys(range(5), 1), cover=covers)
    rows = design.enumerate()
    tests = [
        randomisation_test(data, design, list(strata.index[row]), interval=False) for row in rows
    ]
    table = pd.concat([test.table for test in tests])
    assert abs(table["estimate"].mean()) > 0.1
    assert table["centre"].to_numpy() == pytest.approx(table["estimate"].mean())
    # A constant effect is found on average, without the shift.
    shifted = [
        randomisation_test(
            data.add(pd.Series(3.0 * row, strata.index), axis=0),
            design, list(strata.index[row]), interval=False,
        ).table["centred"].iloc[0]
        for row in rows
    ]  # fmt: skip
    assert np.array(shifted) == pytest.approx(table["centred"] + 3.0)
    numerator = (table["estimate"] - table["centre"]).mean()
    assert numerator == pytest.approx(0, abs=1e-12)


def test_both_one_sided_tests_keep_their_level_under_unequal_chances():
    generator = np.random.default_rng(4)
    strata = pd.Series(np.arange(18) % 6, index=[f"T{i:02d}" for i in range(18)])
    data = pd.DataFrame({"taux": generator.normal(size=18)}, index=strata.index)
    balance = generator.normal(size=(18, 1))
    design = Design(tuple(strata.index), tuple(strata), dict.fromkeys(range(6), 1), balance, 0.3)
    rows = design.enumerate()[::3]
    ends = pd.concat(
        [randomisation_test(data, design, list(strata.index[row])).table for row in rows]
    )
    assert (ends["low_equal"] > 0).mean() <= 0.07 and (ends["high_equal"] < 0).mean() <= 0.07
    assert ((ends["low"] > 0) | (ends["high"] < 0)).mean() <= 0.07


def test_ties_around_zero_are_ties():
    """An estimate of zero is the least extreme of all: p was .739."""
    data = frame([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    row = randomisation_test(data, Design.free(list(data.index), 2), ["T00", "T01"]).table.iloc[0]
    assert row["estimate"] == pytest.approx(0) and row["p"] == 1
    assert row["p_unstudentised"] == 1


def test_perfect_separation_has_a_finite_interval():
    data = frame([5.0] * 3 + [1.0] * 6)
    row = randomisation_test(data, Design.free(list(data.index), 3), ["T00", "T01", "T02"]).table
    assert row["p"].item() == pytest.approx(1 / 84)
    assert np.isfinite(row[["low", "high"]].to_numpy()).all()
    assert row["low"].item() <= 4 <= row["high"].item()


def test_an_infinite_outcome_is_refused():
    data = frame([np.inf, 1, 2, 3, 4, 5])
    with pytest.raises(EstimationError, match="infinies"):
        randomisation_test(data, Design.free(list(data.index), 2), ["T00", "T01"])


def step_down(reference, observed, exhaustive):
    """Romano and Wolf (2005), algorithm 4.1, written out test by test."""
    order = sorted(range(len(observed)), key=lambda j: -abs(observed[j]))
    found = {}
    for rank, j in enumerate(order):
        left = order[rank:]
        beyond = sum(max(abs(row[k]) for k in left) >= abs(observed[j]) - 1e-9 for row in reference)
        p = beyond / len(reference) if exhaustive else (1 + beyond) / (1 + len(reference))
        found[j] = max([p, *(found[k] for k in order[:rank])])
    return [found[j] for j in range(len(observed))]


@pytest.mark.parametrize("exhaustive", [True, False])
def test_romano_wolf_is_the_published_algorithm(exhaustive):
    generator = np.random.default_rng(11)
    bites = {"step": False, "floor": False}
    for _ in range(40):
        common = generator.normal(size=(60, 1))
        reference = common * generator.uniform(0, 2) + generator.normal(size=(60, 4))
        reference *= generator.uniform(0.2, 3, 4)
        observed = generator.normal(0, 2, 4)
        expected = step_down(reference, observed, exhaustive)
        test = RandomisationTest(pd.DataFrame({"statistic": observed}), reference, exhaustive)
        assert romano_wolf([test]).to_numpy() == pytest.approx(expected)
        every = np.abs(reference).max(axis=1)
        single = [_share(every, value, exhaustive) for value in observed]
        bites["step"] |= expected != pytest.approx(single)
        order = np.argsort(-np.abs(observed))
        raw = [
            _share(np.abs(reference[:, order[rank:]]).max(axis=1), observed[j], exhaustive)
            for rank, j in enumerate(order)
        ]
        bites["floor"] |= raw != sorted(raw)
    assert all(bites.values())  # neither the step nor the floor is idle in these cases


def test_a_sampled_p_value_counts_the_draw_itself_and_is_never_zero():
    """Phipson and Smyth (2010): (1 + b) / (1 + m)."""
    assert _share(np.zeros(99), 5.0, exhaustive=False) == 1 / 100
    assert _share(np.array([1.0, -6.0, 7.0]), 5.0, exhaustive=False) == 3 / 4
    assert _share(np.array([1.0, -6.0, 7.0]), 5.0, exhaustive=True) == 2 / 3
    data = frame([*np.linspace(49, 51, 8), *np.linspace(0, 1, 32)])
    design = Design.free(list(data.index), 8)  # 77 million assignments: drawn, not enumerated
    test = randomisation_test(data, design, list(data.index[:8]), draws=199, interval=False)
    assert not test.exhaustive and test.table["p"].item() == pytest.approx(1 / 200)


def test_a_unit_whose_covariate_is_blank_leaves_the_estimate():
    """As if it had never been there: the regression of an independent library on the others."""
    generator = np.random.default_rng(8)
    units = [f"T{i:02d}" for i in range(14)]
    table = pd.DataFrame(
        {"y": generator.normal(size=14), "avant": generator.normal(5, 2, 14)}, units
    )
    table["d"] = [1.0] * 4 + [0.0] * 10
    table.loc["T09", "y"] = 40.0  # would weigh, were its blank read as zero
    table.loc["T09", "avant"] = np.nan
    design = Design.free(units, 4)
    row = randomisation_test(
        table[["y"]], design, units[:4], covariates=table[["avant"]], interval=False
    ).table.loc["y"]
    peer = smf.ols("y ~ d + avant", table.dropna()).fit(cov_type="HC2")
    assert row["n"] == 13
    assert (row["estimate"], row["error"]) == pytest.approx((peer.params["d"], peer.bse["d"]))


def test_one_control_is_not_enough():
    data = frame([1.0, 2.0, 3.0, np.nan])
    with pytest.raises(EstimationError, match="deux témoins observés, il y en a 2 et 1"):
        randomisation_test(data, Design.free(list(data.index), 2), ["T00", "T01"])


VALUES = np.array([9.0, 7.5, 4.0, 3.0, 2.0, 1.5, 2.5, 0.5])


def welch(shift=0.0, picked=3):
    """Return the t of Welch of every draw of three, once a shift leaves the first ones (scipy)."""
    values = VALUES - shift * (np.arange(8) < picked)
    return np.array([
        stats.ttest_ind(values[list(pick)], np.delete(values, pick), equal_var=False).statistic
        for pick in combinations(range(8), picked)
    ])  # fmt: skip


def one_sided(shift, side):
    """Return the share of the draws at least as high (1) or as low (-1) as the first one."""
    every = side * welch(shift)
    return np.mean(every >= every[0] - 1e-9)


def test_the_effects_of_a_list_are_tested_as_by_hand():
    data = pd.Series(VALUES, [f"T{i:02d}" for i in range(8)])
    design, shifts = Design.free(list(data.index), 3), np.array([-1.0, 0.0, 2.5, 4.0, 9.0])
    found = rejected(data, design, np.arange(8) < 3, shifts)
    assert list(found.index) == list(shifts)
    for shift, row in found.iterrows():
        every = np.abs(welch(shift))
        assert row["p"] == np.mean(every >= every[0] - 1e-9)
        assert row["above"] == one_sided(shift, 1) and row["below"] == one_sided(shift, -1)


def test_the_one_sided_ends_are_where_each_test_begins_to_reject():
    data = frame(list(VALUES))
    design = Design.free(list(data.index), 3)
    row = randomisation_test(data, design, list(data.index[:3]), alpha=0.1).table.loc["taux"]
    for end, side in ((row["low_equal"], 1), (row["high_equal"], -1)):
        assert one_sided(end - side * 1e-3, side) <= 0.1 < one_sided(end + side * 1e-3, side)


def test_the_level_of_both_tests_is_counted_by_hand():
    data = pd.Series(VALUES, [f"T{i:02d}" for i in range(8)])
    every = np.abs(welch())
    p = np.mean(every >= every[:, None] - 1e-9, axis=1)
    found = null_rejections(data, Design.free(list(data.index), 3), df=5, level=0.2)
    assert found == (np.mean(p <= 0.2), np.mean(every > stats.t.ppf(0.9, 5)))


def test_the_level_given_a_covariate_is_counted_on_the_regressions_of_another_library():
    units = [f"T{i:02d}" for i in range(10)]
    values = np.random.default_rng(9).normal(size=(10, 2))
    table = pd.DataFrame(values, units, ["y", "avant"])
    table.loc["T06", "y"] = table.loc["T07", "avant"] = np.nan  # both leave, their draws stay
    design, fits = Design.free(units, 4), []
    for row in design.enumerate():
        kept = table.assign(d=row.astype(float)).dropna()
        fits.append(smf.ols("y ~ d + avant", kept).fit(cov_type="HC2"))
    value = np.array([fit.params["d"] for fit in fits])
    error = np.array([fit.bse["d"] for fit in fits])
    centred = np.abs((value - value.mean()) / error)
    p = np.mean(centred >= centred[:, None] - 1e-9, axis=1)
    options = {"covariates": table[["avant"]], "df": 3, "level": 0.3}
    assert null_rejections(table["y"], design, **options) == (
        np.mean(p <= 0.3),
        np.mean(np.abs(value / error) > stats.t.ppf(0.85, 3)),
    )


def test_draws_taken_block_by_block_are_the_same(monkeypatch):
    data = frame(list(VALUES))
    design, targets = Design.free(list(data.index), 3), ["T00", "T01", "T02"]
    whole = randomisation_test(data, design, targets)
    monkeypatch.setattr(randomisation, "_ROWS", 9)
    blocks = randomisation_test(data, design, targets)
    pd.testing.assert_frame_equal(blocks.table, whole.table)
    assert blocks.statistics[:, 0] == pytest.approx(welch())


def test_a_draw_that_can_reject_nothing_has_no_bound():
    data = frame([1.0, 2.0, 4.0])
    row = randomisation_test(data, Design.free(list(data.index), 1), ["T02"]).table.loc["taux"]
    ends = [row[name] for name in ("low", "high", "low_equal", "high_equal")]
    assert ends == [-np.inf, np.inf, -np.inf, np.inf]  # of 3 draws, p is 1/3 at least
    assert (row["n"], row["estimate"]) == (3, pytest.approx(2.5))


def test_a_weight_that_is_not_positive_is_refused():
    data = frame(list(VALUES))
    for wrong in (0.0, np.nan):
        weights = pd.Series(1.0, data.index).where(data.index != "T04", wrong)
        with pytest.raises(EstimationError, match="pas de poids positif"):
            randomisation_test(
                data, Design.free(list(data.index), 3), ["T00", "T01", "T02"], weights=weights
            )
