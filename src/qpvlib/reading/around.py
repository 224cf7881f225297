"""What lies around a quartier: the other quartiers, and the names of places on its map."""

import csv
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from qpvlib import paths
from qpvlib.territories import METRIC_CRS, Qpv, contours, get, match_key, qpv

CLOSE = 600.0
"""Metres between two outlines under which two quartiers are neighbours."""
MOST, LEAST = 5, 2
"""Neighbours named at most; the closest are named when fewer are close."""


@dataclass(frozen=True)
class Place:
    """A named point of the ground: its name, and where it is, in metres (Lambert 93)."""

    name: str
    point: Point


def neighbours(code: str) -> tuple[Qpv, ...]:
    """Return the quartiers of 2024 around one, the closest first."""
    shapes = _outlines()
    distance = {q.code: shapes[code].distance(shapes[q.code]) for q in qpv() if q.code != code}
    ordered = sorted((q for q in qpv() if q.code != code), key=lambda q: (distance[q.code], q.code))
    close = [q for q in ordered if distance[q.code] <= CLOSE][:MOST]
    return tuple(close if len(close) >= LEAST else ordered[:LEAST])


@cache
def iris_places() -> tuple[Place, ...]:
    """Return the names of the IRIS of the city, where their middle is."""
    with open(paths.data() / "territoires" / "iris.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    points = gpd.GeoSeries(
        gpd.points_from_xy([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]),
        crs="EPSG:4326",
    ).to_crs(METRIC_CRS)
    return tuple(Place(row["nom"], point) for row, point in zip(rows, points, strict=True))


def also_called(code: str) -> tuple[str, ...]:
    """Return the names of the places that a quartier holds, at least in part, but its own."""
    with open(paths.data() / "territoires" / "poids_iris_qpv2024.csv", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["territoire"] == code]
    with open(paths.data() / "territoires" / "iris.csv", encoding="utf-8") as file:
        names = {r["iris"]: r["nom"] for r in csv.DictReader(file)}
    rows.sort(key=lambda r: -float(r["population"]))
    told = dict.fromkeys(names[r["iris"]] for r in rows if float(r["part"]) >= 0.1)
    return tuple(n for n in told if match_key(n) != match_key(get(code).name))


@cache
def _outlines() -> dict[str, BaseGeometry]:
    frame = contours().to_crs(METRIC_CRS)
    return dict(zip(frame.index, frame.geometry, strict=True))
