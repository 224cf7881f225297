"""Access to general practitioners: how many each inhabitant shares, with everyone who reaches them.

Two-step floating catchment area (Luo and Wang, 2003), from the squares of INSEE's grid. It knows
neither who is registered where, nor the practitioners and patients of the neighbouring communes.
"""

import geopandas as gpd
import pandas as pd

from qpvlib.indicators.access import mean_access, pairs_within, two_step
from qpvlib.territories import CITY

ACCESS, CROW = "acces_generalistes", "vol_oiseau"
REACH = 1000.0
"""Metres; our choice, about a quarter of an hour's walk."""
PER = 10_000
"""Inhabitants for whom practitioners are counted."""


def as_the_crow_flies(
    cells: gpd.GeoDataFrame, practitioners: gpd.GeoSeries, quartiers: gpd.GeoSeries
) -> pd.DataFrame:
    """Measure the access of each quartier in a straight line.

    Parameters
    ----------
    cells
        Columns ``cellule, population`` and squares in metres: see
        :func:`qpvlib.indicators.weights.grid`.
    practitioners
        Points in metres, one each.
    quartiers
        Polygons in metres, indexed by code.

    Returns
    -------
    DataFrame
        As :func:`shared`, ``modalite`` included.

    Raises
    ------
    EstimationError
        If nobody lives in the cells.
    """
    pairs = pairs_within(centres(cells), practitioners, REACH)
    return shared(cells, practitioners, pairs, quartiers).assign(modalite=CROW)


def centres(cells: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the middle of each cell, by its identifier."""
    return cells.set_index("cellule").geometry.centroid


def shared(
    cells: gpd.GeoDataFrame,
    practitioners: gpd.GeoSeries,
    pairs: pd.DataFrame,
    quartiers: gpd.GeoSeries,
) -> pd.DataFrame:
    """Share practitioners among the cells that reach them, then average over territories.

    Parameters
    ----------
    cells, practitioners, quartiers
        As for :func:`as_the_crow_flies`.
    pairs
        Cells and practitioners within :data:`REACH` of each other.

    Returns
    -------
    DataFrame
        Columns ``territoire, indicateur, valeur`` (practitioners for :data:`PER` inhabitants, no
        value where nobody lives).
    """
    people = cells.set_index("cellule")["population"]
    access = two_step(people, pd.Series(1.0, practitioners.index), pairs)
    values = averages(access, cells, quartiers)
    return pd.DataFrame(
        {"territoire": values.index, "indicateur": ACCESS, "valeur": PER * values.to_numpy()}
    )


def averages(access: pd.Series, cells: gpd.GeoDataFrame, quartiers: gpd.GeoSeries) -> pd.Series:
    """Average the access of the cells over each quartier and over the city.

    The people of a cell are taken as evenly spread over it.

    Parameters
    ----------
    access
        Capacity per inhabitant, by cell.
    cells, quartiers
        As for :func:`as_the_crow_flies`.

    Returns
    -------
    Series
        Access by territory, missing where nobody lives.
    """
    whole = cells.assign(surface=cells.area)
    zones = gpd.GeoDataFrame({"territoire": quartiers.index}, geometry=quartiers.to_numpy(),
                             crs=quartiers.crs)  # fmt: skip
    parts = gpd.overlay(whole, zones, how="intersection", keep_geom_type=True)
    people = parts["population"] * parts.area / parts["surface"]
    means = mean_access(parts["cellule"].map(access), people, parts["territoire"])
    demand = cells.set_index("cellule")["population"]
    city = mean_access(access, demand, pd.Series(CITY, demand.index))
    return pd.concat([means.reindex(quartiers.index), city])
