"""The layers hold the 41 contours, a state beside each figure, no number for a masked one."""

import io
import json
import sqlite3

import geopandas as gpd
import pytest

from qpvlib import clock
from qpvlib.files import layers
from qpvlib.reading import portrait
from qpvlib.territories import contours, qpv

SECRET = "QN01304I"


@pytest.fixture(scope="module")
def made(make_store):
    rows = [(one.code, "population_qpv", 2020, 1000.0 + i) for i, one in enumerate(qpv())]
    rows = [(code, name, year, None if code == SECRET else v) for code, name, year, v in rows]
    return layers.quartiers(make_store(rows))


def test_a_masked_figure_has_a_state_and_no_number(made):
    layer, book = made
    assert len(layer) == len(qpv()) and layer.crs == "EPSG:2154"
    row = layer.loc[SECRET]
    assert row["population_qpv_etat"] == "secret"
    assert layer["population_qpv"].isna().sum() == 1 and layer["population_qpv_bas"].isna()[SECRET]
    assert set(book["colonne"]) == {"code", *layer.columns} - {"geometry"}


def test_geojson_is_in_degrees_and_near_the_contours(made):
    features = json.loads(layers.geojson(made[0]))["features"]
    masked = next(one for one in features if one["id"] == SECRET)
    assert masked["properties"]["population_qpv"] is None
    read = gpd.read_file(io.BytesIO(layers.geojson(made[0]))).set_index("code").sort_index()
    gap = read.to_crs("EPSG:2154").symmetric_difference(contours().to_crs("EPSG:2154")).area
    assert gap.max() < 50  # square metres: the rounding of a contour of some kilometres


def test_the_geopackage_reads_back_and_is_dated_by_the_edition(made, tmp_path):
    content = layers.geopackage(*made)
    path = tmp_path / "q.gpkg"
    path.write_bytes(content)
    read = gpd.read_file(path, layer="quartiers").set_index("code")
    assert read.loc[SECRET, "population_qpv_etat"] == "secret"
    assert read["population_qpv"].notna().sum() == len(qpv()) - 1
    with sqlite3.connect(path) as base:
        dates = base.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
        layer_names = base.execute("SELECT table_name FROM gpkg_contents").fetchall()
    base.close()
    assert dates == [(f"{clock.edition().isoformat()}T00:00:00.000Z",)]
    assert {name for (name,) in layer_names} == {"quartiers", "dictionnaire"}
    assert content == layers.geopackage(*made)


def test_the_figures_of_2015_are_not_painted_on_the_contours_of_2024():
    layer, _ = layers.quartiers(portrait.store())
    assert "population_qpv" in layer and "revenu_median" not in layer
