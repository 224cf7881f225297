"""A file of structures is read by its declared columns; contacts never reach the register."""

import pytest

from evaluation_project import ROWS, filled, project  # noqa: F401
from qpvlib.errors import SourceError
from qpvlib.evaluation import registers
from qpvlib.evaluation.package import folder

pytestmark = pytest.mark.usefixtures("project")
HEAD = ("id,nom,siret,typologie,adresse,code_insee,longitude,latitude,telephone,courriel,"
        "contact_public,zone_eligibilite,date_maj")  # fmt: skip


def structure(name="Accueil (essai)", commune="13055", number="s 1"):
    return (f"{number},{name},,CCAS,1 rue X,{commune},5.3617,43.3690,0491000000,a@exemple.fr,"
            "Prénom Nom,13201,2025-01-02T00:00:00+01:00")  # fmt: skip


def written(tmp_path, *lines):
    path = tmp_path / "structures.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n", "utf-8")
    return path


def test_contacts_and_other_communes_stay_in_the_file(tmp_path):
    registers.import_file(filled(tmp_path / "a.xlsx", ROWS))
    path = written(tmp_path, structure(), structure(commune="13001", number="s2"))
    assert registers.recognised(path)
    told = registers.import_file(path).lines()
    assert told[0].startswith("annuaire\u00a0: 1 nouvelles, 0 révisées, 1 identiques")
    text = (folder() / "annuaire.csv").read_text("utf-8")
    for private in ("0491000000", "exemple.fr", "Prénom", "13201"):
        assert private not in text
    assert [row["id"] for row in registers.load()["annuaire"]] == ["AN-1", "di-s-1"]
    registers.import_file(written(tmp_path, structure(number="s3")))
    assert [row["id"] for row in registers.load()["annuaire"]] == ["AN-1", "di-s3"]


def test_a_shelter_is_refused_with_its_line(tmp_path):
    path = written(
        tmp_path, structure(), structure("Refuge pour femmes victimes (essai)", number="x")
    )
    with pytest.raises(SourceError, match=r"structures\.csv, ligne 3, colonne Nom"):
        registers.import_file(path)


def test_another_csv_is_not_taken(tmp_path):
    path = tmp_path / "autre.csv"
    path.write_text("id,nom\n1,x\n", "utf-8")
    assert not registers.recognised(path)
    assert not registers.recognised(tmp_path / "absent.csv")
