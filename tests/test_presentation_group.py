"""A sector and the city show ranges with their ends named, and one table per folded theme."""

import pytest
from lxml import html

from fictional import EMPLOYMENT, PEOPLE, POVERTY
from qpvlib.edition import drawings, rules
from qpvlib.presentation import groups
from qpvlib.presentation.portrait import group
from qpvlib.reading import portrait
from qpvlib.territories import get, qpv, sector_members, sectors


@pytest.fixture(scope="module")
def store(make_store):
    rows = [(q.code, POVERTY, 2021, 30.5 + i) for i, q in enumerate(qpv())]
    rows += [(q.code, PEOPLE, 2020, 2000.0) for q in qpv()]
    rows += [(q.code, EMPLOYMENT, 2020, 40.5) for q in qpv()]
    return make_store([*rows, ("13055", PEOPLE, 2020, 820_000.0), ("13055", POVERTY, 2021, 26.5)])


def plain(html_) -> str:
    return html_.striptags().replace("\u00a0", " ").replace("\u202f", " ")


def test_a_range_names_its_ends_and_stands_beside_the_median_and_the_city(store):
    text = plain(group.five(store, None, str))
    assert "de 30,5 % à 70,5 %" in text
    assert f"Le plus bas : {qpv()[0].name} ; le plus haut : {qpv()[-1].name}." in text
    tree = html.fragment_fromstring(str(group.five(store, None, str)), create_parent="div")
    assert len(tree.xpath("//*[@data-barre]")) == 2 and list(drawings.faults(tree)) == []
    assert "quartier médian 50,5 % (2021) · Marseille 26,5 % (2021)" in text


def test_the_inhabitants_are_summed_and_set_beside_those_of_the_city(store):
    assert "82 000 habitants en 2020, environ 10 % des 820 000 de la ville" in plain(
        group.head(store)
    )
    sector = get("nord-est")
    people = 2 * len(sector_members("nord-est"))
    assert f"{people} 000 habitants en 2020" in plain(group.head(store, sector))


@pytest.mark.parametrize("sector", sectors(), ids=lambda one: one.code)
def test_the_quartiers_of_a_sector_are_listed_by_name_with_the_year_of_each_figure(sector, store):
    found = group.key_figures(sector, store)
    table = group.members(sector, found, portrait.links("../portraits"))
    names = [plain(row[0]) for row in table.rows]
    assert sorted(names) == sorted(q.name for q in sector_members(sector.code))
    assert all("(2021)" in row[2] and "(2020)" in row[1] for row in table.rows)
    assert list(rules._years(html.fragment_fromstring(str(table.html())))) == []


def test_each_theme_is_folded_and_leads_to_the_page_of_its_orientation(store):
    themes = portrait.panoramas(store)
    tree = html.fragment_fromstring(
        str(group.sections(themes, "indicateurs", "orientations")), create_parent="div"
    )
    assert len(tree.xpath("//details[@class='qpv-theme']")) == 4
    assert "orientations/mobilite-services.html" in tree.xpath("//a/@href")
    assert groups.flat(themes)


def test_a_figure_that_too_few_publish_is_said_to_be_missing_and_not_left_out(make_store):
    store = make_store([(q.code, POVERTY, 2021, 40.0 + i) for i, q in enumerate(qpv())])
    text = str(group.five(store, get("centre"), str))
    assert text.count("<li>") == 5 and text.count(">non disponible<") == 4
