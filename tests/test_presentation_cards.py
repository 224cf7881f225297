"""A card shows the figure, its margin, its year, whose perimeter it has, and a newer secret."""

from dataclasses import replace

import pytest
from lxml.html import fragment_fromstring

from fictional import CAR, CHANGED, EMPLOYMENT, POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.presentation.cards import UNFOLDED, cards
from qpvlib.presentation.formats import data_tag
from qpvlib.reading import indicator as reading
from qpvlib.reading.portrait import definitions


@pytest.fixture(scope="module")
def card(make_store):
    store = make_store(rows())

    def build(name, code=SAME):
        found = reading.read(indicator(name), code, store)
        return found, cards([found], definitions("../indicateurs"))

    return build


def test_the_figure_of_a_card_is_the_signed_figure(card):
    found, text = card(POVERTY)
    assert data_tag(found.observation, found.indicator) in text
    assert found.indicator.libelle_court in text and "2019" in text


def test_a_card_leads_to_the_definition_of_its_indicator(card):
    assert '<a href="../indicateurs/taux-pauvrete-60.html">' in card(POVERTY)[1]


def test_a_newer_secret_is_said_in_words(card):
    assert "2021\u00a0: secret statistique" in card(POVERTY)[1]


def test_the_badge_tells_the_perimeter(card):
    assert 'qpv-badge--2024">périmètre 2024<' in card(POVERTY)[1]
    assert 'qpv-badge--2015">périmètre 2015\u00a0: La Savine<' in card(POVERTY, CHANGED)[1]


def test_an_estimate_says_that_it_is_one(card, monkeypatch):
    monkeypatch.setattr(reading, "ESTIMATES", "source-fictive")
    text = card(EMPLOYMENT)[1]
    assert 'qpv-badge--estimation">estimation à partir des IRIS, périmètre 2024<' in text


def test_a_survey_figure_has_its_margin_and_an_exhaustive_one_has_none(card):
    assert "±" in card(EMPLOYMENT)[1] and "±" not in card(POVERTY)[1]


def test_a_secret_shows_no_number_and_no_comparison(card):
    text = card(CAR)[1]
    assert "secret statistique" in text and "<data" not in text and "qpv-phrase" not in text


def test_the_figures_of_the_convention_come_first_and_the_last_ones_are_folded(card):
    ours, theirs = card(EMPLOYMENT)[0], card(POVERTY)[0]
    other = replace(ours, indicator=replace(ours.indicator, dans_convention="non"))
    page = fragment_fromstring(cards([other, *[theirs] * UNFOLDED], str), create_parent="div")
    assert len(page.xpath("ul/li")) == UNFOLDED
    assert ours.indicator.libelle_court not in page.xpath("string(ul)")
    assert page.findtext("details/summary") == "Voir l'autre chiffre"
    assert ours.indicator.libelle_court in page.xpath("string(details/ul)")


@pytest.mark.parametrize(
    ("value", "unit"), [(1.9, "personne par ménage"), (2.0, "personnes par ménage")]
)
def test_the_unit_of_a_card_agrees_with_its_figure(make_store, value, unit):
    store = make_store([(SAME, "taille_moyenne_menages", 2020, value)])
    found = reading.read(indicator("taille_moyenne_menages"), SAME, store)
    assert f'qpv-unite">{unit}<' in cards([found], definitions("../indicateurs"))
