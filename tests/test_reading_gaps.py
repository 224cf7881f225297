"""Each quartier is set beside the city, or the median quartier, with the interval of the gap."""

import math

import pytest

from fictional import INCOME, PEOPLE, POVERTY, rows
from qpvlib.catalogue import indicator
from qpvlib.reading import compare, portrait
from qpvlib.reading.gaps import SEVERAL, gaps
from qpvlib.territories import CITY, qpv, sectors


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


def test_a_count_is_set_beside_the_median_quartier_even_where_the_city_has_one(store):
    beside = found(PEOPLE, store)
    assert store.get(PEOPLE, CITY).is_value and not beside.beside_city
    assert sum(gap.figure.value for gap in beside.rows) == pytest.approx(0.0)


def test_a_masked_quartier_keeps_its_row_and_has_no_gap(store):
    masked = [gap for gap in found(POVERTY, store).rows if gap.figure is None]
    assert [gap.observation.territory for gap in masked] == ["QP013003"]
    assert masked[0].observation.state == "secret"
    assert masked[0].comparison.verdict == compare.UNKNOWN


def test_every_quartier_is_filed_once_in_the_order_of_the_sectors(store):
    for name, geography in ((POVERTY, "qpv2015"), (PEOPLE, "qpv2024")):
        beside = found(name, store)
        codes = [gap.observation.territory for gap in beside.rows]
        assert sorted(codes) == sorted(q.code for q in qpv(geography))
        filed = [sector for sector, _ in beside.sectors]
        apart = [SEVERAL] if geography == "qpv2015" else []
        assert filed == [sector for sector in sectors() if sector in filed] + apart
        if apart:  # over two sectors: under the name of neither
            assert [g.observation.territory for g in beside.sectors[-1][1]] == [
                "QP013032",
                "QP013050",
            ]


def test_verdicts_add_up_to_the_quartiers(store):
    beside = found(POVERTY, store)
    words = (compare.ABOVE, compare.BELOW, compare.SIMILAR, compare.INDISTINCT, compare.UNKNOWN)
    assert sum(beside.count(word) for word in words) == len(beside.rows)
