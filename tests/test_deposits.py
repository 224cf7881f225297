"""A national directory gives counts per inhabitant by quartier, with the official columns.

Quartiers and establishments are fictitious, the answers computed by hand.
"""

import csv

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import fictif
from qpvlib import observations
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import SourceError
from qpvlib.importer import import_path
from qpvlib.observations import COLUMNS
from qpvlib.sources import registry
from qpvlib.sources.registry import Source
from qpvlib.verify import verify

FIRST, SECOND = "QN01391I", "QN01392M"
SHOPS, SERVICES = "commerces_detail_pour_1000", "services_publics_pour_10000"
CULTURE = "habitants_par_equipement_culturel_sportif"
SIRENE = (
    "siren,nic,siret,statutDiffusionEtablissement,codeCommuneEtablissement,"
    "coordonneeLambertAbscisseEtablissement,coordonneeLambertOrdonneeEtablissement,"
    "etatAdministratifEtablissement,activitePrincipaleEtablissement,"
    "nomenclatureActivitePrincipaleEtablissement\n"
)
BPE = ("AN", "TYPEQU", "DEPCOM", "LAMBERT_X", "LAMBERT_Y", "QUALITE_GEOLOC", "QP2024", "QP2015")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two fictitious quartiers of 2000 and 500 inhabitants in a city of about 10 km."""
    data = fictif.build(tmp_path, monkeypatch)
    layers = {
        "qpv2024_marseille": {
            FIRST: box(5.30, 43.20, 5.31, 43.21),
            SECOND: box(5.35, 43.25, 5.36, 43.26),
        },
        "commune_13055": {"13055": box(5.30, 43.20, 5.40, 43.30)},
    }
    for name, shapes in layers.items():
        frame = gpd.GeoDataFrame(
            {"code_qp": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:4326"
        )
        frame.to_file(data / "territoires" / f"{name}.geojson", engine="pyogrio")
    yield data
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def people(project):
    """Give the project its population, as an earlier import would have."""
    frame = pd.DataFrame(
        {
            "territoire": [FIRST, SECOND],
            "geographie": "qpv2024",
            "indicateur": "population_qpv",
            "modalite": "ensemble",
            "millesime": 2020,
            "valeur": [2000.0, 500.0],
            "etat": "valeur",
            "source": "population-fictive",
        }
    ).reindex(columns=COLUMNS)
    frame[observations.NUMBERS] = frame[observations.NUMBERS].astype(float)
    (project / "observations").mkdir(exist_ok=True)
    path = project / "observations" / "population-fictive.csv"
    path.write_bytes(observations.to_csv(frame))
    source = Source(
        "population-fictive", "filosofi-qpv", "Producteur fictif", "Base fictive", None, "qpv2024",
        {"population": {"millesime": 2020, "connu": "lu"}}, "", "Licence fictive", "f.csv",
        "ab" * 32, 10,
    )  # fmt: skip
    (project / "sources.yml").write_bytes(registry.dump({source.id: source}))


def bpe(path, rows, drop=()):
    """Write (TYPEQU, QP2024) rows under the official names, those of 2025."""
    table = pd.DataFrame(
        [
            ("2025", kind, "13216", "893000.5", "6246000.5", "11", code, "CSZ")
            for kind, code in rows
        ],
        columns=BPE,
    )
    table.drop(columns=list(drop)).to_csv(path, sep=";", index=False, quoting=csv.QUOTE_NONNUMERIC)
    return path


def sirene(path, rows):
    """Write (commune, longitude, latitude, state, activity) rows; no coordinates: not shown."""
    lines = []
    for number, (commune, x, y, state, activity) in enumerate(rows):
        spot = gpd.points_from_xy([x or 0], [y or 0], crs="EPSG:4326").to_crs("EPSG:2154")[0]
        east, north = (spot.x, spot.y) if x else ("[ND]", "[ND]")
        siret = f"{number:014}"
        lines.append(
            f"{siret[:9]},{siret[9:]},{siret},O,{commune},{east},{north},{state},{activity},NAFRev2\n"
        )
    path.write_text(SIRENE + "".join(lines), "utf-8")
    return path


def stored(project, source):
    frame = observations.read(project / "observations" / f"{source}.csv")
    return frame.set_index(["indicateur", "territoire"])


INSIDE = ("13216", 5.305, 43.205)
RETAIL = [
    (*INSIDE, "A", "47.11B"),
    (*INSIDE, "A", "47.71Z"),
    (*INSIDE, "A", "47.30Z"),  # fuel
    (*INSIDE, "F", "47.11B"),  # closed
    (*INSIDE, "A", "56.10A"),  # restaurant
    ("13215", 5.355, 43.255, "A", "47.73Z"),
    ("13215", 5.395, 43.295, "A", "47.73Z"),  # in no quartier
    ("69381", 4.83, 45.76, "A", "47.73Z"),
]


def test_shops_of_the_register_are_active_retailers_by_their_coordinates(project, people, tmp_path):
    import_path(sirene(tmp_path / "StockEtablissement_2026.csv", RETAIL))
    found = stored(project, "insee-sirene-qpv2024-2026")
    assert found.loc[SHOPS, "numerateur"].to_dict() == {FIRST: 2, SECOND: 1}
    assert found.loc[SHOPS, "valeur"].to_dict() == {FIRST: 1.0, SECOND: 2.0}
    assert set(found["modalite"]) == {"sirene"}
    block = registry.sources()["insee-sirene-qpv2024-2026"].blocs["detail"]
    assert (block["millesime"], block["connu"]) == (2026, "inféré")
    assert "population de 2020" in block["preuve"]


def test_the_register_needs_its_year(project, people, tmp_path):
    path = sirene(tmp_path / "StockEtablissement.csv", RETAIL)
    with pytest.raises(SourceError, match="--millesime"):
        import_path(path)


def test_facilities_are_counted_by_the_quartier_the_file_names(project, people, tmp_path):
    rows = [("B105", FIRST), ("B207", FIRST), ("B316", FIRST), ("A128", FIRST), ("F303", FIRST)]
    import_path(bpe(tmp_path / "equipements.csv", [*rows, ("B105", SECOND), ("B105", "CSZ")]))
    found = stored(project, "insee-bpe-qpv2024-2025")
    assert found.loc[SHOPS, "valeur"].to_dict() == {FIRST: 1.0, SECOND: 2.0}
    assert found.loc[SERVICES, "valeur"].to_dict() == {FIRST: 5.0, SECOND: 0.0}
    assert found.loc[CULTURE, "valeur"].dropna().to_dict() == {FIRST: 2000.0}
    assert found.loc[(CULTURE, SECOND), "etat"] == "sans_objet"
    assert registry.sources()["insee-bpe-qpv2024-2025"].blocs["detail"]["connu"] == "lu"
    verify()


def test_a_directory_without_population_is_refused(project, tmp_path):
    with pytest.raises(SourceError, match="population des quartiers manque"):
        import_path(bpe(tmp_path / "equipements.csv", [("B105", FIRST)]))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("B105", "IND"), ("B105", FIRST)], "1 sur 2"),
        ([("B105", "CSZ")], "ne porte le code d'un quartier"),
    ],
)
def test_facilities_without_a_known_quartier_are_refused(project, people, tmp_path, rows, words):
    with pytest.raises(SourceError, match=words):
        import_path(bpe(tmp_path / "equipements.csv", rows))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("13216", None, None, "A", "47.11B"), "sans lieu connu à Marseille"),
        (("13216", 2.35, 48.85, "A", "47.11B"), "sans lieu connu à Marseille"),
        (("69381", 4.83, 45.76, "A", "47.11B"), "aucun commerce actif"),
    ],
)
def test_shops_that_cannot_be_placed_are_refused(project, people, tmp_path, row, words):
    with pytest.raises(SourceError, match=words):
        import_path(sirene(tmp_path / "StockEtablissement_2026.csv", [row]))


def test_the_official_header_is_recognised(shared):
    path = shared / "data" / "points" / "schema" / "BPE25_header_and_7_rows_transcribed.csv"
    assert recognise(path).name == "bpe"
