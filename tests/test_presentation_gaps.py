"""Each quartier has a row with its name, a link, its gap drawn and written; sure gaps stand out."""

import dataclasses

import pytest
from lxml import html

from fictional import EMPLOYMENT, INCOME, PEOPLE, POVERTY, rows
from qpvlib.catalogue import indicator
from qpvlib.observations import VALUE, Observation
from qpvlib.presentation import charts, side_by_side, tables
from qpvlib.presentation.formats import CITY_GAP, gap_tag, signed
from qpvlib.reading import portrait
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.gaps import gaps
from qpvlib.territories import get, qpv


@pytest.fixture(scope="module")
def store(make_store):
    hidden = [("QP013003", POVERTY, 2019, None)]
    return make_store([r for r in rows() if r[:3] != hidden[0][:3]] + hidden)


@pytest.fixture(scope="module")
def poverty(store):
    return gaps(portrait.panorama(indicator(POVERTY), store))


LINK = portrait.links("../portraits")


def tree(content):
    return html.fragment_fromstring(str(content), create_parent="div")


def rows_of(found):
    return tree(charts.gaps(found, LINK)).findall(".//tbody/tr")


@pytest.mark.parametrize("name", [POVERTY, EMPLOYMENT])
def test_a_mark_per_quartier_full_where_the_gap_is_sure(store, name):
    found = gaps(portrait.panorama(indicator(name), store))
    lines = rows_of(found)
    for line, gap in zip(lines, found.rows, strict=True):
        drawn = line.find(".//svg")
        if not gap.observation.is_value:
            assert drawn is None and "secret statistique" in line.text_content()
            continue
        sure = gap.comparison.verdict in (ABOVE, BELOW)
        assert (drawn.get("class") == "qpv-net") == sure
        assert drawn.get("aria-label") == charts.VERDICTS[gap.comparison.verdict]
        assert drawn.find("circle") is not None
    full = sum(line.find(".//svg[@class]") is not None for line in lines)
    assert full == found.count(ABOVE, BELOW)
    assert full < len(lines) - 1 or name == POVERTY


def test_each_name_leads_to_its_portrait_or_to_those_it_became(poverty):
    links = {line.find("th").text_content(): [a.get("href") for a in line.find("th").iter("a")]
             for line in rows_of(poverty)}  # fmt: skip
    assert links["Saint Henri"] == ["../portraits/saint-henri.html"]
    split = next(name for name in links if name.startswith(get("QP013032").name))
    assert len(links[split]) == 3 and "devenu" in split
    assert all(links.values())


def test_the_table_writes_every_gap_it_draws(poverty):
    page = tree(charts.gaps(poverty, LINK))
    printed = {
        (d.get("data-territoire"), float(d.get("value")))
        for d in page.iter("data")
        if d.get("data-statistique") == CITY_GAP
    }
    assert printed == {(g.figure.territory, g.figure.value) for g in poverty.rows if g.figure}
    assert page.find(".//caption") is not None
    assert {cell.get("scope") for cell in page.iter("th")} == {"col", "row"}


def test_the_line_of_the_reference_stands_at_zero(poverty):
    """The zero of the rows' ground, read on the scale that the head says."""
    page = tree(charts.gaps(poverty, LINK))
    zero = float(page.find(".//table").get("style").removeprefix("--zero:").rstrip("%"))
    axis = page.find(".//line[@data-echelle]")
    low, high = map(float, axis.get("data-echelle").split("|"))
    left, right = (float(axis.get(end).rstrip("%")) for end in ("x1", "x2"))
    assert low + (zero - left) / (right - left) * (high - low) == pytest.approx(0, abs=0.01)


def test_without_a_reference_nothing_is_drawn_and_the_reason_is_said(store):
    found = gaps(portrait.panorama(indicator(PEOPLE), store))
    page = tree(charts.gaps(found, LINK))
    assert page.find(".//svg") is None and len(page.findall(".//tbody/tr")) == len(found.rows)
    assert "la taille du quartier" in charts.finding(found) and not charts.beside(found)


def test_several_maps_share_their_outlines_and_none_has_an_id_twice(store, poverty):
    other = gaps(portrait.panorama(indicator(INCOME), store))
    page = tree(side_by_side.choice([poverty, other], LINK, portrait.definitions("x")))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    borrowed = {use.get("href")[1:] for use in page.iter("use")}
    assert borrowed <= set(ids) and {f"lieu-{q.code}" for q in qpv()} <= borrowed
    assert not page.xpath("//*[contains(@class, 'qpv-cote')]//a[@tabindex != '-1']")


def test_the_first_ones_are_in_full_where_no_script_runs(store):
    found = [gaps(portrait.panorama(indicator(n), store)) for n in (POVERTY, INCOME, EMPLOYMENT)]
    page = tree(side_by_side.choice(found, LINK, portrait.definitions("x")))
    folds = page.findall(".//details")
    assert [fold.get("open") is not None for fold in folds] == [True, True, False]
    assert folds[0].get("id") == POVERTY.replace("_", "-")


def test_the_file_holds_every_gap_of_the_page(poverty, store):
    found = list(tables.figures(poverty))
    assert [o for kind, o in found if kind == CITY_GAP] == [
        g.figure for g in poverty.rows if g.figure
    ]
    assert store.get(POVERTY, "13055") in [o for _, o in found]


def test_the_reference_is_named_with_its_year(store, poverty):
    said = tree(charts.beside(poverty)).text_content()
    assert said == "Marseille\u00a0: 26\u00a0% (2018)"  # the quartiers are of 2019
    employment = gaps(portrait.panorama(indicator(EMPLOYMENT), store))
    assert "Quartier médian" in charts.beside(employment)


def test_the_words_of_a_label_are_escaped(poverty):
    entry = dataclasses.replace(poverty.panorama.indicator, libelle="<script>")
    odd = dataclasses.replace(
        poverty, panorama=dataclasses.replace(poverty.panorama, indicator=entry)
    )
    assert "<script" not in charts.gaps(odd, LINK)


@pytest.mark.parametrize(
    ("name", "number", "text"),
    [
        (POVERTY, 3.14, "+3,1 points"),
        (POVERTY, -1.04, "−1,0 point"),
        (POVERTY, -0.01, "0,0 point"),
        (INCOME, -1250.0, "−1\u202f250\u202f€"),
    ],
)
def test_a_difference_has_its_sign_and_its_unit(name, number, text):
    assert signed(number, indicator(name)) == text


def test_the_tag_of_a_gap_gives_its_interval():
    gap = Observation("QP013003", "qpv2015", POVERTY, "ensemble", 2019, 3.0, None, None, 1.0, 5.0,
                      VALUE, "source-fictive")  # fmt: skip
    tag = html.fragment_fromstring(str(gap_tag(gap, indicator(POVERTY), CITY_GAP)), "div")
    assert tag.text_content() == "+3,0 points (±\u00a02,0 points)"
    skewed = dataclasses.replace(gap, low=-0.4, high=5.0)
    assert "de −0,4 à +5,0 points" in gap_tag(skewed, indicator(POVERTY), CITY_GAP)
    exact = dataclasses.replace(gap, low=2.95, high=3.05)
    bare = gap_tag(exact, indicator(POVERTY), CITY_GAP)
    assert "±" not in bare  # nothing but the rounding of the figure


def test_a_count_of_places_has_no_interval_to_draw(make_store):
    parks = "nb_parcs_jardins"
    store = make_store([(q.code, parks, 2018, float(i)) for i, q in enumerate(qpv())])
    found = gaps(portrait.panorama(indicator(parks), store))
    page = tree(charts.gaps(found, LINK))
    assert len(page.findall(".//tbody//circle")) == len(found.rows)
    assert not page.xpath(".//tbody//line")
