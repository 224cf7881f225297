"""Registers of the real size: how long they take to load, and what their pages weigh.

    PYTHONPATH=src python bench/evaluation.py

697 objectives, 5 years of local measures, 5 000 pieces of evidence, 2 000 meetings and 2 000
requests, 20 000 answers, 1 500 structures; every name is invented, nothing is written in data/.
"""

import gzip
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def fill(folder: Path) -> None:
    """Write the registers and a file of answers in a copy of data/evaluation."""
    from qpvlib import territories
    from qpvlib.evaluation import package
    from qpvlib.evaluation.residents import questions

    draw = random.Random(1)
    places = [one.code for one in territories.qpv()]
    promised = [*package.reference("engagements")]
    bodies, goals = [*package.reference("instances")], [*package.objectives()]
    areas = territories.contours().to_crs("EPSG:4326").geometry.representative_point()
    rows: dict[str, list[dict]] = {
        "projets": [{"quartier": q, "version": 1, "date_annexion": "2025-06-20"} for q in places],
        "objectifs": [
            {"quartier": q, "objectif": g, "indicateur": f"local_{n}", "porte_sur": "valeur",
             "sens": "hausse", "cible": 500, "annee_cible": 2030}
            for q in places for n, g in enumerate(goals)
        ],
        "mesures": [
            {"indicateur": f"local_{n}", "libelle": f"Mesure {n} (essai)", "unite": "nombre",
             "sens": "favorable", "quartier": q, "annee": year, "etat": "valeur",
             "valeur": draw.randrange(400), "nature": "decompte", "source": "Rapport (essai)"}
            for q in places for n in range(len(goals)) for year in range(2024, 2029)
        ],
        "preuves": [
            {"id": f"P{n}", "engagement": draw.choice(promised), "nature": "compte rendu",
             "date": "2025-03-01", "reference": f"Compte rendu {n} (essai)",
             "lien": f"https://exemple.fr/{n}.pdf", "quantite": 1, "deposant": "S02",
             "verificateur": "S23"}
            for n in range(5000)
        ],
        "seances": [
            {"id": f"S{n}", "instance": draw.choice(bodies), "territoire": draw.choice(places),
             "date": "2025-02-01", "presents": "S01 ; S02", "habitants": 4, "sujets": "O1.1"}
            for n in range(2000)
        ],
        "demandes": [
            {"id": f"D{n}", "origine": "séance", "seance": f"S{n}",
             "territoire": draw.choice(places), "date": "2025-02-01", "partie": "habitants",
             "demande": f"Réparer la fontaine {n} (essai)", "reponse": "acceptée",
             "organisation": "S01", "date_reponse": "2025-02-21"}
            for n in range(2000)
        ],
        "annuaire": [
            {"id": f"A{n}", "nom": f"Lieu {n} (essai)", "type": "association",
             "adresse": f"{n} rue de l'exemple", "longitude": areas[q].x + draw.gauss(0, 0.004),
             "latitude": areas[q].y + draw.gauss(0, 0.003), "verifie_le": "2025-03-14"}
            for n in range(1500) for q in [draw.choice(places)]
        ],
    }  # fmt: skip
    for name, found in rows.items():
        table = package.tables()[name]
        lines = [",".join(str(row.get(field.name, "")) for field in table.fields) for row in found]
        head = ",".join(field.name for field in table.fields)
        table.path.write_text("\n".join([head, *lines, ""]), "utf-8")
    asked = questions()
    lines = [";".join(["territoire", *asked])]
    lines += [
        ";".join([draw.choice(places), *(draw.choice(one["reponses"]) for one in asked.values())])
        for _ in range(20_000)
    ]
    (folder / "reponses_brutes.csv").write_text("\n".join(lines), "utf-8")


def main() -> None:
    """Print one line per step and per page."""
    with tempfile.TemporaryDirectory() as made:
        data = Path(made) / "data"
        data.mkdir()
        for one in (ROOT / "data").iterdir():
            if one.name != "evaluation":
                (data / one.name).symlink_to(one)
        shutil.copytree(ROOT / "data" / "evaluation", data / "evaluation")
        os.environ["QPV_RACINE"] = made
        from qpvlib.evaluation import registers, residents
        from qpvlib.presentation.evaluation import logic, pages, places, report
        from qpvlib.reading import portrait

        fill(Path(made))
        store = portrait.store()
        campaign = ("C1", "papier", "2025-03-01", "2025-03-31")
        steps = {
            "charger": registers.load,
            "compter 20 000 réponses": lambda: residents.count(
                Path(made) / "reponses_brutes.csv", *campaign),
            "recharger": registers.load,
            "engagements": pages.promised,
            "projets": lambda: logic.states(store) + logic.declared(store),
            "gouvernance": lambda: pages.bodies() + pages.answers(),
            "habitants": pages.residents_answers,
            "annuaire": places.directory,
            "rapport": lambda: report.report("finale", store)[".pdf"].decode("latin-1"),
        }  # fmt: skip
        for name, step in steps.items():
            start = time.perf_counter()
            found = step()
            told = f"{name:25} {time.perf_counter() - start:6.1f} s"
            if isinstance(found, str):
                size = len(gzip.compress(found.encode()))
                told += f" {len(found) // 1000:6} Ko, {size // 1000:4} Ko comprimés"
            print(told)


if __name__ == "__main__":
    main()
