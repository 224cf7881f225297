"""The content of a page: what is read, what is absent, what is computed for a group."""

import pytest

from qpvlib.catalogue import indicator
from qpvlib.categories import category
from qpvlib.errors import CatalogueError, InvalidParameterError
from qpvlib.indicators.composites import composites
from qpvlib.observations import ALL
from qpvlib.reading import portrait
from qpvlib.territories import get, qpv

POVERTY, PEOPLE = "taux_pauvrete_60", "population_qpv"


def test_only_a_quartier_of_2024_has_a_portrait(make_store):
    for code in ("QP013003", "13055", "nord-est"):
        with pytest.raises(InvalidParameterError, match="n'en est pas un"):
            portrait.portrait(code, make_store([]))


def test_an_indicator_without_any_row_is_absent_and_a_masked_one_is_read(make_store):
    page = portrait.portrait("QN01304I", make_store([("QP013005", POVERTY, 2021, None)]))
    assert [r.indicator.id for r in page.readings] == [POVERTY]
    assert PEOPLE in {i.id for i in page.absent}
    assert POVERTY not in {i.id for i in page.lacking("precarite")[1]}


def test_what_only_larger_territories_have_is_not_said_to_lack_a_file(make_store):
    page = portrait.portrait("QN01304I", make_store([("13216", PEOPLE, 2020, 15_000.0)]))
    wider, absent = page.lacking("presentation")
    assert [i.id for i in wider] == [PEOPLE]
    assert PEOPLE not in {i.id for i in absent}


def test_elsewhere_is_the_latest_figure_of_each_larger_territory_the_city_first(make_store):
    rows = [
        ("FM", POVERTY, 2019, 14.0),
        ("13216", POVERTY, 2019, 27.0),
        ("QP013005", POVERTY, 2019, 40.0),
    ]
    rows += [("13055", POVERTY, year, 20.0 + year - 2015) for year in (2018, 2019)]
    rows += [("13055", POVERTY, 2021, None)]
    found = portrait.elsewhere(indicator(POVERTY), make_store(rows))
    assert [(o.territory, o.vintage, o.value) for o in found] == [
        ("13055", 2019, 24.0),
        ("13216", 2019, 27.0),
        ("FM", 2019, 14.0),
    ]
    assert portrait.elsewhere(indicator(PEOPLE), make_store(rows)) == ()


def test_elsewhere_is_by_category_where_no_whole_is_published():
    found = portrait.elsewhere(indicator("faits_constates"), portrait.store())
    assert found[0].territory == "13055"
    assert ALL not in {o.category for o in found}


def test_populations_of_2024_are_summed_and_those_of_2015_are_not_by_sector(make_store):
    new = make_store([(q.code, PEOPLE, 2020, 1000.0) for q in qpv()])
    old = make_store([(q.code, PEOPLE, 2018, 1000.0) for q in qpv("qpv2015")])
    sector = get("centre")
    assert portrait.panoramas(new, sector)["presentation"][0].pooled.value == 2000.0
    assert portrait.panoramas(old, sector)["presentation"] == ()  # its only QPV outgrows it
    assert portrait.panoramas(old, get("nord-est"))["presentation"][0].pooled is None
    assert portrait.panoramas(old)["presentation"][0].pooled.value == 35_000.0


def test_a_rate_has_no_figure_for_its_sector_but_a_median_quartier(make_store):
    store = make_store([(q.code, POVERTY, 2021, 40.0 + i) for i, q in enumerate(qpv())])
    row = portrait.panoramas(store, get("nord-est"))["precarite"][0]
    assert row.pooled is None and row.median.territory == "nord-est"
    two = portrait.panoramas(store, get("centre"))["precarite"][0]
    assert len(two.spread.published) == 2 and two.median is None, "no one is in the middle of two"


def test_every_category_of_the_store_has_words():
    store = portrait.store()
    names = {name for entry in store.frame.indicateur.unique() for name in store.categories(entry)}
    assert ALL not in names
    assert all(category(name).label for name in names)
    with pytest.raises(CatalogueError, match=r"modalites\.yml"):
        category("inconnue")


def test_details_are_about_the_quartier_or_its_predecessor_and_keep_one_year():
    for detail in portrait.details("QN01360M", portrait.store()):
        assert detail.observation.territory in ("QN01360M", "QP013056")
        assert detail.whole.vintage == detail.observation.vintage
        assert detail.whole.territory == detail.observation.territory


def test_the_indices_of_compas_are_not_computed():
    """Our own indices have their own names: none takes the place of these."""
    store = portrait.store()
    models = [one.model for one in composites().values()]
    assert models and not store.frame["indicateur"].isin(models).any()
