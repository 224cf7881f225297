"""Lists of places with coordinates: recognised by their content, checked, put on the map.

The lists are declared in ``data/lieux.yml``. Their places are counted; their names are kept by
:mod:`qpvlib.gazetteer`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import pandas as pd

from qpvlib import declared, paths, territories
from qpvlib.errors import Problem, SourceError
from qpvlib.sources import cells
from qpvlib.sources.kinds import Kind, head, lacking
from qpvlib.sources.tables import Table

FARTHEST = 3000
"""Metres from the outline of the city, which is simplified and without its islands (2.4 km)."""
FEW = 8
"""Places under which nothing is said of their points as a whole."""
ASTRAY, STRAYED = 300, 0.1
"""Metres from its arrondissement, and share of places, above which a list is refused."""
UNPLACED = 0.05
"""Share of places without coordinates above which a list is refused."""
BLOCK = "lieux"
_PLACE = ["nom", "longitude", "latitude"]
_DEGREES = {"longitude": 180, "latitude": 90}


@dataclass(frozen=True)
class Listing(Kind):
    """One kind of list; the fields are those of ``data/lieux.yml``.

    Attributes
    ----------
    columns
        Role (``nom``, ``longitude``, ``latitude``, ``postal`` or ``insee``, ``categorie``,
        ``exclu``, ``toponyme`` where ``nom`` is not what people say, ``mode``) -> column.
    nature, natures
        What its places are, in words; what those of some modes are instead.
    weights
        Columns whose sum is the weight of a place; one without weight is out of service.
    days
        Of passages: column of the five working days added up, column of Saturday.
    counts, sums
        Indicator, or ``indicator/category`` -> distance in metres from the quartier, 0 inside:
        number of places, sum of their weights.
    """

    known: str
    evidence: str
    signature: tuple[str, ...]
    columns: dict[str, str]
    nature: str
    natures: dict[str, str]
    categories: tuple[str, ...]
    excluded: tuple[str, ...]
    weights: tuple[str, ...]
    days: tuple[str, ...]
    counts: dict[str, int]
    sums: dict[str, int]


@dataclass(frozen=True)
class Places:
    """The places of a file, each once.

    Attributes
    ----------
    points
        Columns ``arrondissement`` (stated by the file, else missing), ``poids``, ``nom`` (what
        people say) and ``nature``; points in metres, none where the file gives no coordinates.
    listing
        What list it is.
    """

    points: gpd.GeoDataFrame
    listing: Listing


@cache
def listings() -> dict[str, Listing]:
    """Return every kind of list: name -> listing."""
    entries = declared.read(paths.data() / "lieux.yml")
    return {
        name: Listing(
            **head(name, entry),
            known=entry["connu"],
            evidence=entry["preuve"],
            signature=tuple(entry["signature"]),
            columns=entry["colonnes"],
            nature=entry["nature"],
            natures=entry.get("natures", {}),
            categories=tuple(entry["categories"]),
            excluded=tuple(entry.get("exclus", ())),
            weights=tuple(entry.get("poids", ())),
            days=tuple(entry.get("jours", ())),
            counts=entry["chiffres"],
            sums=entry.get("sommes", {}),
        )
        for name, entry in entries.items()
    }


def recognise(table: Table) -> Listing | None:
    """Return the kind of list that a table is, if it is one.

    Raises
    ------
    SourceError
        If a column of its list is missing.
    """
    listing = next((known for known in listings().values() if _resembles(table, known)), None)
    if listing is None:
        return None
    missing = [c for c in (*listing.columns.values(), *listing.weights) if c not in table.columns]
    if missing:
        raise lacking(listing, missing, table.file)
    return listing


def _resembles(table: Table, listing: Listing) -> bool:
    if not set(listing.signature) <= set(table.columns):
        return False
    if not listing.categories:
        return True
    position = table.columns.index(listing.columns["categorie"])
    return any(row[position] in listing.categories for row in table.rows)


def read(table: Table, listing: Listing) -> Places:
    """Read the places of a list that are in Marseille, each once.

    Raises
    ------
    SourceError
        With every unknown category or code, every unreadable number, coordinates that are not
        degrees or not in Marseille, and too many places without coordinates.
    """
    reader = _Reader(table, listing)
    frame = pd.DataFrame(
        reader.rows(), columns=[*_PLACE, "arrondissement", "poids", "ligne", "toponyme", "nature"]
    ).drop_duplicates(_PLACE, ignore_index=True)
    if not reader.problems and listing.days and listing.sums:
        week = pd.DataFrame(table.rows, columns=table.columns)[list(listing.days)]
        working, saturday = (week[column].map(cells.number).fillna(0) for column in week)
        reader.problems += not_a_week(working / 5, saturday, table.file)
    if reader.problems:
        raise SourceError(reader.problems)
    if frame.empty:
        raise SourceError(Problem("aucun lieu de cette liste n'est à Marseille.", table.file))
    unplaced = int(frame[["longitude", "latitude"]].isna().any(axis=1).sum())
    if unplaced > UNPLACED * len(frame):
        raise SourceError(
            Problem(
                f"lieux sans coordonnées : {unplaced} sur {len(frame)}.",
                table.file,
                remedy="Complétez la liste : un quartier paraîtrait vide à tort.",
            )
        )
    return Places(_points(frame, table, listing), listing)


class _Reader:
    """One table under one list: yields its places in service and notes what is wrong."""

    def __init__(self, table: Table, listing: Listing):
        self.table = table
        self.listing = listing
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[tuple]:
        columns = self.table.columns
        for line, row in zip(self.table.lines, self.table.rows, strict=True):
            cell = dict(zip(columns, row, strict=True))
            role = {name: cell[column] for name, column in self.listing.columns.items()}
            if role.get("exclu") and role["exclu"] in self.listing.excluded:
                continue
            if self.listing.categories and role["categorie"] not in self.listing.categories:
                fact = f"catégorie inconnue : « {role['categorie']} »."
                remedy = "Ajoutez-la à data/lieux.yml."
                self._note(fact, line, self.listing.columns["categorie"], remedy)
            inside, arrondissement = self._arrondissement(role, line)
            weight = sum(self._number(cell[c], line, c) or 0 for c in self.listing.weights)
            if inside and (weight > 0 or not self.listing.weights):
                x, y = (self._degrees(role[axis], line, axis) for axis in _DEGREES)
                name, nature = role.get("toponyme", role["nom"]), self.listing.nature
                nature = self.listing.natures.get(role.get("mode", ""), nature)
                yield role["nom"], x, y, arrondissement, float(weight), line, name, nature

    def _arrondissement(self, role: dict[str, str], line: int) -> tuple[bool, str | None]:
        """Return whether the place is in Marseille, and the arrondissement the file says."""
        kind = next((kind for kind in ("postal", "insee") if kind in role), None)
        if kind is None:
            return True, None
        text = role[kind]
        code = re.sub("^130", "132", text) if kind == "postal" else text
        if code in {known.code for known in territories.arrondissements()}:
            return True, code
        if kind == "postal" or text in ("", territories.CITY):
            fact = f"« {text} » n'est pas le code d'un arrondissement de Marseille."
            self._note(fact, line, self.listing.columns[kind])
        return False, None

    def _degrees(self, text: str, line: int, axis: str) -> float | None:
        column = self.listing.columns[axis]
        value = self._number(text, line, column)
        if value is not None and abs(value) > _DEGREES[axis]:
            remedy = "Donnez-les en longitude et latitude (EPSG:4326)."
            self._note("les coordonnées ne sont pas en degrés.", line, "", remedy)
            return None
        return value

    def _number(self, text: str, line: int, column: str) -> float | None:
        try:
            return cells.number(text)
        except ValueError:
            self._note(f"« {text} » n'est pas un nombre.", line, column)
            return None

    def _note(self, fact: str, line: int, column: str, remedy: str = "") -> None:
        """Note a problem once, at its first line."""
        if (fact, column) not in {(known.fact, known.column) for known in self.problems}:
            self.problems.append(Problem(fact, self.table.file, line, column, remedy))


def not_a_week(working: pd.Series, saturday: pd.Series, file: str) -> Iterator[Problem]:
    """Refuse a timetable whose Saturdays are busier than its working days at most stops.

    ``working`` is the mean working day of each stop. A union of all services that run on any day
    of a period is neither a day nor a week, and wrong by another factor on each line.
    """
    served = saturday > 0
    fewer = int((served & (working < saturday)).sum())
    if 2 * fewer > served.sum():
        fact = f"arrêts moins desservis un jour ouvré que le samedi : {fewer} sur {served.sum()}."
        remedy = "Ce n'est pas une semaine : donnez l'archive GTFS du producteur."
        yield Problem(fact, file, remedy=remedy)


def near_city(spots: gpd.GeoSeries) -> pd.Series:
    """Return which points are within :data:`FARTHEST` metres of Marseille; an absent one is not."""
    outline = territories.background("commune_13055").to_crs(territories.METRIC_CRS).union_all()
    return spots.distance(outline) <= FARTHEST


def _points(frame: pd.DataFrame, table: Table, listing: Listing) -> gpd.GeoDataFrame:
    placed = frame[["longitude", "latitude"]].notna().all(axis=1)
    spots = gpd.GeoSeries(
        gpd.points_from_xy(frame["longitude"], frame["latitude"]), frame.index, crs="EPSG:4326"
    ).where(placed)
    spots = spots.to_crs(territories.METRIC_CRS)
    away = frame[placed & ~near_city(spots)]
    if len(away):
        first = away.iloc[0]
        raise SourceError(
            Problem(
                f"lieux loin de Marseille : {len(away)} sur {len(frame)}, dont « {first.nom} ».",
                table.file,
                int(first.ligne),
                remedy="Vérifiez que longitude et latitude ne sont pas inversées.",
            )
        )
    if problems := [*_misplaced(spots, frame["arrondissement"], table.file)]:
        raise SourceError(problems)
    told = frame[["arrondissement", "poids", "toponyme", "nature"]]
    return gpd.GeoDataFrame(told.rename(columns={"toponyme": "nom"}), geometry=spots)


def _misplaced(spots: gpd.GeoSeries, stated: pd.Series, file: str) -> Iterator[Problem]:
    """Name places heaped at few points, or shifted out of the arrondissements they state.

    Of the lists at hand, at most 1.5 % of the places are further than :data:`ASTRAY` from their
    arrondissement; 30 % or more once moved by 1.6 km.
    """
    placed = spots[spots.notna()]
    remedy = "Vérifiez les coordonnées du fichier du producteur."
    points = placed.to_wkb().nunique()
    if len(placed) >= FEW and 2 * points <= len(placed):
        yield Problem(f"{len(placed)} lieux pour {points} points.", file, remedy=remedy)
    known = stated[placed.index].dropna()
    if len(known) >= FEW:
        wards = territories.background("arrondissements_13055").to_crs(territories.METRIC_CRS)
        own = wards.set_index("insee_arm").geometry.reindex(known)
        far = placed[known.index].distance(gpd.GeoSeries(own.array, known.index)) > ASTRAY
        if far.mean() > STRAYED:
            fact = f"{int(far.sum())} lieux sur {len(far)} sont hors de leur arrondissement."
            yield Problem(fact, file, remedy=remedy)
