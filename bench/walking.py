"""Walking network of a city's order of size: time, peak memory, one search against many.

Streets, quartiers and parks are fictitious. Run: ``python bench/walking.py [nodes]``.
"""

import argparse
import json
import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from qpvlib.indicators.walking import TEN_MINUTES, Network
from qpvlib.territories import METRIC_CRS

SPACING = 40.0


def streets(side: int) -> gpd.GeoSeries:
    """Return a grid of ``side`` streets both ways, its crossings moved at random."""
    random = np.random.default_rng(1)
    spots = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1) * SPACING
    spots = spots + random.uniform(-10, 10, spots.shape)
    lines = [shapely.LineString(row) for row in spots]
    lines += [shapely.LineString(row) for row in spots.swapaxes(0, 1)]
    return gpd.GeoSeries(lines, crs=METRIC_CRS)


def squares(number: int, width: float, extent: float, seed: int) -> gpd.GeoSeries:
    """Return fictitious areas anywhere in the city."""
    corners = np.random.default_rng(seed).uniform(0, extent - width, (number, 2))
    return gpd.GeoSeries(
        [shapely.box(x, y, x + width, y + width) for x, y in corners], crs=METRIC_CRS
    )


def one_by_one(network: Network, doors: gpd.GeoSeries, gates: gpd.GeoSeries) -> pd.DataFrame:
    """Search from each door alone, then keep the shortest of each quartier."""
    alone = gpd.GeoSeries(doors.to_numpy(), crs=doors.crs)
    pairs = network.pairs_within(alone, gates, TEN_MINUTES)
    owner = pairs["origine"].map(dict(enumerate(doors.index)))
    found = pairs.assign(origine=owner).groupby(["origine", "cible"], sort=True)
    return found["distance"].min().reset_index()


def main() -> None:
    """Measure, check that both ways agree, and print the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("nodes", nargs="?", type=int, default=150_000)
    side = int(parser.parse_args().nodes ** 0.5)
    times, clock = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        times[name], clock = round(time.perf_counter() - clock, 2), time.perf_counter()

    ways = streets(side)
    lap("rues")
    network = Network.of(ways)
    lap("reseau")
    doors = network.entrances(squares(41, 600, side * SPACING, 2))
    gates = network.entrances(squares(500, 100, side * SPACING, 3))
    lap("entrees")
    together = network.pairs_within(doors, gates, TEN_MINUTES)
    lap("une_recherche_par_quartier")
    apart = one_by_one(network, doors, gates)
    lap("une_recherche_par_entree")
    pd.testing.assert_frame_equal(together, apart)
    print(
        json.dumps(
            {
                "noeuds": len(network.nodes),
                "entrees": len(doors),
                "paires": len(together),
                "secondes": times,
                "rapport": round(
                    times["une_recherche_par_entree"] / times["une_recherche_par_quartier"], 1
                ),
                "memoire_mo": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
