"""How many places a quartier holds, and how many are close to it, as the crow flies.

An address point stands in the street, at the gate or in the middle of a plot, and the limit of a
quartier often follows a street: each count comes with those obtained when every place is taken
:data:`BLUR` metres nearer or further.
"""

import geopandas as gpd
import numpy as np
import pandas as pd

from qpvlib import territories
from qpvlib.indicators.access import pairs_within
from qpvlib.observations import ALL, COLUMNS, NUMBERS, VALUE
from qpvlib.sources.places import Places

BLUR = 25.0
"""Metres; our choice, as no accuracy is published: about the depth of a plot and its street."""


def around(
    quartiers: gpd.GeoSeries, points: gpd.GeoDataFrame, distances: tuple[float, ...]
) -> pd.DataFrame:
    """Add up the places within distances of each quartier.

    Parameters
    ----------
    quartiers
        Polygons in metres, indexed by code.
    points
        Column ``poids``; points in metres, none for a place that is not located.
    distances
        Metres from the outline, 0 for the inside.

    Returns
    -------
    DataFrame
        Columns ``territoire, distance, valeur, borne_basse, borne_haute``, one row per quartier
        and distance, 0 where there is nothing. The upper bound holds the places not located.
    """
    depth = _signed(quartiers, points, max(distances) + BLUR)
    lost = points.loc[points.geometry.isna(), "poids"].sum()
    parts = []
    for distance in distances:
        value, low, high = (
            depth[depth["profondeur"] <= distance + shift]
            .groupby("territoire")["poids"]
            .sum()
            .reindex(quartiers.index, fill_value=0.0)
            .to_numpy(float)
            for shift in (0, -BLUR, BLUR)
        )
        parts.append(
            pd.DataFrame(
                {
                    "territoire": quartiers.index,
                    "distance": distance,
                    "valeur": value,
                    "borne_basse": low,
                    "borne_haute": high + lost,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _signed(quartiers: gpd.GeoSeries, points: gpd.GeoDataFrame, reach: float) -> pd.DataFrame:
    """Return the places within reach and how far they are from the outline, negative inside."""
    pairs = pairs_within(quartiers, points.geometry.dropna(), reach)
    edges = quartiers.boundary.loc[pairs["origine"]].reset_index(drop=True)
    inward = edges.distance(points.geometry.loc[pairs["cible"]].reset_index(drop=True))
    inside = pairs["distance"] == 0
    return pd.DataFrame(
        {
            "territoire": pairs["origine"],
            "poids": points["poids"].loc[pairs["cible"]].to_numpy(),
            "profondeur": np.where(inside, -inward, pairs["distance"]),
        }
    )


def counted(points: gpd.GeoDataFrame, figures: dict[str, int]) -> pd.DataFrame:
    """Return the figures that places give, each weighing its ``poids``.

    Parameters
    ----------
    points
        Columns ``arrondissement`` (missing, or the code stated) and ``poids``; points in metres,
        none for a place that is not located.
    figures
        Indicator, or ``indicator/category`` -> metres from the outline, 0 for the inside.

    Returns
    -------
    DataFrame
        Columns ``territoire, indicateur, modalite, valeur, borne_basse, borne_haute``: quartiers
        of 2024 by their outline; arrondissements and city by the code that each place states,
        where all do, for what stands inside.
    """
    quartiers = territories.contours().to_crs(territories.METRIC_CRS).geometry
    found = around(quartiers, points, tuple(sorted(set(figures.values()))))
    parts = []
    for target, distance in figures.items():
        parts.append(_targeted(found[found["distance"] == distance], target))
        if distance == 0 and points["arrondissement"].notna().all():
            parts.append(_targeted(_stated(points), target))
    return pd.concat(parts, ignore_index=True).drop(columns="distance")


def without(counts: pd.DataFrame) -> dict[str, float]:
    """Return the share of quartiers that no place is close to.

    Parameters
    ----------
    counts
        Columns ``valeur, borne_basse, borne_haute``, one row per quartier.

    Returns
    -------
    dict
        Percentage and its bounds (a place nearer or further, one that is not located), number of
        quartiers without any, and of quartiers.
    """
    total = len(counts)
    share = {
        name: 100 * float((counts[column] == 0).sum()) / total for name, column in _MIRRORED.items()
    }
    return share | {
        "numerateur": float((counts["valeur"] == 0).sum()),
        "denominateur": float(total),
    }


# The most places there may be give the fewest quartiers without any.
_MIRRORED = {"valeur": "valeur", "borne_basse": "borne_haute", "borne_haute": "borne_basse"}


def observations(places: Places, year: int, source: str) -> pd.DataFrame:
    """Return the figures that a list of places gives.

    Parameters
    ----------
    places
        A list, read and checked.
    year
        Year the list describes.
    source
        Identifier written on each row.

    Returns
    -------
    DataFrame
        Columns of the observation schema: quartiers of 2024 by their outline; arrondissements and
        city by the code that the list states, where it does, for what stands inside.
    """
    points, listing = places.points, places.listing
    layers = ((listing.counts, points.assign(poids=1.0)), (listing.sums, points))
    parts = [counted(weighed, figures) for figures, weighed in layers if figures]
    frame = pd.concat(parts, ignore_index=True)
    codes = {code: territories.get(code).geography for code in frame["territoire"].unique()}
    frame = frame.assign(
        geographie=frame["territoire"].map(codes), millesime=year, etat=VALUE, source=source
    ).reindex(columns=COLUMNS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    return frame


def _stated(points: gpd.GeoDataFrame) -> pd.DataFrame:
    codes = [known.code for known in territories.arrondissements()]
    by_code = points.groupby("arrondissement")["poids"].sum().reindex(codes, fill_value=0.0)
    return pd.DataFrame(
        {
            "territoire": [*codes, territories.CITY],
            "valeur": [*by_code, points["poids"].sum()],
        }
    )


def _targeted(found: pd.DataFrame, target: str) -> pd.DataFrame:
    indicator, _, category = target.partition("/")
    return found.assign(indicateur=indicator, modalite=category or ALL)
