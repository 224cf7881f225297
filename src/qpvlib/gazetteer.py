"""Names of the places in and around the quartiers: what people call where they live.

Points come from the official lists read by :mod:`qpvlib.sources.places`, one table per source in
``data/lieux``; areas (the 111 quartiers of the city, the IRIS) from tables that say which
quartiers of 2024 they meet. Names of places only, never of persons.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from qpvlib import paths, territories
from qpvlib.errors import ObservationError, Problem
from qpvlib.territories import METRIC_CRS

NEAR = 300.0
"""Metres from the outline of a quartier within which a place is said to be close to it."""
COLUMNS = ["nom", "nature", "longitude", "latitude"]
CITY_QUARTIERS = "quartiers_ville.csv"
SLIVER = 0.5
"""Hectares under which an overlap is only the difference between two drawings of one limit."""
_DIGITS = 5  # a metre


def folder() -> Path:
    """Return the folder of the names of places."""
    return paths.data() / "lieux"


def table(source: str) -> Path:
    """Return the file of the names that a source gives."""
    return folder() / f"{source}.csv"


def kept(located: gpd.GeoDataFrame) -> bytes:
    """Return the table of the places in a quartier or close to it, as the bytes of its file.

    Parameters
    ----------
    located
        Columns ``nom`` and ``nature``; points in metres, none for a place that is not located.
    """
    spots = located.geometry.dropna().to_crs("EPSG:4326")
    frame = located.loc[spots.index, ["nom", "nature"]].assign(
        longitude=spots.x.round(_DIGITS), latitude=spots.y.round(_DIGITS)
    )
    ordered = leading(frame)[COLUMNS].drop_duplicates().sort_values(COLUMNS)
    return ordered.to_csv(index=False, lineterminator="\n").encode()


def places() -> pd.DataFrame:
    """Return the places of every list beside the quartiers they lead to.

    Returns
    -------
    DataFrame
        Columns ``nom, nature, longitude, latitude, source, territoire, distance``: one row per
        place and quartier of 2024, metres from its outline, 0 inside.

    Raises
    ------
    ObservationError
        If a table has other columns than :data:`COLUMNS`, or an empty cell.
    """
    frames = [_read(path) for path in sorted(folder().glob("*.csv"))]
    if not frames:
        return pd.DataFrame(columns=[*COLUMNS, "source", "territoire", "distance"])
    return leading(pd.concat(frames, ignore_index=True))


def leading(frame: pd.DataFrame, within: float = NEAR) -> pd.DataFrame:
    """Return places beside each quartier of 2024 within so many metres of them.

    Parameters
    ----------
    frame
        Columns ``longitude`` and ``latitude``, in degrees.
    """
    spots, parts = points(frame), []
    for code, outline in _outlines().items():
        distance = spots.distance(outline)
        near = distance <= within
        parts.append(frame[near].assign(territoire=code, distance=distance[near]))
    return pd.concat(parts, ignore_index=True)


def points(frame: pd.DataFrame) -> gpd.GeoSeries:
    """Return the points of columns ``longitude`` and ``latitude``, in metres."""
    spots = gpd.points_from_xy(frame["longitude"], frame["latitude"])
    return gpd.GeoSeries(spots, frame.index, crs="EPSG:4326").to_crs(METRIC_CRS)


def crossed(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which quartiers of 2024 named areas meet, the table ``quartiers_ville.csv``.

    Parameters
    ----------
    areas
        Column ``nom``; polygons.

    Returns
    -------
    DataFrame
        Columns ``nom, territoire, hectares``: surface in common, at least :data:`SLIVER`.
    """
    shapes = areas.to_crs(METRIC_CRS)
    rows = [
        (name, code, round(surface / 10_000, 1))
        for code, outline in _outlines().items()
        for name, surface in zip(shapes["nom"], shapes.intersection(outline).area, strict=True)
        if surface >= SLIVER * 10_000
    ]
    frame = pd.DataFrame(rows, columns=["nom", "territoire", "hectares"])
    return frame.sort_values(["nom", "territoire"], ignore_index=True)


def _outlines() -> gpd.GeoSeries:
    return territories.contours().to_crs(METRIC_CRS).geometry


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype={"nom": str, "nature": str}, keep_default_na=False)
        frame = frame.astype({"longitude": float, "latitude": float})
        sound = list(frame.columns) == COLUMNS and frame["nom"].str.strip().all()
    except (ValueError, KeyError):
        sound = False
    if not sound:
        remedy = f"Redonnez son fichier à qpv importer, ou retirez-la : qpv retirer {path.stem}."
        raise ObservationError(
            Problem("cette table de lieux est abîmée.", path.name, remedy=remedy)
        )
    return frame.assign(source=path.stem)
