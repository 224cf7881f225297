"""Both published forms of the health directory give the same counts, by category and distance.

Quartiers and establishments are fictitious.
"""

import pytest

import fictif
from deposit_project import AWAY, FIRST, INSIDE, QUARTIERS, SECOND, build, metric, populate, stored
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path

NAMES = (
    "nofinesset;nofinessej;rs;rslongue;complrs;compldistrib;numvoie;typvoie;voie;compvoie;lieuditbp;"
    "commune;departement;libdepartement;ligneacheminement;telephone;telecopie;categetab;"
    "libcategetab;categagretab;libcategagretab;siret;codeape;codemft;libmft;codesph;libsph;dateouv;"
    "dateautor;datemaj;numuai"
)
SOURCE = "finess-qpv2024-2026"
SURE, COARSE = "1,ATLASANTE,87,BAN,EPSG:2154", "4,ATLASANTE,.,ADMIN-EXPRESS-2023,EPSG:2154"
PLACES = [
    ("620", "216", INSIDE[FIRST], SURE),
    ("620", "215", INSIDE[SECOND], SURE),
    ("223", "216", INSIDE[FIRST], SURE),
    ("603", "216", AWAY, SURE),
    ("355", "216", INSIDE[FIRST], SURE),  # a hospital, not counted
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two fictitious quartiers in a city of about 10 km."""
    data = build(tmp_path, monkeypatch)
    populate(data, QUARTIERS)
    yield data
    monkeypatch.undo()
    fictif.forget()


def lines(places):
    """Yield an establishment and its coordinates, as cells."""
    for number, (kind, commune, place, origin) in enumerate(places):
        cells = [""] * 31
        cells[0], cells[11], cells[12], cells[17] = f"13{number:07}", commune, "13", kind
        cells[2] = "ÉTABLISSEMENT FICTIF"
        yield cells, [*(f"{axis:.1f}" for axis in metric(*place)), origin]


def stock(path, places, encoding="latin-1"):
    rows = ["finess;etalab;98;2026-03-12"]
    for cells, spot in lines(places):
        rows.append(";".join(["structureet", *cells]))
        rows.append(";".join(["geolocalisation", cells[0], *spot, "2026-01-01"]))
    path.write_bytes("\n".join([*rows, ""]).encode(encoding))
    return path


def table(path, places):
    rows = [f"{NAMES};coordxet;coordyet;sourcecoordet;datemaj_geoloc"]
    rows += [";".join([*cells, *spot, "2026-01-01"]) for cells, spot in lines(places)]
    path.write_text("\n".join([*rows, ""]), "utf-8")
    return path


@pytest.mark.parametrize(
    ("write", "name"),
    [(stock, "etalab-cs1100507-stock.csv"), (table, "finess_etablissements_2026.csv")],
)
def test_establishments_are_counted_by_category_and_distance(project, tmp_path, write, name):
    import_path(write(tmp_path / name, PLACES))
    found = stored(project, SOURCE)["valeur"]
    assert found[("nb_pharmacies", "ensemble")].to_dict() == {
        FIRST: 1, SECOND: 1, "13055": 2, "13215": 1, "13216": 1
    }  # fmt: skip
    assert found[("pmi_500m", "ensemble")].to_dict() == {FIRST: 1, SECOND: 0}
    assert found[("centres_sante_500m", "a_300m")].to_dict() == {FIRST: 0, SECOND: 0}
    assert found[("nb_centres_sante", "ensemble", "13055")] == 1


def test_a_place_known_by_its_commune_only_raises_the_upper_bound(project, tmp_path):
    places = [*PLACES[:1] * 18, ("620", "215", AWAY, SURE), ("620", "216", INSIDE[SECOND], COARSE)]
    import_path(stock(tmp_path / "stock.csv", places))
    second = stored(project, SOURCE).loc[("nb_pharmacies", "ensemble", SECOND)]
    assert tuple(second[["valeur", "borne_haute"]]) == (0, 1)


def test_wrong_files_are_refused(project, tmp_path):
    path = stock(tmp_path / "stock.csv", PLACES)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.raises(SourceError, match="abîmé ou tronqué"):
        import_path(path)
    path.write_bytes(b"\n".join(r for r in whole.split(b"\n") if not r.startswith(b"geo")))
    with pytest.raises(SourceError, match="cs1100507"):
        import_path(path)
    with pytest.raises(SourceError, match="Lambert 93"):
        import_path(stock(path, [("620", "216", (2.35, 48.85), SURE)]))
    with pytest.raises(SourceError, match="n'est à Marseille"):
        import_path(stock(path, [("620", "004", INSIDE[FIRST], SURE)]))
    with pytest.raises(SourceError, match=r"sans aucun équipement\W+13215\."):
        import_path(stock(path, [one for one in PLACES if one[1] != "215"]))
    with pytest.raises(SourceError, match="--millesime"):
        import_path(table(tmp_path / "finess.csv", PLACES))


def test_the_official_header_is_recognised(shared):
    path = shared / "data" / "points" / "schema" / "FINESS_header_transcribed.csv"
    assert recognise(path).name == "finess"
