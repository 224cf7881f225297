"""Gaps: worded by the interval, never by a difference that noise could explain."""

import dataclasses
import math

import pytest

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
