"""INSEE's register of establishments: active retail shops of each quartier per inhabitant."""

import geopandas as gpd
import pandas as pd

from qpvlib import territories
from qpvlib.deposits.deposit import Deposit, observed
from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import facilities
from qpvlib.indicators.microdata import engine
from qpvlib.sources import dating
from qpvlib.sources.places import near_city
from qpvlib.sources.registry import Source

GEOGRAPHY = "qpv2024"
CATEGORY = "sirene"
_STATE, _ACTIVITY = "etatAdministratifEtablissement", "activitePrincipaleEtablissement"
_COMMUNE, _SHOP = "codeCommuneEtablissement", "NAF47"
_AXES = ("coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement")


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Count the shops of each quartier of 2024 by their coordinates.

    Returns
    -------
    list of tuple
        As for :func:`qpvlib.deposits.bpe.read`.

    Raises
    ------
    SourceError
        If the file is undated, has no active shop in an arrondissement of Marseille, leaves too
        many of them without a place in the city, or if no population is known.
    """
    places = _shops(deposit)  # its columns before its year
    vintage = dating.stated_year(deposit.path.name, deposit.year)
    people, people_year = deposit.population(GEOGRAPHY)
    evidence = f"année du fichier ; habitants : population de {people_year}"
    source = deposit.source(vintage, GEOGRAPHY, "inféré", evidence)
    table = pd.concat(
        [
            facilities.per_inhabitant(places, people, family, vintage)
            for family in deposit.format.families
        ]
    )
    return [(source, observed(table.assign(modalite=CATEGORY), source, GEOGRAPHY))]


def _shops(deposit: Deposit) -> gpd.GeoDataFrame:
    """Return the active retail shops of Marseille, and the quartier each stands in."""
    path = deposit.path
    with engine() as connection:
        source = connection.read_csv(str(path), header=True, all_varchar=True)
        missing = [c for c in (_COMMUNE, *_AXES) if c not in source.columns]
        if missing:
            fact = f"colonnes absentes : {', '.join(missing)}."
            remedy = "Reprenez le fichier StockEtablissement de l'Insee, sans en changer l'en-tête."
            raise SourceError(Problem(fact, path.name, 1, remedy=remedy))
        table = (
            source.filter(
                f"starts_with({_COMMUNE}, '132') AND {_STATE} = 'A' "
                f"AND starts_with({_ACTIVITY}, '47.') AND NOT starts_with({_ACTIVITY}, '47.3')"
            )
            .select(", ".join(["siret", _COMMUNE, *(f"nullif({c}, '[ND]') AS {c}" for c in _AXES)]))
            .distinct()
            .order("siret")
            .df()
        )
    if table.empty:
        raise SourceError(
            Problem("aucun commerce actif de ce fichier n'est à Marseille.", path.name)
        )
    east, north = (facilities.numbers(table[axis], path) for axis in _AXES)
    spots = gpd.points_from_xy(east, north)
    points = gpd.GeoSeries(spots, crs=territories.METRIC_CRS).where(east.notna() & north.notna())
    placed = near_city(points)
    facilities.check_placed(~placed, path)
    facilities.check_wards(table[_COMMUNE], path)
    shops = gpd.GeoDataFrame({"typequ": _SHOP}, index=points.index, geometry=points)
    quartiers = territories.contours().to_crs(territories.METRIC_CRS).rename_axis("code")
    return facilities.located(shops[placed], quartiers.reset_index())
