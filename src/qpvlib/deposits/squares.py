"""The squares of INSEE's 200 m grid in Marseille, deposited beside another file."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import weights
from qpvlib.indicators.microdata import engine
from qpvlib.territories import METRIC_CRS, background

_CORNER = r"'N(\d+)E(\d+)$'"
_MARGIN = 1000
# The outline of the city is simplified: a square that touches it within this is of the city.
_TOLERANCE = 100


def read(path: Path) -> gpd.GeoDataFrame:
    """Return the squares of Marseille.

    Parameters
    ----------
    path
        Official csv: columns ``idcar_200m`` and ``ind`` in any case, national or not.

    Returns
    -------
    GeoDataFrame
        As :func:`qpvlib.indicators.weights.grid`.

    Raises
    ------
    SourceError
        If no square is in Marseille.
    EstimationError
        As :func:`qpvlib.indicators.weights.grid` says.
    """
    outline = background("commune_13055")
    west, south, east, north = outline.to_crs(weights.GRID_CRS).total_bounds
    with engine() as connection:
        source = connection.read_csv(str(path), header=True, all_varchar=True)
        column = {name.casefold(): f'"{name}"' for name in source.columns}
        place, people = column["idcar_200m"], column["ind"]
        up, right = (f"try_cast(regexp_extract({place}, {_CORNER}, {i}) AS INT)" for i in (1, 2))
        table = (
            source.filter(
                f"coalesce({right} BETWEEN {west - _MARGIN} AND {east + _MARGIN} "
                f"AND {up} BETWEEN {south - _MARGIN} AND {north + _MARGIN}, true)"
            )
            .select(f"{place} AS idcar_200m, {people} AS ind")
            .order("idcar_200m")
            .df()
        )
    table["ind"] = pd.to_numeric(table["ind"].str.replace(",", "."), errors="coerce")
    cells = weights.grid(table)
    inside = cells[cells.centroid.distance(outline.to_crs(METRIC_CRS).union_all()) <= _TOLERANCE]
    if inside.empty:
        raise SourceError(Problem("aucun carreau de ce fichier n'est à Marseille.", path.name))
    return inside.reset_index(drop=True)
