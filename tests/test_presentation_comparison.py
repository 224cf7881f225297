"""The table that compares keeps the four states and the intervals, and the script repeats it."""

import csv
import io

import pytest
from lxml import html

from edition_project import REPOSITORY
from qpvlib.presentation import comparison, tables
from qpvlib.reading import portrait
from qpvlib.reading.key_figures import outline
from qpvlib.sources import registry
from qpvlib.territories import get, qpv

LINK = portrait.links("p")


@pytest.fixture(scope="module")
def whole():
    """The table of the real store."""
    store = portrait.store()
    found = comparison.columns(store)
    return found, html.fragment_fromstring(
        str(comparison.table(found, store, LINK)), create_parent=True
    )


def test_the_table_has_41_quartiers_and_twelve_figures(whole):
    found, page = whole
    rows = page.xpath(".//tbody/tr")
    assert len(rows) == 41 + 2 and {len(row.xpath("td")) for row in rows} == {12}
    assert [row.xpath("string(th)") for row in rows[-2:]] == ["Quartier médian", "Marseille"]
    assert sorted(found) == sorted(one.code for one in qpv())


def test_every_cell_is_the_figure_of_the_store_with_its_interval(whole):
    found, page = whole
    for row, (code, figures) in zip(page.xpath(".//tbody/tr"), found.items(), strict=False):
        for cell, figure in zip(row.xpath("td"), figures, strict=True):
            own = figure.observation
            (tag,) = cell.xpath(".//*[@data-etat][not(contains(@class, 'qpv-marge'))]")
            assert tag.get("data-etat") == own.state
            if own.is_value:
                assert float(tag.get("value")) == own.amount and tag.get("data-territoire") in (
                    code, own.territory,
                )  # fmt: skip
            else:
                assert not any(letter.isdigit() for letter in cell.text_content())
            for margin in cell.xpath(".//*[contains(@class, 'qpv-marge')]"):
                assert (float(margin.get("data-bas")), float(margin.get("data-haut"))) == (
                    own.low, own.high,
                )  # fmt: skip


def test_a_secret_stays_a_secret(make_store):
    name, code = outline().compared[3], qpv()[0].code
    rows = [(one.code, name, 2021, 40.0) for one in qpv()[1:]]
    store = make_store([*rows, (code, name, 2021, None)])
    page = html.fragment_fromstring(
        str(comparison.table(comparison.columns(store), store, LINK)), create_parent=True
    )
    (row,) = page.xpath(f".//tr[th/a[@href='{LINK(code)}']]")
    assert row.xpath("td")[3].text_content() == "secret statistique"


@pytest.fixture(scope="module")
def tab(whole, chromium, tmp_path_factory):
    """The page in a browser."""
    path = tmp_path_factory.mktemp("comparer") / "comparer.html"
    body = html.tostring(whole[1], encoding="unicode")
    script = (REPOSITORY / "book" / "_static" / "comparer.js").as_uri()
    path.write_text(
        f"<!doctype html><html lang='fr'><meta charset='utf-8'>{body}".replace(
            "_static/comparer.js", script
        ),
        "utf-8",
    )
    page = chromium.new_page()
    page.goto(path.as_uri())
    return page


def test_the_address_chooses_and_the_choice_writes_the_address(tab):
    tab.evaluate("location.hash = '#a=la-viste&b=frais-vallon'")
    tab.wait_for_selector("#qpv-comparer table")
    heads = tab.eval_on_selector_all("#qpv-comparer thead th", "all => all.map(e => e.innerText)")
    assert heads == ["Chiffre", "A. La Viste", "B. Frais Vallon", "Quartier médian", "Marseille"]
    tab.select_option("#qpv-comparer-c", "air-bel")
    assert tab.evaluate("location.hash") == "#a=la-viste&b=frais-vallon&c=air-bel"
    assert tab.locator("#qpv-comparer thead th").count() == 6


def test_the_cells_and_the_drawn_intervals_are_those_of_the_table(tab, whole):
    tab.evaluate("location.hash = '#a=la-viste&b=frais-vallon'")
    tab.wait_for_function("document.querySelectorAll('#qpv-comparer thead th').length === 5")
    shown = tab.eval_on_selector_all(
        "#qpv-comparer tbody tr", "all => all.map((r) => r.children[1].textContent)"
    )
    code = next(one.code for one in qpv() if one.slug == "la-viste")
    (row,) = whole[1].xpath(f".//tr[th/a[@href='{LINK(code)}']]")
    assert shown == [cell.text_content() for cell in row.xpath("td")]
    # The employment rate: the drawn line ends where the written interval does.
    rank = outline().compared.index("taux_emploi")
    cells = whole[1].xpath(f".//tbody/tr/td[{rank + 1}]")
    ends = [float(v) for c in cells for v in c.xpath(".//@data-bas | .//@data-haut | .//@value")]
    margin = row.xpath("td")[rank].xpath(".//*[contains(@class, 'qpv-marge')]")[0]
    low, high = float(margin.get("data-bas")), float(margin.get("data-haut"))
    style = tab.locator(".qpv-bande").nth(rank).locator("u").first.get_attribute("style")
    left = float(style.split("left:")[1].split("%")[0])
    assert left == pytest.approx(100 * (low - min(ends)) / (max(ends) - min(ends)))
    right = float(style.split("- ")[1].split("%")[0])
    assert right == pytest.approx(100 * (high - min(ends)) / (max(ends) - min(ends)))


def test_an_unknown_name_in_the_address_is_ignored(tab):
    tab.evaluate("location.hash = '#a=nulle-part&b=la-viste'")
    tab.wait_for_function("!document.querySelector('#qpv-comparer table')")
    assert "second quartier" in tab.inner_text("#qpv-comparer")


def test_the_link_of_a_portrait_is_that_of_the_page():
    assert LINK("QN01304I") == f"p/{get('QN01304I').slug}.html"


def test_the_file_holds_every_printed_figure_medians_included(whole):
    found, page = whole
    store = portrait.store()
    content = tables.page_csv(
        [figure for row in found.values() for figure in row], store, registry.sources()
    )
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    names = ("indicateur", "territoire", "millesime", "modalite")
    held = {(*(row[name] for name in names), row["statistique"]) for row in rows}
    tags = page.xpath(".//data | .//*[contains(@class, 'qpv-marge')]")
    printed = {
        (*(tag.get(f"data-{name}") for name in names), tag.get("data-statistique", "valeur"))
        for tag in tags
    }
    assert printed and printed <= held
