"""The 41 contours and their main figures, for QGIS (GeoPackage) and for the web (GeoJSON).

A main figure is one that at least half of the quartiers publish for their own perimeter of 2024,
all of one year: nothing of a quartier of 2015 is painted on a contour of 2024.
"""

import json
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from qpvlib import clock, face
from qpvlib.catalogue import Indicator, indicators
from qpvlib.files import columns
from qpvlib.observations import Observation, Observations
from qpvlib.reading import indicator as reading

LAYER, BOOK = "quartiers", "dictionnaire"
_DECIMALS = 6
"""Of a degree: 10 cm on the ground."""


def quartiers(observations: Observations) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the layer and its dictionary.

    Returns
    -------
    GeoDataFrame, DataFrame
        Index ``code``, Lambert 93; for each main figure its value, its two bounds and its state
        (``_bas``, ``_haut``, ``_etat``); only the state of a masked figure. One row of the
        dictionary per column.
    """
    shapes = face.quartiers()
    names = [*shapes.columns.drop("geometry")]
    told = [("code", "", columns.column("code").text)]
    told += [(name, "", columns.column(name).text) for name in names]
    found: dict[str, dict[str, float | str | None]] = {}
    for entry, figures in _main(observations):
        year = next(iter(figures.values())).vintage
        for suffix, text in (
            ("", entry.libelle),
            ("_bas", f"{entry.libelle} : bas de l'intervalle"),
            ("_haut", f"{entry.libelle} : haut de l'intervalle"),
            ("_etat", f"{entry.libelle} : état"),
        ):
            told.append((entry.id + suffix, "" if suffix == "_etat" else entry.unite,
                         f"{text}, {year}"))  # fmt: skip
        found |= {
            entry.id: {code: o.value for code, o in figures.items()},
            f"{entry.id}_bas": {code: o.low for code, o in figures.items()},
            f"{entry.id}_haut": {code: o.high for code, o in figures.items()},
            f"{entry.id}_etat": {code: o.state for code, o in figures.items()},
        }
    facts = pd.DataFrame(found, index=shapes.index)
    layer = gpd.GeoDataFrame(pd.concat([shapes, facts], axis=1), crs=shapes.crs)
    return layer, pd.DataFrame(told, columns=["colonne", "unite", "texte"])


def _main(observations: Observations) -> list[tuple[Indicator, dict[str, Observation]]]:
    found = []
    for entry in indicators().values():
        spread = reading.group(entry, observations)
        if spread is not None and spread.observations[0].geography == "qpv2024":
            found.append((entry, {o.territory: o for o in spread.observations}))
    return found


def geojson(layer: gpd.GeoDataFrame) -> bytes:
    """Return the layer as GeoJSON (RFC 7946: longitude and latitude)."""
    places = layer.to_crs("EPSG:4326")
    rounded = shapely.set_precision(places.geometry.values, 10**-_DECIMALS)
    facts = places.drop(columns="geometry").astype(object)
    facts = facts.where(facts.notna(), None)
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"code": code, **row._asdict()},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, row, shape in zip(
            places.index, facts.itertuples(index=False), rounded, strict=True
        )
    ]
    content = {"type": "FeatureCollection", "name": LAYER, "features": features}
    return (json.dumps(content, ensure_ascii=False) + "\n").encode()


def geopackage(layer: gpd.GeoDataFrame, book: pd.DataFrame) -> bytes:
    """Return the layer and its dictionary as a GeoPackage dated by the edition."""
    dated = f"{clock.edition().isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": dated})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{LAYER}.gpkg"
            pyogrio.write_dataframe(layer.reset_index(names="code"), path, layer=LAYER)
            pyogrio.write_dataframe(book, path, layer=BOOK, append=True)
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
