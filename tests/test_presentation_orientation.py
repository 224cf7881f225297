"""The page of an orientation shows every indicator it can, and names those it cannot."""

import pytest
from lxml import html

from fictional import POVERTY, rows
from qpvlib.catalogue import THEMES, by_theme, indicator
from qpvlib.presentation import orientation
from qpvlib.reading import portrait


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


@pytest.fixture(scope="module")
def shown(store):
    return portrait.panoramas(store)["precarite"]


def tree(content):
    return html.fragment_fromstring(str(content), create_parent="div")


def test_every_indicator_with_figures_is_offered_the_headline_first(shown):
    found = orientation.beside("precarite", reversed(shown))
    assert found[0].panorama.indicator.id == POVERTY
    page = tree(orientation.rows(found, portrait.links("../portraits"), portrait.definitions("x")))
    assert len(page.findall(".//details")) == len(page.findall(".//figure")) == len(shown) == 3
    assert "Aucun graphique" in orientation.rows((), portrait.links("x"), portrait.links("x"))


def test_the_headlines_belong_to_their_orientation():
    assert set(orientation.HEADLINES) == set(THEMES) - {"presentation"}
    for theme, name in orientation.HEADLINES.items():
        assert indicator(name).orientation == theme


def test_the_table_of_the_theme_is_folded_and_what_lacks_is_counted(shown):
    assert len(tree(orientation.summary(shown, "../indicateurs")).findall("details")) == 1
    page = tree(orientation.lacking("precarite", shown, "../ce-qui-manque.html"))
    assert f"{len(by_theme('precarite')) - 3} indicateurs" in page.text_content()
    assert page.find(".//a").get("href") == "../ce-qui-manque.html"


def test_the_introduction_counts_what_follows(store, shown):
    beside = orientation.beside("precarite", shown)
    text = tree(orientation.introduction("precarite", beside)).text_content()
    measured = sum(gap.figure is not None for one in beside for gap in one.rows)
    assert f"compte {len(by_theme('precarite'))} indicateurs" in text and "3 ont un" in text
    assert f"Sur {measured} écarts" in text
    assert "écarts" not in orientation.introduction("espace_public", ())
