"""Gaps: worded by the interval, never by a difference that noise could explain."""

import math

import pytest

from qpvlib.catalogue import indicator
from qpvlib.estimate import half_width
from qpvlib.observations import SECRET, VALUE, Observation
from qpvlib.reading import compare, precision
from qpvlib.reading.aggregate import spread
from qpvlib.territories import get


def figure(territory, value, low=None, high=None, name="taux_pauvrete_60", year=2020):
    return Observation(
        territory, get(territory).geography, name, "ensemble", year, value, None, None, low, high,
        VALUE if value is not None else SECRET, "source-fictive",
    )  # fmt: skip


@pytest.fixture
def people(make_store):
    rows = [("QN01303I", "population_qpv", 2020, 2000.0), ("13055", "population_qpv", 2020, 8e5)]
    return make_store(rows)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (40.0, compare.ABOVE),
        (20.0, compare.BELOW),
        (25.04, compare.INDISTINCT),
        (26.0, compare.SIMILAR),
    ],
)
def test_verdict_of_an_exhaustive_rate_follows_rounding_then_five_percent(people, value, verdict):
    result = compare.with_territory(
        figure("QN01303I", value), get("13055"), figure("13055", 25.0),
        indicator("taux_pauvrete_60"), people,
    )  # fmt: skip
    assert result.verdict == verdict
    assert result.gap == pytest.approx(value - 25.0)


@pytest.mark.parametrize(("masked", "verdict"), [(2, compare.ABOVE), (3, compare.UNKNOWN)])
def test_the_median_of_a_group_needs_half_of_its_quartiers(people, masked, verdict):
    codes = ["QN01303I", "QN01304I", "QN01308I", "QN01333I", "QN01334I"][: 2 + masked]
    group = spread([figure(c, 20.0 if i < 2 else None) for i, c in enumerate(codes)])
    result = compare.with_group(
        figure("QN01303I", 30.0), get("nord-est"), group, indicator("taux_pauvrete_60"), people
    )
    assert result.verdict == verdict


def test_published_bounds_widen_the_noise(people):
    result = compare.with_territory(
        figure("QN01303I", 27.0, 26.0, 28.0), get("13055"), figure("13055", 26.2),
        indicator("taux_pauvrete_60"), people,
    )  # fmt: skip
    assert result.verdict == compare.INDISTINCT


def test_a_census_rate_of_a_small_quartier_carries_its_sampling_error(people):
    rate = indicator("part_0_24")
    small = figure("QN01303I", 40.0, name="part_0_24")
    expected = half_width(40.0, 2000 * rate.part_univers)
    assert precision.margin(small, rate, people) == pytest.approx(expected)
    close = compare.with_territory(
        small, get("13055"), figure("13055", 38.0, name="part_0_24"), rate, people
    )
    assert close.verdict == compare.INDISTINCT


def test_without_a_reference_figure_there_is_no_gap(people):
    result = compare.with_territory(
        figure("QN01303I", 40.0), get("13055"), figure("13055", None),
        indicator("taux_pauvrete_60"), people,
    )  # fmt: skip
    assert (result.gap, result.verdict) == (None, compare.UNKNOWN)


def test_a_group_is_compared_by_its_median_quartier(people):
    group = spread([figure("QN01304I", 20.0), figure("QN01308I", 30.0), figure("QN01364I", None)])
    result = compare.with_group(
        figure("QN01303I", 40.0), get("nord-littoral"), group, indicator("taux_pauvrete_60"), people
    )
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
    return compare.between(*rates, indicator(EVERYONE), store)


def test_women_are_set_beside_everyone_by_the_margin_of_two_separate_halves(make_store):
    """1,200 people of 15-64, half of them women: (1 - 1/2) of two independent errors on 600."""
    found = sexes(make_store, 30.0, 40.0)
    expected = 0.5 * math.hypot(half_width(30, 600), half_width(40, 600))
    assert (found.gap, found.noise) == (-10.0, pytest.approx(expected))
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


def test_the_interval_of_the_gap_combines_both_margins(people):
    result = compare.with_territory(
        figure("QN01303I", 40.0, 37.0, 43.0), get("13055"), figure("13055", 25.0, 21.0, 29.0),
        indicator("taux_pauvrete_60"), people,
    )  # fmt: skip
    assert result.gap == 15.0
    assert result.noise == pytest.approx(5.0)  # hypotenuse of 3 and 4


def test_the_youth_index_of_a_small_quartier_carries_its_sampling_error(people):
    entry = indicator("indice_jeunesse")
    small = figure("QN01303I", 2.2, name="indice_jeunesse")
    other = figure("13055", 1.7, name="indice_jeunesse")
    assert precision.margin(small, entry, people) > 0.4
    found = compare.with_territory(small, get("13055"), other, entry, people)
    assert found.verdict == compare.INDISTINCT
    sizes = indicator("taille_moyenne_menages")
    mean = figure("QN01303I", 2.7, name="taille_moyenne_menages")
    assert 0.1 < precision.margin(mean, sizes, people) < 0.4


def test_the_side_of_the_interval_that_faces_the_reference_decides(people):
    entry = indicator("rapport_densite_praticiens")
    skewed = figure("QN01303I", 10.0, 3.4, 48.0, name=entry.id)
    other = figure("13055", 1.0, name=entry.id)
    result = compare.with_territory(skewed, get("13055"), other, entry, people)
    assert result.verdict == compare.ABOVE
    assert (result.low, result.high) == pytest.approx((2.4, 47), abs=0.01)
    assert precision.span(skewed, 1.0) == (3.4, 48.0)
