"""Census engine against plain pandas on generated persons: time, peak memory, same figures.

All rows are fictitious. Run: ``python bench/census.py [rows] [--sans-pandas]``.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qpvlib.estimate import with_intervals
from qpvlib.indicators import areas, census, overcrowding
from qpvlib.indicators.excerpt import excerpt
from qpvlib.indicators.microdata import engine

BLOCK = 500_000
CODES = {
    "TACT": ["11", "12", "21", "22", "23", "24", "25"],
    "TP": ["1", "2", "Z"],
    "EMPL": ["11", "12", "13", "14", "15", "16", "21", "22", "23", "ZZ"],
    "ETUD": ["1", "2"],
    "DIPL_15": ["A", "B", "C", "D", "Z"],
    "CS1": list("12345678"),
    "TYPFC": ["1", "2", "Z"],
    "NE24FR": ["0", "1", "2", "3", "4"],
    "IMMI": ["1", "2"],
    "INATC": ["1", "2"],
    "SEXE": ["1", "2"],
    "STAT_CONJ": ["A", "B"],
}


def block(rank: int, size: int) -> pa.Table:
    """Return ``size`` fictitious persons in households of 1 to 8, as official codes."""
    random = np.random.default_rng(rank)
    sizes = random.integers(1, 9, size)
    home = np.repeat(np.arange(size), sizes)[:size]
    homes = int(home[-1]) + 1
    position = np.arange(size) - np.searchsorted(home, home)
    area = random.integers(0, 1000, homes)  # 40 IRIS in each of 25 fictitious communes by block
    town = 13201 + 40 * rank + area // 40
    age = np.where(position < 2, random.integers(18, 95, size), random.integers(0, 40, size))
    people = np.bincount(home)
    columns = {
        "CANTVILLE": np.char.mod("%05d", town[home]),
        "NUMMI": np.char.mod("%06d", home),
        "ARM": np.char.mod("%05d", town[home]),
        "IRIS": np.char.mod("%05d", town[home]).astype(object)
        + np.char.mod("%04d", area % 40)[home].astype(object),
        "IPONDI": random.uniform(1, 5, homes)[home],
        "AGEREV": np.char.mod("%03d", age),
        "NBPI": np.char.mod("%02d", random.integers(1, 8, homes))[home],
        "NPERR": np.char.mod("%d", np.minimum(people, 6))[home],
        "LPRM": np.array(list("12333333"))[position],
        "LPRF": np.array(list("12333333"))[position],
    }
    columns |= {name: random.choice(codes, size) for name, codes in CODES.items()}
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def generate(path: Path, rows: int) -> None:
    """Stream ``rows`` fictitious persons to a parquet file, one block at a time."""
    first = block(0, min(rows, BLOCK))
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for rank, start in enumerate(range(BLOCK, rows, BLOCK), start=1):
            writer.write_table(block(rank, min(BLOCK, rows - start)))


def with_engine(path: Path) -> pd.DataFrame:
    """All indicators by arrondissement, by the library."""
    cells = [census.cells(path, "individus", None), overcrowding.cells(path, None)]
    return areas.by_arrondissement(pd.concat(cells), census.forms())


def as_imported(path: Path) -> pd.DataFrame:
    """What ``qpv importer`` asks of the file: IRIS, arrondissements and city, with intervals."""
    with tempfile.TemporaryDirectory() as folder:
        with engine() as connection:
            rows = excerpt(connection, path, census.MARSEILLE, Path(folder))
        persons = census.cells(rows, "individus", sensitive=True, year=2016)
        cells = pd.concat([persons, overcrowding.cells(rows, year=2016)])
    forms = census.forms()
    levels = (areas.by_iris, areas.by_arrondissement, areas.for_city)
    return pd.concat([with_intervals(level(cells, forms), forms) for level in levels])


def with_pandas(path: Path) -> pd.DataFrame:
    """All indicators by arrondissement, as one would write them in a notebook."""
    p = pd.read_parquet(path)
    p["age"] = p["AGEREV"].astype(int)
    p["rooms"] = p["NBPI"].astype(int)
    working, active = p["TACT"] == "11", p["TACT"].isin(["11", "12"])
    of_age, everyone = p["age"].between(15, 64), p["age"] >= 0
    family, home = p["LPRF"] == "1", p["LPRM"] == "1"
    out, adult = p["ETUD"] == "2", p["age"] >= 15
    skilled = working & out & adult & (p["DIPL_15"] == "D")
    modest = p["CS1"].isin(["5", "6"])
    shares = {
        "part_0_14": (p["age"] <= 14, everyone),
        "part_0_24": (p["age"] <= 24, everyone),
        "part_15_24": (p["age"].between(15, 24), everyone),
        "part_60_plus": (p["age"] >= 60, everyone),
        "part_70_plus": (p["age"] >= 70, everyone),
        "indice_jeunesse": (p["age"] <= 19, p["age"] >= 60),
        "part_femmes": (p["SEXE"] == "2", everyone),
        "part_familles_monoparentales": (family & (p["TYPFC"] == "1"), family),
        "part_familles_monoparentales_enfant_25": (
            family & (p["TYPFC"] == "1") & (p["NE24FR"] != "0"),
            family & (p["NE24FR"] != "0"),
        ),
        "part_menages_1_personne": (home & (p["NPERR"] == "1"), home),
        "part_menages_6_personnes": (home & (p["NPERR"] == "6"), home),
        "part_menages_enfant_25": (home & (p["NE24FR"] != "0"), home),
        "part_inactifs_15_plus": (adult & ~active, adult),
    }
    by_sex = {
        "taux_activite": (of_age & active, of_age),
        "taux_activite_15_64": (of_age & active, of_age),
        "taux_emploi": (of_age & working, of_age),
        "taux_chomage_rp": (of_age & (p["TACT"] == "12"), of_age & active),
        "part_temps_partiel": (working & (p["TP"] == "2"), working),
        "part_emplois_duree_limitee": (
            working & p["EMPL"].isin(["11", "12", "13", "14", "15"]),
            working,
        ),
        "part_ouvriers_employes": (working & modest, working),
        "taux_dequalification": (skilled & modest, skilled),
        "taux_scolarisation_16_24": (
            p["age"].between(16, 24) & ~out,
            p["age"].between(16, 24),
        ),
        "part_neet_16_25": (p["age"].between(16, 25) & out & ~working, p["age"].between(16, 25)),
        "part_neet_15_24": (p["age"].between(15, 24) & out & ~working, p["age"].between(15, 24)),
        "part_sans_diplome": (adult & out & (p["DIPL_15"] == "A"), adult & out),
        "part_bac2": (adult & out & (p["DIPL_15"] == "D"), adult & out),
    }
    parts = []
    for name, (numerator, denominator) in (shares | by_sex).items():
        keys = [["ARM"]] + ([["ARM", "SEXE"]] if name in by_sex else [])
        for key in keys:
            table = pd.DataFrame(
                {
                    "numerateur": (p["IPONDI"] * numerator).groupby([p[k] for k in key]).sum(),
                    "denominateur": (p["IPONDI"] * denominator).groupby([p[k] for k in key]).sum(),
                }
            ).reset_index()
            sexes = {"1": "hommes", "2": "femmes"}
            modality = table["SEXE"].map(sexes) if "SEXE" in key else "ensemble"
            parts.append(table.assign(indicateur=name, modalite=modality))
    grown = (p["LPRF"] == "1") | (p["STAT_CONJ"] == "A") | (p["age"] >= 19)
    mate = p["LPRF"] == "2"
    young = ~mate & ~grown
    boy, girl = p["SEXE"] == "1", p["SEXE"] == "2"
    p["adults"] = ~mate & grown
    p["boys"], p["girls"] = young & boy, young & girl
    p["small_boys"], p["small_girls"] = young & boy & (p["age"] < 7), young & girl & (p["age"] < 7)
    p["minors"], p["head"] = p["IPONDI"] * (p["age"] < 18), p["IPONDI"] * home
    counts = ["adults", "boys", "girls", "small_boys", "small_girls", "minors", "head"]
    homes = p.groupby(["ARM", "CANTVILLE", "NUMMI"])
    h = homes[counts].sum().assign(rooms=homes["rooms"].max(), size=homes.size()).reset_index()
    share = (h["boys"] % 2 == 1) & (h["girls"] % 2 == 1) & (h["small_boys"] > 0)
    share &= h["small_girls"] > 0
    needed = 1 + h["adults"] + (h["boys"] + 1) // 2 + (h["girls"] + 1) // 2 - share
    field = (h["size"] > 1) | (h["rooms"] > 1)
    for name, weight in (("menages", "head"), ("mineurs", "minors")):
        table = pd.DataFrame(
            {
                "numerateur": (h[weight] * (field & (h["rooms"] < needed))).groupby(h["ARM"]).sum(),
                "denominateur": (h[weight] * field).groupby(h["ARM"]).sum(),
            }
        ).reset_index()
        parts.append(table.assign(indicateur=f"part_{name}_suroccupation", modalite="ensemble"))
    return pd.concat(parts).rename(columns={"ARM": "territoire"})


def measured(work: Callable[[Path], pd.DataFrame], path: Path) -> tuple[pd.DataFrame, dict]:
    """Run in a fresh process; return the table, seconds and peak memory in gigabytes."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_timed, (work, path))


def _timed(work: Callable[[Path], pd.DataFrame], path: Path) -> tuple[pd.DataFrame, dict]:
    start = time.perf_counter()
    table = work(path)
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return table, {
        "secondes": round(seconds, 2),
        "secondes_cpu": round(usage.ru_utime + usage.ru_stime, 2),
        "memoire_go": round(usage.ru_maxrss / 1024**2, 2),
    }


def main() -> None:
    """Generate, run both, check that they agree, print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=20_000_000)
    parser.add_argument("--sans-pandas", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "FD_INDCVI_fictif.parquet"
        generate(path, options.rows)
        report = {"lignes": options.rows, "fichier_mo": round(path.stat().st_size / 1e6)}
        found, report["qpvlib"] = measured(with_engine, path)
        figures, report["qpvlib_import"] = measured(as_imported, path)
        report["chiffres_import"] = len(figures)
        if not options.sans_pandas:
            expected, report["pandas"] = measured(with_pandas, path)
            key = ["territoire", "indicateur", "modalite"]
            both = found.merge(expected, on=key, how="outer", suffixes=("", "_pandas"))
            for column in ("numerateur", "denominateur"):
                np.testing.assert_allclose(both[column], both[f"{column}_pandas"], rtol=1e-9)
            report["figures_identiques"] = len(both)
            report["rapport_temps"] = round(
                report["pandas"]["secondes"] / report["qpvlib"]["secondes"], 1
            )
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
