"""Readings: the right perimeter under the right name, the latest published year, no bridge."""

import pytest

from qpvlib.catalogue import indicator
from qpvlib.observations import SECRET, UNAVAILABLE
from qpvlib.reading import compare, portrait
from qpvlib.reading import indicator as reading
from qpvlib.territories import get, predecessors, qpv, sectors, successors

POVERTY, PEOPLE = "taux_pauvrete_60", "population_qpv"


def test_a_modified_quartier_shows_its_predecessor_under_that_name(make_store):
    store = make_store([("QP013056", POVERTY, 2019, 50.0)])
    found = reading.read(indicator(POVERTY), "QN01360M", store)
    assert found.observation.value == 50.0
    assert found.perimeter.name == "La Savine"
    assert found.territory.name == "La Savine Bosphore"
    assert not found.same_perimeter


def test_an_unchanged_quartier_keeps_its_name_and_perimeter(make_store):
    store = make_store([("QP013003", POVERTY, 2019, 50.0)])
    assert reading.read(indicator(POVERTY), "QN01303I", store).same_perimeter


def test_a_perimeter_in_doubt_is_not_the_same(make_store):
    store = make_store([("QP013005", POVERTY, 2019, 50.0), ("QN01304I", PEOPLE, 2020, 3698.0)])
    found = reading.read(indicator(POVERTY), "QN01304I", store)
    assert (found.same_perimeter, found.perimeter.geography) == (False, "qpv2015")
    assert reading.read(indicator(PEOPLE), "QN01304I", store).same_perimeter  # its own


def test_the_own_figure_of_2024_is_preferred_in_the_same_year(make_store):
    store = make_store([("QP013056", POVERTY, 2021, 50.0), ("QN01360M", POVERTY, 2021, 41.0)])
    found = reading.read(indicator(POVERTY), "QN01360M", store)
    assert (found.observation.value, found.passage) == (41.0, None)


def test_a_newer_secret_is_said_and_the_last_published_year_shown(make_store):
    store = make_store([("QP013003", POVERTY, 2020, 51.4), ("QP013003", POVERTY, 2021, None)])
    found = reading.read(indicator(POVERTY), "QN01303I", store)
    assert (found.observation.vintage, found.masked.vintage) == (2020, 2021)
    assert found.masked.state == SECRET


def test_a_figure_no_source_gives_is_not_available_and_has_no_comparison(make_store):
    found = reading.read(indicator(POVERTY), "QN01303I", make_store([]))
    assert found.observation.state == UNAVAILABLE
    assert found.comparisons == ()


def test_the_trend_stays_on_the_perimeter_of_2015(make_store):
    rows = [("QP013003", POVERTY, 2019, 50.0), ("QP013003", POVERTY, 2020, 51.0)]
    store = make_store([*rows, ("QN01303I", POVERTY, 2021, 49.0)])
    found = reading.read(indicator(POVERTY), "QN01303I", store)
    assert {o.geography for o in found.trend.observations} == {"qpv2015"}


def test_comparisons_hold_sector_quartiers_city_and_france_in_order(make_store):
    rows = [("QP013003", POVERTY, 2019, 50.0), ("13055", POVERTY, 2018, 26.0)]
    found = reading.read(indicator(POVERTY), "QN01303I", make_store(rows))
    codes = [c.reference.code for c in found.comparisons]
    assert codes[:4] == ["nord-littoral", "QPV2015-MARSEILLE", "HORS-QPV2015-MARSEILLE", "13055"]
    city = found.comparisons[3]
    assert (city.observation.vintage, city.gap) == (2018, 24.0)


def test_a_reference_more_than_two_years_away_is_not_used(make_store):
    store = make_store([("13055", POVERTY, 2015, 26.0)])
    assert not reading.nearest(store, indicator(POVERTY), "13055", 2019).is_value


def test_a_quartier_over_two_sectors_is_in_neither_and_named():
    over = {
        "centre": {"QP013032"}, "nord-est": {"QP013032", "QP013050"},
        "nord-littoral": {"QP013050"}, "sud-huveaune": set(),
    }  # fmt: skip
    assert {s: {one.code for one in reading.straddling(s)} for s in over} == over
    inside = [code for sector in over for code in reading.members("qpv2015", sector)]
    everyone = {one.code for one in qpv("qpv2015")}
    assert sorted(inside) == sorted(everyone - {"QP013032", "QP013050"})
    assert reading.members("qpv2015", "centre") == ()


def test_no_figure_of_a_sector_is_that_of_a_larger_quartier():
    store = portrait.store()
    for sector in sectors():
        rows = [row for rows in portrait.panoramas(store, sector).values() for row in rows]
        assert rows
        for row in rows:
            for one in row.spread.observations:
                heirs = successors(one.territory) or predecessors(one.territory)
                codes = {p.code_2024 for p in heirs}
                assert {get(code).sector for code in codes} == {sector.code}, (sector, one)


def test_a_quartier_without_a_sector_of_2015_has_nothing_to_stand_beside(make_store):
    store = make_store([("QP013032", POVERTY, 2019, 50.0), ("QP013003", POVERTY, 2019, 40.0)])
    found = reading.read(indicator(POVERTY), "QN01330M", store).comparisons[0]
    assert (found.reference.code, found.verdict, found.gap) == ("centre", compare.UNKNOWN, None)


@pytest.mark.parametrize("published", [20, 21])
def test_a_group_uses_a_year_only_when_half_of_its_quartiers_are_published(make_store, published):
    store = make_store([(q.code, POVERTY, 2021, 40.0) for q in qpv()[:published]])
    found = reading.group(indicator(POVERTY), store)
    assert (found is None) == (published == 20)
