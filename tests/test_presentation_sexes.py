"""The gap between women and the others is said by rule and drawn, masked figures in words."""

import re

import pytest
from lxml import html

from qpvlib.presentation import charts, tables
from qpvlib.presentation.sexes import section, sentence
from qpvlib.reading import portrait, sexes

CODE, PLACE, YEAR = "QN01304I", "QP013005", 2018
WORK, SCHOOL, INDEX = "taux_emploi", "taux_scolarisation_16_24", "indice_jeunesse"
FIGURES = {
    "population_qpv": 2000.0, "part_femmes": 50.0, WORK: 40.0, f"{WORK}/femmes": 30.0,
    SCHOOL: 50.0, f"{SCHOOL}/femmes": None, INDEX: 1.5, f"{INDEX}/femmes": 1.4,
    f"{INDEX}/hommes": 1.6, "part_bac2/femmes": 0.0, "part_bac2": 10.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def store(make_store):
    return make_store([(PLACE, name, YEAR, value) for name, value in FIGURES.items()])


@pytest.fixture(scope="module")
def pairs(store):
    return sexes.pairs(portrait.details(CODE, store), store)


def plain(text) -> str:
    return re.sub("[\u00a0\u202f]", " ", text.striptags())


def test_each_sentence_is_as_sure_as_its_margin(pairs):
    said = {pair.indicator.id: plain(sentence(pair)) for pair in pairs}
    assert said[WORK] == (
        "Taux d'emploi des 15-64 ans en 2018 : les femmes sont en dessous de l'ensemble, 30,0 % et "
        "40,0 %, écart −10,0 points (± 6,6 points)."
    )
    assert "écart non distinguable entre les femmes et les hommes, 1,4 et 1,6" in said[INDEX]
    assert said[SCHOOL] == (
        "Taux de scolarisation des 16-24 ans en 2018 : femmes, secret statistique ; ensemble, "
        "50,0 %. Pas d'écart calculé."
    )


def test_a_masked_figure_has_no_mark_and_a_zero_has_one(pairs):
    drawn = {pair.indicator.id: str(charts.sexes([pair]).drawing) for pair in pairs}
    # One circle is the legend's.
    assert drawn[SCHOOL].count("<circle") == 1 and ">secret statistique<" in drawn[SCHOOL]
    assert drawn["part_bac2"].count("<circle") == 2
    assert ">non distinguable<" in drawn[INDEX]


def test_the_figure_holds_its_finding_its_table_and_its_source(pairs):
    figure = charts.sexes(pairs)
    tree = html.fragment_fromstring(str(figure.html()))
    assert tree.find(".//svg").get("aria-label") == figure.alt
    assert plain(figure.alt) == (
        "Indicateurs où les femmes sont au-dessus : 0 ; en dessous : 2 ; écart faible ou non "
        "distinguable : 1 ; sans écart calculé : 1."
    )
    assert "La Viste, périmètre 2015" in plain(figure.caption)
    assert len(figure.table.rows) == len(pairs) and "source-fictive" in figure.source


def test_every_figure_of_the_section_is_in_the_file(pairs, store):
    content = tables.page_csv(pairs, store, {}).decode("utf-8-sig").splitlines()
    head, *lines = (line.split(";") for line in content)
    rows = {(row[3], row[5], row[7]): dict(zip(head, row, strict=True)) for row in lines}
    gap = rows[WORK, "femmes", "ecart_ensemble"]
    assert gap["valeur"] == "-10"
    assert float(gap["borne_haute"].replace(",", ".")) < 0
    assert rows[INDEX, "femmes", "ecart_hommes"]["valeur"].startswith("-0,2")
    assert rows[WORK, "femmes", "valeur"]["fiabilite"] == "prudence"
    assert (SCHOOL, "femmes", "ecart_ensemble") not in rows


def test_a_survey_figure_of_unknown_base_has_no_margin_in_the_file(make_store):
    store = make_store([(PLACE, f"{WORK}/femmes", YEAR, 30.0)])
    content = tables.page_csv(portrait.details(CODE, store), store, {}).decode("utf-8-sig")
    head, line = (row.split(";") for row in content.splitlines())
    row = dict(zip(head, line, strict=True))
    assert (row["borne_basse"], row["borne_haute"], row["intervalle"]) == ("", "", "inconnu")
    assert row["fiabilite"] == "base inconnue"


def test_the_gaps_of_another_perimeter_or_within_the_margin_are_not_told(make_store):
    """The perimeter of La Viste in 2015 is in doubt; that of Saint Henri is the same."""
    doubtful = make_store([(PLACE, name, YEAR, value) for name, value in FIGURES.items()])
    found = sexes.pairs(portrait.details(CODE, doubtful), doubtful)
    assert "Pas de comparaison possible" in plain(section(found, CODE))
    same, place = "QN01303I", "QP013003"
    own = make_store([(place, name, YEAR, value) for name, value in FIGURES.items()])
    told = section(sexes.pairs(portrait.details(same, own), own), same)
    assert (told.count("<li>"), told.count("<figure")) == (2, 1)  # employment, and diplomas at 0 %
    near = make_store([(place, name, YEAR, value) for name, value in FIGURES.items()
                       if not name.startswith((WORK, "part_bac2"))])  # fmt: skip
    told = section(sexes.pairs(portrait.details(same, near), near), same)
    assert "Aucun écart ne se distingue" in plain(told)
