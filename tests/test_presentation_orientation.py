"""The page of an orientation shows every indicator it can, and names those it cannot."""

import pytest
from lxml import html

from fictional import INCOME, POVERTY, rows
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


def test_one_chart_per_indicator_with_figures(store, shown):
    page = tree(orientation.multiples(orientation.beside(shown)))
    assert len(page.findall(".//figure")) == len(shown) == 3
    assert "Aucun graphique" in orientation.multiples(())


def test_the_map_is_that_of_the_headline(shown):
    page = orientation.atlas("precarite", shown, portrait.links("../portraits"))
    assert indicator(POVERTY).libelle in page and "../portraits/la-viste.html" in page
    first = orientation.atlas("jeunesse", shown, portrait.links("x"))
    assert shown[0].indicator.libelle in first
    assert "Aucune carte" in orientation.atlas("espace_public", (), portrait.links("x"))


def test_the_headlines_belong_to_their_orientation():
    assert set(orientation.MAPPED) == set(THEMES) - {"presentation"}
    for theme, name in orientation.MAPPED.items():
        assert indicator(name).orientation == theme


def test_shown_and_lacking_make_up_the_orientation(store, shown):
    definitions = portrait.definitions("../indicateurs")
    page = tree(orientation.lacking("precarite", shown, store, definitions))
    links = [a.get("href") for a in page.iter("a")]
    assert len(links) + len(shown) == len(by_theme("precarite"))
    assert "../indicateurs/taux-sru.html" in links
    assert f"../indicateurs/{INCOME.replace('_', '-')}.html" not in links
    assert "Aucun." in orientation.lacking("x", (), store, portrait.links("x"))


def test_an_indicator_without_figures_names_the_file_that_would_give_it(store):
    page = tree(orientation.lacking("precarite", (), store, portrait.definitions("x")))
    said = {item.find("a").get("href"): item.text_content() for item in page.iter("li")}
    crowded = said["x/part-menages-suroccupation.html"]
    assert "source locale requise" in crowded and "INDCVI" in crowded
    assert "source locale requise" not in said[f"x/{INCOME.replace('_', '-')}.html"]


def test_the_introduction_counts_what_follows(store, shown):
    beside = orientation.beside(shown)
    text = tree(orientation.introduction("precarite", beside)).text_content()
    measured = sum(gap.figure is not None for one in beside for gap in one.rows)
    assert f"compte {len(by_theme('precarite'))} indicateurs" in text and "3 ont un" in text
    assert f"Sur {measured} écarts" in text
    assert "écarts" not in orientation.introduction("espace_public", ())
