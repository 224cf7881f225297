"""Reach and shared access equal counts made place by place.

All places are fictitious.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.errors import EstimationError
from qpvlib.indicators import access
from qpvlib.territories import METRIC_CRS

EAST, NORTH = 890_000, 6_250_000
spots = st.lists(
    st.tuples(st.integers(0, 1500), st.integers(0, 1500)), min_size=1, max_size=8, unique=True
)


def points(coordinates, letter):
    shapes = [shapely.Point(EAST + x, NORTH + y) for x, y in coordinates]
    names = [f"{letter}{rank}" for rank in range(len(shapes))]
    return gpd.GeoSeries(shapes, index=names, crs=METRIC_CRS)


@settings(max_examples=40, deadline=None)
@given(spots, spots, st.integers(0, 900))
def test_pairs_and_counts_match_a_double_loop(here, there, limit):
    origins, targets = points(here, "o"), points(there, "c")
    found = access.pairs_within(origins, targets, limit)
    expected = {
        (f"o{i}", f"c{j}"): np.hypot(a - x, b - y)
        for i, (a, b) in enumerate(here)
        for j, (x, y) in enumerate(there)
        if np.hypot(a - x, b - y) <= limit
    }
    keys = list(zip(found["origine"], found["cible"], strict=True))
    assert dict(zip(keys, found["distance"], strict=True)) == pytest.approx(expected)
    table = access.counted(origins.index, found).set_index("territoire")["nombre"]
    assert table.to_dict() == {o: sum(k[0] == o for k in expected) for o in origins.index}


@settings(max_examples=40, deadline=None)
@given(spots, spots, st.integers(100, 2200), st.data())
def test_two_steps_match_the_formula_and_share_everything_out(here, there, limit, data):
    people = data.draw(st.lists(st.integers(1, 900), min_size=len(here), max_size=len(here)))
    size = data.draw(st.lists(st.integers(0, 50), min_size=len(there), max_size=len(there)))
    origins, targets = points(here, "o"), points(there, "c")
    demand = pd.Series(people, index=origins.index, dtype=float)
    supply = pd.Series(size, index=targets.index, dtype=float)
    found = access.two_step(demand, supply, access.pairs_within(origins, targets, limit))

    def near(o, c):
        return np.hypot(here[o][0] - there[c][0], here[o][1] - there[c][1]) <= limit

    for o in range(len(here)):
        expected = sum(
            size[c] / sum(people[k] for k in range(len(here)) if near(k, c))
            for c in range(len(there))
            if near(o, c)
        )
        assert found.iloc[o] == pytest.approx(expected)
    served = [c for c in range(len(there)) if any(near(o, c) for o in range(len(here)))]
    assert (found * demand).sum() == pytest.approx(sum(size[c] for c in served))


def test_a_place_inside_the_quartier_is_at_no_distance():
    quartier = gpd.GeoSeries(
        [shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)], index=["Q"], crs=METRIC_CRS
    )
    services = points([(50, 50), (600, 50), (601, 50)], "s")
    table = access.counted(quartier.index, access.pairs_within(quartier, services, 500))
    assert table.iloc[0].tolist() == ["Q", 2, 0.0]


def test_a_quartier_without_service_has_no_distance():
    table = access.counted(pd.Index(["Q"]), pd.DataFrame(columns=["origine", "cible", "distance"]))
    assert table["nombre"].iloc[0] == 0
    assert np.isnan(table["distance_min"].iloc[0])


def test_a_park_reached_from_two_cells_counts_once():
    pairs = pd.DataFrame(
        [["a", "p", 10.0], ["b", "p", 20.0], ["b", "r", 20.0], ["c", "r", 5.0]],
        columns=["origine", "cible", "distance"],
    )
    territory = pd.Series({"a": "Q1", "b": "Q1", "c": "Q2", "d": "Q3"})
    area = pd.Series({"p": 100.0, "r": 30.0})
    assert access.reached(pairs, territory, area).to_dict() == {"Q1": 130, "Q2": 30, "Q3": 0}


def test_the_mean_access_weighs_the_inhabitants():
    people = pd.Series({"a": 10.0, "b": 30.0})
    mean = access.mean_access(pd.Series({"a": 4.0, "b": 0.0}), people, pd.Series("Q", ["a", "b"]))
    assert mean["Q"] == 1


def test_wrong_sizes_are_refused_in_french():
    pairs = pd.DataFrame(columns=["origine", "cible", "distance"])
    with pytest.raises(EstimationError, match=r"négatifs\.\nLa population est nulle"):
        access.two_step(pd.Series({"a": 0.0}), pd.Series({"p": -1.0}), pairs)
