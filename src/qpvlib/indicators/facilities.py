"""Facilities per inhabitant, from INSEE's Base permanente des équipements or any layer of points.

When the file names the quartier of a facility, that code is used: it rests on the address, where
an overlay would only rest on coordinates. Facilities whose position is uncertain (quality 33,
500 m or more) are counted but never measured from.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from qpvlib import declared, paths, territories
from qpvlib.errors import EstimationError, InvalidParameterError, Problem, SourceError
from qpvlib.indicators.areas import RESULT
from qpvlib.indicators.microdata import engine
from qpvlib.observations import ALL
from qpvlib.sources.places import UNPLACED

UNCERTAIN = "33"
_UNDETERMINED = "IND"
CUT = "Le fichier est tronqué ou filtré : reprenez celui du producteur."
# Columns and codes of the quartier by geography: QP held the perimeters in force, 2015 then 2024.
_QUARTIER = {
    "qpv2015": (("QP2015", "QP"), r"QP\d{6}$"),
    "qpv2024": (("QP2024", "QP"), r"QN\d{5}[IMN]$"),
}
_QUALITY = ("QUALITE_GEOLOC", "QUALITE_XY")
_NEEDED = ("TYPEQU", "DEPCOM", "LAMBERT_X", "LAMBERT_Y")


@cache
def _declared() -> dict[str, Any]:
    return declared.read(paths.data() / "equipements.yml")


def families() -> dict[str, dict[str, Any]]:
    """Return the families of ``data/equipements.yml``."""
    return _declared()["familles"]


def codes(family: str, vintage: int) -> frozenset[str]:
    """Return the TYPEQU codes of a family in the list of a vintage, none if it had no such type.

    Raises
    ------
    InvalidParameterError
        If the family is not declared.
    """
    if family not in families():
        known = ", ".join(families())
        raise InvalidParameterError(f"Famille d'équipements inconnue : {family} ({known}).")
    lists = families()[family]["codes"]
    since = [year for year in lists if year <= vintage]
    return frozenset(lists[max(since)]) if since else frozenset()


def check_list(found: Iterable[str], vintage: int, path: Path) -> None:
    """Refuse a file whose codes are not those of the list of its year.

    Parameters
    ----------
    found
        TYPEQU codes of the file.
    vintage, path
        Its year and the file.

    Raises
    ------
    SourceError
        If the year has no known list, or if a code did not exist that year: facilities whose code
        changed would count as none.
    """
    first, last = _declared()["millesimes"]
    if not first <= vintage <= last:
        fact = f"les listes de codes connues vont de {first} à {last}, pas {vintage}."
        remedy = "Complétez data/equipements.yml d'après la liste TYPEQU de cette année."
        raise SourceError(Problem(fact, path.name, column="TYPEQU", remedy=remedy))
    spans = _declared()["generations"]
    wrong = sorted(
        code
        for code in set(found) & set(spans)
        if not spans[code].get("depuis", vintage) <= vintage <= spans[code].get("jusqu", vintage)
    )
    if wrong:
        fact = (
            f"ce fichier est annoncé pour {vintage}, mais sa liste de codes est d'une autre année "
            f"({', '.join(wrong)})."
        )
        remedy = "Reprenez le fichier de l'Insee, ou corrigez l'année annoncée."
        raise SourceError(Problem(fact, path.name, column="TYPEQU", remedy=remedy))


def read_bpe(path: Path, geography: str, communes: str = "132") -> gpd.GeoDataFrame:
    """Read the facilities of the communes whose code starts with ``communes``.

    Parameters
    ----------
    path
        Official csv (semicolons), 2018 to 2025.
    geography
        ``qpv2015`` or ``qpv2024``: which quartier to keep.
    communes
        First characters of ``DEPCOM``; Marseille is 13201 to 13216.

    Returns
    -------
    GeoDataFrame
        Columns ``typequ, commune, territoire`` (missing outside quartiers), ``localisable`` and
        points in the projection of the project (none when unknown). ``territoire`` is absent when
        the file names no quartier of this geography: see :func:`located`; where there is one,
        ``indetermine`` says that INSEE could not tell.

    Raises
    ------
    SourceError
        If the file is absent, lacks columns, has no such commune, or holds coordinates that
        are not numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError(f"Le fichier {path} n'existe pas.")
    with engine() as connection:
        source = connection.read_csv(str(path), sep=";", header=True, all_varchar=True)
        names, form = _QUARTIER[geography]
        quartier = next((c for c in names if c in source.columns), None)
        quality = next((c for c in _QUALITY if c in source.columns), None)
        missing = [c for c in _NEEDED if c not in source.columns]
        missing += [] if quality else [" ou ".join(_QUALITY)]
        if missing:
            fact = f"Colonnes absentes : {', '.join(missing)}."
            remedy = "Reprenez le fichier complet de l'Insee, sans en changer l'en-tête."
            raise SourceError(Problem(fact, path.name, remedy=remedy))
        chosen = [*_NEEDED, quality, *([quartier] if quartier else [])]
        table = source.filter(f"starts_with(DEPCOM, '{communes}')").select(*chosen).df()
    if table.empty:
        raise SourceError(Problem("Aucun équipement dans ces communes.", path.name))
    east, north = (numbers(table[axis], path) for axis in ("LAMBERT_X", "LAMBERT_Y"))
    points = gpd.GeoSeries(gpd.points_from_xy(east, north), crs=territories.METRIC_CRS)
    facilities = gpd.GeoDataFrame(
        {
            "typequ": table["TYPEQU"],
            "commune": table["DEPCOM"],
            "localisable": east.notna() & north.notna() & (table[quality] != UNCERTAIN),
        },
        geometry=points.where(east.notna() & north.notna()),
    )
    inside = table[quartier].str.match(form, na=False) if quartier else pd.Series([False])
    if inside.any():
        facilities["indetermine"] = table[quartier] == _UNDETERMINED
        facilities["territoire"] = table[quartier].where(inside)
    return facilities


def layer(places: gpd.GeoDataFrame, family: str, vintage: int) -> gpd.GeoDataFrame:
    """Return the places of a family as points to measure from.

    Parameters
    ----------
    places
        As read by :func:`read_bpe`.
    family, vintage
        Key of ``data/equipements.yml`` and year of the list of codes.

    Returns
    -------
    GeoDataFrame
        Column ``poids`` (1 each); points in metres, none where the position is uncertain: as
        :func:`qpvlib.indicators.nearby.around` takes them.
    """
    chosen = places[places["typequ"].isin(codes(family, vintage))]
    points = chosen.geometry.where(chosen["localisable"])
    return gpd.GeoDataFrame({"poids": 1.0}, index=chosen.index, geometry=points)


def numbers(column: pd.Series, path: Path) -> pd.Series:
    """Return coordinates as numbers, missing where the cell is blank.

    Raises
    ------
    SourceError
        If a cell is no number.
    """
    written = column.str.strip().replace("", None)
    values = pd.to_numeric(written.str.replace(",", "."), errors="coerce")
    wrong = written.notna() & values.isna()
    if wrong.any():
        raise SourceError(
            Problem(f"{wrong.sum()} coordonnées illisibles.", path.name, column=str(column.name))
        )
    return values


def check_placed(lost: pd.Series, path: Path) -> None:
    """Refuse a file that leaves too many lines without a place: quartiers would look empty.

    Raises
    ------
    SourceError
        If more than :data:`qpvlib.sources.places.UNPLACED` of the lines are lost.
    """
    if lost.mean() > UNPLACED:
        fact = f"lignes sans lieu connu à Marseille : {lost.sum()} sur {len(lost)}."
        remedy = "Vérifiez les coordonnées (Lambert 93) et les codes de quartier."
        raise SourceError(Problem(fact, path.name, remedy=remedy))


def check_wards(found: Iterable[str], path: Path, inhabited: bool = False) -> None:
    """Refuse a file cut of a whole arrondissement: its quartiers would look empty.

    Parameters
    ----------
    found
        Arrondissement, or commune, of each line of the file that is in Marseille.
    path
        The file.
    inhabited
        Ask only for the arrondissements that hold a quartier of 2024.

    Raises
    ------
    SourceError
        With the arrondissements without a line.
    """
    wanted = {ward.code for ward in territories.arrondissements()}
    if inhabited:
        wanted &= {code for one in territories.qpv("qpv2024") for code in one.arrondissements}
    if absent := sorted(wanted - set(found)):
        fact = f"arrondissements sans aucun équipement : {', '.join(absent)}."
        raise SourceError(Problem(fact, path.name, remedy=CUT))


def located(points: gpd.GeoDataFrame, quartiers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each point the quartier it stands in (columns ``code, geometry`` of a checked layer)."""
    joined = points.sjoin(quartiers[["code", "geometry"]], how="left", predicate="intersects")
    first = joined["code"].groupby(level=0).first()  # on a shared border, the first code wins
    return points.assign(territoire=first.reindex(points.index))


def per_inhabitant(
    places: pd.DataFrame, population: pd.Series, family: str, vintage: int
) -> pd.DataFrame:
    """Relate the facilities of a family to the inhabitants of each territory.

    Parameters
    ----------
    places
        Columns ``typequ, territoire``.
    population
        Inhabitants by territory; a territory without any facility counts zero.
    family
        Key of ``data/equipements.yml`` that has an indicator.
    vintage
        Year of the list of codes.

    Returns
    -------
    DataFrame
        Columns :data:`RESULT`; ``n`` is the number of facilities. Inhabitants per facility have
        no value where there is none.

    Raises
    ------
    EstimationError
        If a population is missing or not positive.
    """
    check_population(population)
    entry = families()[family]
    found = tally(places, codes(family, vintage), population.index)
    table = pd.DataFrame({"territoire": population.index, "n": found.to_numpy()})
    people = population.to_numpy(float)
    if "pour" in entry:
        table = table.assign(numerateur=table["n"].astype(float), denominateur=people)
        scale = float(entry["pour"])
    else:
        table = table.assign(numerateur=people, denominateur=table["n"].astype(float))
        scale = 1.0
    below = table["denominateur"].where(table["denominateur"] > 0)
    return table.assign(
        indicateur=entry["indicateur"], modalite=ALL, valeur=scale * table["numerateur"] / below
    )[RESULT]


def tally(places: pd.DataFrame, kinds: frozenset[str], territories: pd.Index) -> pd.Series:
    """Count the facilities of some kinds (TYPEQU codes) in each territory."""
    chosen = places.loc[places["typequ"].isin(kinds), "territoire"]
    return chosen.value_counts().reindex(territories, fill_value=0)


def check_population(population: pd.Series) -> None:
    """Refuse inhabitants that are missing, null or negative.

    Raises
    ------
    EstimationError
        With the territories.
    """
    wrong = population.index[~(population > 0)]
    if len(wrong):
        raise EstimationError(
            f"Population manquante, nulle ou négative\u00a0: {', '.join(map(str, wrong))}."
        )
