"""A fictitious city of two arrondissements and four quartiers, and detail files of its census.

Each quartier is one IRIS, whole: A and B in the 15th, C and D in the 16th. Ninety people of the
15th live in masked IRIS. Everybody weighs 2.5. In each IRIS of 100 people, one couple and its two
children share two rooms, and 96 people live alone.
"""

import csv
from pathlib import Path

import pandas as pd

import fictif
from qpvlib import observations, territories
from qpvlib.observations import COLUMNS
from qpvlib.sources import registry
from qpvlib.sources.registry import Source

QUARTIERS = ("QN01391I", "QN01392I", "QN01393I", "QN01394I")
IRIS = ("132150101", "132150102", "132160101", "132160102")
HIDDEN = "ZZZZZZZZZ"
WEIGHT = 2.5
PUBLISHED = (53.0, 55.0, 57.0)
"""Share of women that the producer of this fiction publishes for the last three quartiers."""


def build(folder: Path, monkeypatch) -> Path:
    """Make the project, its weights and the figures already published; return ``data``."""
    data = fictif.build(folder, monkeypatch)
    path = data / "territoires" / "qpv2024.csv"
    header = path.read_text("utf-8").split("\n", 1)[0].split(",")
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name.strip() for name in header], restval="")
        writer.writeheader()
        writer.writerows(
            {"code": code, "nom": f"Quartier fictif {code}", "communes": "13055"}
            for code in QUARTIERS
        )
    weights = [f"{iris},{code},250.0,1.0" for iris, code in zip(IRIS, QUARTIERS, strict=True)]
    (data / "territoires" / "poids_iris_qpv2024.csv").write_text(
        "\n".join(["iris,territoire,population,part", *weights]) + "\n", "utf-8"
    )
    fictif.forget()
    assert len(territories.qpv()) == 4
    _publish(data)
    return data


def _publish(data: Path) -> None:
    frame = pd.DataFrame(
        {
            "territoire": QUARTIERS[1:],
            "geographie": "qpv2024",
            "indicateur": "part_femmes",
            "modalite": "ensemble",
            "millesime": 2020,
            "valeur": PUBLISHED,
            "etat": "valeur",
            "source": "parts-fictives",
        }
    ).reindex(columns=COLUMNS)
    frame[observations.NUMBERS] = frame[observations.NUMBERS].astype(float)
    (data / "observations").mkdir()
    rows = observations.to_csv(frame)
    (data / "observations" / "parts-fictives.csv").write_bytes(rows)
    source = Source(
        "parts-fictives", "filosofi-qpv", "Producteur fictif", "Base fictive", None, "qpv2024",
        {"parts": {"millesime": 2020, "connu": "lu"}}, "", "Licence fictive", "f.csv",
        "ab" * 32, 10, chiffres_sha256=registry.fingerprint(rows),
    )  # fmt: skip
    (data / "sources.yml").write_bytes(registry.dump({source.id: source}))


def women(rank: int) -> int:
    """Return how many of the 100 people of an IRIS are women: 50, 52, 54, 56."""
    return 50 + 2 * rank


def persons(year: int, hidden: int = 90) -> list[dict[str, str]]:
    """Return the rows of ``FD_INDCVI``, in the columns and codes of a vintage."""
    homes = [(IRIS[rank], women(rank), 100) for rank in range(4)]
    homes.append((HIDDEN, 0, hidden))
    rows = []
    for place, (iris, females, size) in enumerate(homes):
        for number in range(size):
            rows.append(_person(year, iris, number, number < females, place))
    return rows


def _person(year: int, iris: str, number: int, female: bool, place: int) -> dict[str, str]:
    family = iris != HIDDEN and number >= 96
    link = number - 95 if family else 1  # reference, partner, two children
    child = family and link > 2
    # The first ten of the women of each IRIS, and the first ten of the men, have a job.
    first = women(place) if not female else 0
    works = not child and first <= number < first + 10
    return {
        "CANTVILLE": "1399",
        "NUMMI": f"{place}{96 if family else number:03}",
        "ARM": iris[:5] if iris != HIDDEN else "13215",
        "IRIS": iris,
        "IPONDI": f"{WEIGHT:.15f}",
        "AGEREV": "008" if child else "040",
        "ANAI": str(year - 8 if child else year - 40),
        "SEXE": "2" if female else "1",
        "TACT": "11" if works else "23" if child else "12",
        "TP": "1" if works else "Z",
        "EMPL": "16" if works else "ZZ",
        "ETUD": "1" if child else "2",
        "LPRF": {1: "1", 2: "2", 3: "3", 4: "3"}[link] if family else "0",
        "TYPFC": "2" if family else "Z",
        "NE24FR": "2" if family else "Z",
        "LPRM": {1: "1", 2: "2", 3: "3", 4: "3"}[link],
        "NPERR": "4" if family else "1",
        "NBPI": "02",
        "IMMI": "2",
        "INATC": "1",
        **_coded(year, works, child),
    }


def _coded(year: int, works: bool, child: bool) -> dict[str, str]:
    """Return the variables whose name or codes changed: no diploma, single, employee if at work."""
    if year < 2017:
        coded = {"DIPL_15": "Z" if child else "A", "STAT_CONJ": "B"}
    else:
        coded = {"DIPL": "ZZ" if child else "03", "STAT_CONJ": "6"}
    if year < 2022:
        return coded | {"CS1": "5" if works else "8"}
    return coded | {"STAT_GSEC": "15" if works else "ZZ" if child else "20"}


def dwellings() -> list[dict[str, str]]:
    """Return the rows of ``FD_LOGEMT``: 60 homes of one person and 30 of three in each IRIS."""
    rows = []
    for iris in (*IRIS, HIDDEN):
        for number in range(100):
            size = "1" if number < 60 else "3" if number < 90 else "Y"
            empty = size == "Y"
            rows.append(
                {
                    "COMMUNE": "13055",
                    "ARM": iris[:5] if iris != HIDDEN else "13215",
                    "IRIS": iris,
                    "IPONDL": f"{WEIGHT:.15f}",
                    "ACHL": "A11",
                    "AEMM": "0000" if empty else "2015",
                    "CATL": "4" if empty else "1",
                    "STOCD": "00" if empty else "22",
                    "NBPI": "03",
                    "ANEMR": "99" if empty else "02",
                    "VOIT": "X" if empty else "0",
                    "INPER": size,
                }
            )
    return rows


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as the official files do: csv or txt with semicolons, or parquet."""
    table = pd.DataFrame(rows)
    if path.suffix == ".parquet":
        weight = next(name for name in table if name.startswith("IPOND"))
        table.astype({weight: float}).to_parquet(path)
    else:
        table.to_csv(path, sep=";", index=False)
    return path
