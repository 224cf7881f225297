"""Distances on foot along the streets and paths of OpenStreetMap."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from qpvlib.errors import EstimationError, Problem, SourceError
from qpvlib.territories import METRIC_CRS

SPEED = 4.0 / 3.6
"""Metres per second: 4 km/h, so that ten minutes are about 670 m."""
TEN_MINUTES = 600 * SPEED
_SNAP = 150.0
"""Metres beyond which a place is not on the network."""
_WHOLE = 0.9
"""Smallest share of the nodes that the main component must hold."""

_CLOSED = {
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "construction",
    "proposed",
    "abandoned",
    "platform",
    "raceway",
    "bus_guideway",
    "corridor",
    "elevator",
}
_REFUSED = {"foot": {"no", "private"}, "access": {"no", "private"}, "area": {"yes"}}
_OPENED = {"yes", "designated", "permissive"}


@dataclass(frozen=True)
class Network:
    """A walking network in one piece.

    Attributes
    ----------
    nodes
        Coordinates in metres, shape (n, 2).
    graph
        Symmetric matrix of lengths in metres, shape (n, n).
    """

    nodes: np.ndarray
    graph: csr_array

    @classmethod
    def of(cls, ways: gpd.GeoSeries, crs: str = METRIC_CRS) -> "Network":
        """Join ways at the points they share.

        Parameters
        ----------
        ways
            Lines with a coordinate reference system; two ways meet where they have a point
            with the very same coordinates, as in OpenStreetMap, not where they cross.
        crs
            Projection in which lengths are measured, in metres.

        Raises
        ------
        EstimationError
            If there is no way, or the network is in pieces.
        """
        if ways.empty:
            raise EstimationError("Le réseau ne contient aucune voie praticable à pied.")
        points, line = shapely.get_coordinates(ways.geometry.array, return_index=True)
        # Identity comes from the original coordinates: a projection could part equal points.
        places, node = np.unique(points, axis=0, return_inverse=True)
        first = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=ways.crs).to_crs(crs)
        nodes = first.get_coordinates().to_numpy()
        same = line[1:] == line[:-1]
        start, end = node[:-1][same], node[1:][same]
        length = np.hypot(*(nodes[start] - nodes[end]).T)
        graph = _shortest_links(start, end, length, len(nodes))
        return cls(nodes, graph).main()

    def main(self) -> "Network":
        """Keep the largest component, provided it is nearly everything."""
        _, piece = connected_components(self.graph, directed=False)
        sizes = np.bincount(piece)
        if sizes.max() < _WHOLE * len(piece):
            raise EstimationError(
                Problem(
                    f"Le réseau est en morceaux\u00a0: {len(sizes)}, dont le plus grand tient "
                    f"{100 * sizes.max() / len(piece):.0f}\u00a0% des points.",
                    remedy="Vérifiez l'emprise de l'extrait.",
                )
            )
        kept = np.flatnonzero(piece == sizes.argmax())
        return Network(self.nodes[kept], self.graph[kept][:, kept])

    def pairs_within(
        self, origins: gpd.GeoSeries, targets: gpd.GeoSeries, limit: float
    ) -> pd.DataFrame:
        """Return the pairs of points no further than ``limit`` metres on foot.

        Parameters
        ----------
        origins, targets
            Points in metres, indexed by code; the way to the nearest node is counted. An area is
            several points of the same code (its entrances, or points of its edge).
        limit
            Metres, bound included.

        Returns
        -------
        DataFrame
            Columns ``origine, cible, distance``, the shortest for each couple of codes.

        Raises
        ------
        EstimationError
            If a place is too far from the network.
        """
        start, first_leg = self._snapped(origins)
        end, last_leg = self._snapped(targets)
        parts = []
        for rank, (node, leg) in enumerate(zip(start, first_leg, strict=True)):
            along = dijkstra(self.graph, directed=False, indices=node, limit=limit)
            total = leg + along[end] + last_leg
            near = np.flatnonzero(total <= limit)
            parts.append(
                pd.DataFrame(
                    {
                        "origine": origins.index[rank],
                        "cible": targets.index[near],
                        "distance": total[near],
                    }
                )
            )
        pairs = pd.concat(parts, ignore_index=True)
        return pairs.groupby(["origine", "cible"], sort=True)["distance"].min().reset_index()

    def _snapped(self, places: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
        distance, node = cKDTree(self.nodes).query(places.get_coordinates().to_numpy())
        far = places.index[distance > _SNAP]
        if len(far):
            raise EstimationError(
                Problem(
                    f"{len(far)} lieux à plus de {_SNAP:.0f}\u00a0m du réseau\u00a0: "
                    f"{', '.join(map(str, far[:5]))}.",
                    remedy="Vérifiez leur projection et l'emprise de l'extrait.",
                )
            )
        return node, distance


def _shortest_links(start: np.ndarray, end: np.ndarray, length: np.ndarray, size: int) -> csr_array:
    """Build the symmetric matrix, keeping the shortest of parallel links."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    links = pd.DataFrame({"low": low, "high": high, "length": length})
    links = links[(low != high)].groupby(["low", "high"])["length"].min().reset_index()
    half = coo_array((links["length"], (links["low"], links["high"])), shape=(size, size))
    return csr_array(half + half.T)


def read_network(path: Path, crs: str = METRIC_CRS) -> Network:
    """Read the walking network of an OpenStreetMap extract.

    Parameters
    ----------
    path
        ``.osm.pbf`` file; read by GDAL's OSM driver, which pyogrio brings.
    crs
        As in :meth:`Network.of`.

    Raises
    ------
    SourceError
        If the file is absent or is not an OpenStreetMap extract.
    EstimationError
        As in :meth:`Network.of`.
    """
    if not Path(path).is_file():
        raise SourceError(f"Le fichier {path} n'existe pas.")
    try:
        lines = gpd.read_file(path, layer="lines", columns=["highway", "other_tags"])
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(Problem("Extrait OpenStreetMap illisible.", Path(path).name)) from error
    return Network.of(lines.geometry[walkable(lines)], crs)


def walkable(lines: gpd.GeoDataFrame) -> pd.Series:
    """Say which ways one may walk on, from their OpenStreetMap tags."""
    tags = lines["other_tags"].fillna("")

    def tag(name: str) -> pd.Series:
        return tags.str.extract(f'"{name}"=>"([^"]*)"')[0]

    refused = pd.Series(False, index=lines.index)
    for name, values in _REFUSED.items():
        refused |= tag(name).isin(values)
    foot = tag("foot").isin(_OPENED)
    return lines["highway"].notna() & ~lines["highway"].isin(_CLOSED) & (foot | ~refused)
