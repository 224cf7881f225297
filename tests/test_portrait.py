"""The content of a page: what is read, what is absent, what is computed for a group."""

import pytest

from qpvlib import portrait
from qpvlib.catalogue import category_label
from qpvlib.errors import CatalogueError, InvalidParameterError
from qpvlib.indicators.composites import composites
from qpvlib.observations import ALL
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
    assert POVERTY not in {i.id for i in page.lacking("precarite")}


def test_populations_of_2024_are_summed_and_those_of_2015_are_not_by_sector(make_store):
    new = make_store([(q.code, PEOPLE, 2020, 1000.0) for q in qpv()])
    old = make_store([(q.code, PEOPLE, 2018, 1000.0) for q in qpv("qpv2015")])
    sector = get("centre")
    assert portrait.panoramas(new, sector)["presentation"][0].pooled.value == 2000.0
    assert portrait.panoramas(old, sector)["presentation"][0].pooled is None
    assert portrait.panoramas(old)["presentation"][0].pooled.value == 35_000.0


def test_a_rate_has_no_figure_for_its_sector_but_a_median_quartier(make_store):
    store = make_store([(q.code, POVERTY, 2021, 40.0 + i) for i, q in enumerate(qpv())])
    row = portrait.panoramas(store, get("centre"))["precarite"][0]
    assert row.pooled is None
    assert row.median.territory == "centre"


def test_every_category_of_the_store_has_words():
    store = portrait.store()
    names = {name for entry in store.frame.indicateur.unique() for name in store.categories(entry)}
    assert ALL not in names
    assert all(category_label(name) for name in names)
    with pytest.raises(CatalogueError, match=r"modalites\.yml"):
        category_label("inconnue")


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
