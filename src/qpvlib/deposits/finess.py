"""The national directory of health establishments: those in and around each quartier.

Two published forms are read: the stock without a header, whose coordinates are on lines of their
own, and the table that joins both.
"""

import csv
import io
from datetime import date
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd

from qpvlib import declared, paths, territories
from qpvlib.deposits.deposit import Deposit, observed
from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import facilities, nearby
from qpvlib.sources import dating
from qpvlib.sources.places import near_city
from qpvlib.sources.registry import Source

GEOGRAPHY = "qpv2024"
_PLACE, _SPOT = "structureet", "geolocalisation"
_WIDTHS = {_PLACE: 32, _SPOT: 6}
# Positions in the lines of the stock; names in the table.
_STOCK = {"id": 1, "commune": 12, "departement": 13, "categorie": 18}
_TABLE = {
    "id": "nofinesset",
    "commune": "commune",
    "departement": "departement",
    "categorie": "categetab",
    "x": "coordxet",
    "y": "coordyet",
    "origine": "sourcecoordet",
}
_SPOTS = {"id": 1, "x": 2, "y": 3, "origine": 4}
# Coordinates taken from the outlines of communes place nothing (inferred from their source).
_COARSE = "ADMIN-EXPRESS"


@cache
def groups() -> dict[str, dict[str, Any]]:
    """Return ``data/sante.yml``."""
    return declared.read(paths.data() / "sante.yml")


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Count the health establishments in and around each quartier of 2024.

    Returns
    -------
    list of tuple
        Entry of the registry and observations; arrondissements and city by the commune that each
        establishment states.

    Raises
    ------
    SourceError
        If the file is undated, truncated, has no establishment in an arrondissement of Marseille,
        or leaves too many without a place in the city.
    """
    rows = _rows(deposit)
    if rows[0][:1] == ["finess"]:
        year, known, table = _year(rows[0], deposit), "lu", _joined(rows[1:], deposit)
    else:
        year, known = dating.stated_year(deposit.path.name, deposit.year), "inféré"
        table = _named(rows, deposit)
    points = _points(table, deposit)
    source = deposit.source(year, GEOGRAPHY, known, "année de l'extraction")
    parts = [
        nearby.counted(points[points["categorie"].isin(group["categories"])], group["chiffres"])
        for group in groups().values()
    ]
    return [(source, observed(pd.concat(parts, ignore_index=True), source))]


def _rows(deposit: Deposit) -> list[list[str]]:
    content = deposit.path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") if row]
    stock = rows[0][:1] == ["finess"]
    short = [
        number
        for number, row in enumerate(rows[1:], 2)
        if len(row) < (_WIDTHS.get(row[0], 0) if stock else len(rows[0]))
    ]
    if short:
        fact = "cette ligne est incomplète : le fichier est abîmé ou tronqué."
        raise SourceError(
            Problem(fact, deposit.path.name, short[0], remedy="Téléchargez-le à nouveau.")
        )
    return rows


def _year(head: list[str], deposit: Deposit) -> int:
    try:
        return date.fromisoformat(head[3]).year
    except (IndexError, ValueError):
        return dating.stated_year(deposit.path.name, deposit.year)


def _joined(rows: list[list[str]], deposit: Deposit) -> pd.DataFrame:
    """Give the establishments of the stock the coordinates of their own lines."""
    spots = [row for row in rows if row[0] == _SPOT]
    if not spots:
        fact = "ce fichier FINESS n'a pas de lignes « geolocalisation »."
        remedy = "Prenez l'extraction géolocalisée (etalab-cs1100507-stock)."
        raise SourceError(Problem(fact, deposit.path.name, remedy=remedy))
    tables = [
        pd.DataFrame([[row[i] for i in where.values()] for row in lines], columns=[*where])
        for where, lines in ((_STOCK, [row for row in rows if row[0] == _PLACE]), (_SPOTS, spots))
    ]
    return tables[0].merge(tables[1].drop_duplicates("id"), on="id", how="left").fillna("")


def _named(rows: list[list[str]], deposit: Deposit) -> pd.DataFrame:
    table = pd.DataFrame(rows[1:], columns=rows[0])
    missing = [column for column in _TABLE.values() if column not in table]
    if missing:
        fact = f"colonnes absentes : {', '.join(missing)}."
        remedy = "Reprenez le fichier du producteur, sans en changer l'en-tête."
        raise SourceError(Problem(fact, deposit.path.name, 1, remedy=remedy))
    return table[[*_TABLE.values()]].set_axis([*_TABLE], axis=1)


def _points(table: pd.DataFrame, deposit: Deposit) -> gpd.GeoDataFrame:
    """Return the establishments of Marseille, each once, as points in metres."""
    codes = table["departement"] + table["commune"].str.zfill(3)
    wards = {ward.code for ward in territories.arrondissements()}
    counted = {code for group in groups().values() for code in group["categories"]}
    kept = codes.isin({*wards, territories.CITY}) & table["categorie"].isin(counted)
    here = table[kept].drop_duplicates("id")
    if here.empty:
        raise SourceError(
            Problem(
                "aucun établissement de santé compté ici n'est à Marseille.",
                deposit.path.name,
                remedy="Vérifiez que l'extraction couvre les Bouches-du-Rhône.",
            )
        )
    sure = ~here["origine"].str.contains(_COARSE, regex=False)
    east, north = (
        facilities.numbers(here[axis].rename(_TABLE[axis]), deposit.path) for axis in "xy"
    )
    given = east.notna() & north.notna() & sure
    spots = gpd.GeoSeries(
        gpd.points_from_xy(east, north), here.index, crs=territories.METRIC_CRS
    ).where(given)
    placed = near_city(spots)
    facilities.check_placed(~placed, deposit.path)
    stated = codes[here.index]
    if stated.isin(wards).any():  # a file may state the city only
        facilities.check_wards(stated, deposit.path)
    frame = here[["categorie"]].assign(
        poids=1.0, arrondissement=stated.where(stated.isin(wards), None)
    )
    return gpd.GeoDataFrame(frame, geometry=spots.where(placed))
