"""Contours are accepted in a known coordinate system only, and for all quartiers."""

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

import fictif
from qpvlib.errors import ForeignFileError, SourceError
from qpvlib.sources import contours

EUROPEAN = box(3_900_000, 2_200_000, 3_900_100, 2_200_100)
HERE, FAR = box(5.3, 43.2, 5.4, 43.3), box(900_000, 6_200_000, 901_000, 6_201_000)


@pytest.fixture
def draw(tmp_path, monkeypatch):
    """Write contours of the fictitious quartiers of 2024."""
    fictif.build(tmp_path, monkeypatch)

    def put(shape=HERE, crs="EPSG:4326", codes=("QN01391I", "QN01392M"), column="code_qp"):
        frame = gpd.GeoDataFrame({column: codes}, geometry=[shape] * len(codes), crs=crs)
        path = tmp_path / "contours.geojson"
        frame.to_file(path, driver="GeoJSON", engine="pyogrio")
        return path

    yield put
    monkeypatch.undo()
    fictif.forget()


def test_both_official_systems_are_accepted(draw):
    assert "2 quartiers" in contours.describe(draw())
    assert "EPSG:2154" in contours.describe(draw(FAR, "EPSG:2154"))


def test_a_contour_that_crosses_itself_is_said(draw):
    bow = Polygon([(5.3, 43.2), (5.4, 43.3), (5.4, 43.2), (5.3, 43.3)])
    assert "se recoupent" in contours.describe(draw(bow))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"crs": "EPSG:3035", "shape": EUROPEAN},
            "EPSG:3035",
        ),
        ({"shape": FAR}, "ne sont pas celles"),
        ({"codes": ("QN01391I",)}, "manque le contour de QN01392M"),
    ],
)
def test_wrong_contours_are_refused(draw, options, sentence):
    with pytest.raises(SourceError, match=sentence):
        contours.describe(draw(**options))


def test_other_geographic_files_are_foreign(draw):
    for options in ({"column": "nom"}, {"codes": ("QN00101M", "QN00102M")}):
        with pytest.raises(ForeignFileError):
            contours.describe(draw(**options))


def test_a_truncated_file_is_said(draw):
    path = draw()
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(SourceError, match="tronqué"):
        contours.describe(path)


def test_coordinates_that_are_no_numbers_are_said(draw):
    path = draw()
    path.write_text(path.read_text().replace("5.4, 43.2", "NaN, 43.2", 1))
    assert "NaN" in path.read_text()
    with pytest.raises(SourceError, match="abîmé"):
        contours.describe(path)
