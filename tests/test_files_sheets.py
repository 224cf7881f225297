"""The workbook and the JSON of a page say what its CSV says, four states included."""

import io
import json

import openpyxl
import pytest

from qpvlib.files import sheets

HEAD = (
    "territoire;nom;geographie;indicateur;libelle;modalite;millesime;statistique;valeur;"
    "borne_basse;borne_haute;intervalle;fiabilite;unite;numerateur;denominateur;etat;source;"
    "producteur;sha256;qpvlib\n"
)
LINES = (
    "QN01304I;La Viste;qpv2024;taux_emploi;Taux d'emploi;ensemble;2020;valeur;41,5;36;46,25;"
    "sondage;fiable;%;;;valeur;compilation-qpv2024;Insee;abc;1\n"
    "QN01304I;=La Viste();qpv2024;gini;Gini;ensemble;2021;valeur;;;;;;indice;;;secret;"
    "compilation-qpv2024;Insee;abc;1\n"
)
CSV = (HEAD + LINES).encode("utf-8-sig")


def test_numbers_are_numbers_and_empty_cells_nothing():
    known, masked = sheets.rows(CSV)
    assert (known["valeur"], known["borne_basse"], known["millesime"]) == (41.5, 36.0, 2020)
    assert masked["valeur"] is None and masked["etat"] == "secret"


def test_the_workbook_reads_back_and_runs_nothing():
    content = sheets.workbook("=La Viste", sheets.rows(CSV))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["lisez-moi", "chiffres"]
    head, known, masked = book["chiffres"].iter_rows(values_only=True)
    assert dict(zip(head, known, strict=True)) == sheets.rows(CSV)[0]
    assert dict(zip(head, masked, strict=True))["valeur"] is None
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell for cell in cells if str(cell.value).startswith(sheets.FORMULA)]
    assert not [cell for cell in cells if cell.data_type == "f"]
    told = {row[0] for row in book["lisez-moi"].iter_rows(values_only=True)}
    assert {"secret", "non_disponible", *head} <= told
    assert content == sheets.workbook("=La Viste", sheets.rows(CSV))


@pytest.mark.parametrize("sign", "=+-@")
def test_a_text_that_a_spreadsheet_would_run_is_quoted(sign):
    assert sheets.harmless(f"{sign}1+1") == f"'{sign}1+1"
    assert sheets.harmless(-1.5) == -1.5


def test_the_json_of_a_quartier_leaves_the_other_quartiers_to_its_table():
    other = LINES.splitlines()[0].replace("QN01304I;La Viste", "QN01303I;Saint Henri")
    median = other.replace(";valeur;41,5", ";mediane;41,5").replace("QN01303I", "QPV2024-MARSEILLE")
    table = (HEAD + LINES + f"{other}\n{median}\n").encode("utf-8-sig")
    document = json.loads(sheets.document("QN01304I", sheets.rows(table)))
    places = [series["territoire"] for series in document["series"]]
    assert places == ["QN01304I", "QN01304I", "QPV2024-MARSEILLE"]
    whole = json.loads(sheets.document("nord-littoral", sheets.rows(table)))
    assert len(whole["series"]) == 4


def test_json_tells_each_source_once_and_no_number_for_a_secret():
    document = json.loads(sheets.document("QN01304I", sheets.rows(CSV)))
    (known,), (masked,) = (series["chiffres"] for series in document["series"])
    assert [one["indicateur"] for one in document["series"]] == ["taux_emploi", "gini"]
    assert known["valeur"] == 41.5 and known["borne_haute"] == 46.25 and "etat" not in known
    assert masked["valeur"] is None and masked["etat"] == "secret"
    assert "borne_basse" not in masked and document["sous_entendu"]["etat"] == "valeur"
    assert [*document["sources"]] == ["compilation-qpv2024"]
    assert len(document["sources"]["compilation-qpv2024"]["sha256"]) == 64
    assert document["indicateurs"]["taux_emploi"] == {"libelle": "Taux d'emploi", "unite": "%"}
