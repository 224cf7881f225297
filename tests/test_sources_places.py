"""A list of places is recognised by its content, and refused with one clear sentence.

All places are fictitious.
"""

import dataclasses
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

import fictif
from qpvlib import gazetteer, observations
from qpvlib.errors import CheckError, SourceError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.intake.withdraw import withdraw
from qpvlib.sources import places, registry, tables

HEADER = "Nom du site,Categorie,Adresse 1,Code Postal,Ville,Longitude,Latitude"
SCHOOLS = (
    f"{HEADER}\n"
    "École fictive A,Ecoles maternelles,,13016,Fictive,5.3050,43.2050\n"
    "École fictive A,Ecoles maternelles,,13016,Fictive,5.3050,43.2050\n"
    "École fictive B,Ecoles maternelles,,13015,Fictive,5.3900,43.2900\n"
)
SERVICES = (
    "id_fs,lib_fs,insee_com,latitude,longitude,format_fs\n"
    "1,Espace fictif,13215,43.2050,5.3050,Fixe\n"
    "2,Bus fictif,13215,43.2050,5.3050,Bus_équivalent\n"
    "3,Espace d'ailleurs,01001,46.15,4.92,Fixe\n"
)
STOPS = (
    "stop_id,stop_name,modes,stop_lat,stop_lon,trips_weekday,trips_saturday,trips_sunday\n"
    "1,Arrêt fictif,metro,43.2050,5.3050,500,60,40\n"
    "2,Arrêt désert,bus,43.2050,5.3051,0,0,0\n"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two fictitious quartiers of about 800 m, in a city of about 10 km."""
    data = fictif.build(tmp_path, monkeypatch)
    layers = {
        "qpv2024_marseille": {
            "QN01391I": box(5.30, 43.20, 5.31, 43.21),
            "QN01392M": box(5.35, 43.25, 5.36, 43.26),
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
def deposit(tmp_path):
    """Write a file outside the project and return its path."""

    def put(content: str, name: str = "liste_2018.csv") -> Path:
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return path

    return put


def stored(data, source):
    frame = observations.read(data / "observations" / f"{source}.csv")
    return frame.set_index(["indicateur", "modalite", "territoire"]).valeur


def test_a_list_gives_counts_true_zeros_and_the_names_of_what_is_close(project, deposit):
    import_path(deposit(SCHOOLS))
    found = stored(project, "ville-marseille-ecoles-maternelles-2018")
    assert found["nb_ecoles_maternelles", "ensemble"].to_dict() == {
        "QN01391I": 1, "QN01392M": 0, "13215": 1, "13216": 1, "13055": 2,
    }  # fmt: skip
    assert found["ecoles_maternelles_500m", "a_300m"].to_dict() == {"QN01391I": 1, "QN01392M": 0}
    source = registry.sources()["ville-marseille-ecoles-maternelles-2018"]
    assert source.blocs["lieux"]["millesime"] == 2018
    # École B is 3 km from any quartier: counted in the city, its name is not kept.
    assert gazetteer.table(source.id).read_text("utf-8") == (
        "nom,nature,longitude,latitude\nÉcole fictive A,école,5.305,43.205\n"
    )
    verify()
    names = gazetteer.table(source.id).rename(gazetteer.table("sans-source"))
    with pytest.raises(CheckError, match=r"sans-source.csv\W+ces noms de lieux n'ont pas"):
        verify()
    names.rename(gazetteer.table(source.id))
    withdraw(source.id)
    assert not gazetteer.table(source.id).exists()


def test_a_bus_and_places_of_other_communes_are_left_out(project, deposit):
    import_path(deposit(SERVICES, "france_services_2024-08-01.csv"))
    found = stored(project, "anct-france-services-2024")
    assert found["nb_france_services", "ensemble", "13055"] == 1


def test_stops_need_their_year_and_count_only_when_served(project, deposit):
    path = deposit(STOPS, "arrets.csv")
    with pytest.raises(SourceError, match="--millesime"):
        import_path(path)
    import_path(path, 2026)
    found = stored(project, "rtm-arrets-2026")
    assert found["arrets_tc_300m", "ensemble", "QN01391I"] == 1
    names = gazetteer.table("rtm-arrets-2026").read_text("utf-8")
    assert "Arrêt fictif,station de métro," in names and "désert" not in names
    assert set(found.index.get_level_values("indicateur")) == {"arrets_tc_300m"}
    assert "13055" not in found.index.get_level_values("territoire")
    before = (project / "sources.yml").read_bytes()
    import_path(path)
    assert (project / "sources.yml").read_bytes() == before


@pytest.mark.parametrize("saturday", [99, 100, 101])
def test_passages_that_are_no_week_are_never_summed(project, deposit, saturday):
    table = tables.read(deposit(STOPS.replace("500,60,", f"500,{saturday},")))[0]
    listing = places.recognise(table)
    assert not listing.sums  # the stops of this very list are counted, whatever its columns hold
    places.read(table, listing)
    counting = dataclasses.replace(listing, sums={"departs_tc_300m": 300})
    if saturday > 500 / 5:
        with pytest.raises(SourceError, match="que le samedi\u00a0: 1 sur 1"):
            places.read(table, counting)
    else:
        places.read(table, counting)


def test_the_list_that_made_us_withdraw_the_passages_would_be_refused(shared):
    table = tables.read(shared / "data" / "points" / "rtm_stops_marseille.csv")[0]
    listing = places.recognise(table)
    counting = dataclasses.replace(listing, sums={"departs_tc_300m": 300})
    # Counted apart from the product: 2 552 of the 2 642 stops served on Saturday.
    with pytest.raises(SourceError, match="le samedi\u00a0: 2552 sur 2642"):
        places.read(table, counting)


BAD = {
    "projection": (
        SCHOOLS.replace("5.3900,43.2900", "893000.5,6246000.1"),
        "ne sont pas en degrés",
        4,
    ),
    "hors de la ville": (
        SCHOOLS.replace("5.3900,43.2900", "2.35,48.85"),
        "lieux loin de Marseille : 1 sur 2, dont « École fictive B »",
        4,
    ),
    "inversion": (
        SCHOOLS.replace("Longitude,Latitude", "Latitude,Longitude"),
        "inversées",
        2,
    ),
    "illisible": (SCHOOLS.replace("5.3900", "5°23'"), "n'est pas un nombre", 4),
    "colonne": (SCHOOLS.replace("Latitude", "Lat"), "la colonne Latitude manque", 1),
    "catégorie": (
        SCHOOLS + "Lieu fictif,Lycees,,13015,Fictive,5.39,43.29\n",
        "catégorie inconnue : « Lycees »",
        5,
    ),
    "code postal": (SCHOOLS.replace("13015", "75015"), "« 75015 » n'est pas le code", 4),
    "sans coordonnées": (
        SCHOOLS.replace("5.3900,43.2900", ","),
        "lieux sans coordonnées : 1 sur 2",
        None,
    ),
    "tronquée": (SCHOOLS[:-20], "cellules au lieu de 7", 4),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_list_gets_one_clear_sentence_and_writes_nothing(project, deposit, fault):
    content, sentence, line = BAD[fault]
    with pytest.raises(SourceError) as refusal:
        import_path(deposit(content))
    (problem,) = refusal.value.problems
    assert sentence in f"{problem.fact} {problem.remedy}"
    assert (problem.file, problem.line) == ("liste_2018.csv", line)
    assert not (project / "observations").exists() and not (project / "sources.yml").exists()


def test_a_list_of_somewhere_else_is_refused(project, deposit):
    elsewhere = "\n".join([SERVICES.split("\n")[0], SERVICES.split("\n")[3]])
    with pytest.raises(SourceError, match="aucun lieu de cette liste n'est à Marseille"):
        import_path(deposit(elsewhere, "france_services_2024.csv"))


def test_lists_with_the_same_header_are_told_apart_by_their_categories(project, deposit):
    for category, name in {"Stades": "ville-sport", "Jardins": "ville-parcs"}.items():
        table = tables.read(deposit(SCHOOLS.replace("Ecoles maternelles", category)))[0]
        assert places.recognise(table).name == name
    beaches = tables.read(deposit(SCHOOLS.replace("Ecoles maternelles", "Plages")))[0]
    assert places.recognise(beaches) is None
