"""A fictitious city with two quartiers, in which national directories are imported."""

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import fictif
from qpvlib import observations
from qpvlib.observations import COLUMNS
from qpvlib.sources import registry
from qpvlib.sources.registry import Source

FIRST, SECOND = "QN01391I", "QN01392M"
INSIDE = {FIRST: (5.305, 43.205), SECOND: (5.355, 43.255)}
AWAY = (5.395, 43.295)
"""In the city, kilometres from both quartiers."""
_BPE = ("AN", "TYPEQU", "DEPCOM", "LAMBERT_X", "LAMBERT_Y", "QUALITE_GEOLOC", "QP2024", "QP2015")


def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the project, of about 10 km; the quartiers are squares of about 1 km."""
    data = fictif.build(folder, monkeypatch)
    layers = {
        "qpv2024_marseille": {
            FIRST: box(5.30, 43.20, 5.31, 43.21),
            SECOND: box(5.35, 43.25, 5.36, 43.26),
        },
        "commune_13055": {"13055": box(5.30, 43.20, 5.40, 43.30)},
    }
    for name, shapes in layers.items():
        frame = gpd.GeoDataFrame(
            {"code_qp": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:4326"
        )
        frame.to_file(data / "territoires" / f"{name}.geojson", engine="pyogrio")
    return data


def populate(data: Path, people: dict[str, tuple[str, int, float]]) -> None:
    """Give the project populations, as an earlier import would have: code -> geography, year."""
    frame = pd.DataFrame(
        [
            (code, geography, "population_qpv", "ensemble", year, value, "valeur", "population")
            for code, (geography, year, value) in people.items()
        ],
        columns=[*COLUMNS[:6], "etat", "source"],
    ).reindex(columns=COLUMNS)
    frame[observations.NUMBERS] = frame[observations.NUMBERS].astype(float)
    (data / "observations").mkdir(exist_ok=True)
    rows = observations.to_csv(frame)
    (data / "observations" / "population.csv").write_bytes(rows)
    years = sorted({year for _, year, _ in people.values()})
    source = Source(
        "population", "filosofi-qpv", "Producteur fictif", "Base fictive", None, "qpv2024",
        {"population": {"millesime": years, "connu": "lu"}}, "", "Licence fictive", "f.csv",
        "ab" * 32, 10, chiffres_sha256=registry.fingerprint(rows),
    )  # fmt: skip
    (data / "sources.yml").write_bytes(registry.dump({source.id: source}))


QUARTIERS = {FIRST: ("qpv2024", 2020, 2000.0), SECOND: ("qpv2024", 2020, 500.0)}
CITY = {"13055": ("commune", 2018, 10_000.0), "13216": ("arrondissement", 2018, 4000.0)}


def metric(longitude: float, latitude: float) -> tuple[float, float]:
    """Return Lambert 93 coordinates."""
    spot = gpd.points_from_xy([longitude], [latitude], crs="EPSG:4326").to_crs("EPSG:2154")[0]
    return spot.x, spot.y


def bpe(path: Path, rows, year="2025", drop=(), ward="13216") -> Path:
    """Write (TYPEQU, QP2024, place, quality) rows under the official names, those of 2025.

    The last two may be left out: in the quartier, or away; well placed. One bakery stands away in
    the other arrondissement, as the file of a whole city would have.
    """
    lines = []
    for kind, code, *more in [*rows, ("B207", "CSZ")]:
        place, quality = (*more, *(INSIDE.get(code, AWAY), "11")[len(more) :])
        commune = ward if len(lines) < len(rows) else "13215"
        lines.append((year, kind, commune, *metric(*place), quality, code, "CSZ"))
    pd.DataFrame(lines, columns=_BPE).drop(columns=list(drop)).to_csv(
        path, sep=";", index=False, quoting=csv.QUOTE_NONNUMERIC
    )
    return path


def stored(data: Path, source: str) -> pd.DataFrame:
    """Return the observations of a source by indicator, category and territory."""
    frame = observations.read(data / "observations" / f"{source}.csv")
    return frame.set_index(["indicateur", "modalite", "territoire"]).sort_index()
