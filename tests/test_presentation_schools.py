"""The section prints each figure as its file holds it, tells what is unknown, and ranks nothing."""

import re

import pytest
from lxml import html

from qpvlib import schools, territories
from qpvlib.edition.figures import Ledger
from qpvlib.observations import ALL, UNAVAILABLE, VALUE, Observation
from qpvlib.presentation import tables
from qpvlib.presentation.schools import section
from qpvlib.reading.schools import School, Schools
from school_files import uai

CODE = "QN01304I"
YEARS = (2022, 2023, 2024)


def figure(number, measure, year, value):
    state = UNAVAILABLE if value is None else VALUE
    return Observation(
        uai(number), schools.GEOGRAPHY, measure, ALL, year, value, None, None, None, None, state,
        "fictif" if value is not None else "",
    )  # fmt: skip


def mean(name, category, year, value, base):
    return Observation(
        "13055", "commune", name, category, year, value, None, base, None, None, VALUE, "fictif"
    )


def ecole(number, name, distance, old, ips, sector="public"):
    told = {
        ("effectif", 2022): figure(number, "effectif", 2022, 100.0 + number),
        ("ips_ancienne_echelle", 2021): figure(number, "ips_ancienne_echelle", 2021, old),
        ("ips", 2022): figure(number, "ips", 2022, ips),
    }
    return School(name, sector, distance, told)


def college(number, name, rates, added, sector="public"):
    told = {("ips", 2022): figure(number, "ips", 2022, 65.0)}
    for measure, values in (("taux_reussite_dnb", rates), ("va_reussite_dnb", added)):
        told |= {
            (measure, year): figure(number, measure, year, value)
            for year, value in zip(YEARS, values, strict=True)
        }
    return School(name, sector, None, told)


def means(kind):
    found = {}
    for sector in schools.SECTORS:
        if kind == schools.SCHOOL:
            old = mean("ips_ecoles", f"{sector}_ancienne_echelle", 2021, 89.4, 227.0)
            new = mean("ips_ecoles", sector, 2022, 96.7173, 35086.0)
            found[kind, sector] = {("ips_ancienne_echelle", 2021): old, ("ips", 2022): new}
        else:
            found[kind, sector] = {
                ("taux_reussite_dnb", y): mean("taux_reussite_dnb", sector, y, 80.25, 6000.0)
                for y in YEARS
            }
    return found


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(schools, "names", lambda: {uai(n): f"École {n}" for n in range(30)})
    return Schools(
        territories.get(CODE),
        (
            ecole(1, "Fiction A", 0.0, 60.0, 71.0),
            ecole(2, "Fiction B", 20.0, None, 65.5),
            ecole(3, "Fiction C", 130.0, 61.0, 90.0),
        ),
        (ecole(4, "Fiction D", None, 110.0, 120.0, "prive"),),
        (
            college(11, "Fiction E", (80.0, 81.0, 79.0), (5.0, 1.0, 12.0)),
            college(12, "Fiction F", (60.0, 61.0, 59.0), (-5.0, -1.0, -12.0)),
            college(13, "Fiction G", (70.0, 71.0, 69.0), (5.0, None, 12.0)),
            college(14, "Fiction H", (99.0, 100.0, 99.0), (5.0, 0.0, 12.0), "prive"),
        ),
        means(schools.SCHOOL) | means(schools.COLLEGE),
    )


def plain(found):
    return re.sub(r"[\u00a0\u202f ]+", " ", html.fromstring(str(section(found))).text_content())


def test_the_first_sentence_counts_the_schools_and_gives_the_spread_beside_the_city(found):
    text = plain(found)
    assert "1 dans le quartier, 2 autour, à 300 mètres au plus" in text
    assert (
        "en 2022-2023 : de 65,5 à 90,0 ; moyenne des écoles publiques de Marseille : 96,7" in text
    )


def test_what_is_not_known_and_what_may_not_be_compared_is_said(found):
    text = plain(found)
    for words in (
        "Le secteur scolaire de chaque école n'est pas connu",
        "une année ne se compare pas à l'autre",
        "Leur adresse n'est dans aucune liste reçue",
        "Écoles publiques, 2021-2022 : 227 écoles ; 2022-2023 : 35 086 élèves",
        "ce que le collège apporte en plus de ce qu'on attendait vu ses élèves",
        "Collèges du 15e arrondissement : 3 dans le public, 1 dans le privé sous contrat",
    ):
        assert words in text, words


def test_steady_added_values_are_counted_on_both_sides_and_only_when_complete(found):
    assert (
        "positive à chaque session dans 1 de ces collèges, négative à chaque session dans 1."
        in (plain(found))
    )


def test_rows_keep_their_order_place_and_state(found):
    page = html.fromstring(str(section(found)))
    ecoles, others, colleges = page.xpath(".//table")
    heads = [[" ".join(c.itertext()) for c in row.xpath("./th|./td")] for row in ecoles.iter("tr")]
    assert heads[1:] == [
        ["Fiction A dans le quartier 101  élèves", "60,0", "71,0"],
        ["Fiction B en bordure 102  élèves", "non disponible", "65,5"],
        ["Fiction C à 150\u00a0m 103  élèves", "61,0", "90,0"],
        ["Marseille, écoles publiques moyenne", "89,4", "96,7"],
    ]
    assert "privée sous contrat" in others.text_content()
    cells = colleges.xpath(".//tr[th/text()='Fiction G']/td")
    assert [re.sub(r"\s+", " ", c.text_content()) for c in cells] == [
        "2022 : 70 %2023 : 71 %2024 : 69 %",
        "2022 : +52023 : non disponible2024 : +12",
    ]
    assert "pas de moyenne" in colleges.text_content()


def test_the_control_of_the_book_finds_every_figure_in_the_file_of_the_page(
    found, make_store, tmp_path
):
    folder = tmp_path / "portraits"
    folder.mkdir()
    content = tables.page_csv(found.figures, make_store([]), {})
    (folder / "fiction.csv").write_bytes(content)
    link = '<a class="download" href="fiction.csv">tableau</a>'
    page = html.document_fromstring(f"<html><body>{section(found)}{link}</body></html>")
    ledger = Ledger()
    assert list(ledger.read(page, folder / "fiction.html")) == []
    assert ledger.count > 40
    (folder / "fiction.csv").write_bytes(content.replace(b";90;", b";91;"))
    assert any("91" in fault for fault in Ledger().read(page, folder / "fiction.html"))


def test_no_word_ranks_or_judges(found):
    text = plain(found).lower()
    for word in (
        "meilleur",
        "pire",
        "classement",
        "rang",
        "difficile",
        "faible",
        "défavoris",
        "bon ",
    ):
        assert word not in text, word


def test_a_quartier_without_a_school_nearby_says_so(found):
    none = Schools(found.territory, (), (), (), found.means)
    text = plain(none)
    assert "aucune dans le quartier, aucune autour" in text and "Collèges" not in text
    assert "<table" not in section(none)


def test_many_schools_are_folded(found):
    many = tuple(ecole(n, f"Fiction {n}", 0.0, 60.0, 70.0) for n in range(1, 10))
    crowded = Schools(found.territory, many, (), (), found.means)
    page = html.fromstring(str(section(crowded)))
    assert page.xpath("count(.//details//table)") == 1 and page.xpath("count(.//table)") == 1
