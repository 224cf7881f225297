"""The chart of gaps shows each quartier once, sure gaps apart from the others, and ranks none."""

import dataclasses

import pytest
from lxml import html

from fictional import EMPLOYMENT, INCOME, POVERTY, rows
from qpvlib.catalogue import indicator
from qpvlib.observations import VALUE, Observation
from qpvlib.presentation import charts, tables
from qpvlib.presentation.formats import CITY_GAP, gap_tag, signed
from qpvlib.reading import portrait
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.gaps import gaps
from qpvlib.territories import qpv


@pytest.fixture(scope="module")
def store(make_store):
    hidden = [("QP013003", POVERTY, 2019, None)]
    return make_store([r for r in rows() if r[:3] != hidden[0][:3]] + hidden)


@pytest.fixture(scope="module")
def poverty(store):
    return gaps(portrait.panorama(indicator(POVERTY), store))


def tree(figure):
    return html.fragment_fromstring(str(figure.html()), create_parent="div")


def test_a_mark_per_quartier_full_where_the_gap_is_sure(poverty):
    drawing = tree(charts.gaps(poverty)).find(".//svg")
    circles = drawing.findall(".//circle")
    assert len(circles) == len(poverty.rows) - 1
    full = [c for c in circles if c.get("fill") != "#ffffff"]
    assert len(full) == poverty.count(ABOVE, BELOW)
    masked = [t.text for t in drawing.iter("title") if "secret statistique" in t.text]
    assert len(masked) == 1


def test_the_table_says_every_gap_and_its_words(poverty):
    page = tree(charts.gaps(poverty))
    lines = page.findall(".//tbody/tr")
    assert len(lines) == len(poverty.rows)
    printed = {
        (d.get("data-territoire"), float(d.get("value")))
        for d in page.iter("data")
        if d.get("data-statistique") == CITY_GAP
    }
    expected = {(g.figure.territory, g.figure.value) for g in poverty.rows if g.figure}
    assert printed == expected
    assert page.find(".//caption") is not None
    assert {cell.get("scope") for cell in page.iter("th")} == {"col", "row"}


def test_the_file_holds_every_gap_of_the_page(poverty, store):
    found = list(tables.figures(poverty))
    assert [o for kind, o in found if kind == CITY_GAP] == [
        g.figure for g in poverty.rows if g.figure
    ]
    assert store.get(POVERTY, "13055") in [o for _, o in found]


def test_the_reference_is_named_with_its_year(store, poverty):
    assert "Marseille (26\u00a0%" in charts.gaps(poverty).caption
    assert "en 2018" in charts.gaps(poverty).caption  # the quartiers are of 2019
    employment = gaps(portrait.panorama(indicator(EMPLOYMENT), store))
    assert "quartier médian" in charts.gaps(employment).caption


def test_the_words_of_a_label_are_escaped(poverty):
    entry = dataclasses.replace(poverty.panorama.indicator, libelle="<script>")
    odd = dataclasses.replace(
        poverty, panorama=dataclasses.replace(poverty.panorama, indicator=entry)
    )
    assert "<script" not in charts.gaps(odd).html()


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
    exact = dataclasses.replace(gap, low=2.95, high=3.05)
    bare = gap_tag(exact, indicator(POVERTY), CITY_GAP)
    assert "±" not in bare  # nothing but the rounding of the figure


def test_a_count_of_places_has_no_interval_to_draw(make_store):
    parks = "nb_parcs_jardins"
    store = make_store([(q.code, parks, 2018, float(i)) for i, q in enumerate(qpv())])
    found = gaps(portrait.panorama(indicator(parks), store))
    paths = tree(charts.gaps(found)).findall(".//svg//g/path")
    ends = [path.get("d")[1:].replace("H", " ").split() for path in paths]
    assert len(ends) == len(found.rows) and all(start == end for start, _, end in ends)
