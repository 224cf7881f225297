"""The five figures of a portrait are its own, beside the median quartier and the city."""

import pytest
import yaml

from fictional import CHANGED, FORMER, POVERTY, SAME
from qpvlib import paths
from qpvlib.errors import CatalogueError
from qpvlib.reading import compare, key_figures
from qpvlib.reading.key_figures import key_figure
from qpvlib.territories import CITY, qpv

STOPS = "arrets_tc_300m"


def rows(values, name=POVERTY, year=2021):
    """Give the QPV of 2024, in the order of their codes, these figures."""
    return [(q.code, name, year, value) for q, value in zip(qpv(), values, strict=True)]


def test_the_median_quartier_and_the_city_stand_beside_the_figure_with_their_years(make_store):
    store = make_store([*rows([20.5 + i for i in range(41)]), (CITY, POVERTY, 2019, 26.5)])
    found = key_figure(POVERTY, SAME, store)
    assert (found.observation.value, found.observation.vintage) == (20.5, 2021)
    assert (found.median.value, found.median.vintage) == (40.5, 2021)
    assert (found.city.value, found.city.vintage) == (26.5, 2019)
    assert (found.verdict, found.rank) == (compare.BELOW, None)


@pytest.mark.parametrize(
    ("published", "value", "median"), [(21, 20.5, 20.5), (20, 20.5, None), (41, 0.0, None)]
)
def test_half_of_the_quartiers_and_a_median_other_than_zero_make_a_comparison(
    make_store, published, value, median
):
    given = [25.5] + [value] * (published - 1) + [None] * (41 - published)
    found = key_figure(POVERTY, SAME, make_store(rows(given)))
    assert (found.median.value if found.median else None) == median
    assert found.verdict == (compare.ABOVE if median else compare.UNKNOWN)


def test_a_count_has_its_place_among_the_quartiers_and_no_verdict(make_store):
    # Three quartiers have more stops than the first, and one as many.
    store = make_store(rows([12.0, 12.0, 30.0, 20.0, 15.0, *[1.0] * 36], STOPS, 2026))
    found = key_figure(STOPS, SAME, store)
    assert (found.rank, found.among, found.verdict) == (4, 41, compare.UNKNOWN)


def test_the_figure_of_a_larger_quartier_of_2015_is_kept_apart(make_store):
    store = make_store([(q.code, POVERTY, 2021, 50.5) for q in qpv("qpv2015")])
    found = key_figure(POVERTY, CHANGED, store)
    assert (found.observation.value, found.verdict) == (None, compare.UNKNOWN)
    assert (found.former.territory, found.former.value) == (FORMER, 50.5)
    assert key_figure(POVERTY, SAME, store).former is None


def test_an_older_figure_of_its_own_is_preferred_to_that_of_another_territory(make_store):
    store = make_store([(CHANGED, POVERTY, 2018, 40.5), (FORMER, POVERTY, 2021, 50.5)])
    found = key_figure(POVERTY, CHANGED, store)
    assert (found.observation.value, found.former) == (40.5, None)


def test_a_masked_figure_says_why(make_store):
    found = key_figure(POVERTY, SAME, make_store(rows([None, *[30.5] * 40])))
    assert (found.observation.state, found.median.value) == ("secret", 30.5)


def test_the_outline_is_the_same_for_every_page_and_known_to_the_catalogue():
    found = key_figures.outline()
    assert (len(found.five), len(found.compared), len(found.themes)) == (5, 12, 4)
    told = [name for theme in found.themes for name in theme.orientations]
    assert sorted(told) == sorted({*told}) and len(told) == 5
    assert not found.left_out & {*found.five, *found.compared}


def test_a_drawing_of_seven_rows_is_refused(tmp_path, monkeypatch):
    said = yaml.safe_load((paths.data() / "portrait.yml").read_text("utf-8"))
    said["themes"][3]["lignes"] = ["parcs_jardins_500m"] * 7
    (tmp_path / "portrait.yml").write_text(yaml.safe_dump(said), "utf-8")
    monkeypatch.setattr(paths, "data", lambda: tmp_path)
    key_figures.outline.cache_clear()
    with pytest.raises(CatalogueError, match="6 lignes au plus"):
        key_figures.outline.__wrapped__()
