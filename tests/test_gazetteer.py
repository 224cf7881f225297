"""Names of places are kept with the quartiers they lead to, in it or within 300 m."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from qpvlib import gazetteer, paths, territories
from qpvlib.errors import ObservationError
from qpvlib.territories import METRIC_CRS


@pytest.fixture
def square(monkeypatch):
    """One quartier, a square of 1 km in Lambert 93."""
    outline = gpd.GeoSeries([box(893000, 6250000, 894000, 6251000)], ["QN01304I"], crs=METRIC_CRS)
    monkeypatch.setattr(gazetteer, "_outlines", lambda: outline)
    return outline


def spots(*points: tuple[float, float]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"nom": [f"Lieu {i}" for i in range(len(points))], "nature": "essai"})
    return gpd.GeoDataFrame(frame, geometry=[Point(p) for p in points], crs=METRIC_CRS)


def test_what_is_inside_or_within_300_metres_is_kept_and_leads_there(square, tmp_path):
    content = gazetteer.kept(spots((893500, 6250500), (894298, 6250500), (894302, 6250500)))
    path = tmp_path / "source.csv"
    path.write_bytes(content)
    found = gazetteer.leading(gazetteer._read(path))
    assert list(found["nom"]) == ["Lieu 0", "Lieu 1"]
    assert list(found["territoire"]) == ["QN01304I"] * 2
    assert found["distance"].iloc[0] == 0
    assert found["distance"].iloc[1] == pytest.approx(298, abs=1.5)  # five decimals of a degree


def test_a_place_without_coordinates_is_left_out(square):
    frame = spots((893500, 6250500), (893500, 6250500))
    frame.loc[1, "geometry"] = None
    assert gazetteer.kept(frame).count(b"\n") == 2


def test_an_overlap_of_half_a_hectare_is_a_meeting_and_less_is_not(square):
    shapes = [box(893950, 6250000, 894500, 6250100), box(893951, 6250000, 894500, 6250100)]
    areas = gpd.GeoDataFrame({"nom": ["assez", "trop peu"]}, geometry=shapes, crs=METRIC_CRS)
    assert gazetteer.crossed(areas).to_numpy().tolist() == [["assez", "QN01304I", 0.5]]


@pytest.mark.parametrize("text", ["nom,nature\n", "nom,nature,longitude,latitude\n,x,5.3,43.3\n",
                                  "nom,nature,longitude,latitude\na,x,est,43.3\n"])  # fmt: skip
def test_a_damaged_table_is_refused_by_its_name(tmp_path, text):
    path = tmp_path / "fictif-2018.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ObservationError, match=r"fictif-2018.csv.*qpv retirer fictif-2018"):
        gazetteer._read(path)


def test_the_table_of_city_quartiers_is_made_again_to_the_byte(shared):
    areas = gpd.read_file(shared / "data" / "geo" / "quartiers111_marseille.geojson")
    stored = paths.data() / "territoires" / gazetteer.CITY_QUARTIERS
    again = gazetteer.crossed(areas).to_csv(index=False, lineterminator="\n")
    assert again.encode() == stored.read_bytes()


def test_every_stored_place_is_close_to_a_quartier():
    found = gazetteer.places()
    stored = pd.concat(pd.read_csv(path) for path in gazetteer.folder().glob("*.csv"))
    assert len(found[gazetteer.COLUMNS].drop_duplicates()) == len(stored.drop_duplicates())
    assert set(found["territoire"]) <= {member.code for member in territories.qpv()}
