"""One file of the BPE gives facilities, practitioners with counts, services and access close by.

Quartiers and facilities are fictitious, the answers computed by hand.
"""

import geopandas as gpd
import pandas as pd
import pytest

import fictif
from deposit_project import (
    AWAY,
    CITY,
    FIRST,
    INSIDE,
    QUARTIERS,
    SECOND,
    bpe,
    build,
    populate,
    stored,
)  # fmt: skip
from qpvlib import observations
from qpvlib.deposits.deposit import Deposit, formats
from qpvlib.errors import EstimationError, SourceError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.sources import registry

SOURCE, GROUP = "insee-bpe-qpv2024-2025", "QPV2024-MARSEILLE"
SHOPS, SERVICES = "commerces_detail_pour_1000", "services_publics_pour_10000"
CULTURE = "habitants_par_equipement_culturel_sportif"
COUNT, RATIO = "nb_praticiens", "rapport_densite_praticiens"
NEAR, SHARE = "services_publics_500m", "part_qpv_sans_service_500m"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two quartiers of 2000 and 500 inhabitants in a city of 10 000."""
    data = build(tmp_path, monkeypatch)
    populate(data, {**QUARTIERS, **CITY})
    yield data
    monkeypatch.undo()
    fictif.forget()


def test_facilities_are_related_to_the_inhabitants_of_every_territory(project, tmp_path):
    rows = [("B105", FIRST), ("B316", FIRST), ("A128", FIRST), ("F303", FIRST), ("B105", SECOND)]
    report = import_path(bpe(tmp_path / "equipements.csv", rows))
    found = stored(project, SOURCE)
    shops = found.loc[(SHOPS, "ensemble")]
    # One shop of the city is the bakery of the other arrondissement, whose population is unknown.
    assert shops["numerateur"].dropna().to_dict() == {
        FIRST: 1, SECOND: 1, GROUP: 2, "13216": 2, "13055": 3
    }  # fmt: skip
    assert shops["valeur"].dropna().to_dict() == {
        FIRST: 0.5, SECOND: 2.0, GROUP: 0.8, "13216": 0.5, "13055": 0.3
    }  # fmt: skip
    assert shops.loc["13215", "etat"] == "non_disponible"
    assert any("13215" in line for line in report.lines())
    assert found.loc[(SERVICES, "ensemble", FIRST), "valeur"] == 5.0
    assert found.loc[(CULTURE, "ensemble", SECOND), "etat"] == "sans_objet"
    block = registry.sources()[SOURCE].blocs["detail"]
    assert block["connu"] == "lu"
    assert "population de 2020" in block["preuve"] and "2018" in block["preuve"]
    verify()


def test_the_ratio_of_practitioners_keeps_their_counts_and_the_interval_of_the_count(
    project, tmp_path
):
    rows = [("D265", FIRST), *[("D265", "CSZ")] * 9, ("D277", SECOND)]
    import_path(bpe(tmp_path / "equipements.csv", rows))
    found = stored(project, SOURCE)
    counts = found.loc[(COUNT, "generaliste"), "valeur"]
    assert counts.to_dict() == {
        FIRST: 1, SECOND: 0, GROUP: 1, "13055": 10, "13215": 0, "13216": 10
    }  # fmt: skip
    assert found.loc[(COUNT, "ensemble", "13055"), "valeur"] == 11
    first = found.loc[(RATIO, "generaliste", FIRST)]
    assert (first["valeur"], first["numerateur"], first["denominateur"]) == (2, 100, 50)
    # Garwood's bounds of one event, as printed in tables: 0,0253 and 5,572.
    assert first["borne_basse"] == pytest.approx(2 / 5.572, rel=1e-3)
    assert first["borne_haute"] == pytest.approx(2 / 0.0253, rel=1e-2)
    assert found.loc[(RATIO, "generaliste", "13055"), "valeur"] == 1
    assert found.loc[(RATIO, "generaliste", SECOND), "etat"] == "sans_objet"
    assert found.loc[(RATIO, "generaliste", "13216"), "valeur"] == pytest.approx(0.4)
    assert found.loc[(RATIO, "generaliste", "13215"), "etat"] == "sans_objet"
    assert found.loc[(RATIO, "dentiste", SECOND), "valeur"] == pytest.approx(0.05)


def test_without_the_population_of_the_city_the_ratio_is_not_made_up(project, tmp_path):
    populate(project, QUARTIERS)
    report = import_path(bpe(tmp_path / "equipements.csv", [("D265", FIRST)]))
    found = stored(project, SOURCE)
    assert set(found.loc[RATIO, "etat"]) == {"non_disponible", "sans_objet"}
    assert found.loc[(RATIO, "generaliste", FIRST), "etat"] == "non_disponible"
    assert found.loc[(COUNT, "generaliste", FIRST), "valeur"] == 1
    assert any("sans la population de Marseille" in line for line in report.lines())


def test_the_city_is_the_sum_of_its_arrondissements_of_one_year(project, tmp_path):
    wards = {code: ("arrondissement", 2019, 3000.0) for code in ("13215", "13216")}
    populate(project, {**QUARTIERS, **wards})
    import_path(bpe(tmp_path / "equipements.csv", [("B105", FIRST)]))
    assert stored(project, SOURCE).loc[(SHOPS, "ensemble", "13055"), "denominateur"] == 6000


def test_services_close_to_a_quartier_are_counted_with_the_bounds_of_their_place(project, tmp_path):
    x, y = INSIDE[SECOND]
    # 0,005 degree of longitude is the edge; 0,0061 more is 495 m further, here.
    rows = [("A128", "CSZ", (x + 0.005 + 0.0061, y)), ("A129", "CSZ"), ("B105", FIRST)]
    import_path(bpe(tmp_path / "equipements.csv", rows))
    found = stored(project, SOURCE)
    second = found.loc[(NEAR, "ensemble", SECOND)]
    assert tuple(second[["valeur", "borne_basse", "borne_haute"]]) == (1, 0, 1)
    share = found.loc[(SHARE, "ensemble", GROUP)]
    assert tuple(share[["valeur", "numerateur", "denominateur"]]) == (50, 1, 2)
    assert tuple(share[["borne_basse", "borne_haute"]]) == (50, 100)


def test_a_service_of_uncertain_place_is_measured_from_nowhere(project, tmp_path):
    import_path(bpe(tmp_path / "equipements.csv", [("A128", FIRST, INSIDE[FIRST], "33")]))
    found = stored(project, SOURCE)
    assert found.loc[(SERVICES, "ensemble", FIRST), "valeur"] == 5.0
    first = found.loc[(NEAR, "ensemble", FIRST)]
    assert tuple(first[["valeur", "borne_haute"]]) == (0, 1)
    assert found.loc[(SHARE, "ensemble", GROUP), "borne_basse"] == 0


def test_access_to_practitioners_needs_the_squares_of_the_grid(project, tmp_path):
    folder = tmp_path / "depot"
    folder.mkdir()
    bpe(folder / "equipements.csv", [("D265", FIRST)] * 3)
    alone = import_path(folder)
    assert any("carreaux de 200" in line for line in alone.lines())
    # A square of 1500 people in the first quartier; one of 3500 away from everything.
    lines = ["idcar_200m,idcar_1km,ind"]
    for people, place in ((1500, INSIDE[FIRST]), (3500, AWAY)):
        spot = gpd.points_from_xy(*zip(place), crs="EPSG:4326").to_crs("EPSG:3035")[0]
        corner = (int(axis // 200 * 200) for axis in (spot.y, spot.x))
        lines.append("CRS3035RES200mN{}E{},x,{}.0".format(*corner, people))
    (folder / "carreaux_200m.csv").write_text("\n".join(lines) + "\n")
    report = import_path(folder)
    assert any("ne donnent aucun chiffre par eux-mêmes" in line for line in report.lines())
    access = stored(project, SOURCE).loc[("acces_generalistes", "vol_oiseau")]
    assert access["valeur"].dropna().to_dict() == pytest.approx({FIRST: 20.0, "13055": 6.0})
    assert access.loc[SECOND, "etat"] == "sans_objet"


def test_a_list_of_types_before_2021_gives_no_public_service(project, tmp_path):
    path = bpe(tmp_path / "bpe.csv", [("B101", FIRST), ("A101", FIRST)], year="2018")
    text = path.read_text().replace("B207", "B203")
    path.write_text(text)
    report = import_path(path)
    found = stored(project, "insee-bpe-qpv2024-2018")
    assert SERVICES not in found.index and NEAR not in found.index
    assert found.loc[(SHOPS, "ensemble", FIRST), "numerateur"] == 1
    assert any(SERVICES in line for line in report.lines())


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([("D201", FIRST)], {}, "sa liste de codes est d'une autre année .D201"),
        ([("D265", FIRST)], {"year": "2022"}, "sa liste de codes est d'une autre année .D265"),
        ([("B105", FIRST)], {"year": "2031"}, "listes de codes connues vont de 2018 à 2025"),
        ([("B105", FIRST)], {"ward": "13215"}, "arrondissements sans aucun équipement.*13216"),
        ([("B105", "QN01399I")], {}, "quartiers inconnus à Marseille"),
        ([("B105", "IND"), ("B105", FIRST)], {}, "1 sur 3"),
        ([("B105", "CSZ")], {}, "ne porte le code d'un quartier"),
        ([("B105", FIRST, (2.35, 48.85))], {}, "Lambert 93"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_written(project, tmp_path, rows, options, words):
    with pytest.raises(SourceError, match=words):
        import_path(bpe(tmp_path / "equipements.csv", rows, **options))
    assert [p.name for p in (project / "observations").glob("*.csv")] == ["population.csv"]


def test_a_truncated_file_is_refused(project, tmp_path):
    path = bpe(tmp_path / "equipements.csv", [("B105", FIRST)] * 50)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="abîmé ou tronqué"):
        import_path(path)


def test_an_empty_quartier_is_refused(project, tmp_path):
    populate(project, {**QUARTIERS, SECOND: ("qpv2024", 2020, 0.0)})
    with pytest.raises((EstimationError, SourceError), match="nulle"):
        import_path(bpe(tmp_path / "equipements.csv", [("B105", FIRST)]))


def counted(path, rows):
    """Write facilities counted by IRIS, as the whole base of 2018 was published."""
    header = "REG;DEP;DEPCOM;DCIRIS;AN;TYPEQU;NB_EQUIP\n"
    lines = (f"93;13;{ward};{ward}_0101;2018;{kind};{n}\n" for ward, kind, n in rows)
    path.write_text(header + "".join(lines))
    return path


DOCTORS = [("13216", kind, 1) for kind in ("D201", "D221", "D214", "D231", "D208", "D210")]


def test_facilities_counted_by_iris_give_arrondissements_and_city_but_no_quartier(
    project, tmp_path
):
    wards = {"13215": 1000.0, "13216": 4000.0}
    populate(project, QUARTIERS | {c: ("arrondissement", 2016, n) for c, n in wards.items()})
    rows = [("13215", "B203", 3), ("13216", "B203", 4), ("13215", "F303", 2), *DOCTORS]
    report = import_path(counted(tmp_path / "bpe18_ensemble.csv", rows))
    found = stored(project, "insee-bpe-communes-2018")
    assert found.loc[(SHOPS, "ensemble"), "valeur"].to_dict() == {
        "13055": 1.4, "13215": 3.0, "13216": 1.0
    }  # fmt: skip
    assert found.loc[(CULTURE, "ensemble", "13216"), "etat"] == "sans_objet"
    assert found.loc[(COUNT, "ensemble", "13055"), "valeur"] == 6
    assert found.loc[(RATIO, "generaliste", "13216"), "valeur"] == pytest.approx(0.8)
    assert set(found["geographie"]) == {"arrondissement", "commune"}
    assert any("n'a pas services_publics_pour_10000" in line for line in report.lines())
    assert "2016" in registry.sources()["insee-bpe-communes-2018"].blocs["detail"]["preuve"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("13215", "C101", 1), ("13216", "C101", 1)], "aucun équipement compté"),
        ([("13215", "B203", 1), *DOCTORS], "aucun équipement de ces familles.*culture_sport"),
        ([("13216", "B203", 1), ("13216", "F303", 1), *DOCTORS], "sans aucun équipement.*13215"),
    ],
)
def test_a_part_of_the_base_is_refused(project, tmp_path, rows, words):
    with pytest.raises(SourceError, match=words):
        import_path(counted(tmp_path / "bpe18_ensemble.csv", rows))


def test_the_population_is_the_nearest_that_is_known_of_all(project):
    """The city is of 2018 alone; the arrondissement follows it, though 2022 is nearer."""
    frame = observations.read_all()
    later = frame[frame.territoire == "13216"].assign(millesime=2022, valeur=5000.0)
    stored = pd.concat([frame, later], ignore_index=True)
    deposit = Deposit(project, formats()["bpe"], "", None, stored, {})
    people, years = deposit.references(2023)
    assert (people["13216"], years) == (4000, (2018,))
