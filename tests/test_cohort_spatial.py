"""Rings, neighbours and Moran's index agree with geometry and with the published Columbus value."""

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from cohort_cases import read
from qpvlib.cohort.spatial import moran, neighbours, ring_effects, rings
from qpvlib.errors import EstimationError


def grid(side=6, size=100.0) -> gpd.GeoDataFrame:
    """A fictitious town of square blocks."""
    cells = [(i, j) for i in range(side) for j in range(side)]
    shapes = [box(i * size, j * size, (i + 1) * size, (j + 1) * size) for i, j in cells]
    names = [f"T{i}{j}" for i, j in cells]
    return gpd.GeoDataFrame(geometry=shapes, index=names, crs="EPSG:2154")


def test_columbus_crime():
    columbus = gpd.read_file(libpysal.examples.get_path("columbus.shp"))
    result = moran(columbus["CRIME"], columbus, neighbours="contiguity", permutations=999)
    assert result.index == pytest.approx(0.5002, abs=1e-4)
    assert result.p == pytest.approx(0.001)


def test_a_gradient_is_autocorrelated_and_noise_is_not():
    town = grid()
    gradient = pd.Series([int(name[1]) for name in town.index], index=town.index)
    noise = pd.Series(np.random.default_rng(0).normal(size=36), index=town.index)
    assert moran(gradient, town, permutations=999).p < 0.01
    assert moran(noise, town, permutations=999).p > 0.05
    first, again = (moran(noise, town, permutations=199, seed=3) for _ in range(2))
    assert first == again


def test_rings_follow_the_distance_to_the_nearest_target():
    result = rings(grid(), ["T00"], (0, 100, 250))
    assert result["T00"] == "cible" and result["T10"] == "0-100 m" and result["T20"] == "0-100 m"
    assert result["T30"] == "100-250 m" and result["T50"] == "au-delà"
    assert list(result.cat.categories) == ["cible", "0-100 m", "100-250 m", "au-delà"]


def test_a_spillover_is_found_in_its_ring_only():
    town = grid()
    ring = rings(town, ["T00"], (0, 100, 250))
    generator = np.random.default_rng(0)
    rows = [(unit, year) for unit in town.index for year in range(2001, 2007)]
    table = pd.DataFrame(rows, columns=["territoire", "annee"])
    near = table["territoire"].map(ring.astype(object)) == "0-100 m"
    table["taux"] = generator.normal(size=len(table)) - 5 * (near & (table["annee"] >= 2004))
    found = ring_effects(read(table, first_treated=None), ring, start=2004)
    assert list(found) == ["0-100 m", "100-250 m"]
    assert found["0-100 m"].value == pytest.approx(-5, abs=1) and found["0-100 m"].p < 0.001
    assert found["100-250 m"].p > 0.05


def test_neighbours_are_symmetric_and_not_oneself():
    table = neighbours(grid(3), 50)
    assert (table == table.T).all(axis=None) and not np.diag(table).any()
    assert table.loc["T00"].sum() == 3 and table.loc["T11"].sum() == 8


def test_degrees_unknown_targets_and_constants_are_refused():
    town = grid()
    with pytest.raises(EstimationError, match="projection"):
        rings(town.to_crs(4326), ["T00"])
    with pytest.raises(EstimationError, match="Z9"):
        rings(town, ["Z9"])
    with pytest.raises(EstimationError, match="Moran"):
        moran(pd.Series(1.0, index=town.index), town)
