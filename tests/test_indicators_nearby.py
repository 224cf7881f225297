"""Counts of places in and around quartiers equal counts made place by place.

All places are fictitious.
"""

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.indicators import nearby
from qpvlib.territories import METRIC_CRS

EAST, NORTH = 890_000, 6_250_000
SIDE = 400
QUARTIERS = gpd.GeoSeries(
    [shapely.box(EAST + x, NORTH, EAST + x + SIDE, NORTH + SIDE) for x in (0, 600)],
    index=["A", "B"],
    crs=METRIC_CRS,
)
spots = st.lists(
    st.tuples(st.integers(-700, 1700), st.integers(-700, 1100), st.integers(1, 9)), max_size=12
)


def layer(places):
    shapes = [shapely.Point(EAST + x, NORTH + y) for x, y, _ in places]
    weights = pd.Series([weight for *_, weight in places], dtype=float)
    return gpd.GeoDataFrame({"poids": weights}, geometry=shapes, crs=METRIC_CRS)


def depth(left, x, y):
    """Distance to the outline of a square that starts at ``left``, negative inside."""
    inside = min(x - left, left + SIDE - x, y, SIDE - y)
    if inside >= 0:
        return -inside
    across = max(left - x, 0, x - left - SIDE)
    along = max(-y, 0, y - SIDE)
    return (across**2 + along**2) ** 0.5


@settings(max_examples=60, deadline=None)
@given(spots)
def test_sums_match_a_loop_over_places(places):
    found = nearby.around(QUARTIERS, layer(places), (0, 300, 500))
    found = found.set_index(["territoire", "distance"])
    for code, left in {"A": 0, "B": 600}.items():
        for distance in (0, 300, 500):
            row = found.loc[(code, distance)]
            for name, shift in {"valeur": 0, "borne_basse": -25, "borne_haute": 25}.items():
                expected = sum(w for x, y, w in places if depth(left, x, y) <= distance + shift)
                assert row[name] == expected


def test_a_place_that_is_not_located_only_raises_the_upper_bounds():
    points = layer([(200, 200, 1), (0, 0, 1)])
    points.loc[1, "geometry"] = None
    found = nearby.around(QUARTIERS, points, (0,)).set_index("territoire")
    assert found.loc["A", ["valeur", "borne_basse", "borne_haute"]].tolist() == [1, 1, 2]
    assert found.loc["B", ["valeur", "borne_basse", "borne_haute"]].tolist() == [0, 0, 1]
