"""A drawing is what it says: so many figures in colour, a mark at its place."""

import re

import pytest
from lxml import etree

from qpvlib.files import columns, vectors
from qpvlib.presentation import basemap


@pytest.mark.parametrize(("low", "high"), [(0, 0), (4, 4), (4, 6), (10, 10)])
def test_ten_figures_of_which_some_in_colour(low, high):
    drawing = vectors.ten(low, high)
    assert drawing.count("<circle") == 10
    assert drawing.count('fill="#d55e00"') == low
    assert drawing.count("stroke-dasharray") == high - low


def test_the_marks_of_a_scale_are_at_their_values():
    drawing = vectors.scale([50.0], (25.0, 75.0), 100.0, 0.0, 100.0)
    inside = vectors.WIDTH - 12
    assert f'cx="{6 + inside / 2}"' in drawing
    low, high = map(float, re.search(r"M([\d.]+) 11.0H([\d.]+)\" stroke=\"#f0", drawing).groups())
    assert (low - 6, high - 6) == (inside / 4, inside * 3 / 4)
    assert f"M{6.0 + inside} 2V" in drawing and "M6.0 4l6 7" in drawing


def test_a_map_of_the_page_keeps_the_colours_of_a_light_one_where_there_is_no_page():
    """What makes the PDF knows no variable of style: it would fill the sea in black."""
    document = vectors.whole(basemap.city_map([], "Marseille", "img"))
    assert "var(" in basemap.SEA and "var(" not in document and "currentColor" not in document
    ground = etree.fromstring(document.encode()).find("{*}rect")
    assert ground.get("fill") == "#dbe6ee"


def test_every_picture_is_sound_svg():
    names = {entry["dessin"] for entry in columns.falc().values()} - {"dix"}
    for name in (*names, "maisons", "ecole"):
        assert etree.fromstring(vectors.picture(name).encode()).tag.endswith("svg")
