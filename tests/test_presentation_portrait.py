"""A portrait says no more than its figures allow, in correct French, and signs every figure."""

import dataclasses
import re

import pytest
from lxml import html

from fictional import CAR, CHANGED, EMPLOYMENT, FORMER, INCOME, PEOPLE, POVERTY, SAME, rows
from qpvlib.edition import drawings
from qpvlib.presentation import charts, sexes, tables
from qpvlib.presentation.portrait import findings as told
from qpvlib.presentation.portrait import five, foot, head, locator, themes
from qpvlib.presentation.sentences import arrondissements, listing
from qpvlib.reading import findings, key_figures, portrait, trends
from qpvlib.reading import sexes as reading
from qpvlib.territories import get, qpv

TAG = re.compile(
    r'value="([^"]*)" data-indicateur="([^"]*)" data-territoire="([^"]*)" '
    r'data-millesime="([^"]*)" data-modalite="([^"]*)" data-etat="valeur"'
    r'(?: data-statistique="([^"]*)")?>'
)


@pytest.fixture(scope="module")
def store(make_store):
    recent = [(q.code, POVERTY, 2021, 30.5 + i) for i, q in enumerate(qpv()) if q.code != CHANGED]
    return make_store([*(row for row in rows() if row[2] != 2021), *recent])


def plain(html_) -> str:
    return html_.striptags().replace("\u00a0", " ").replace("\u202f", " ")


def key(name, store, code=SAME):
    return key_figures.key_figure(name, code, store)


def test_a_key_figure_says_what_its_marks_are_with_their_years(store):
    text = plain(five.section([key(EMPLOYMENT, store)], str))
    assert "40,0 % (± 7,9 points)en dessous du quartier médian" in text
    assert "ici en 2020 · quartier médian 50,0 % (2020)" in text
    assert "Marseille" in plain(five.section([key(INCOME, store)], str))


def test_the_bar_of_a_key_figure_is_the_margin_it_writes(store):
    tree = html.fragment_fromstring(
        str(five.section([key(EMPLOYMENT, store), key(POVERTY, store)], str)), create_parent="div"
    )
    assert len(tree.xpath("//*[@data-barre]")) == 1
    assert list(drawings.faults(tree)) == []
    bar = tree.xpath("//*[@data-barre]")[0]
    bar.set("d", re.sub(r"H[\d.]+", "H318", bar.get("d")))
    assert len(list(drawings.faults(tree))) == 1


def test_the_figure_of_the_former_quartier_is_a_link_and_never_printed_as_its_own(store):
    text = five.section([key(POVERTY, store, CHANGED)], str)
    assert "pas de chiffre publié pour ce périmètre" in plain(text)
    assert f'href="#{five.FORMER}"' in text and FORMER not in text
    page = portrait.portrait(CHANGED, store)
    block = themes.former(page.readings, store, str)
    assert f'id="{five.FORMER}"' in block and f'data-territoire="{FORMER}"' in block
    assert "périmètre modifié" in plain(block)


def test_a_rank_is_said_of_a_count_only(make_store):
    store = make_store([(q.code, "arrets_tc_300m", 2026, float(i)) for i, q in enumerate(qpv())])
    assert plain_verdict(store, SAME) == "41e des 41 quartiers, du plus grand au plus petit"
    assert plain_verdict(store, qpv()[-1].code).startswith("1er des 41")


def plain_verdict(store, code):
    return five.verdict(key("arrets_tc_300m", store, code)).replace("\u00a0", " ")


def test_what_stands_out_gives_the_margin_the_year_the_median_and_the_city(store):
    page = portrait.portrait(SAME, store)
    text = plain(told.section(findings.findings(page.readings, store)))
    assert (
        "Atout. Taux de pauvreté au seuil de 60 % : 30,5 %, en 2021 ; en dessous du quartier médian"
        in text
    )
    assert "3 chiffres comparés au quartier médian de Marseille, dont aucun sans écart net." in text


def test_a_unit_that_no_symbol_says_is_written(make_store):
    people = [(q.code, PEOPLE, 2020, 9000.0) for q in qpv()]
    dense = [(q.code, "densite", 2020, 300.0 if q.code == SAME else 100.0 + i)
             for i, q in enumerate(qpv())]  # fmt: skip
    store = make_store([*people, *dense])
    found = findings.findings(portrait.portrait(SAME, store).readings, store).told
    assert ") habitants par hectare, en 2020" in plain(told.sentence(found[0]))


def test_without_a_judged_figure_nothing_is_said_to_be_alike(make_store):
    text = plain(told.section(findings.findings([], make_store([]))))
    assert text.startswith("Pas de comparaison possible") and "écart" not in text


def test_a_count_is_told_per_thousand_and_enters_the_file(make_store):
    people = [(q.code, PEOPLE, 2020, 4000.0) for q in qpv()]
    parks = [(q.code, "nb_parcs_jardins", 2018, 8.0 if q.code == SAME else 1.0 + 2 * (i % 2))
             for i, q in enumerate(qpv())]  # fmt: skip
    store = make_store([*people, *parks])
    found = findings.findings(portrait.portrait(SAME, store).readings, store).told
    text = told.sentence(found[0])
    assert ": 2,00 (" in plain(text) and ") pour 1 000 habitants, en 2018" in plain(text)
    kinds = {statistic for statistic, _ in tables.figures(found[0])}
    assert {m[5] for m in TAG.findall(text)} == kinds == {
        "pour_1000_habitants", "mediane_pour_1000_habitants",
    }  # fmt: skip


def test_a_theme_shows_each_figure_once_and_the_masked_ones_in_words(store):
    page = portrait.portrait(SAME, store)
    text = themes.sections(page.readings, store, (), str)
    tree = html.fragment_fromstring(str(text), create_parent="div")
    assert len(tree.xpath("//details[@class='qpv-theme']")) == 4
    assert list(drawings.faults(tree)) == []
    (row,) = [r for r in tree.xpath("//tbody/tr") if "sans voiture" in r.text_content()]
    assert "secret statistique" in row.text_content()
    for name in (POVERTY, EMPLOYMENT, INCOME):
        own = f"//tr[td[1]/data[@data-indicateur='{name}'][@data-territoire='{SAME}']]"
        assert len(tree.xpath(own)) <= 1


def test_a_count_of_immigrants_is_on_no_page(make_store):
    store = make_store([(q.code, "part_immigres", 2020, 10.5 + i) for i, q in enumerate(qpv())])
    page = portrait.portrait(SAME, store)
    assert "immigrés" not in plain(themes.sections(page.readings, store, (), str)).lower()


def change(make_store, values):
    store = make_store([("QP013003", POVERTY, year, v) for year, v in values.items()])
    return portrait.portrait(SAME, store), store


@pytest.mark.parametrize(
    ("values", "drawn", "told_still"),
    [
        ({2013: 40.5, 2014: 45.5}, True, False),  # one way of measuring, far beyond the rounding
        ({2013: 40.51, 2014: 40.52}, False, True),
        ({2017: 40.5, 2018: 45.5}, False, False),  # the measure changed in between
        ({2019: 40.5, 2021: 45.5}, False, False),  # in 2020, a year without a figure
        ({2013: 40.5, 2014: None, 2015: 45.5}, False, False),
    ],
)
def test_a_slope_is_drawn_only_of_a_change_that_can_be_told(make_store, values, drawn, told_still):
    page, store = change(make_store, values)
    text = themes.sections(page.readings, store, (), str)
    assert ("qpv-multiples" in text) == drawn
    assert ("Pas d'évolution nette" in plain(text)) == told_still


def test_a_change_is_drawn_from_zero_over_the_band_of_its_margin(make_store):
    values = {(EMPLOYMENT, 2010): 20.5, (EMPLOYMENT, 2018): 60.5, (PEOPLE, 2018): 5000.0,
              (PEOPLE, 2010): 5000.0}  # fmt: skip
    store = make_store([("QP013003", name, year, v) for (name, year), v in values.items()])
    page = portrait.portrait(SAME, store)
    (one,) = [r for r in page.readings if r.indicator.id == EMPLOYMENT]
    run = trends.steady(one.trend)
    figure = charts.trend([dataclasses.replace(one, trend=run)], store)
    assert "la bande est la marge d'erreur" in figure.caption
    assert "fill-opacity: 0.2" in str(figure.drawing) or "opacity: 0.2" in str(figure.drawing)


def test_the_first_screen_gives_the_place_the_people_and_what_can_be_done(store):
    text = head.head(get("QN01346M"), store)
    said = plain(text)
    assert "12e et 13e arrondissements" in said and "Limites modifiées depuis 2015" in said
    renamed = plain(head.head(get("QN01336M"), store))
    assert "Limites modifiées depuis 2015." in renamed, "its own name says nothing more"
    assert "soit 0,2 % de Marseille" in said and "Pourquoi ce secteur" in said
    for words in ("PDF", "Tableau", "Comparer", "Facile à lire"):
        assert words in said


def test_a_perimeter_in_doubt_is_said_with_its_reason(make_store):
    store = make_store([("QN01304I", PEOPLE, 2020, 3698.0)])
    text = plain(head.head(get("QN01304I"), store))
    assert "à vérifier" in text and "3 044 habitants" in text and "21 % de plus" in text


def test_a_quartier_in_two_communes_has_no_share_of_the_city(store):
    assert "de Marseille," not in plain(head.head(get("QN01341I"), store))
    assert "et une commune voisine" in arrondissements(get("QN01341I"))


def test_the_map_names_its_neighbours_and_its_names_do_not_overlap():
    for one in qpv():
        tree = html.fragment_fromstring(str(locator.locator(one.code, str)))
        assert one.short_name in [node.text for node in tree.xpath("//text")]
        assert tree.get("aria-label")
        boxes = []
        for node in tree.xpath("//text[@class]")[:-1]:
            half = len(node.text) * 5.8 / 2
            x, y = float(node.get("x")), float(node.get("y"))
            boxes.append((x - half, x + half, y))
        assert all(left >= -1 and right <= locator.WIDTH + 1 for left, right, _ in boxes)
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[1] <= b[0] or b[1] <= a[0] or abs(a[2] - b[2]) >= 12


def test_what_is_not_known_is_a_count_by_reason(make_store):
    store = make_store([(SAME, CAR, 2020, None), ("13055", "gini", 2019, 0.4)])
    text = plain(foot.unknown(portrait.portrait(SAME, store), (), "../ce-qui-manque.html"))
    assert "1 sous le secret statistique" in text
    assert "1 connu de la ville ou de ses arrondissements seulement" in text
    assert "voiture" not in text


def test_the_neighbours_and_the_quartiers_alike_are_links(store):
    text = foot.others(get(SAME), portrait.store())
    assert text.count("<a ") >= 4 and 'href="./' in text


def test_women_are_told_of_when_the_gap_can_be_told_in_the_quartier_itself(make_store):
    values = {PEOPLE: 2000.0, "part_femmes": 50.0, EMPLOYMENT: 40.0, f"{EMPLOYMENT}/femmes": 10.0}
    for place, code, found in (("QP013003", SAME, True), (FORMER, CHANGED, False)):
        store = make_store([(place, name, 2018, value) for name, value in values.items()])
        text = sexes.section(reading.pairs(portrait.details(code, store), store), code)
        assert ("<svg" in text) == found
        assert ("Pas de comparaison possible" in plain(text)) != found


def test_a_list_in_french():
    assert listing(["a", "b", "c"]) == "a, b et c"
