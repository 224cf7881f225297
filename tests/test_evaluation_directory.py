"""A file of structures is read by its declared columns; contacts never reach the register."""

import json

import pandas as pd
import pytest

from evaluation_project import ROWS, filled, project  # noqa: F401
from qpvlib.errors import SourceError
from qpvlib.evaluation import directory, registers
from qpvlib.evaluation.package import folder

pytestmark = pytest.mark.usefixtures("project")


def structure(name="Accueil (essai)", commune="13055", number="s 1", network="ccas-cias"):
    """A structure of data.inclusion v1, with columns that must stay in its file."""
    return {"id": number, "source": "essai", "nom": name, "siret": None, "adresse": "1 rue X",
            "code_insee": commune, "longitude": 5.3617, "latitude": 43.3690,
            "telephone": "0491000000", "courriel": "a@exemple.fr", "description": "Mme Untel",
            "contact_nom_prenom": "Prénom Nom", "zone_eligibilite": "13201",
            "date_maj": "2025-01-02", "reseaux_porteurs": [network]}  # fmt: skip


def written(tmp_path, *rows, suffix="csv"):
    path = tmp_path / f"structures.{suffix}"
    frame = pd.DataFrame(rows)
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "json":
        path.write_text(json.dumps(rows), "utf-8")
    else:
        frame.to_parquet(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_contacts_and_other_communes_stay_in_the_file(tmp_path, suffix):
    registers.import_file(filled(tmp_path / "a.xlsx", ROWS))
    path = written(tmp_path, structure(), structure(commune="13001", number="s2"),
                   suffix=suffix)  # fmt: skip
    assert registers.recognised(path)
    told = registers.import_file(path).lines()
    assert told[0].startswith("annuaire\u00a0: 1 nouvelle, 0 révisée, 1 identique")
    text = (folder() / "annuaire.csv").read_text("utf-8")
    for private in ("0491000000", "exemple.fr", "Prénom", "Untel", "13201"):
        assert private not in text
    rows = {row["id"]: row["type"] for row in registers.load()["annuaire"]}
    assert rows == {"AN-1": "centre social", "di-s-1": "service public"}
    registers.import_file(written(tmp_path, structure(number="s3"), suffix=suffix))
    assert [row["id"] for row in registers.load()["annuaire"]] == ["AN-1", "di-s3"]


@pytest.mark.parametrize(
    "change",
    [
        {"nom": "Refuge pour femmes victimes (essai)"},
        {"longitude": None},
        {"latitude": 48.8},
        {"latitude": "nord"},
    ],
)
def test_what_may_not_be_listed_is_left_aside_and_counted(tmp_path, change):
    path = written(tmp_path, structure(), structure(number="x") | change, suffix="json")
    told = registers.import_file(path).lines()
    assert any(line.startswith("1 structure laissée de côté") for line in told)
    assert [row["id"] for row in registers.load()["annuaire"]] == ["di-s-1"]


def test_a_site_enters_when_it_is_safe_and_a_fault_names_its_line(tmp_path):
    rows = [structure() | {"site_web": "https://exemple.fr"},
            structure(number="s2") | {"site_web": "http://exemple.fr"}]  # fmt: skip
    registers.import_file(written(tmp_path, *rows))
    assert [row["site"] for row in registers.load()["annuaire"]] == ["https://exemple.fr", None]
    rows[1]["nom"] = "Appeler le 06 11 22 33 44"
    with pytest.raises(SourceError, match=r"structures\.csv, ligne 3, colonne Nom.*téléphone"):
        registers.import_file(written(tmp_path, *rows))


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_a_fault_of_a_file_of_records_names_the_record_not_a_line(tmp_path, suffix):
    rows = [structure(), structure(number="s2", name="Appeler le 06 11 22 33 44"),
            structure(commune="13001"), structure()]  # fmt: skip
    with pytest.raises(SourceError) as raised:
        registers.import_file(written(tmp_path, *rows, suffix=suffix))
    one, two = map(str, raised.value.problems)
    assert f"structures.{suffix}, enregistrement 2, colonne Nom" in one and "ligne" not in one
    assert f"structures.{suffix}, enregistrement 4" in two and "enregistrement 1 (" in two


@pytest.mark.parametrize("network", ["chrs", "chu", "cada", "ase"])
def test_what_shelters_people_is_left_aside_whatever_its_name(tmp_path, network):
    rows = [structure(), structure("Maison du Pin (essai)", number="x", network=network)]
    registers.import_file(written(tmp_path, *rows, suffix="json"))
    assert [row["id"] for row in registers.load()["annuaire"]] == ["di-s-1"]


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_a_damaged_or_foreign_file_is_not_taken(tmp_path, suffix):
    path = tmp_path / f"structures.{suffix}"
    path.write_bytes(b"PAR1 [{")
    assert not registers.recognised(path)
    with pytest.raises(SourceError, match="abîmé"):
        directory.lines(path)
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "b.parquet")
    assert directory.lines(tmp_path / "b.parquet") == [["a"]]
    assert not registers.recognised(tmp_path / "b.parquet")


def test_another_csv_is_not_taken(tmp_path):
    path = tmp_path / "autre.csv"
    path.write_text("id,nom\n1,x\n", "utf-8")
    assert not registers.recognised(path)
    assert not registers.recognised(tmp_path / "absent.csv")
