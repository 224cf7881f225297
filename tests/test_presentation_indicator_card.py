"""A card says what an indicator is and counts its figures, whatever their state."""

import re
from collections import Counter

import pytest
from lxml import html

from fictional import CAR, PEOPLE, POVERTY, rows
from qpvlib.catalogue import DIRECTIONS, IN_CONVENTION, KINDS, STATUSES, indicator, indicators
from qpvlib.presentation import indicator_card
from qpvlib.presentation.formats import years
from qpvlib.reading import portrait
from qpvlib.territories import GEOGRAPHIES, qpv

NOTHING = "part_retard_3e"  # no row of the fictitious store; a described official format


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


def tree(content):
    return html.fragment_fromstring(str(content), create_parent="div")


def test_every_field_of_the_catalogue_is_worded():
    assert set(indicator_card.DIRECTIONS) == set(DIRECTIONS)
    assert set(indicator_card.KINDS) == set(KINDS)
    assert set(indicator_card.STATUSES) == set(STATUSES)
    assert set(indicator_card.IN_CONVENTION) == set(IN_CONVENTION)
    assert set(indicator_card.GEOGRAPHIES) == set(GEOGRAPHIES)


@pytest.mark.parametrize("name", indicators())
def test_the_definition_holds_every_part_that_exists(name):
    entry = indicator(name)
    page = tree(indicator_card.definition(entry))
    facts = dict(zip((t.text for t in page.iter("dt")), page.iter("dd"), strict=True))
    assert page.find("p").text_content() == entry.definition
    assert ("Numérateur" in facts) == bool(entry.numerateur)
    assert ("Effet de plan" in facts) == bool(entry.effet_plan)
    assert facts["Identifiant"].text_content() == name


def test_figures_are_counted_by_perimeter_year_and_state(store):
    cells = [
        [cell.text_content() for cell in row]
        for row in tree(indicator_card.availability(indicator(POVERTY), store)).iter("tr")
    ]
    n = str(len(qpv("qpv2015")))
    assert ["QPV, périmètres 2015", "2019", n, "0", "0", "0"] in cells
    assert ["QPV, périmètres 2015", "2021", "0", "1", "0", "0"] in cells
    assert ["Marseille", "2018", "1", "0", "0", "0"] in cells


def test_a_sum_of_iris_is_not_passed_off_as_published():
    store = portrait.store()
    entry = indicator("part_60_plus")
    said = "somme de 391 IRIS sur 393"
    assert said in indicator_card.status(entry, store)
    table = indicator_card.elsewhere(entry, portrait.elsewhere(entry, store))
    texts = [row.text_content() for row in tree(table).iter("tr")]
    assert [said in text for text in texts if text.startswith("Marseille")] == [True]
    assert "IRIS" not in indicator_card.status(indicator(POVERTY), store)
    # The file itself counts them; the two that it lacks are in the 7th arrondissement.
    frame = store.frame[store.frame.source == "compilation-rp-2018-iris"]
    assert frame[frame.geographie == "iris"].territoire.nunique() == 391


def test_an_indicator_without_figures_says_how_to_provide_them(store):
    text = indicator_card.status(indicator(NOTHING), store)
    assert "Source locale requise" in text and "qpv importer FICHIER" in text
    assert "formats reconnus" in text
    census = indicator_card.status(indicator("part_mineurs_suroccupation"), store)
    assert "Source locale requise" in census and "INDCVI" in census
    unknown = indicator_card.status(indicator("nb_homicides"), store)
    assert "data/familles.yml" in unknown
    assert "qpv importer" not in indicator_card.status(indicator(POVERTY), store)
    parks = indicator_card.status(indicator("parcs_10min_par_hab"), store)
    assert "Source locale requise" in parks and "Où le trouver\u00a0: extrait" in parks
    assert not indicator_card.availability(indicator(NOTHING), store)
    assert "Aucun fichier" in indicator_card.files(indicator(NOTHING), store)


def test_a_masked_figure_is_no_ground_for_a_drawing(store):
    panorama = portrait.panorama(indicator(CAR), store)
    assert panorama is None
    assert "Ni carte ni graphique" in indicator_card.quartiers(panorama, str)


def test_the_quartiers_are_spread_then_named_beside_their_map_without_pictures(store):
    panorama = portrait.panorama(indicator(PEOPLE), store)
    page = tree(indicator_card.quartiers(panorama, portrait.links("../portraits")))
    spread, rows = page.findall(".//figure")
    counts = [int(row.find("td").text) for row in spread.findall(".//tbody/tr")]
    assert sum(counts) == len(rows.findall(".//tbody/tr")) == 41
    assert rows.find(".//svg[@class='qpv-carte-svg']") is not None and not page.findall(".//img")


def test_the_figures_of_the_city_are_printed_and_their_absence_is_said(store):
    entry = indicator(POVERTY)
    found = portrait.elsewhere(entry, store)
    page = tree(indicator_card.elsewhere(entry, found))
    cells = [[cell.text_content() for cell in row] for row in page.iter("tr")]
    assert cells[0] == ["Territoire", "Chiffre", "Année"]
    assert ["Marseille", "26\u00a0%", "2018"] in cells
    assert page.find(".//data[@data-territoire='13055']").get("value") == "26"
    assert page.find("details") is not None
    assert "aucun chiffre" in indicator_card.elsewhere(entry, ())


def test_one_year_goes_to_the_caption_and_categories_come_first():
    entry, store = indicator("faits_constates"), portrait.store()
    found = portrait.elsewhere(entry, store)
    page = tree(indicator_card.elsewhere(entry, found))
    heads = [cell.text_content() for cell in next(page.iter("tr"))]
    assert heads == ["Catégorie", "Chiffre", "Territoire"]
    assert page.find(".//caption").text.endswith(years({o.vintage for o in found}))


def test_the_directory_leads_to_every_card(store):
    page = tree(indicator_card.directory(store, portrait.definitions("indicateurs")))
    links = [a.get("href") for a in page.iter("a")]
    expected = [f"indicateurs/{name.replace('_', '-')}.html" for name in indicators()]
    assert sorted(links) == sorted(expected)
    assert page.text_content().count("pas encore de chiffre") == len(indicators()) - 4


def test_runs_of_years_are_shortened():
    assert years([2015, 2013, 2014, 2010]) == "2010, 2013 à 2015"
    assert years([2018, 2019, 2019]) == "2018, 2019"


def test_the_inventory_counts_the_catalogue():
    text = str(indicator_card.inventory())
    total, *parts = (int(number) for number in re.findall(r"\d+", text))
    uses = Counter(entry.dans_convention for entry in indicators().values())
    assert total == len(indicators())
    assert parts[:4] == [uses[use] for use in ("oui", "cité sans chiffre", "composante", "non")]
    assert sum(parts[4:]) < parts[3]
