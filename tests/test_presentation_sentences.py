"""Sentences say no more than the figures allow, in correct French, and sign every figure."""

import dataclasses

import pytest

from fictional import CAR, CHANGED, EMPLOYMENT, PEOPLE, POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.intervals import PUBLISHED
from qpvlib.presentation import sentences
from qpvlib.presentation.alerts import alerts
from qpvlib.reading import indicator as reading
from qpvlib.territories import get


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


@pytest.fixture(scope="module")
def read(store):
    return lambda name, code=SAME: reading.read(indicator(name), code, store)


def plain(html) -> str:
    return html.striptags().replace("\u00a0", " ").replace("\u202f", " ")


def test_a_figure_is_placed_beside_the_city_and_the_median_quartier_with_their_years(read):
    assert plain(sentences.comparison(read(POVERTY))) == (
        "Taux de pauvreté au seuil de 60 % : 30,0 % à Saint Henri en 2019, au-dessus de Marseille "
        "(26 % en 2018) ; en dessous de la médiane des QPV de Marseille (47,0 %)."
    )


def test_a_figure_of_another_perimeter_is_said_under_its_name(read):
    assert "à La Savine en 2019 (périmètre 2015)" in plain(
        sentences.comparison(read(POVERTY, CHANGED))
    )


def test_a_gap_within_the_margin_is_said_indistinct(read):
    text = plain(sentences.comparison(read(EMPLOYMENT, "QN01350M")))
    assert "écart non distinguable avec la médiane des QPV de Marseille" in text


def test_an_estimate_is_called_one_and_the_page_warns(read, store, monkeypatch):
    assert "Estimations" not in plain(alerts([read(POVERTY)], store))
    monkeypatch.setattr(reading, "ESTIMATES", "source-fictive")
    assert "à Saint Henri en 2019 (estimation)" in plain(sentences.comparison(read(POVERTY)))
    warning = plain(alerts([read(POVERTY), read(CAR)], store))
    assert (
        "Estimations de qpvlib à partir des IRIS, petites zones du recensement : 1 sur 1."
        in warning
    )


def test_an_estimate_that_is_refused_says_why(read, monkeypatch):
    assert plain(sentences.missing([read(CAR)])).startswith("Secret statistique")
    monkeypatch.setattr(reading, "ESTIMATES", "source-fictive")
    assert plain(sentences.missing([read(CAR)])).startswith("Pas d'estimation (les IRIS débordent")


def test_a_masked_figure_is_said_in_words_and_compared_with_nothing(read):
    text = plain(sentences.comparison(read(CAR)))
    assert text == "Part des ménages sans voiture : secret statistique à Saint Henri en 2020."


def test_the_highlights_keep_only_distinguishable_gaps_and_follow_the_direction(read):
    found = sentences.highlights([read(POVERTY), read(EMPLOYMENT), read(CAR)])
    assert [h.theme for h in found] == list(sentences.ORIENTATIONS)
    hardship = next(h for h in found if h.theme == "precarite")
    assert hardship.strength.indicator.id == POVERTY
    assert hardship.difficulty.indicator.id == EMPLOYMENT
    assert plain(hardship.html).startswith("Précarité. Atout : taux de pauvreté au seuil de 60 %")


def test_a_recent_count_ages_no_other_figure_and_is_no_strength(make_store, read):
    parks = "nb_parcs_jardins"
    later = make_store([*rows(), (SAME, parks, 2030, 3.0)])
    others = [read(POVERTY), read(EMPLOYMENT)]
    before = {h.theme: h for h in sentences.highlights(others)}
    count = reading.read(indicator(parks), SAME, later)
    after = {h.theme: h for h in sentences.highlights([*others, count])}
    assert after["precarite"] == before["precarite"]
    assert "qui soit un atout ou une difficulté" in plain(after["espace_public"].html)


def test_an_advantage_is_the_gap_in_interquartile_ranges(read):
    # Poverty is 30, 31 ... 64: median 47; quartiles 38 and 56 (exclusive method): range 18.
    assert sentences.advantage(read(POVERTY)) == pytest.approx((47 - 30) / 18)


def test_missing_figures_are_grouped_by_reason(read):
    text = plain(sentences.missing([read(CAR), read("gini"), read(POVERTY)]))
    assert "Secret statistique" in text and "part des ménages sans voiture (2020)" in text
    assert "Non disponible" in text and "indice de Gini" in text
    assert "taux de pauvreté au seuil de 60 % (2021 : secret statistique)" in text
    text = plain(sentences.missing([], [indicator("gini")], [indicator(CAR)]))
    assert "Rien par quartier (la fiche donne la ville ou les arrondissements) : indice" in text
    assert "(le fichier source manque) : part des ménages sans voiture" in text


def test_a_trend_gives_both_figures_and_says_when_the_measure_changed(read):
    text = plain(sentences.trend(read(POVERTY)))
    assert text.startswith("Taux de pauvreté au seuil de 60 % : 28,5 % en 2015, 30,0 % en 2019")
    assert "la mesure a changé en 2016, 2018 et 2019" in text
    assert sentences.trend(read(EMPLOYMENT)) == ""


def test_alerts_are_computed_from_the_page(read, store):
    text = plain(alerts([read(POVERTY, CHANGED), read(EMPLOYMENT, CHANGED)], store))
    assert "Petit quartier" in text
    assert "« La Savine », dont le périmètre est différent : 1 sur 2" in text
    assert "recensement, une enquête : 1 sur 2" in text
    assert alerts([], store) == ""


def test_the_rounding_of_2021_is_told_of_the_figures_that_have_it(read, store):
    poverty, income = read(POVERTY), read("part_impots")
    shown = dataclasses.replace(store.get(POVERTY, "QP013003", vintage=2019), vintage=2021)
    exact = dataclasses.replace(poverty, observation=shown)
    blurred = dataclasses.replace(
        poverty, observation=dataclasses.replace(shown, low=29.0, high=31.0, interval=PUBLISHED)
    )
    share = dataclasses.replace(income, observation=dataclasses.replace(shown, indicator="x"))
    assert "Arrondi" not in plain(alerts([exact, share], store))
    assert (
        "Arrondi par l'Insee : taux de pauvreté au seuil de 60 % (2021). Un écart d'un ou deux "
        "points n'a pas de sens." in plain(alerts([blurred, share], store))
    )


def test_the_identity_says_where_the_perimeter_comes_from(store):
    text = plain(sentences.identity(get("QN01346M"), store))
    assert "Nord est (13e et 14e). À cheval" in text and "12e et 13e de Marseille" in text
    assert "modifié par rapport à celui de 2015" in text
    assert "habitants en 2020, soit 0,2 % de la ville" in text


def test_a_perimeter_in_doubt_is_said_everywhere_with_its_reason(make_store):
    told = make_store([("QP013005", POVERTY, 2019, 50.0), ("QN01304I", PEOPLE, 2020, 3698.0)])
    found = reading.read(indicator(POVERTY), "QN01304I", told)
    text = plain(sentences.identity(get("QN01304I"), told))
    assert "identique à celui de 2015 selon son code, à vérifier" in text
    assert "3 044 habitants" in text and "3 698" in text and "21 % de plus" in text
    assert "à La Viste en 2019 (périmètre 2015)" in plain(sentences.comparison(found))
    assert "« La Viste », dont le périmètre est peut-être différent : 1 sur 1" in plain(
        alerts([found], told)
    )
    assert "Tenu pour identique" in plain(sentences.identity(get(SAME), told))


def test_a_quartier_in_two_communes_has_no_share_of_the_city(store):
    text = plain(sentences.identity(get("QN01341I"), store))
    assert "et une commune voisine" in text and "de la ville" not in text
