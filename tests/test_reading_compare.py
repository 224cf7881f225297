"""Gaps: worded by the interval, never by a difference that noise could explain."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from qpvlib.catalogue import indicator
from qpvlib.estimate import interval
from qpvlib.observations import SECRET, VALUE, Observation
from qpvlib.reading import compare
from qpvlib.reading.aggregate import spread
from qpvlib.territories import get


def figure(territory, value, low=None, high=None, name="taux_pauvrete_60", year=2020):
    """Return a figure of a tenth of a point, or with these bounds; without one, a secret."""
    if value is not None and low is None:
        low, high = value - 0.05, value + 0.05
    return Observation(
        territory, get(territory).geography, name, "ensemble", year, value, None, None, low, high,
        VALUE if value is not None else SECRET, "source-fictive",
    )  # fmt: skip


def half_width(rate, size, deff):
    low, high = interval(rate, size, deff=deff)
    return (high - low) / 2


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (40.0, compare.ABOVE),
        (20.0, compare.BELOW),
        (25.04, compare.INDISTINCT),
        (26.0, compare.SIMILAR),
    ],
)
def test_verdict_of_an_exhaustive_rate_follows_rounding_then_five_percent(value, verdict):
    result = compare.with_territory(figure("QN01303I", value), get("13055"), figure("13055", 25.0))
    assert result.verdict == verdict
    assert result.gap == pytest.approx(value - 25.0)


@pytest.mark.parametrize(("masked", "verdict"), [(2, compare.ABOVE), (3, compare.UNKNOWN)])
def test_the_median_of_a_group_needs_half_of_its_quartiers(masked, verdict):
    codes = ["QN01303I", "QN01304I", "QN01308I", "QN01333I", "QN01334I"][: 2 + masked]
    group = spread([figure(c, 20.0 if i < 2 else None) for i, c in enumerate(codes)])
    result = compare.with_group(figure("QN01303I", 30.0), get("nord-est"), group)
    assert result.verdict == verdict


def test_published_bounds_widen_the_noise():
    result = compare.with_territory(
        figure("QN01303I", 27.0, 26.0, 28.0), get("13055"), figure("13055", 26.2)
    )
    assert result.verdict == compare.INDISTINCT


def test_a_figure_of_unknown_interval_is_not_compared():
    unknown = dataclasses.replace(figure("QN01303I", 40.0), low=None, high=None)
    group = spread([figure("QN01304I", 20.0), figure("QN01308I", 30.0)])
    for found in (
        compare.with_territory(unknown, get("13055"), figure("13055", 20.0)),
        compare.with_territory(figure("13055", 20.0), get("QN01303I"), unknown),
        compare.with_group(unknown, get("nord-littoral"), group),
    ):
        assert (found.gap, found.verdict) == (None, compare.UNKNOWN)


def test_without_a_reference_figure_there_is_no_gap():
    result = compare.with_territory(figure("QN01303I", 40.0), get("13055"), figure("13055", None))
    assert (result.gap, result.verdict) == (None, compare.UNKNOWN)


def test_a_group_is_compared_by_its_median_quartier():
    group = spread([figure("QN01304I", 20.0), figure("QN01308I", 30.0), figure("QN01364I", None)])
    result = compare.with_group(figure("QN01303I", 40.0), get("nord-littoral"), group)
    assert result.gap == pytest.approx(15.0)


WOMEN, EVERYONE = "taux_emploi/femmes", "taux_emploi"


def sexes(make_store, women, everyone, share=50.0):
    """Return both rates of a fictitious quartier of 2,000 people, compared."""
    place, year = "QP013003", 2018
    store = make_store(
        [
            (place, "population_qpv", year, 2000.0), (place, "part_femmes", year, share),
            (place, WOMEN, year, women), (place, EVERYONE, year, everyone),
        ]
    )  # fmt: skip
    rates = [store.get(EVERYONE, place, name) for name in ("femmes", "ensemble")]
    return compare.between(*rates, indicator(EVERYONE))


def test_women_are_set_beside_everyone_by_the_margin_of_two_separate_halves(make_store):
    """1,200 people of 15-64, half of them women: (1 - 1/2) of two independent errors on 600."""
    found = sexes(make_store, 30.0, 40.0)
    deff = indicator(EVERYONE).effet_plan or 2.0
    expected = 0.5 * math.hypot(half_width(30, 600, deff), half_width(40, 600, deff))
    assert (found.gap, (found.high - found.low) / 2) == (-10.0, pytest.approx(expected))
    assert found.verdict == compare.BELOW
    assert sexes(make_store, 37.0, 40.0).verdict == compare.INDISTINCT


def test_without_a_known_base_women_are_compared_with_no_one(make_store):
    for women, everyone, share in ((None, 40.0, 50.0), (30.0, None, 50.0), (30.0, 40.0, None)):
        found = sexes(make_store, women, everyone, share)
        assert (found.gap, found.verdict) == (None, compare.UNKNOWN)


def test_half_width_gives_the_orders_of_size_of_the_method_page():
    assert half_width(40, 1200, deff=1) == pytest.approx(3.4, abs=0.05)
    assert half_width(40, 1200, deff=2) == pytest.approx(4.8, abs=0.05)
    assert half_width(40, 9000, deff=2) == pytest.approx(1.8, abs=0.05)


def test_the_interval_of_the_gap_combines_both_margins():
    result = compare.with_territory(
        figure("QN01303I", 40.0, 37.0, 43.0), get("13055"), figure("13055", 25.0, 21.0, 29.0)
    )
    assert result.gap == 15.0
    assert (result.high - result.low) / 2 == pytest.approx(5.0)  # hypotenuse of 3 and 4


def test_the_side_of_the_interval_that_faces_the_reference_decides():
    entry = indicator("rapport_densite_praticiens")
    skewed = figure("QN01303I", 10.0, 3.4, 48.0, name=entry.id)
    other = figure("13055", 1.0, name=entry.id)
    result = compare.with_territory(skewed, get("13055"), other)
    assert result.verdict == compare.ABOVE
    assert (result.low, result.high) == pytest.approx((2.4, 47), abs=0.01)


sides = st.floats(0.1, 20)


@given(st.floats(20, 60), sides, sides, st.floats(20, 60), sides, sides)
def test_each_side_of_the_gap_takes_the_sides_that_would_widen_it(a, below, above, b, under, over):
    """Rule of Newcombe (1998, method 10) for a difference of two intervals without symmetry."""
    result = compare.with_territory(
        figure("QN01303I", a, a - below, a + above),
        get("13055"),
        figure("13055", b, b - under, b + over),
    )
    assert result.low == pytest.approx(a - b - math.sqrt(below**2 + over**2))
    assert result.high == pytest.approx(a - b + math.sqrt(above**2 + under**2))
    assert result.low <= result.gap <= result.high


def test_the_gap_of_two_proportions_is_that_of_an_independent_library():
    """Wilson for each rate, Newcombe for their difference."""
    counts, sizes = (56, 48), (70, 80)
    ends = [proportion_confint(k, n, method="wilson") for k, n in zip(counts, sizes, strict=True)]
    (one, two) = (
        figure(code, 100 * k / n, 100 * low, 100 * high)
        for code, k, n, (low, high) in zip(("QN01303I", "13055"), counts, sizes, ends, strict=True)
    )
    result = compare.with_territory(one, get("13055"), two)
    low, high = confint_proportions_2indep(
        counts[0], sizes[0], counts[1], sizes[1], method="newcomb"
    )
    assert (result.low, result.high) == pytest.approx((100 * low, 100 * high))


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [
        (0.1, compare.INDISTINCT),  # the end of the interval is zero
        (1.25, compare.SIMILAR),  # five per cent of the reference, exactly
        (1.3, compare.ABOVE),
        (-1.25, compare.SIMILAR),
        (-1.3, compare.BELOW),
    ],
)
def test_the_limits_of_the_verdicts(gap, verdict):
    exact = figure("13055", 25.0, 25.0, 25.0)
    value = 25.0 + gap
    result = compare.with_territory(
        figure("QN01303I", value, value - 0.1, value + 0.1), get("13055"), exact
    )
    if verdict == compare.INDISTINCT:
        result = compare.with_territory(figure("QN01303I", 25.5, 25.0, 26.0), get("13055"), exact)
    assert result.verdict == verdict


@given(st.floats(1, 99), st.floats(1, 99), st.floats(0.2, 5), st.floats(0.2, 5))
def test_exchanging_two_figures_turns_the_gap_around(a, b, one, two):
    here = figure("QN01303I", a, a - one, a + two)
    there = figure("13055", b, b - two, b + one)
    forth = compare.with_territory(here, get("13055"), there)
    back = compare.with_territory(there, get("QN01303I"), here)
    assert (back.gap, back.low, back.high) == pytest.approx((-forth.gap, -forth.high, -forth.low))


def group_of(name, value, base, category="ensemble", half=0.0):
    return dataclasses.replace(
        figure("QN01303I", value, value - half, value + half, name=name),
        category=category, base=base,
    )  # fmt: skip


def test_two_figures_of_a_large_base_are_never_told_apart_below_their_rounding():
    """Each is known to half a tenth: their difference, to that in quadrature."""
    women = group_of(WOMEN.partition("/")[0], 40.1, 1e9, "femmes")
    men = group_of(EVERYONE, 40.05, 1e9, "hommes")
    found = compare.between(women, men, indicator(EVERYONE))
    assert found.high - found.gap == pytest.approx(math.sqrt(0.5) * 0.1)
    assert found.verdict == compare.INDISTINCT


@pytest.mark.parametrize("base", [1000.0, 1200.0])
def test_a_part_cannot_be_as_large_as_its_whole(base):
    everyone = group_of(EVERYONE, 40.0, 1000.0)
    women = group_of(EVERYONE, 30.0, base, "femmes")
    assert compare.between(women, everyone, indicator(EVERYONE)).verdict == compare.UNKNOWN
    smaller = group_of(EVERYONE, 30.0, 999.0, "femmes")
    assert compare.between(smaller, everyone, indicator(EVERYONE)).verdict != compare.UNKNOWN


def test_a_comparison_says_what_was_compared_whatever_its_verdict():
    here, there, masked = figure("QN01303I", 30.0), figure("13055", 25.0), figure("13055", None)
    for other in (there, masked):
        found = compare.with_territory(here, get("13055"), other)
        assert (found.reference, found.observation, found.spread) == (get("13055"), other, None)
    everyone = group_of(EVERYONE, 40.0, 1000.0)
    for women in (group_of(EVERYONE, 30.0, 500.0, "femmes"), group_of(EVERYONE, 30.0, None)):
        found = compare.between(women, everyone, indicator(EVERYONE))
        assert (found.reference, found.observation) == (get("QN01303I"), everyone)
    for codes in (["QN01304I"], []):
        group = spread([figure("QN01304I", 20.0 if codes else None)])
        found = compare.with_group(here, get("nord-est"), group)
        assert (found.reference, found.observation) == (get("nord-est"), None)
        assert found.group is group


def test_the_gap_to_a_median_has_the_sides_of_the_figure():
    group = spread([figure("QN01304I", 20.0), figure("QN01308I", 30.0)])
    found = compare.with_group(figure("QN01303I", 26.0, 24.5, 29.0), get("nord-est"), group)
    assert (found.gap, found.low, found.high) == pytest.approx((1.0, -0.5, 4.0))
    assert found.verdict == compare.INDISTINCT
    lower = compare.with_group(figure("QN01303I", 22.0, 21.0, 25.0), get("nord-est"), group)
    assert (lower.high, lower.verdict) == (0.0, compare.INDISTINCT)  # it touches zero


def test_the_gap_of_two_groups_has_their_half_widths_in_quadrature():
    women = group_of(EVERYONE, 30.0, 500.0, "femmes", half=3.0)
    men = group_of(EVERYONE, 40.0, 500.0, "hommes", half=4.0)
    found = compare.between(women, men, indicator(EVERYONE))
    assert (found.low, found.high) == pytest.approx((-15.0, -5.0))


def test_a_gap_below_one_may_be_above():
    found = compare.with_territory(
        figure("QN01303I", 5.6, 5.5, 5.7), get("13055"), figure("13055", 5.0, 5.0, 5.0)
    )
    assert found.verdict == compare.ABOVE


@pytest.mark.parametrize("half", ["low", "high"])
def test_half_an_interval_is_a_fault_of_the_program(half):
    broken = dataclasses.replace(figure("13055", 20.0), **{half: None})
    if half == "low":
        found = compare.with_territory(figure("QN01303I", 30.0), get("13055"), broken)
        assert found.verdict == compare.UNKNOWN
    else:
        with pytest.raises(ValueError, match="unknown interval"):
            compare.with_territory(figure("QN01303I", 30.0), get("13055"), broken)


def test_a_gap_is_a_figure_of_what_is_compared_with_its_interval():
    here = figure("QN01303I", 40.0, 37.0, 43.0, year=2019)
    found = compare.with_territory(here, get("13055"), figure("13055", 25.0, 21.0, 29.0))
    expected = dataclasses.replace(here, value=found.gap, low=found.low, high=found.high)
    assert found.figure(here) == expected
    unknown = compare.with_territory(here, get("13055"), figure("13055", None))
    assert unknown.figure(here) is None
