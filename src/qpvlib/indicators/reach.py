"""What a quartier has within reach: parks and services on foot, green space around it.

No width of a pavement, slope or gate is known: each figure comes with the lowest and the highest
obtained when what is walked, or the radius, is a little shorter or longer.
"""

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from qpvlib.indicators.access import counted, reached, two_step
from qpvlib.indicators.nearby import BLUR
from qpvlib.indicators.walking import TEN_MINUTES
from qpvlib.territories import METRIC_CRS

RADIUS = 300.0
"""Metres around a quartier, as the crow flies."""
HURRY = 0.1
"""Share by which a walk may be shorter or longer (3.6 to 4.4 km/h); our choice."""


def longest(limit: float) -> float:
    """Return how far pairs must be looked for, to measure on foot within a limit in metres."""
    return (1 + HURRY) * limit


def spread(measure: Callable[[float], pd.Series], limit: float, shift: float) -> pd.DataFrame:
    """Measure within a limit, and within a shorter and a longer one.

    Parameters
    ----------
    measure
        From a limit in metres to a value by territory.
    limit, shift
        Metres.

    Returns
    -------
    DataFrame
        Columns ``valeur, borne_basse, borne_haute``; the bounds are the lowest and the highest
        of the three, since a shared measure may fall when more people come within reach.
    """
    found = pd.DataFrame({s: measure(limit + s * shift) for s in (0, -1, 1)})
    return pd.DataFrame(
        {"valeur": found[0], "borne_basse": found.min(axis=1), "borne_haute": found.max(axis=1)}
    )


def whole(spaces: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return spaces in metres, those that overlap or touch as one: nothing counts twice."""
    merged = gpd.GeoSeries([spaces.to_crs(METRIC_CRS).union_all()], crs=METRIC_CRS)
    return merged.explode(ignore_index=True)


def area_around(quartiers: gpd.GeoSeries, green: gpd.GeoSeries) -> pd.DataFrame:
    """Measure the green space in each quartier and within :data:`RADIUS` of it.

    Parameters
    ----------
    quartiers
        Polygons in metres, indexed by code.
    green
        Polygons in metres that do not overlap: see :func:`whole`.

    Returns
    -------
    DataFrame
        Square metres, as :func:`spread`.
    """
    spaces = green.union_all()
    return spread(lambda d: quartiers.buffer(d).intersection(spaces).area, RADIUS, BLUR)


def area_reached(pairs: pd.DataFrame, codes: pd.Index, parks: pd.Series) -> pd.DataFrame:
    """Add up the parks that a quartier reaches in ten minutes.

    Parameters
    ----------
    pairs
        Quartiers and parks up to :func:`longest`: see
        :meth:`qpvlib.indicators.walking.Network.pairs_within`.
    codes
        Every quartier.
    parks
        Square metres of each park, whole however far it extends.

    Returns
    -------
    DataFrame
        Square metres, as :func:`spread`.
    """
    own = pd.Series(codes, codes)
    return spread(lambda d: reached(_within(pairs, d), own, parks), *_walk(TEN_MINUTES))


def area_shared(
    pairs: pd.DataFrame,
    people: pd.Series,
    parks: pd.Series,
    average: Callable[[pd.Series], pd.Series],
) -> pd.DataFrame:
    """Share each park among all who reach it in ten minutes, then average over territories.

    Parameters
    ----------
    pairs
        Cells and parks up to :func:`longest`.
    people
        Inhabitants of each cell.
    parks
        Square metres of each park.
    average
        From a value by cell to a value by territory.

    Returns
    -------
    DataFrame
        Square metres per inhabitant, as :func:`spread`.
    """
    return spread(
        lambda d: average(two_step(people, parks, _within(pairs, d))), *_walk(TEN_MINUTES)
    )


def number_reached(pairs: pd.DataFrame, codes: pd.Index, limit: float) -> pd.DataFrame:
    """Count the places that a quartier reaches on foot, as :func:`spread`."""
    return spread(
        lambda d: counted(codes, _within(pairs, d)).set_index("territoire")["nombre"],
        *_walk(limit),
    )


def _within(pairs: pd.DataFrame, limit: float) -> pd.DataFrame:
    return pairs[pairs["distance"] <= limit]


def _walk(limit: float) -> tuple[float, float]:
    return limit, HURRY * limit
