"""The page, its table and its file hold the same figures, told apart by state and statistic."""

import csv
import dataclasses
import io
import re

import pytest

from fictional import CAR, EMPLOYMENT, INCOME, PEOPLE, POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.presentation import charts, tables
from qpvlib.presentation.portrait import themes
from qpvlib.reading import indicator as reading
from qpvlib.reading.aggregate import spread
from qpvlib.reading.portrait import Detail, Panorama
from qpvlib.sources.registry import Source
from qpvlib.territories import get

TAG = re.compile(
    r'<data class="qpv-chiffre" value="([^"]*)" data-indicateur="([^"]*)" '
    r'data-territoire="([^"]*)" data-millesime="([^"]*)" data-modalite="([^"]*)" '
    r'data-etat="valeur"(?: data-statistique="([^"]*)")?>'
)
REGISTRY = {
    "source-fictive": Source(
        "source-fictive", "famille", "Producteur fictif", "Base fictive", 2021, "qpv2015", {}, "",
        "", "f.csv", "ab" * 32, 1,
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


@pytest.fixture(scope="module")
def page(store):
    names = (POVERTY, INCOME, EMPLOYMENT, PEOPLE, CAR)
    return [reading.read(indicator(name), SAME, store) for name in names]


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_every_figure_of_a_drawing_and_a_table_is_in_the_file_with_the_same_value(page, store):
    found = {
        (r["indicateur"], r["territoire"], r["millesime"], r["modalite"], r["statistique"]): r
        for r in lines(tables.page_csv(page, store, REGISTRY))
    }
    text = themes.table("Tout", page, str).html() + charts.strip(page[:3]).html()
    printed = TAG.findall(text)
    assert len(printed) > 15
    for value, name, territory, year, category, statistic in printed:
        row = found[name, territory, year, category, statistic or "valeur"]
        assert row["valeur"].replace(",", ".") == value and row["etat"] == "valeur"


def test_a_secret_stays_a_secret_in_the_file(page, store):
    row = next(
        r
        for r in lines(tables.page_csv(page, store, REGISTRY))
        if r["indicateur"] == CAR and r["territoire"] == SAME
    )
    assert (row["valeur"], row["borne_basse"], row["etat"]) == ("", "", "secret")


def test_each_line_gives_its_source_its_fingerprint_and_the_version(page, store):
    for row in lines(tables.page_csv(page, store, REGISTRY)):
        if row["source"]:
            assert (row["producteur"], row["sha256"]) == ("Producteur fictif", "ab" * 8)
        assert row["qpvlib"]


def test_the_file_is_handed_over_as_csv_from_the_registry(page, store):
    bundle = tables.Download(page, store)._repr_mimebundle_()
    assert set(bundle) == {"text/csv"}
    assert bundle["text/csv"].startswith("\ufeffterritoire;nom;")


def test_the_file_of_a_sector_page_holds_its_quartiers_median_and_references(store):
    entry, sector = indicator(POVERTY), get("nord-littoral")
    codes = {"QP013005", "QP013003", "QP013053"}
    group = spread(store.across(POVERTY, sorted(codes), 2019))
    city = store.get(POVERTY, "13055")
    rows_ = lines(tables.page_csv([Panorama(entry, sector, group, None, (city,))], store, REGISTRY))
    assert {r["territoire"] for r in rows_} == {*codes, "13055", "nord-littoral"}
    assert [r["statistique"] for r in rows_ if r["territoire"] == "nord-littoral"] == ["mediane"]


def test_the_table_gives_the_median_and_the_city_with_its_year(page):
    row = themes.table("Tout", page, str).rows[0]
    text = [getattr(cell, "striptags", lambda cell=cell: cell)() for cell in row]
    assert [cell.replace("\u00a0", " ") for cell in text[1:5]] == [
        "30,0 %", "47,0 %", "26 % (2018)", "2019",
    ]  # fmt: skip
    assert "2021" in text[5] and "secret statistique" in text[5]


def test_a_producer_is_named_once_and_without_a_fingerprint(page):
    text = tables.producers(page, "../sources.html", REGISTRY)
    assert text.count("<li>") == 1 and "Producteur fictif\u00a0: 1 fichier<" in text
    assert "abab" not in text and 'href="../sources.html"' in text


def test_the_sources_of_a_page_are_listed_once(page):
    text = tables.sources_list(page, REGISTRY)
    assert text.count("<li>") == 1 and "Base fictive, 2021" in text and "abababababab" not in text


def test_a_detail_enters_the_file_beside_the_whole_of_the_same_year(store):
    entry = indicator(EMPLOYMENT)
    part = dataclasses.replace(store.get(EMPLOYMENT, SAME), category="femmes")
    detail = Detail(entry, part, store.get(EMPLOYMENT, SAME))
    assert {r["modalite"] for r in lines(tables.page_csv([detail], store, REGISTRY))} == {
        "femmes",
        "ensemble",
    }
