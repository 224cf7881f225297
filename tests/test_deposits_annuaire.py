"""The directory of the administration gives the CAF and CPAM desks close to the quartiers.

Quartiers and desks are fictitious.
"""

import json

import pytest

import fictif
from deposit_project import AWAY, FIRST, INSIDE, SECOND, build, stored
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two fictitious quartiers in a city of about 10 km."""
    data = build(tmp_path, monkeypatch)
    yield data
    monkeypatch.undo()
    fictif.forget()


TOWN_HALL = ("mairie", AWAY, "Adresse postale")


def directory(path, desks, wards=("13015", "13016")):
    """Write (type, place, kind of address) desks of the 15th, and a town hall in each ward."""
    services = [
        {
            "id": str(number),
            "pivot": [{"type_service_local": kind, "code_insee_commune": ["13055"]}],
            "nom": f"Accueil fictif {number}",
            "adresse": [
                {
                    "type_adresse": address,
                    "code_postal": ward,
                    "longitude": str(place[0]),
                    "latitude": str(place[1]),
                }
            ],
        }
        for number, (kind, place, address, ward) in enumerate(
            [*((*desk, "13015") for desk in desks), *((*TOWN_HALL, ward) for ward in wards)]
        )
    ]
    path.write_text(json.dumps({"service": services}), "utf-8")
    return path


DESKS = [
    ("caf", INSIDE[FIRST], "Adresse"),
    ("cpam", INSIDE[FIRST], "Adresse"),
    ("cpam", AWAY, "Adresse"),
    ("caf", INSIDE[SECOND], "Adresse postale"),
    ("mairie", INSIDE[SECOND], "Adresse"),
]


def test_desks_are_counted_by_their_street_address(project, tmp_path):
    import_path(directory(tmp_path / "annuaire_2026.json", DESKS))
    found = stored(project, "dila-annuaire-qpv2024-2026")["valeur"]
    assert found[("caf_cpam_500m", "ensemble")].to_dict() == {FIRST: 2, SECOND: 0}


def test_wrong_files_are_refused(project, tmp_path):
    path = directory(tmp_path / "annuaire_2026.json", DESKS)
    path.write_text(path.read_text()[:-30])
    with pytest.raises(SourceError, match="abîmé ou tronqué"):
        import_path(path)
    with pytest.raises(SourceError, match=r"sans aucun équipement\W+13216\."):
        import_path(directory(path, DESKS, wards=()))
    with pytest.raises(SourceError, match="aucun accueil"):
        import_path(directory(path, DESKS[3:]))
    with pytest.raises(SourceError, match="sans lieu connu à Marseille"):
        import_path(directory(path, [("caf", (2.35, 48.85), "Adresse")]))
