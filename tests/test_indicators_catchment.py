"""Access by catchment: what the inhabitants share adds up to the practitioners they reach.

Squares, practitioners and quartiers are fictitious.
"""

import geopandas as gpd
import pytest
import shapely

from qpvlib.indicators import catchment
from qpvlib.territories import CITY, METRIC_CRS

EAST, NORTH = 890_000, 6_250_000


def square(x, y, side=200):
    return shapely.box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side)


CELLS = gpd.GeoDataFrame(
    {"cellule": ["a", "b", "c"], "population": [100.0, 300.0, 600.0]},
    geometry=[square(0, 0), square(800, 0), square(5000, 0)],
    crs=METRIC_CRS,
)
QUARTIERS = gpd.GeoSeries(
    [shapely.box(EAST, NORTH, EAST + 200, NORTH + 100), square(5000, 0), square(9000, 0)],
    index=["Q1", "Q2", "Q3"],
    crs=METRIC_CRS,
)


def test_a_practitioner_is_shared_among_all_who_reach_him():
    # At the middle of "a", 800 m from that of "b", far from "c".
    doctors = gpd.GeoSeries([shapely.Point(EAST + 100, NORTH + 100)], crs=METRIC_CRS)
    found = catchment.as_the_crow_flies(CELLS, doctors, QUARTIERS).set_index("territoire")["valeur"]
    assert found[["Q1", "Q2", CITY]].to_dict() == pytest.approx({"Q1": 25, "Q2": 0, CITY: 10})
    assert found.isna().to_dict() == {"Q1": False, "Q2": False, "Q3": True, CITY: False}


def test_beyond_the_distance_nobody_is_reached():
    doctors = gpd.GeoSeries([shapely.Point(EAST + 1901, NORTH + 100)], crs=METRIC_CRS)
    found = catchment.as_the_crow_flies(CELLS, doctors, QUARTIERS)
    assert found["valeur"].fillna(0).sum() == 0
    nearer = doctors.translate(-1)
    assert catchment.as_the_crow_flies(CELLS, nearer, QUARTIERS)["valeur"].fillna(0).sum() > 0
