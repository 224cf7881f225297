"""A project whose quartiers do not exist, so that no test invents a figure about a real one."""

import csv
import shutil
from pathlib import Path

import pytest

from qpvlib import catalogue, categories, observations, schools, territories
from qpvlib.sources import controls, depp, families, long_tables, places

REPOSITORY = Path(__file__).resolve().parents[1]
QPV, OTHER = "QP013901", "QP013902"
IRIS = "132169901"
_TERRITORIES = {
    "qpv2015": [
        {"code": QPV, "nom": "Quartier fictif A", "communes": "13055", "arrondissements": "13216"},
        {
            "code": OTHER,
            "nom": "Quartier fictif B",
            "communes": "13055",
            "arrondissements": "13215 13216",
        },
    ],
    "qpv2024": [
        {"code": "QN01391I", "nom": "Quartier fictif A", "arrondissements": "13216"},
        {"code": "QN01392M", "nom": "Quartier fictif C", "communes": "13055 13070"},
    ],
    "secteurs": [{"code": "fictif", "nom": "Secteur fictif", "slug": "fictif"}],
    "references": [
        {"code": "13215", "geographie": "arrondissement", "nom": "Quinzième fictif"},
        {"code": "13216", "geographie": "arrondissement", "nom": "Seizième fictif"},
        {"code": "13055", "geographie": "commune", "nom": "Commune fictive"},
        {"code": "D13", "geographie": "departement", "nom": "Département fictif"},
        {"code": "R93", "geographie": "region", "nom": "Région fictive"},
        {"code": "FM", "geographie": "france", "nom": "Pays fictif"},
        {"code": "QPV2015-MARSEILLE", "geographie": "ensemble", "nom": "Les quartiers fictifs"},
        {"code": "QPV2024-MARSEILLE", "geographie": "ensemble", "nom": "Les fictifs de 2024"},
        {"code": "QPV2015-FRANCE", "geographie": "ensemble", "nom": "Quartiers du pays fictif"},
        {"code": "QPV2024-FRANCE", "geographie": "ensemble", "nom": "Quartiers fictifs de 2024"},
    ],
    "noms": [],
    "passage": [],
}


_SETTINGS = (
    "indicateurs.yml", "modalites.yml", "familles.yml", "tableaux_longs.yml", "lieux.yml",
    "depots.yml", "equipements.yml", "sante.yml", "indices.yml", "recensement.yml", "secret.yml",
    "osm.yml", "controles.yml", "edition.yml",
    "etablissements/formes.yml", "etablissements/mesures.yml", "etablissements/noms.yml",
)  # fmt: skip
_NO_PAIR = "uai,appariement,longitude,latitude\n"


def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the project and let qpvlib work in it; return its ``data`` folder."""
    data = folder / "data"
    for name in ("territoires", "etablissements"):
        (data / name).mkdir(parents=True)
    for name in _SETTINGS:
        shutil.copy(REPOSITORY / "data" / name, data / name)
    (data / "etablissements" / "lieux.csv").write_text(_NO_PAIR, "utf-8")
    for name, rows in _TERRITORIES.items():
        real = REPOSITORY / "data" / "territoires" / f"{name}.csv"
        header = real.read_text("utf-8").split("\n", 1)[0].strip().split(",")
        with open(data / "territoires" / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)
    settle(folder, monkeypatch)
    return data


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this folder the project's root and forget what was read of another."""
    monkeypatch.setenv("QPV_RACINE", str(folder))
    forget()


def forget() -> None:
    """Empty the caches of what is read in ``data``."""
    for module in (
        territories, catalogue, categories, observations, families, long_tables, places, schools,
        depp, controls,
    ):  # fmt: skip
        for thing in vars(module).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


FILOSOFI = (
    "CODGEO;DISP_Q1_A18;DISP_MED_A18;DISP_Q3_A18;DISP_D1_A18;DISP_D9_A18;DISP_RD_A18;"
    "DISP_GINI_A18;DISP_PACT_A18;DISP_PPEN_A18;DISP_PPSOC_A18;DISP_PIMPOT_A18;DISP_TP60_A18;"
    "DISP_NOTE_A18\r\n"
    "Ensemble;10 520;13 770;18 350;8 300;23 730;2,9;0,243;62,7;21,6;22,9;-10,2;44,7;0\r\n"
    f"{QPV};10 990;14 180;18 920;8 570;23 910;2,8;0,234;55,7;31,2;19,1;-10,0;41,4;0\r\n"
    f"{OTHER};10 000;13 000;17 000;8 000;22 000;2,8;0,231;60,0;20,0;25,0;-9,0;;1\r\n"
)
"""Filosofi by QPV of 2018: invented figures, the second quartier's poverty rate masked."""


def demo(publication: int, offset: float = 0.0) -> str:
    """Return a themed base DEMO with invented figures, of that year and shifted by an offset."""
    note = "NOTE_RP;" if publication >= 2021 else ""
    header = (
        "CODGEO;POP_MUN;POP_COM_QP;POP_COM;TX_F;TX_TOT_0A24;TX_F_0A24;TX_TOT_60ETPLUS;"
        "TX_F_60ETPLUS;IND_JEUNE;TX_TOT_MEN1;TX_TOT_MEN6;TX_TOT_ET;TX_F_ET;"
        f"{note}A;PERCOU;NOTE_CNAF\r\n"
    )
    zero = "0;" if note else ""
    rows = []
    for number, code in enumerate((QPV, OTHER)):
        population = 1500 + 300 * number + (7 if publication >= 2021 else 0)
        values = (51, 38, 36, 17, 18, None, 40, 5, 20, 19)
        # The young of the index are fewer than those under 25.
        shift = offset + (publication - 2021) * 0.3
        moved = (1.5 + shift / 5 if v is None else v + shift + number for v in values)
        shares = ";".join(f"{value:.1f}".replace(".", ",") for value in moved)
        rows.append(f"{code};{population};5000;16000;{shares};{zero}600;1500;0\r\n")
    return header + "".join(rows)
