"""Each quartier is set beside the city, or the median quartier, with the interval of the gap."""

import math

import pytest

from fictional import EMPLOYMENT, INCOME, PEOPLE, POVERTY, rows
from qpvlib.catalogue import indicator
from qpvlib.reading import compare, portrait
from qpvlib.reading.gaps import gaps
from qpvlib.territories import CITY, qpv


@pytest.fixture(scope="module")
def store(make_store):
    hidden = [("QP013003", POVERTY, 2019, None)]
    return make_store([r for r in rows() if r[:3] != hidden[0][:3]] + hidden)


def found(name, store):
    return gaps(portrait.panorama(indicator(name), store))


def test_the_gap_is_the_figure_minus_that_of_the_city(store):
    beside = found(INCOME, store)
    assert beside.beside_city and beside.reference.value == 20000.0
    for gap in beside.rows:
        assert gap.figure.value == gap.observation.value - 20000.0
        assert gap.comparison.verdict == compare.BELOW


def test_the_interval_holds_both_margins_in_quadrature(store):
    gap = found(INCOME, store).rows[0]
    noise = math.hypot(5, 5)  # incomes are rounded to 10 euros
    assert gap.figure.high - gap.figure.value == pytest.approx(noise)
    assert gap.figure.value - gap.figure.low == pytest.approx(noise)


def test_a_rate_that_the_city_lacks_is_set_beside_the_median_quartier(store):
    beside = found(EMPLOYMENT, store)
    assert beside.reference.territory == "QPV2024-MARSEILLE" and not beside.beside_city
    assert sum(gap.figure.value for gap in beside.rows) == pytest.approx(0.0)


def test_the_size_of_a_quartier_is_set_beside_nothing_even_where_the_city_has_one(store):
    beside = found(PEOPLE, store)
    assert store.get(PEOPLE, CITY).is_value
    assert beside.reference is None and not beside.beside_city
    assert all(gap.figure is None for gap in beside.rows)
    assert beside.count(compare.UNKNOWN) == len(beside.rows)


@pytest.mark.parametrize(("filled", "compared"), [(20, False), (21, True)])
def test_a_median_of_zero_is_no_comparison(make_store, filled, compared):
    """Twenty quartiers of forty-one with a park: the median one has none."""
    places = enumerate(qpv())
    parks = make_store([(q.code, "nb_parcs_jardins", 2018, float(i < filled)) for i, q in places])
    beside = found("nb_parcs_jardins", parks)
    assert (beside.reference is not None) == compared
    assert any(gap.figure for gap in beside.rows) == compared


def test_a_masked_quartier_keeps_its_row_and_has_no_gap(store):
    masked = [gap for gap in found(POVERTY, store).rows if gap.figure is None]
    assert [gap.observation.territory for gap in masked] == ["QP013003"]
    assert masked[0].observation.state == "secret"
    assert masked[0].comparison.verdict == compare.UNKNOWN


def test_every_quartier_is_filed_once_from_the_furthest_above_to_the_masked(store):
    for name, geography in ((POVERTY, "qpv2015"), (PEOPLE, "qpv2024")):
        filed = [gap.observation for gap in found(name, store).rows]
        assert sorted(o.territory for o in filed) == sorted(q.code for q in qpv(geography))
        known = [o.value for o in filed if o.is_value]
        assert known == sorted(known, reverse=True)
        assert all(o.is_value for o in filed[: len(known)])


def test_verdicts_add_up_to_the_quartiers(store):
    beside = found(POVERTY, store)
    words = (compare.ABOVE, compare.BELOW, compare.SIMILAR, compare.INDISTINCT, compare.UNKNOWN)
    assert sum(beside.count(word) for word in words) == len(beside.rows)
