"""Facilities are counted by the code the file gives, and uncertain positions measure nothing.

Files carry the official columns, fictitious quartiers and answers computed by hand.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from qpvlib.errors import EstimationError, InvalidParameterError, SourceError
from qpvlib.indicators import facilities
from qpvlib.territories import METRIC_CRS

EAST, NORTH = 890_000, 6_250_000


def row(typequ, quartier="CSZ", quality="11", x="890000", y="6250000", commune="13201"):
    return {
        "TYPEQU": typequ,
        "DEPCOM": commune,
        "LAMBERT_X": x,
        "LAMBERT_Y": y,
        "QUALITE_XY": "B",
        "QUALITE_GEOLOC": quality,
        "QP2024": quartier,
        "QP2015": "HZ",
    }


def write(path, rows, drop=()):
    pd.DataFrame(rows).drop(columns=list(drop)).to_csv(path, sep=";", index=False)
    return path


@pytest.fixture
def bpe(tmp_path):
    return write(
        tmp_path / "BPE25.csv",
        [
            row("B105", "QN09901I"),
            row("B207", "QN09901I", quality="33"),
            row("B316", "QN09901I"),
            row("B302", "QN09902M", x="", y=""),
            row("B302"),
            row("B302", commune="69381"),
        ],
    )


def test_only_the_communes_asked_for_are_read(bpe):
    places = facilities.read_bpe(bpe, "qpv2024")
    assert places["typequ"].tolist() == ["B105", "B207", "B316", "B302", "B302"]
    assert places["territoire"].fillna("").tolist() == ["QN09901I"] * 3 + ["QN09902M", ""]


def test_an_uncertain_or_missing_position_measures_nothing(bpe):
    places = facilities.read_bpe(bpe, "qpv2024")
    assert places["localisable"].tolist() == [True, False, True, False, True]


def test_a_file_that_names_no_quartier_of_the_geography_says_so(bpe):
    assert "territoire" not in facilities.read_bpe(bpe, "qpv2015")


def test_earlier_files_have_other_column_names(tmp_path):
    rows = [row("B105") | {"QP": "QP099001", "QUALITE_XY": "33"}]
    path = write(tmp_path / "BPE21.csv", rows, drop=["QP2024", "QP2015", "QUALITE_GEOLOC"])
    places = facilities.read_bpe(path, "qpv2015")
    assert places["territoire"].tolist() == ["QP099001"]
    assert not places["localisable"].any()
    assert "territoire" not in facilities.read_bpe(path, "qpv2024")


def test_shops_per_thousand_inhabitants(bpe):
    places = facilities.read_bpe(bpe, "qpv2024")
    population = pd.Series({"QN09901I": 500.0, "QN09902M": 1000.0, "QN09903I": 100.0})
    table = facilities.per_inhabitant(places, population, "commerce_detail", 2025)
    assert table["valeur"].tolist() == [4, 1, 0]  # the petrol station is no retail shop
    assert table["n"].tolist() == [2, 1, 0]


def test_inhabitants_per_facility_have_no_value_without_any():
    places = pd.DataFrame({"typequ": ["F101", "F303"], "territoire": ["Q1", "Q1"]})
    population = pd.Series({"Q1": 500.0, "Q2": 900.0})
    table = facilities.per_inhabitant(places, population, "culture_sport", 2025)
    assert table["valeur"].iloc[0] == 250
    assert np.isnan(table["valeur"].iloc[1])


def test_codes_follow_the_vintage():
    assert facilities.codes("generaliste", 2023) == {"D201"}
    assert facilities.codes("generaliste", 2024) == {"D201", "D265"}  # the year of change is unsure
    assert facilities.codes("generaliste", 2025) == {"D265"}
    assert facilities.codes("service_public", 2018) == frozenset()  # no town hall in that list


@pytest.mark.parametrize(("code", "vintage"), [("D201", 2025), ("D265", 2023), ("A101", 2025)])
def test_a_code_of_another_list_is_refused(tmp_path, code, vintage):
    with pytest.raises(SourceError, match=f"{vintage}.*{code}"):
        facilities.check_list([code, "B105"], vintage, tmp_path / "a.csv")


def test_no_code_changes_its_meaning_between_families():
    everywhere = [
        {code for listed in family["codes"].values() for code in listed}
        for family in facilities.families().values()
    ]
    assert sum(map(len, everywhere)) == len(set().union(*everywhere))


def test_the_points_of_a_family_leave_out_uncertain_places(bpe):
    points = facilities.layer(facilities.read_bpe(bpe, "qpv2024"), "commerce_detail", 2025)
    assert len(points) == 4
    assert points.geometry.notna().sum() == 2


def test_points_are_located_once_even_on_a_shared_border():
    quartiers = gpd.GeoDataFrame(
        {"code": ["Q1", "Q2"]},
        geometry=[
            shapely.box(EAST, NORTH, EAST + 10, NORTH + 10),
            shapely.box(EAST + 10, NORTH, EAST + 20, NORTH + 10),
        ],
        crs=METRIC_CRS,
    )
    shapes = [shapely.Point(EAST + x, NORTH + 5) for x in (5, 10, 15, 50)]
    points = gpd.GeoDataFrame({"typequ": list("abcd")}, geometry=shapes, crs=METRIC_CRS)
    found = facilities.located(points, quartiers)
    assert found["territoire"].fillna("").tolist() == ["Q1", "Q1", "Q2", ""]


def test_a_zero_population_gives_no_rate():
    places = pd.DataFrame({"typequ": ["B105"], "territoire": ["Q1"]})
    with pytest.raises(
        EstimationError, match="Population manquante, nulle ou négative\u00a0: Q1, Q2"
    ):
        facilities.per_inhabitant(
            places, pd.Series({"Q1": 0.0, "Q2": np.nan}), "commerce_detail", 2025
        )


def test_an_unknown_family_is_named():
    with pytest.raises(InvalidParameterError, match="piscines"):
        facilities.codes("piscines", 2025)


@pytest.mark.parametrize(
    ("rows", "drop", "sentence"),
    [
        ([row("B105")], ["TYPEQU", "LAMBERT_X"], "Colonnes absentes\u00a0: TYPEQU, LAMBERT_X"),
        ([row("B105", commune="69381")], [], "Aucun équipement"),
        ([row("B105", x="à droite")], [], "colonne LAMBERT_X\u00a0: 1 coordonnées illisibles"),
    ],
)
def test_a_wrong_file_is_refused_in_french(tmp_path, rows, drop, sentence):
    with pytest.raises(SourceError, match=sentence):
        facilities.read_bpe(write(tmp_path / "a.csv", rows, drop), "qpv2024")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(SourceError, match="n'existe pas"):
        facilities.read_bpe(tmp_path / "absent.csv", "qpv2024")


def test_the_official_header_of_2025_is_read(shared):
    path = shared / "data" / "points" / "schema" / "BPE25_header_and_7_rows_transcribed.csv"
    places = facilities.read_bpe(path, "qpv2024", communes="")
    assert len(places) == 7
    assert places["territoire"].dropna().str.fullmatch(r"QN\d{5}[IMN]").all()
