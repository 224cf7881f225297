"""The page of what lacks shows, for every indicator and year, how many quartiers are published."""

import pytest
from lxml import html

from fictional import EMPLOYMENT, INCOME, POVERTY, rows
from qpvlib.catalogue import THEMES, by_theme, indicator, indicators
from qpvlib.presentation import lacking
from qpvlib.reading import portrait


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


def tree(content):
    return html.fragment_fromstring(str(content), create_parent="div")


def test_every_indicator_has_a_row_and_the_class_of_its_share(store):
    grid = lacking._published(store)
    assert list(grid.index) == list(indicators())
    assert list(grid.columns) == list(range(2015, 2021))  # the masked year 2021 is not published
    every, some, none = 3, 1, 0
    assert (grid.loc[POVERTY, 2019], grid.loc[EMPLOYMENT, 2020]) == (every, every)
    assert (grid.loc[POVERTY, 2015], grid.loc[INCOME, 2015]) == (some, none)


@pytest.mark.parametrize(("published", "shade"), [(20, 1), (21, 2), (40, 2), (41, 3)])
def test_half_of_the_quartiers_is_a_class_of_its_own(make_store, published, shade):
    rows_ = [row for row in rows() if row[1] == EMPLOYMENT][:published]
    assert lacking._published(make_store(rows_)).loc[EMPLOYMENT, 2020] == shade


def test_one_theme_is_open_and_the_table_of_each_names_all_its_indicators(store):
    page = tree(lacking.published(store))
    folds = page.findall("./div/details")
    assert [fold.find("summary").text for fold in folds] == list(THEMES.values())
    assert [fold.get("open") is not None for fold in folds] == [True] + [False] * 4
    for theme, one in zip(THEMES, folds, strict=True):
        names = [cell.text_content() for cell in one.xpath(".//tbody//th")]
        assert names == [entry.libelle for entry in by_theme(theme)]
    poverty = next(r for r in page.iter("tr") if r.find("th").text == indicator(POVERTY).libelle)
    assert [cell.text for cell in poverty.iter("td")] == ["2019", "aucune", "2015"]


def test_the_files_to_ask_for_are_listed_with_their_card(store):
    nowhere = lacking.nowhere(store, portrait.definitions("indicateurs"))
    listed = [a.get("href") for a in tree(nowhere.html()).iter("a")]
    assert "indicateurs/nb-homicides.html" in listed
    assert f"indicateurs/{POVERTY.replace('_', '-')}.html" not in listed
    assert len(nowhere.rows) == len(indicators()) - 4
