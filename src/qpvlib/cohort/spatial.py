"""Space: distance rings around targets, Moran's index of residual changes.

Moran's index by `esda`; distances to targets and their rings are ours.
"""

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from esda.moran import Moran
from libpysal.graph import Graph

from qpvlib.cohort.effects import did
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.variance import Estimate, Kind
from qpvlib.errors import EstimationError


@dataclass(frozen=True)
class SpatialAutocorrelation:
    """Moran's index with its permutation test.

    Attributes
    ----------
    index, expected
        Moran's I and its expectation without autocorrelation.
    p
        One-sided permutation p-value.
    """

    index: float
    expected: float
    p: float


def _projected(shapes: gpd.GeoDataFrame) -> None:
    if shapes.crs is None or shapes.crs.is_geographic:
        raise EstimationError(
            "Les distances demandent une projection en mètres\u00a0: reprojetez les périmètres, "
            "par exemple en EPSG:2154."
        )


def moran(
    values: pd.Series,
    shapes: gpd.GeoDataFrame,
    *,
    neighbours: Literal["contiguity", "nearest"] = "nearest",
    k: int = 4,
    permutations: int = 9999,
    seed: int = 0,
) -> SpatialAutocorrelation:
    """Measure whether alike values are neighbours.

    Parameters
    ----------
    values
        One value per territory, for instance residual changes; blanks are set aside.
    shapes
        Perimeters indexed by territory, in a projection in metres for the nearest neighbours.
    neighbours
        Queen contiguity, or the k nearest centroids.
    k, permutations, seed
        Neighbours, permutations and their seed.

    Raises
    ------
    EstimationError
        With fewer than k + 2 values, or constant ones.
    """
    known = values.dropna()
    known = known[known.index.isin(shapes.index)]
    if len(known) < k + 2 or known.nunique() == 1:
        raise EstimationError(
            f"L'indice de Moran demande au moins {k + 2} valeurs distinctes et localisées "
            f"({len(known)} ici)."
        )
    kept = shapes.loc[known.index, ["geometry"]]
    with warnings.catch_warnings():
        # A territory without a neighbour has no lag; libpysal warns of it.
        warnings.simplefilter("ignore")
        if neighbours == "contiguity":
            graph = Graph.build_contiguity(kept, rook=False)
        else:
            _projected(kept)
            graph = Graph.build_knn(kept.set_geometry(kept.centroid), k=k)
        graph = graph.transform("r")
        result = Moran(known.to_numpy(float), graph, permutations=0)
    # esda permutes with numpy's global generator; a local one keeps the result reproducible.
    centred = known.to_numpy(float) - known.mean()
    shuffled = np.random.default_rng(seed).permuted(np.tile(centred, (permutations, 1)), axis=1)
    lagged = (graph.sparse @ shuffled.T).T
    simulated = (
        len(known) / graph.sparse.sum() * (shuffled * lagged).sum(axis=1) / (centred @ centred)
    )
    above = int((simulated >= result.I - 1e-12).sum())
    p = (1 + min(above, permutations - above)) / (1 + permutations)
    return SpatialAutocorrelation(float(result.I), float(result.EI), p)


def rings(
    shapes: gpd.GeoDataFrame, targets: Sequence[Hashable], edges: Sequence[float] = (0, 300, 600)
) -> pd.Series:
    """Return the distance ring of each territory around its nearest target.

    Parameters
    ----------
    shapes
        Perimeters indexed by territory, in a projection in metres.
    targets
        The targets.
    edges
        Increasing distances in metres; a territory that touches a target is in the first ring.

    Returns
    -------
    pd.Series
        Ordered categories: ``cible``, then ``0-300 m``…, then ``au-delà``.

    Raises
    ------
    EstimationError
        For an unprojected map or targets that are not on it.
    """
    _projected(shapes)
    unknown = [str(target) for target in targets if target not in shapes.index]
    if unknown or not len(targets):
        raise EstimationError(
            f"Cibles absentes de la carte\u00a0: {', '.join(unknown) or 'toutes'}."
        )
    zone = shapes.loc[list(targets)].geometry.union_all()
    gaps = shapes.geometry.distance(zone)
    labels = [f"{a:g}-{b:g} m" for a, b in pairwise(edges)]
    places = np.digitize(gaps, list(edges[1:]), right=True)
    names = np.array([*labels, "au-delà"], dtype=object)[places]
    names[shapes.index.isin(list(targets))] = "cible"
    kinds = pd.CategoricalDtype(["cible", *labels, "au-delà"], ordered=True)
    return pd.Series(names, index=shapes.index, name="anneau").astype(kinds)


def ring_effects(
    panel: Panel, ring: pd.Series, *, start: int, kind: Kind = "CR2"
) -> dict[str, Estimate]:
    """Estimate what happened in each ring, compared with territories beyond the last one.

    Parameters
    ----------
    panel
        Outcomes of all territories; its own treatment dates are ignored.
    ring
        Result of :func:`rings`; targets are left out.
    start
        First period after the targets were treated.
    kind
        Variance, see :func:`qpvlib.cohort.variance.estimate`.

    Returns
    -------
    dict
        One estimate per ring that holds a territory: a spillover when it is not zero.
    """
    places = panel.data["unit"].map(ring.astype(object))
    estimates = {}
    for label in ring.cat.categories[1:-1]:
        if not (places == label).any():
            continue
        kept = panel.data[places.isin([label, ring.cat.categories[-1]])]
        exposed = np.where(places[kept.index] == label, float(start), np.inf)
        data = kept.assign(first_treated=exposed).reset_index(drop=True)
        estimates[label] = did(replace(panel, data=data), kind=kind)
    return estimates


def neighbours(shapes: gpd.GeoDataFrame, distance: float = 300.0) -> pd.DataFrame:
    """Return the square table of territories closer than a distance, in metres.

    Raises
    ------
    EstimationError
        For an unprojected map.
    """
    _projected(shapes)
    gaps = np.stack([shapes.geometry.distance(shape).to_numpy() for shape in shapes.geometry])
    np.fill_diagonal(gaps, np.inf)
    return pd.DataFrame(gaps <= distance, index=shapes.index, columns=shapes.index)
