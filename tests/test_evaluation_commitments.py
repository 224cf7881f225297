"""The state of a commitment comes from its evidence only, step by step."""

import datetime as dt

import pytest

from qpvlib.evaluation import commitments
from qpvlib.evaluation.commitments import status
from qpvlib.evaluation.package import reference

LINK = "https://exemple.fr/piece.pdf"


def piece(engagement, nature="compte rendu", day="2025-03-01", quantity=None, **changes):
    row = {"id": day, "engagement": engagement, "nature": nature, "lien": LINK,
           "date": dt.date.fromisoformat(day), "quantite": quantity, "montant": None,
           "deposant": "S02", "verificateur": "S23"}  # fmt: skip
    return row | changes


def said(name, *pieces):
    return str(status(name, {"preuves": list(pieces)}))


def test_without_evidence_no_commitment_is_kept_and_what_cannot_be_judged_never_is():
    words = {n: status(n, {"preuves": []}).word for n in reference("engagements")}
    assert set(words.values()) == {commitments.NONE, commitments.NO_VERDICT}
    for name, entry in reference("engagements").items():
        if entry["registre"] != "ferme":
            assert words[name] == commitments.NO_VERDICT
    assert words["E-VDM-29"] == commitments.NO_VERDICT  # doubling, without the base
    assert words["E-ETAT-09"] == commitments.NO_VERDICT  # at most 15 %


@pytest.mark.parametrize(
    ("pieces", "state"),
    [
        ([piece("E-VDM-52", "communiqué de presse")], "aucune preuve déposée"),
        ([piece("E-VDM-52", lien=None)], "preuve déposée, non vérifiée"),
        ([piece("E-VDM-52", verificateur=None)], "preuve déposée, non vérifiée"),
        ([piece("E-VDM-52", deposant="S23")], "preuve déposée, non vérifiée"),
        ([piece("E-VDM-52", deposant="S01", verificateur="S02")], "preuve déposée, non vérifiée"),
        ([piece("E-VDM-52", "délibération")], "décidé"),
        ([piece("E-VDM-52")], "décidé"),  # a report that counts nothing
        ([piece("E-VDM-52", quantity=100)], "tenu en partie (100 sur 229)"),
        ([piece("E-VDM-52", quantity=100), piece("E-VDM-52", day="2026-03-01", quantity=129)],
         "tenu (01/03/2026)"),
        ([piece("E-VDM-52", "avenant", quantity=100), piece("E-VDM-52", quantity=100)],
         "tenu (01/03/2025)"),
        ([piece("E-AMP-38", "convention", "2024-12-31")], "tenu (31/12/2024)"),
        ([piece("E-AMP-38", "convention", "2025-01-01")], "tenu après la date (01/01/2025)"),
        ([piece("E-VDM-04"), piece("E-VDM-04", day="2025-04-01")],
         "réalisations vérifiées, sans quantité promise (2)"),
        ([piece("E-VDM-05", "compte administratif", montant=1_500_000),
          piece("E-VDM-05", "compte administratif", "2026-02-01", montant=500_000)],
         "tenu (pour 2025, 500\u202f000 sur 1\u202f500\u202f000 en 2026)"),
    ],
)  # fmt: skip
def test_each_step(pieces, state):
    assert said(pieces[0]["engagement"], *pieces) == state


def test_a_collective_commitment_is_not_verified_by_one_of_the_three():
    entry = "E-COL-50"
    assert said(entry, piece(entry, deposant="S05", verificateur="I21")).startswith("preuve")
    for name in ("S01", "S02", "S03"):
        assert said("E-COL-02", piece("E-COL-02", deposant="S05", verificateur=name)).startswith(
            "preuve"
        )


def test_a_commitment_without_quantity_or_date_says_so():
    found = [commitments.measured(entry) for entry in reference("engagements").values()
             if entry["organisation"] != "Signataires (collectif)"]  # fmt: skip
    assert found.count("sans quantité ni date") == 163
    assert commitments.measured(reference("engagements")["E-AMP-38"]) == "1 (schéma) ; 2024"
