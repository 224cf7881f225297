"""The directory of the administration: the desks of the CAF and CPAM, which the BPE lacks."""

import json
import re
from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from qpvlib import territories
from qpvlib.deposits.deposit import Deposit, observed
from qpvlib.errors import Problem, SourceError, damaged
from qpvlib.indicators import facilities, nearby
from qpvlib.sources import dating
from qpvlib.sources.places import near_city
from qpvlib.sources.registry import Source

GEOGRAPHY = "qpv2024"
TYPES = frozenset(["caf", "cpam"])
FIGURES = {"caf_cpam_500m": 500, "caf_cpam_500m/a_300m": 300}
# A postal box is no desk.
_STREET = "Adresse"
_AXES = ("longitude", "latitude")


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Count the desks of the CAF and of the CPAM close to each quartier of 2024.

    Returns
    -------
    list of tuple
        Entry of the registry and observations.

    Raises
    ------
    SourceError
        If the file is undated or truncated, has no such desk in Marseille, no service of any kind
        in an arrondissement that holds a quartier, or too many desks without a place in the city.
    """
    year = dating.stated_year(deposit.path.name, deposit.year)
    points = _points(pd.DataFrame(_desks(deposit), columns=["nom", *_AXES]), deposit)
    source = deposit.source(year, GEOGRAPHY, "inféré", "année du fichier")
    return [(source, observed(nearby.counted(points, FIGURES), source))]


def _desks(deposit: Deposit) -> Iterator[tuple[str, str, str]]:
    """Yield the name and the coordinates of each desk whose address is in Marseille."""
    wards = set()
    try:
        services = json.loads(deposit.path.read_bytes())["service"]
    except (ValueError, KeyError):
        raise damaged(deposit.path.name) from None
    for service in services:
        kinds = {pivot.get("type_service_local") for pivot in service.get("pivot") or ()}
        for place in service.get("adresse") or ():
            ward = re.fullmatch(r"130(0[1-9]|1[0-6])", place.get("code_postal") or "")
            if ward is None:
                continue
            wards.add(f"132{ward[1]}")
            if kinds & TYPES and place.get("type_adresse") == _STREET:
                yield service["nom"], *(place.get(axis) or "" for axis in _AXES)
    if wards:  # without any, no desk is found either, and that is what is said
        facilities.check_wards(wards, deposit.path, inhabited=True)


def _points(desks: pd.DataFrame, deposit: Deposit) -> gpd.GeoDataFrame:
    once = desks.drop_duplicates(ignore_index=True)
    if once.empty:
        fact = "aucun accueil de la CAF ou de la CPAM n'est à Marseille dans ce fichier."
        raise SourceError(Problem(fact, deposit.path.name))
    x, y = (facilities.numbers(once[axis], deposit.path) for axis in _AXES)
    given = x.abs().le(180) & y.abs().le(90)
    spots = gpd.GeoSeries(gpd.points_from_xy(x, y), once.index, crs="EPSG:4326").where(given)
    spots = spots.to_crs(territories.METRIC_CRS)
    placed = near_city(spots)
    facilities.check_placed(~placed, deposit.path)
    return gpd.GeoDataFrame(
        {"poids": 1.0, "arrondissement": None}, once.index, geometry=spots.where(placed)
    )
