"""Who reaches what, from pairs of places and their distance, as the crow flies or on foot.

A table of pairs has columns ``origine, cible, distance`` (metres); :func:`pairs_within` draws it
in a straight line, :meth:`qpvlib.indicators.walking.Network.pairs_within` along the streets.
"""

import geopandas as gpd
import numpy as np
import pandas as pd

from qpvlib.errors import EstimationError


def pairs_within(origins: gpd.GeoSeries, targets: gpd.GeoSeries, limit: float) -> pd.DataFrame:
    """Return the pairs of places no further apart than ``limit`` metres in a straight line.

    Parameters
    ----------
    origins, targets
        Points or polygons in metres, indexed by code; a place inside a polygon is at 0.
    limit
        Metres, bound included.
    """
    left, right = targets.sindex.query(origins, predicate="dwithin", distance=limit)
    start, end = origins.iloc[left], targets.iloc[right]
    return pd.DataFrame(
        {
            "origine": start.index,
            "cible": end.index,
            "distance": start.distance(end, align=False).to_numpy(),
        }
    )


def counted(origins: pd.Index, pairs: pd.DataFrame) -> pd.DataFrame:
    """Count the places each origin reaches.

    Returns
    -------
    DataFrame
        Columns ``territoire, nombre, distance_min``; no distance where nothing is reached.
    """
    by_origin = pairs.groupby("origine")["distance"].agg(["size", "min"]).reindex(origins)
    return pd.DataFrame(
        {
            "territoire": origins,
            "nombre": by_origin["size"].fillna(0).astype(int).to_numpy(),
            "distance_min": by_origin["min"].to_numpy(),
        }
    )


def reached(pairs: pd.DataFrame, territory: pd.Series, capacity: pd.Series) -> pd.Series:
    """Add the capacity of the distinct places that at least one origin of a territory reaches.

    Parameters
    ----------
    pairs
        Origins (cells, buildings) and the places they reach.
    territory
        Territory of each origin.
    capacity
        Size of each place (square metres of a park…).

    Returns
    -------
    Series
        Total by territory, 0 where nothing is reached.
    """
    links = pairs.assign(territoire=pairs["origine"].map(territory))
    links = links.drop_duplicates(["territoire", "cible"])
    totals = links["cible"].map(capacity).astype(float).groupby(links["territoire"]).sum()
    return totals.reindex(territory.unique(), fill_value=0.0)


def two_step(demand: pd.Series, supply: pd.Series, pairs: pd.DataFrame) -> pd.Series:
    """Measure access by the two-step floating catchment area (Luo and Wang, 2003).

    Parameters
    ----------
    demand
        Inhabitants of each origin.
    supply
        Capacity of each place.
    pairs
        Origins and places within reach of each other.

    Returns
    -------
    Series
        Capacity per inhabitant, by origin: each place is first shared among all who reach it.
        Weighted by the inhabitants, the sum is the capacity of the places someone reaches.

    Raises
    ------
    EstimationError
        If inhabitants or capacities are missing or negative, or nobody lives there.
    """
    problems = []
    if not (demand >= 0).all() or not (supply >= 0).all():
        problems.append("Des habitants ou des capacités sont manquants ou négatifs.")
    if not demand.sum() > 0:
        problems.append("La population est nulle\u00a0: aucun accès n'est calculé.")
    if problems:
        raise EstimationError(problems)
    people = pairs["origine"].map(demand).astype(float)
    shared = people.groupby(pairs["cible"]).sum()
    per_head = supply.reindex(shared.index) / shared.where(shared > 0)
    access = pairs["cible"].map(per_head).astype(float).groupby(pairs["origine"]).sum()
    return access.reindex(demand.index, fill_value=0.0)


def mean_access(access: pd.Series, demand: pd.Series, territory: pd.Series) -> pd.Series:
    """Average the access of origins over each territory, weighted by the inhabitants."""
    people = demand.groupby(territory).sum()
    return (access * demand).groupby(territory).sum() / people.where(people > 0, np.nan)
