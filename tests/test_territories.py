"""Every territory is found, once, under each of its names, and its geography is never mistaken."""

import csv
import re
from collections import Counter

import geopandas as gpd
import pytest

from qpvlib import paths, territories
from qpvlib.catalogue import SHORT
from qpvlib.errors import InvalidCodeError, UnknownTerritoryError

GEOJSON = ("qpv2024_marseille", "commune_13055", "communes_voisines", "arrondissements_13055")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FORMS = rows(paths.data() / "territoires" / "noms.csv")


def test_counts():
    qpv2024, qpv2015 = territories.qpv(), territories.qpv("qpv2015")
    assert (len(qpv2024), len(qpv2015)) == (41, 35)
    assert all(re.fullmatch(r"QN013\d\d[IMN]", one.code) for one in qpv2024)
    assert all(re.fullmatch(r"QP0130\d\d", one.code) for one in qpv2015)


def test_letter_of_the_code_is_the_perimeter_unless_the_figures_contradict_it():
    letters = {"I": ("identique", "a_verifier"), "M": ("modifie",), "N": ("nouveau",)}
    found = {one.name: one.perimeter for one in territories.qpv()}
    assert all(found[one.name] in letters[one.code[-1]] for one in territories.qpv())
    assert Counter(found.values()) == {"identique": 19, "a_verifier": 2, "modifie": 20}
    # Each says why, doubtful or not; printed on the portrait.
    told = [p for p in territories.passages() if p.nature == "identique"]
    assert all("Code terminé par" in p.note for p in told if p.doubtful)
    assert all("Tenu pour identique" in p.note for p in told if not p.doubtful)
    # As the audit of the built book measured it.
    assert found["La Viste"] == found["Cap Janet La Cabucelle Les Crottes"] == "a_verifier"
    assert found["Les Tilleuls La Maurelette"] == "identique"


def test_slugs_are_safe_file_names_and_unique_in_a_geography():
    known = [*territories.qpv(), *territories.qpv("qpv2015"), *territories.sectors()]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.slug) for one in known)
    assert len({(one.geography, one.slug) for one in known}) == len(known)
    assert territories.slugify("Plan d'Aou — Saint Œuf") == "plan-d-aou-saint-oeuf"


def test_short_names_are_short_and_unique_in_a_geography():
    for geography in ("qpv2024", "qpv2015"):
        names = [one.short_name for one in territories.qpv(geography)]
        assert max(map(len, names)) <= SHORT
        assert len(set(names)) == len(names)


def test_sectors_partition_the_41():
    members = {one.code: territories.sector_members(one.code) for one in territories.sectors()}
    assert {code: len(found) for code, found in members.items()} == {
        "nord-littoral": 14,
        "nord-est": 12,
        "centre": 2,
        "sud-huveaune": 13,
    }
    assert sorted(one.code for found in members.values() for one in found) == [
        one.code for one in territories.qpv()
    ]


def test_disputable_sectors_are_explained():
    noted = {one.name for one in territories.qpv() if one.sector_note}
    assert noted == {
        "Canet Arnavaux Jean Jaurès",
        "Cap Janet La Cabucelle Les Crottes",
        "La Visitation - Bassens",
        "Le Castellas Les Micocouliers",
        "Le Petit Séminaire",
    }


def test_les_escourtines_lies_in_two_communes_and_is_never_lost():
    for geography in ("qpv2024", "qpv2015"):
        assert territories.resolve("Les Escourtines", geography).communes == ("13055", "13070")
        assert all("13055" in one.communes for one in territories.qpv(geography))


@pytest.mark.parametrize("row", FORMS, ids=lambda row: f"{row['forme']}/{row['geographie']}")
def test_every_form_of_the_convention_resolves(row):
    form, geography = row["forme"], row["geographie"]
    codes = {
        "qpv2024": row["codes_2024"].split(),
        "qpv2015": row["codes_2015"].split(),
        "secteur": row["secteur"].split(),
    }
    if not any(codes.values()):
        assert form == "le grand Mail"
        with pytest.raises(UnknownTerritoryError, match="rattachement n'est pas établi"):
            territories.resolve(form)
    else:
        assert territories.resolve(form).geography in codes
        for kind in [geography] if geography else [kind for kind in codes if codes[kind]]:
            assert territories.resolve(form, kind).code == codes[kind][0]


def test_forms_are_those_of_the_specification(shared):
    named = rows(shared / "specs" / "qpv_names.csv")
    assert len(FORMS) == len(named) == 160
    for ours, theirs in zip(FORMS, named, strict=True):
        assert ours["forme"] == theirs["variante"]
        assert ours["codes_2024"].split() == re.findall(r"\w+", theirs["code_2024"])
        assert ours["codes_2015"].split() == re.findall(r"\w+", theirs["code_2015"])


def test_lists_are_those_of_the_specification(shared):
    for geography in ("2024", "2015"):
        named = rows(shared / "specs" / f"qpv_{geography}.csv")
        theirs = [(row[f"code_{geography}"], row[f"nom_officiel_{geography}"]) for row in named]
        assert [(one.code, one.name) for one in territories.qpv(f"qpv{geography}")] == theirs


@pytest.mark.parametrize(
    "text", ["LES AYGALADES", "aygalades", "  Les   Aygalades ", "les-aygalades", "QN01358I"]
)
def test_spelling_does_not_matter(text):
    assert territories.resolve(text).code == "QN01358I"


def test_a_name_of_several_geographies_means_the_quartier_of_2024():
    name = "Grand Saint Barthélémy"
    assert territories.resolve(name).code == "QN01352M"
    assert territories.resolve(name, "qpv2015").code == "QP013049"


def test_a_name_shared_by_several_quartiers_of_2024_lists_them():
    assert territories.resolve("centre-ville").code == "QP013032"
    with pytest.raises(UnknownTerritoryError, match="plusieurs quartiers") as failure:
        territories.resolve("centre-ville", "qpv2024")
    assert "Canet Arnavaux Jean Jaurès" in str(failure.value)


def test_an_unknown_name_gets_the_closest_ones():
    with pytest.raises(UnknownTerritoryError, match=r"Noms proches.*Les Aygalades"):
        territories.resolve("Les Aigalade")
    with pytest.raises(UnknownTerritoryError, match=r"Noms proches.*Malpassé Corot"):
        territories.resolve("Corot")
    with pytest.raises(UnknownTerritoryError, match=r"«\u00a0Zzzz\u00a0».$"):
        territories.resolve("Zzzz")


@pytest.mark.parametrize("code", ["../x", "QN99999Z", "QN1303I", "", "13055 ", "QN01303I;rm", "13"])
def test_a_malformed_code_is_refused(code):
    with pytest.raises(InvalidCodeError, match="n'est pas un code"):
        territories.get(code)


@pytest.mark.parametrize("code", ["QN01301M", "QP013004", "QN07501N"])
def test_a_code_of_elsewhere_is_unknown(code):
    with pytest.raises(UnknownTerritoryError, match="n'est pas celui d'un quartier"):
        territories.get(code)


def test_a_mistyped_code_gets_the_closest_ones():
    with pytest.raises(UnknownTerritoryError, match=r"Codes proches.*QN01303I"):
        territories.get("QN01303M")


def test_resolve_takes_codes_and_respects_the_geography():
    assert territories.resolve("qn01303i").name == "Saint Henri"
    assert territories.resolve("13055").geography == "commune"
    assert territories.resolve("132010101").geography == "iris"
    assert territories.resolve("QP013003", "qpv2015").name == "Saint Henri"
    with pytest.raises(UnknownTerritoryError, match="n'appartient pas à la géographie qpv2024"):
        territories.resolve("QP013003", "qpv2024")
    with pytest.raises(InvalidCodeError):
        territories.resolve("QN99999Z")
    with pytest.raises(UnknownTerritoryError, match="Aucun quartier"):
        territories.resolve("../x")


@pytest.mark.parametrize(
    ("code", "geography"),
    [
        ("13201", "arrondissement"),
        ("13216", "arrondissement"),
        ("13055", "commune"),
        ("200054807", "epci"),
        ("D13", "departement"),
        ("R93", "region"),
        ("FM", "france"),
        ("nord-est", "secteur"),
        ("HORS-QPV2015-MARSEILLE", "ensemble"),
        ("132161002", "iris"),
    ],
)
def test_reference_territories(code, geography):
    assert territories.get(code).geography == geography
    assert geography in territories.GEOGRAPHIES


def test_passage_covers_both_lists():
    old, new = territories.qpv("qpv2015"), territories.qpv()
    passages = [passage for one in new for passage in territories.predecessors(one.code)]
    assert all(territories.predecessors(one.code) for one in new)
    assert {passage.code_2015 for passage in passages} == {one.code for one in old}
    assert all(territories.successors(one.code) for one in old)
    assert all(passage.method for passage in passages)
    natures = [passage.nature for passage in passages]
    assert {nature: natures.count(nature) for nature in set(natures)} == {
        "identique": 21,
        "modifie": 10,
        "scission": 10,
        "transfert": 1,
    }


def test_an_identical_perimeter_has_one_predecessor_and_one_successor():
    for one in territories.qpv():
        found = territories.predecessors(one.code)
        natures = [passage.nature for passage in found]
        assert [passage.same for passage in found] == [one.perimeter == "identique"] * len(found)
        if natures == ["identique"]:
            old = territories.predecessors(one.code)[0].code_2015
            assert [passage.code_2024 for passage in territories.successors(old)] == [one.code]


def test_the_main_predecessor_comes_first():
    assert [p.code_2015 for p in territories.predecessors("QN01349M")] == ["QP013048", "QP013050"]


def test_contours_are_valid_and_in_degrees():
    frame = territories.contours()
    assert list(frame.index) == [one.code for one in territories.qpv()]
    assert frame.crs.to_epsg() == 4326
    assert frame.is_valid.all()
    west, south, east, north = frame.total_bounds
    assert 5.2 < west < east < 5.6 and 43.2 < south < north < 43.4


def test_a_reader_of_the_contours_cannot_spoil_them():
    territories.contours()["geometry"] = None
    assert territories.contours().geometry.notna().all()


def test_areas_add_up():
    areas = [territories.area_ha(one.code) for one in territories.qpv()]
    total = territories.contours().to_crs(territories.METRIC_CRS).area.sum() / 10_000
    assert sum(areas) == pytest.approx(total)
    assert total == pytest.approx(1282, abs=1)
    with pytest.raises(UnknownTerritoryError, match="contour"):
        territories.area_ha("QP013003")


def test_areas_are_those_of_the_specification(shared):
    for row in rows(shared / "specs" / "qpv_2024.csv"):
        expected = float(row["surface_ha_approx"])
        assert territories.area_ha(row["code_2024"]) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("layer", GEOJSON[1:])
def test_backgrounds_are_in_degrees(layer):
    frame = territories.background(layer)
    assert len(frame) and frame.crs.to_epsg() == 4326


@pytest.mark.parametrize("layer", GEOJSON)
def test_map_files_are_the_deposited_ones(shared, layer):
    ours = paths.data() / "territoires" / f"{layer}.geojson"
    assert ours.read_bytes() == (shared / "data" / "geo" / f"{layer}.geojson").read_bytes()


def test_sectors_follow_their_rule(shared):
    districts = gpd.read_file(shared / "data" / "geo" / "quartiers111_marseille.geojson")
    districts = districts.to_crs(territories.METRIC_CRS).dissolve("DEPCO")[["geometry"]]
    quartiers = territories.contours().to_crs(territories.METRIC_CRS)
    parts = gpd.overlay(quartiers.reset_index(), districts.reset_index(), how="intersection")
    largest = parts.assign(area=parts.area).sort_values("area").groupby("code")["DEPCO"].last()
    sector_of = {
        arrondissement: row["code"]
        for row in rows(paths.data() / "territoires" / "secteurs.csv")
        for arrondissement in row["arrondissements"].split()
    }
    assert {one.code: one.sector for one in territories.qpv()} == largest.map(sector_of).to_dict()
