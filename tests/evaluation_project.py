"""A throw-away project whose registers a test may fill; every invented name carries « (essai) »."""

import io
from pathlib import Path

import openpyxl
import pytest

from qpvlib.evaluation import registers, workbook

REPOSITORY = Path(__file__).resolve().parents[1]
LINK = "https://exemple.fr/piece.pdf"
SIRET = "21130055300016"  # the City's, public
ROWS = {
    "projets": [
        {"quartier": "La Viste", "version": 1, "date_orientations": "2024-11-05",
         "date_annexion": "2025-06-20", "lien": LINK, "presents": "Q01 ; Q08 ; Q15",
         "sans_objet": "Q12", "concertations": 4, "participants": 120, "copilotes": "S01;S02;S03"},
    ],
    "mesures": [
        {"indicateur": "local_essai", "libelle": "Places (essai)", "unite": "nombre",
         "sens": "favorable", "quartier": "La Viste", "annee": year, "etat": "valeur",
         "valeur": value, "nature": "decompte", "source": "Rapport (essai)"}
        for year, value in ((2024, 10), (2026, 14))
    ],
    "objectifs": [
        {"quartier": "La Viste", "objectif": "O4.2", "indicateur": "local_essai",
         "porte_sur": "valeur", "sens": "hausse", "cible": 30, "annee_cible": 2030},
    ],
    "preuves": [
        {"id": "P1", "engagement": "E-VDM-52", "nature": "compte rendu", "date": "2025-03-01",
         "reference": "Compte rendu (essai)", "lien": LINK, "quantite": 100, "deposant": "S02",
         "verificateur": "S23"},
    ],
    "depenses": [
        {"organisation": "S02", "politique": "Lecture publique (essai)", "annee": 2025,
         "total": 4000, "localisable": 3000, "en_qpv": 900, "source": "Compte (essai)"},
    ],
    "subventions": [
        {"nomAttribuant": "Ville de Marseille", "idAttribuant": SIRET,
         "dateConvention": "2025-03-14", "referenceDecision": "25/1",
         "nomBeneficiaire": "Centre social (essai)",
         "idBeneficiaire": SIRET, "objet": "Ateliers (essai)", "montant": 8000, "annee": 2025,
         "quartiers": "La Viste", "objectif": "O4.2"},
    ],
    "seances": [
        {"id": "S-1", "instance": "I01", "territoire": "Marseille", "date": "2025-02-01",
         "presents": "S01 ; S02", "habitants": 0, "sujets": "O1.1", "lien": LINK},
        {"id": "S-2", "instance": "I03", "territoire": "Centre", "date": "2025-05-01"},
    ],
    "demandes": [
        {"id": "D-1", "origine": "séance", "seance": "S-1", "territoire": "La Viste",
         "date": "2025-02-01", "partie": "habitants", "demande": "Réparer la fontaine (essai)",
         "reponse": "acceptée", "organisation": "S01", "date_reponse": "2025-02-21"},
        {"id": "D-2", "origine": "autre", "territoire": "La Viste", "date": "2025-03-01",
         "partie": "habitants", "demande": "Ouvrir le gymnase (essai)"},
    ],
    "abattements": [
        {"bailleur": "Bailleur (essai)", "quartier": "La Viste", "annee": 2025, "montant": 1000},
    ],
    "actions_tfpb": [
        {"id": "A-1", "bailleur": "Bailleur (essai)", "quartier": "La Viste", "annee": 2025,
         "axe": "sur-entretien", "action": "Halls (essai)", "depense": 1200, "etat": "terminée",
         "avec_habitants": "oui"},
    ],
    "evaluations": [
        {"id": "EV-1", "dispositif": "D-ASV", "titre": "Bilan (essai)",
         "producteur": "Labo (essai)", "annee": 2025, "enseignement": "Plus de femmes (essai)."},
    ],
    "annuaire": [
        {"id": "AN-1", "nom": "Centre social (essai)", "type": "centre social",
         "longitude": 5.3617, "latitude": 43.3690, "verifie_le": "2025-03-14"},
    ],
}  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project with the real references and empty registers."""
    data = tmp_path / "projet" / "data"
    data.mkdir(parents=True)
    for one in (REPOSITORY / "data").iterdir():
        if one.name != "evaluation":
            (data / one.name).symlink_to(one)
    (data / "evaluation").mkdir()
    for one in (REPOSITORY / "data" / "evaluation").iterdir():
        copy = data / "evaluation" / one.name
        if one.is_dir():
            copy.symlink_to(one)
        else:
            text = one.read_text("utf-8")
            # Whatever the registers hold one day, a test begins with empty ones.
            copy.write_text(text.splitlines()[0] + "\n" if one.suffix == ".csv" else text, "utf-8")
    monkeypatch.setenv("QPV_RACINE", str(tmp_path / "projet"))
    registers._load.cache_clear()
    yield tmp_path / "projet"
    registers._load.cache_clear()


def filled(path: Path, rows: dict[str, list[dict]], text: bool = False, bare: bool = False) -> Path:
    """Write the model filled with rows; ``text`` types every number as a text.

    ``bare`` writes the sheets and titles alone, quicker to read: no list, no note.
    """
    book = openpyxl.Workbook() if bare else openpyxl.load_workbook(io.BytesIO(workbook.model()))
    if bare:
        book.remove(book.worksheets[0])
        for name, table in workbook.registers().items():
            book.create_sheet(name).append([field.title for field in table.fields])
    for name, found in rows.items():
        columns = [field.name for field in workbook.registers()[name].fields]
        for line, row in enumerate(found, 2):
            for column, value in row.items():
                cell = book[name].cell(line, columns.index(column) + 1)
                cell.value = str(value) if text else value
    book.save(path)
    return path
