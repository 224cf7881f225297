"""A national directory gives counts per inhabitant by quartier, with the official columns.

Quartiers and establishments are fictitious, the answers computed by hand.
"""

import geopandas as gpd
import pytest

import fictif
from deposit_project import FIRST, QUARTIERS, SECOND, bpe, build, populate, stored
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path
from qpvlib.sources import registry

SHOPS = "commerces_detail_pour_1000"
SIRENE = (
    "siren,nic,siret,statutDiffusionEtablissement,codeCommuneEtablissement,"
    "coordonneeLambertAbscisseEtablissement,coordonneeLambertOrdonneeEtablissement,"
    "etatAdministratifEtablissement,activitePrincipaleEtablissement,"
    "nomenclatureActivitePrincipaleEtablissement\n"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two fictitious quartiers in a city of about 10 km."""
    yield build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def people(project):
    """Give the quartiers 2000 and 500 inhabitants."""
    populate(project, QUARTIERS)


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
    shops = found.loc[(SHOPS, "sirene")]
    assert shops["numerateur"].to_dict() == {FIRST: 2, SECOND: 1}
    assert shops["valeur"].to_dict() == {FIRST: 1.0, SECOND: 2.0}
    block = registry.sources()["insee-sirene-qpv2024-2026"].blocs["detail"]
    assert (block["millesime"], block["connu"]) == (2026, "inféré")
    assert "population de 2020" in block["preuve"]


def test_the_register_needs_its_year(project, people, tmp_path):
    path = sirene(tmp_path / "StockEtablissement.csv", RETAIL)
    with pytest.raises(SourceError, match="--millesime"):
        import_path(path)


def test_a_directory_without_population_is_refused(project, tmp_path):
    with pytest.raises(SourceError, match="population des quartiers manque"):
        import_path(bpe(tmp_path / "equipements.csv", [("B105", FIRST)]))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("13216", None, None, "A", "47.11B"), "sans lieu connu à Marseille"),
        (("13216", 2.35, 48.85, "A", "47.11B"), "sans lieu connu à Marseille"),
        (("69381", 4.83, 45.76, "A", "47.11B"), "aucun commerce actif"),
        ((*INSIDE, "A", "47.11B"), r"sans aucun équipement\W+13215\."),
    ],
)
def test_shops_that_cannot_be_placed_or_are_not_all_there_are_refused(
    project, people, tmp_path, row, words
):
    with pytest.raises(SourceError, match=words):
        import_path(sirene(tmp_path / "StockEtablissement_2026.csv", [row]))


def test_the_official_header_is_recognised(shared):
    path = shared / "data" / "points" / "schema" / "BPE25_header_and_7_rows_transcribed.csv"
    assert recognise(path).name == "bpe"
