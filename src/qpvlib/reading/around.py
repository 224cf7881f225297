"""What lies around a quartier: the other quartiers, and the names of places on its map."""

import csv
from functools import cache

import geopandas as gpd
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from qpvlib import paths
from qpvlib.reading import finder
from qpvlib.territories import METRIC_CRS, Qpv, contours, get, match_key, qpv

CLOSE = 600.0
"""Metres between two outlines under which two quartiers are neighbours."""
MOST, LEAST = 5, 2
"""Neighbours named at most; the closest are named when fewer are close."""


def neighbours(code: str) -> tuple[Qpv, ...]:
    """Return the quartiers of 2024 around one, the closest first."""
    shapes = _outlines()
    distance = {q.code: shapes[code].distance(shapes[q.code]) for q in qpv() if q.code != code}
    ordered = sorted((q for q in qpv() if q.code != code), key=lambda q: (distance[q.code], q.code))
    close = [q for q in ordered if distance[q.code] <= CLOSE][:MOST]
    return tuple(close if len(close) >= LEAST else ordered[:LEAST])


@cache
def iris_names() -> tuple[tuple[str, Point], ...]:
    """Return the names of the IRIS of the city, and their middle in metres (Lambert 93)."""
    with open(paths.data() / "territoires" / "iris.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    points = gpd.GeoSeries(
        gpd.points_from_xy([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]),
        crs="EPSG:4326",
    ).to_crs(METRIC_CRS)
    return tuple((row["nom"], point) for row, point in zip(rows, points, strict=True))


def also_called(code: str) -> tuple[str, ...]:
    """Return the names of the places that a quartier holds, at least in part, but its own."""
    own, told = match_key(get(code).name), dict[str, str]()
    for name in finder.inside(code, (finder.CITY_QUARTIER, finder.IRIS)):
        told.setdefault(match_key(name), name)
    return tuple(name for key, name in told.items() if key != own)


@cache
def _outlines() -> dict[str, BaseGeometry]:
    frame = contours().to_crs(METRIC_CRS)
    return dict(zip(frame.index, frame.geometry, strict=True))
