"""OpenStreetMap extracts: the ways one may walk on, and the parks and green spaces.

Read by pyosmium, the Python side of the library that makes such extracts: it joins the rings of
multipolygons, knows the date of the data and refuses a truncated file. What each tag means here
is in ``data/osm.yml``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import shapely
from osmium.filter import EntityFilter, KeyFilter

from qpvlib import declared, paths
from qpvlib.errors import Problem, SourceError

CRS = "EPSG:4326"
SPOILT = 0.05
"""Share of green spaces whose outline crosses itself above which an extract is refused."""
Tags = Mapping[str, str] | osmium.osm.TagList
_DATES = ("osmosis_replication_timestamp", "timestamp")


@dataclass(frozen=True)
class Extract:
    """What an extract says of a place.

    Attributes
    ----------
    ways
        Lines one may walk on, in degrees; two of them meet where they share a point.
    parks, green
        Polygons open to all, in degrees; ``green`` holds the parks too.
    year
        Year of the data, where the file tells it.
    crossed
        Number of green spaces left out because their outline crosses itself.
    """

    ways: gpd.GeoSeries
    parks: gpd.GeoSeries
    green: gpd.GeoSeries
    year: int | None
    crossed: int


@cache
def rules() -> dict[str, Any]:
    """Return ``data/osm.yml``."""
    return declared.read(paths.data() / "osm.yml")


def walkable(tags: Tags) -> bool:
    """Say whether one may walk on a way, from its tags."""
    kind = tags.get("highway")
    if kind is None or kind in rules()["voies_fermees"]:
        return False
    opened = tags.get("foot") in rules()["acces_rouvert"]
    return opened or not _holds(tags, "acces_refuse")


def park(tags: Tags) -> bool:
    """Say whether an area is a park or a garden open to all, from its tags."""
    return _holds(tags, "parcs") and not _holds(tags, "fermes")


def verdant(tags: Tags) -> bool:
    """Say whether an area is a green space open to all, from its tags."""
    return (_holds(tags, "parcs") or _holds(tags, "espaces_verts")) and not _holds(tags, "fermes")


def _holds(tags: Tags, rule: str) -> bool:
    return any(tags.get(key) in values for key, values in rules()[rule].items())


def read(path: Path, bounds: tuple[float, float, float, float]) -> Extract:
    """Read the part of an extract that is inside bounds.

    Parameters
    ----------
    path
        ``.osm.pbf`` or ``.osm``.
    bounds
        West, south, east and north, in degrees. A way is inside when one of its ends is, an area
        when it touches.

    Returns
    -------
    Extract

    Raises
    ------
    SourceError
        If the file is absent, damaged or not an extract, has no way there, or if too many of its
        green spaces cross themselves.
    """
    if not path.is_file():
        raise SourceError(f"Le fichier {path} n'existe pas.")
    try:
        extract = _extract(path, bounds)
    except osmium.InvalidLocationError:
        fact, remedy = "ses coordonnées ne sont pas en degrés.", "Reprenez l'extrait d'origine."
        raise SourceError(Problem(fact, path.name, remedy=remedy)) from None
    except RuntimeError:  # whatever else osmium finds wrong
        raise SourceError(
            Problem(
                "ce fichier n'est pas un extrait OpenStreetMap lisible, ou il est tronqué.",
                path.name,
                remedy="Téléchargez-le à nouveau.",
            )
        ) from None
    if extract.ways.empty:
        raise SourceError(
            Problem(
                "cet extrait OpenStreetMap n'a aucune voie praticable à pied à Marseille.",
                path.name,
                remedy="Donnez celui de Marseille ou de la région Provence-Alpes-Côte d'Azur.",
            )
        )
    if extract.crossed > SPOILT * (extract.crossed + len(extract.green)):
        raise SourceError(
            Problem(
                f"espaces verts dont le tracé se recoupe lui-même : {extract.crossed}, pour "
                f"{len(extract.green)} bien tracés.",
                path.name,
                remedy="Reprenez un extrait plus récent.",
            )
        )
    return extract


def _extract(path: Path, bounds: tuple[float, float, float, float]) -> Extract:
    west, south, east, north = bounds
    frame = shapely.box(*bounds)
    shapely.prepare(frame)
    factory = osmium.geom.WKBFactory()

    def inside(node: osmium.osm.NodeRef) -> bool:
        place = node.location
        return place.valid() and west <= place.lon <= east and south <= place.lat <= north

    lines: list[shapely.LineString] = []
    green, parks, near, crossed = [], [], set(), 0
    for thing in _objects(path):
        if isinstance(thing, osmium.osm.Way):
            if inside(thing.nodes[0]) or inside(thing.nodes[-1]):
                near.add(thing.id)
                lines += _runs(thing) if walkable(thing.tags) else []
        elif isinstance(thing, osmium.osm.Area) and verdant(thing.tags):
            if thing.num_rings()[0] == 0:  # osmium could not close its rings
                crossed += thing.from_way() and thing.orig_id() in near
                continue
            shape = shapely.from_wkb(factory.create_multipolygon(thing))
            if shape.intersects(frame):
                green.append(shape)
                parks.append(park(thing.tags))
    spaces = gpd.GeoSeries(green, crs=CRS)
    return Extract(
        gpd.GeoSeries(lines, crs=CRS), spaces[np.array(parks, bool)], spaces, _year(path), crossed
    )


def _objects(path: Path) -> osmium.FileProcessor:
    """Return the ways of a file, their nodes placed, then its areas."""
    green = KeyFilter(*rules()["parcs"], *rules()["espaces_verts"])
    kept = KeyFilter("highway", *rules()["parcs"], *rules()["espaces_verts"])
    return (
        osmium.FileProcessor(path)
        .with_locations()
        .with_areas(green)
        .with_filter(EntityFilter(osmium.osm.WAY | osmium.osm.AREA))
        .with_filter(kept)
    )


def _runs(way: osmium.osm.Way) -> Iterator[shapely.LineString]:
    """Yield the parts of a way whose nodes are in the extract: its edge cuts ways."""
    for placed, run in groupby(way.nodes, lambda node: node.location.valid()):
        points = [(node.lon, node.lat) for node in run] if placed else []
        if len(points) > 1:
            yield shapely.LineString(points)


def _year(path: Path) -> int | None:
    header = osmium.io.Reader(path).header()
    dates = (header.get(name) for name in _DATES)
    return next((int(date[:4]) for date in dates if date[:4].isdigit()), None)
