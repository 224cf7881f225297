"""Maps link each quartier, keep secret apart from missing, and flag another perimeter."""

import re
from xml.etree import ElementTree

import pytest

from fictional import POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.presentation import maps
from qpvlib.reading import indicator as reading
from qpvlib.territories import qpv


def link(code: str) -> str:
    return f"portraits/{code}.html"


@pytest.fixture(scope="module")
def poverty(make_store):
    masked = [(c, n, y, None if c == "QP013003" else v) for c, n, y, v in rows()]
    store = make_store(masked)
    return maps.atlas(reading.group(indicator(POVERTY), store), indicator(POVERTY), link)


def drawing(figure) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", figure.drawing, re.DOTALL).group(0))


def test_each_quartier_has_one_link_and_one_title(poverty):
    for figure in (poverty, maps.atlas(None, None, link)):
        links = drawing(figure).findall(".//a")
        assert sorted(a.get("href") for a in links) == sorted(link(q.code) for q in qpv())
        assert all(a.find("title").text for a in links)


def test_a_secret_is_hatched_and_never_coloured(poverty):
    shape = next(a for a in drawing(poverty).findall(".//a") if link("QN01303I") == a.get("href"))
    assert re.fullmatch(r"url\(#c[0-9a-f]+-secret\)", shape.find("path").get("fill"))
    assert shape.find("title").text.endswith("secret statistique")


def test_a_figure_of_another_perimeter_is_dashed_and_named(poverty):
    shapes = {a.get("href"): a for a in drawing(poverty).findall(".//a")}
    assert shapes[link("QN01360M")].find("path").get("stroke-dasharray")
    assert "périmètre 2015\u00a0: La Savine" in shapes[link("QN01360M")].find("title").text
    assert shapes[link(SAME)].find("path").get("stroke-dasharray") is None


def test_at_most_five_classes_hold_every_value():
    values = [float(i) for i in range(41)]
    edges = maps.class_edges(values)
    assert len(edges) == 5 and edges[0] == 0
    assert maps.class_edges([7.0]) == [7.0] and maps.class_edges([]) == []


def test_quartiers_with_the_same_value_share_a_class():
    values = [0.0] * 20 + [1.0] * 10 + [2.0] * 6 + [7.0] * 5
    assert maps.class_edges(values) == [0.0, 1.0, 2.0, 7.0]


def test_zeros_never_hide_what_is_above_them():
    """Thirty-eight quartiers without a place, three with one to nineteen: two classes."""
    assert maps.class_edges([0.0] * 38 + [1.0, 10.0, 19.0]) == [0.0, 1.0]
    many = maps.class_edges([float(i // 4) for i in range(41)])
    assert many[0] == 0 and len(many) == len(set(many)) <= 5


def test_the_legend_says_the_extremes_of_each_class(poverty):
    text = poverty.drawing.replace("\u00a0", " ")
    assert "de 31,0 %" in text and "à 64,0 %" in text and "secret statistique" in text


def test_a_map_is_light_and_the_same_each_time():
    assert maps.atlas(None, None, link).html() == maps.atlas(None, None, link).html()
    assert len(maps.atlas(None, None, link).html()) < 40_000


def test_a_quartier_outside_the_group_is_drawn_without_a_figure(make_store):
    store = make_store(rows())
    group = reading.group(indicator(POVERTY), store, "sud-huveaune")
    figure = maps.atlas(group, indicator(POVERTY), link)
    assert len(drawing(figure).findall(".//a")) == 41
    assert len(figure.table.rows) == len(group.observations)
