"""National directories of facilities and shops, counted by quartier and related to inhabitants.

They are recognised by their header, before anything else is read: these files hold millions of
lines. Only the lines of Marseille leave them, and none is stored.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import yaml

from qpvlib import paths, territories
from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import facilities
from qpvlib.indicators.microdata import engine
from qpvlib.indicators.population import POPULATION
from qpvlib.observations import COLUMNS, NOT_APPLICABLE, NUMBERS, VALUE, Observations
from qpvlib.sources import dating, registry, tables
from qpvlib.sources.places import FARTHEST
from qpvlib.sources.registry import Source

BLOCK = "repertoire"
_YEAR = "AN"
_STATE, _ACTIVITY = "etatAdministratifEtablissement", "activitePrincipaleEtablissement"
_COMMUNE, _SHOP = "codeCommuneEtablissement", "NAF47"
_AXES = ("coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement")


@dataclass(frozen=True)
class Directory:
    """One kind of directory; the fields are those of ``data/repertoires.yml``.

    Attributes
    ----------
    families
        Keys of ``data/equipements.yml`` that are counted.
    category
        ``modalite`` of the figures.
    """

    name: str
    label: str
    producer: str
    dataset: str
    identifier: str
    licence: str
    signature: frozenset[str]
    families: tuple[str, ...]
    category: str

    @property
    def indicators(self) -> frozenset[str]:
        """The indicators it gives."""
        return frozenset(facilities.families()[name]["indicateur"] for name in self.families)


@cache
def directories() -> dict[str, Directory]:
    """Return every kind of directory: name -> directory."""
    entries = yaml.safe_load((paths.data() / "repertoires.yml").read_text("utf-8"))
    return {
        name: Directory(
            name,
            entry["libelle"],
            entry["producteur"],
            entry["jeu"],
            entry["identifiant"],
            entry["licence"],
            frozenset(entry["signature"]),
            tuple(entry["familles"]),
            entry["modalite"],
        )
        for name, entry in entries.items()
    }


def recognise(path: Path) -> Directory | None:
    """Return the kind of directory that a text file is, by its header, if it is one."""
    columns = _header(path)
    return next((d for d in directories().values() if d.signature <= columns), None)


def read(
    path: Path, directory: Directory, stored: pd.DataFrame, digest: str, year: int | None
) -> tuple[Source, pd.DataFrame]:
    """Count what a directory holds in each quartier and relate it to the latest population.

    Parameters
    ----------
    path, directory
        The file, and what it is.
    stored
        Observations; they hold the population.
    digest
        Fingerprint of the file.
    year
        Year of the file, where it does not say it.

    Returns
    -------
    tuple
        Entry of the registry and observations. ``numerateur`` and ``denominateur`` are the count
        and the inhabitants; without any facility, inhabitants per facility have no object.

    Raises
    ------
    SourceError
        If the file is unreadable or undated, has no line in Marseille, leaves too many lines
        without a quartier, or if no population is known.
    """
    try:
        vintage = _vintage(path, year)
        if directory.name == "bpe":
            geography, places = _facilities(path)
        else:
            geography, places = "qpv2024", _shops(path)
    except duckdb.Error:
        raise SourceError(
            Problem(
                "ce fichier est abîmé ou tronqué.", path.name, remedy="Téléchargez-le à nouveau."
            )
        ) from None
    people, people_year = _population(stored, geography)
    frame = pd.concat(
        [facilities.per_inhabitant(places, people, name, vintage) for name in directory.families],
        ignore_index=True,
    )
    source = Source(
        directory.identifier.format(perimetre=geography, annee=vintage),
        directory.name,
        directory.producer,
        directory.dataset,
        vintage,
        geography,
        {
            BLOCK: {
                "millesime": vintage,
                "connu": "lu" if _YEAR in _header(path) else "inféré",
                "preuve": f"année du fichier ; habitants : population de {people_year}",
            }
        },
        "",
        directory.licence,
        path.name,
        digest,
        10,
    )
    frame = frame.assign(
        geographie=geography,
        modalite=directory.category,
        millesime=vintage,
        etat=VALUE,
        source=source.id,
    ).reindex(columns=COLUMNS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    none = frame["valeur"].isna()
    frame.loc[none, "etat"] = NOT_APPLICABLE
    frame.loc[none, NUMBERS] = float("nan")
    return source, frame


def _header(path: Path) -> frozenset[str]:
    with open(path, "rb") as file:
        line = file.readline(1 << 16).decode("utf-8-sig", errors="replace").strip()
    separator = ";" if ";" in line else ","
    return frozenset(name.strip('"') for name in line.split(separator))


def _vintage(path: Path, year: int | None) -> int:
    if _YEAR not in _header(path):
        return dating.stated_year(tables.Table(path.name, path.name, (), (), ()), None, year)
    with engine() as connection:
        source = connection.read_csv(str(path), sep=";", header=True, all_varchar=True)
        years = source.select(_YEAR).distinct().fetchall()
    if len(years) != 1 or not str(years[0][0]).isdigit():
        raise SourceError(Problem("ce fichier ne porte pas une année unique.", path.name, 1, _YEAR))
    return int(years[0][0])


def _facilities(path: Path) -> tuple[str, pd.DataFrame]:
    for geography in ("qpv2024", "qpv2015"):
        places = facilities.read_bpe(path, geography)
        if "territoire" in places:
            facilities.check_placed(places["indetermine"], path)
            return geography, places
    raise SourceError(
        Problem(
            "aucun équipement de ce fichier ne porte le code d'un quartier prioritaire.",
            path.name,
            remedy="Reprenez le fichier complet de l'Insee, avec ses colonnes QP.",
        )
    )


def _shops(path: Path) -> gpd.GeoDataFrame:
    """Return the active retail shops of Marseille, and the quartier each stands in."""
    with engine() as connection:
        source = connection.read_csv(str(path), header=True, all_varchar=True)
        missing = [c for c in (_COMMUNE, *_AXES) if c not in source.columns]
        if missing:
            raise SourceError(Problem(f"Colonnes absentes\u00a0: {', '.join(missing)}.", path.name))
        table = (
            source.filter(
                f"starts_with({_COMMUNE}, '132') AND {_STATE} = 'A' "
                f"AND starts_with({_ACTIVITY}, '47.') AND NOT starts_with({_ACTIVITY}, '47.3')"
            )
            .select(", ".join(["siret", *(f"nullif({c}, '[ND]') AS {c}" for c in _AXES)]))
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
    outline = territories.background("commune_13055").to_crs(territories.METRIC_CRS).union_all()
    placed = points.distance(outline) <= FARTHEST
    facilities.check_placed(~placed, path)
    shops = gpd.GeoDataFrame({"typequ": _SHOP}, index=points.index, geometry=points)
    quartiers = territories.contours().to_crs(territories.METRIC_CRS).rename_axis("code")
    return facilities.located(shops[placed], quartiers.reset_index())


def _population(stored: pd.DataFrame, geography: str) -> tuple[pd.Series, int]:
    known = Observations(stored, registry.ranks())
    years = known.vintages(POPULATION, geography)
    if not years:
        raise SourceError(
            Problem(
                "la population des quartiers manque, rien ne peut être rapporté aux habitants.",
                remedy="Importez d'abord un fichier qui la donne.",
            )
        )
    codes = [member.code for member in territories.qpv(geography)]
    rows = known.across(POPULATION, codes, years[-1])
    return pd.Series([row.value for row in rows], codes, dtype=float), years[-1]
