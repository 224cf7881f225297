"""Distances on foot along the streets and paths of OpenStreetMap.

Shortest paths are scipy's: exact, and searched from all the ends of a quartier at once. Of the
libraries made for networks, pandana (AGPL) and igraph (GPL) do not suit the licence of this
project, and osmnx searches in plain Python (networkx).
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from qpvlib.errors import EstimationError, Problem
from qpvlib.sources.places import UNPLACED
from qpvlib.territories import METRIC_CRS

SPEED = 4.0 / 3.6
"""Metres per second: 4 km/h, so that ten minutes are about 670 m."""
TEN_MINUTES = 600 * SPEED
ENTRANCE = 25.0
"""Metres: a way this close to an area leads into it; our choice, half the width of a street."""
_SNAP = 150.0
"""Metres beyond which a place is not on the network."""
_WHOLE = 0.9
"""Smallest share of the nodes that the main component must hold."""


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

    def entrances(self, areas: gpd.GeoSeries, gap: float = ENTRANCE) -> gpd.GeoSeries:
        """Return the points of the network from which areas are entered.

        Parameters
        ----------
        areas
            Polygons in metres, indexed by code.
        gap
            Metres from the edge, inside of the area included.

        Returns
        -------
        GeoSeries
            Points, indexed by the code of their area; an area far from any way has none.
        """
        points = gpd.GeoSeries(shapely.points(self.nodes), crs=areas.crs)
        area, node = points.sindex.query(areas.array, predicate="dwithin", distance=gap)
        return points.iloc[node].set_axis(areas.index[area])

    def pairs_within(
        self, origins: gpd.GeoSeries, targets: gpd.GeoSeries, limit: float
    ) -> pd.DataFrame:
        """Return the pairs of places no further than ``limit`` metres on foot.

        Parameters
        ----------
        origins, targets
            Points in metres, indexed by code; the way to the nearest node is counted. An area is
            several points of the same code: see :meth:`entrances`.
        limit
            Metres, bound included.

        Returns
        -------
        DataFrame
            Columns ``origine, cible, distance``, the shortest for each couple of codes. A place
            more than 150 m away from the network reaches nothing.

        Raises
        ------
        EstimationError
            If too many places are that far from the network.
        """
        start, first_leg = self._snapped(origins)
        end, last_leg = self._snapped(targets)
        codes, owner = np.unique(origins.index, return_inverse=True)
        graph = self._joined(owner, start, first_leg)
        parts = []
        for rank, code in enumerate(codes):
            along = dijkstra(graph, indices=len(self.nodes) + rank, limit=limit)
            total = along[end] + last_leg
            near = np.flatnonzero(total <= limit)
            parts.append(
                pd.DataFrame(
                    {"origine": code, "cible": targets.index[near], "distance": total[near]}
                )
            )
        pairs = pd.concat(parts, ignore_index=True)
        return pairs.groupby(["origine", "cible"], sort=True)["distance"].min().reset_index()

    def _joined(self, owner: np.ndarray, node: np.ndarray, leg: np.ndarray) -> csr_array:
        """Add one node for each owner, tied to the nodes where it joins the network.

        What is reached from it is reached from the nearest of them, in a single search.
        """
        size, more = len(self.nodes), owner.max() + 1
        ties = pd.DataFrame({"owner": owner, "node": node, "leg": leg})
        ties = ties[np.isfinite(leg)].groupby(["owner", "node"])["leg"].min().reset_index()
        shape = (more, size + more)
        new = csr_array((ties["leg"], (ties["owner"], ties["node"])), shape=shape)
        old = self.graph.copy()
        old.resize((size, size + more))
        return csr_array(vstack([old, new]))

    def _snapped(self, places: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
        """Return the nearest node of each place, and how far it is; infinitely, off the network."""
        distance, node = cKDTree(self.nodes).query(places.get_coordinates().to_numpy())
        far = places.index[distance > _SNAP]
        if len(far) > UNPLACED * len(places):
            raise EstimationError(
                Problem(
                    f"{len(far)} lieux à plus de {_SNAP:.0f}\u00a0m du réseau\u00a0: "
                    f"{', '.join(map(str, far[:5]))}.",
                    remedy="Vérifiez leur projection et l'emprise de l'extrait.",
                )
            )
        return node, np.where(distance > _SNAP, np.inf, distance)


def _shortest_links(start: np.ndarray, end: np.ndarray, length: np.ndarray, size: int) -> csr_array:
    """Build the symmetric matrix, keeping the shortest of parallel links."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    links = pd.DataFrame({"low": low, "high": high, "length": length})
    links = links[(low != high)].groupby(["low", "high"])["length"].min().reset_index()
    half = coo_array((links["length"], (links["low"], links["high"])), shape=(size, size))
    return csr_array(half + half.T)
