"""Transit timetables in the GTFS format: how often each stop is served in a full week.

The files are joined by DuckDB, out of memory if need be, rather than by gtfs-kit or partridge:
the first brings a mapping stack, the second is not kept up with pandas, and neither lists what is
wrong with a timetable.
"""

import datetime
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd

from qpvlib.errors import Problem, SourceError
from qpvlib.indicators.microdata import engine
from qpvlib.sources.archives import unpack
from qpvlib.sources.places import near_city, not_a_week
from qpvlib.territories import METRIC_CRS

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEEDED = {
    "stops": ("stop_id", "stop_lat", "stop_lon"),
    "stop_times": ("trip_id", "stop_id"),
    "trips": ("trip_id", "service_id"),
}
_OPTIONAL = {
    "calendar": ("service_id", *DAYS, "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
}
_CALENDARS = ("calendar", "calendar_dates")
_REFERENCES = (
    ("stop_times", "stop_id", ("stops",)),
    ("stop_times", "trip_id", ("trips",)),
    ("trips", "service_id", _CALENDARS),
)
_DATES = (("calendar", "start_date"), ("calendar", "end_date"), ("calendar_dates", "date"))


@dataclass(frozen=True)
class Timetable:
    """The stops served in one week.

    Attributes
    ----------
    stops
        Column ``poids``: passages in the week; index ``stop_id``, points in metres. A platform
        counts by itself, its station does not.
    monday
        First day of the week: of the full weeks of the file, the one with the most passages,
        which is in practice a school week without a public holiday.
    """

    stops: gpd.GeoDataFrame
    monday: datetime.date


def read(path: Path) -> Timetable:
    """Read the stops that a timetable serves, and check it.

    Raises
    ------
    SourceError
        With every missing file or column, repeated stop, unreadable date or coordinate and
        unknown reference, or if no stop is in Marseille, no week is whole or Saturdays are
        busier than working days.
    UnsafeArchiveError
        As :func:`qpvlib.sources.archives.unpack` says.
    """
    with tempfile.TemporaryDirectory() as folder, engine() as connection:
        files = {member.stem: member for member in unpack(path, Path(folder))}
        _refuse(_absences(connection, files, path.name))
        _refuse(_faults(connection, path.name))
        stops = _located(connection, path.name)
        monday, passages = _busiest_week(connection, path.name)
    served = stops.assign(poids=passages.reindex(stops.index, fill_value=0).astype(float))
    return Timetable(served[served["poids"] > 0], monday)


def _refuse(problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise SourceError(found)


def _absences(
    connection: duckdb.DuckDBPyConnection, files: dict[str, Path], archive: str
) -> Iterator[Problem]:
    """Open every file as a table of text, an optional one empty; say what is not there."""
    remedy = "Reprenez l'archive du producteur."
    for name, columns in (_NEEDED | _OPTIONAL).items():
        if name not in files:
            if name in _NEEDED:
                yield Problem(f"le fichier {name}.txt manque.", archive, remedy=remedy)
            empty = ", ".join(f"'' AS {column}" for column in columns)
            connection.sql(f"SELECT {empty} WHERE false").to_table(name)
            continue
        table = connection.read_csv(
            str(files[name]), header=True, sep=",", quotechar='"', null_padding=True,
            all_varchar=True,
        )  # fmt: skip
        for column in columns:
            if column not in table.columns:
                fact = f"la colonne {column} de {name}.txt manque."
                yield Problem(fact, archive, remedy=remedy)
        table.to_table(name)
    if not set(_CALENDARS) & set(files):
        fact = "ni calendar.txt ni calendar_dates.txt : les jours de passage sont inconnus."
        yield Problem(fact, archive, remedy=remedy)


def _faults(connection: duckdb.DuckDBPyConnection, archive: str) -> Iterator[Problem]:
    def count(query: str) -> int:
        return connection.sql(f"SELECT count(*) FROM {query}").fetchall()[0][0]

    def told(number: int, fact: str) -> Iterator[Problem]:
        if number:
            yield Problem(f"{fact} : {number}.", archive)

    repeated = count("(SELECT stop_id FROM stops GROUP BY 1 HAVING count(*) > 1)")
    yield from told(repeated, "arrêts donnés deux fois dans stops.txt")
    for name, column, others in _REFERENCES:
        known = " UNION ".join(f"SELECT {column} FROM {other}" for other in others)
        lost = count(f"{name} WHERE {column} IS NOT NULL AND {column} NOT IN ({known})")
        yield from told(lost, f"{column} de {name}.txt qui ne sont pas dans {others[0]}.txt")
    for name, column in _DATES:
        wrong = count(f"{name} WHERE try_strptime({column}, '%Y%m%d') IS NULL")
        yield from told(wrong, f"dates illisibles dans {name}.txt, colonne {column}")
    wrong = count(
        f"frequencies WHERE NOT coalesce(try_cast(headway_secs AS INT) > 0 "
        f"AND {_seconds('end_time')} > {_seconds('start_time')}, false)"
    )
    yield from told(wrong, "lignes illisibles dans frequencies.txt")


def _located(connection: duckdb.DuckDBPyConnection, archive: str) -> gpd.GeoDataFrame:
    """Return the stops that trips serve, on the map."""
    table = connection.sql(
        "SELECT stop_id, try_cast(stop_lon AS DOUBLE) AS x, try_cast(stop_lat AS DOUBLE) AS y "
        "FROM stops WHERE stop_id IN (SELECT stop_id FROM stop_times) ORDER BY stop_id"
    ).df()
    inside = table["x"].abs().le(180) & table["y"].abs().le(90)
    if not inside.all():
        fact = f"arrêts dont les coordonnées ne sont pas en degrés : {(~inside).sum()}."
        remedy = "Donnez-les en longitude et latitude (EPSG:4326)."
        raise SourceError(Problem(fact, archive, remedy=remedy))
    spots = gpd.points_from_xy(table["x"], table["y"], crs="EPSG:4326")
    stops = gpd.GeoDataFrame(index=table["stop_id"], geometry=spots).to_crs(METRIC_CRS)
    if not near_city(stops.geometry).any():
        fact = "aucun arrêt desservi de ce fichier n'est à Marseille."
        remedy = "Vérifiez le réseau, et que longitude et latitude ne sont pas inversées."
        raise SourceError(Problem(fact, archive, remedy=remedy))
    return stops


def _busiest_week(
    connection: duckdb.DuckDBPyConnection, archive: str
) -> tuple[datetime.date, pd.Series]:
    """Return the full week with the most passages, and those of each stop."""
    weekday = f"[{', '.join(DAYS)}][isodow(day)] = '1'"
    connection.execute(
        f"""
        CREATE VIEW days AS
        (SELECT service_id, day FROM (
            SELECT *, unnest(generate_series(strptime(start_date, '%Y%m%d'),
                strptime(end_date, '%Y%m%d'), INTERVAL 1 DAY))::DATE AS day FROM calendar)
         WHERE {weekday}
         EXCEPT SELECT service_id, strptime(date, '%Y%m%d')::DATE FROM calendar_dates
            WHERE exception_type = '2')
        UNION SELECT service_id, strptime(date, '%Y%m%d')::DATE FROM calendar_dates
            WHERE exception_type = '1';
        CREATE VIEW runs AS SELECT trip_id, sum(ceil(
            ({_seconds("end_time")} - {_seconds("start_time")}) / headway_secs::INT)) AS runs
        FROM frequencies GROUP BY trip_id;
        CREATE TABLE passages AS SELECT service_id, stop_id, sum(coalesce(runs, 1)) AS passages
        FROM stop_times JOIN trips USING (trip_id) LEFT JOIN runs USING (trip_id)
        WHERE stop_id IS NOT NULL GROUP BY service_id, stop_id;
        CREATE TABLE weeks AS SELECT date_trunc('week', day)::DATE AS monday, service_id,
            count(*) AS days, count(*) FILTER (isodow(day) < 6) AS working,
            count(*) FILTER (isodow(day) = 6) AS saturdays FROM days GROUP BY 1, 2;
        """
    )
    weeks = connection.sql(
        """
        SELECT monday FROM weeks
        JOIN (SELECT service_id, sum(passages) AS passages FROM passages GROUP BY 1)
            USING (service_id)
        WHERE monday >= (SELECT min(day) FROM days)
            AND monday + 6 <= (SELECT max(day) FROM days)
        GROUP BY monday ORDER BY sum(days * passages) DESC, monday LIMIT 1
        """
    ).fetchall()
    if not weeks:
        fact = "ces horaires ne couvrent aucune semaine entière, du lundi au dimanche."
        raise SourceError(Problem(fact, archive, remedy="Donnez un fichier d'un mois ou plus."))
    found = connection.execute(
        "SELECT stop_id, sum(days * passages) AS passages, sum(working * passages) AS working, "
        "sum(saturdays * passages) AS saturday FROM passages JOIN weeks "
        "USING (service_id) WHERE monday = ? GROUP BY stop_id ORDER BY stop_id",
        weeks[0],
    ).df()
    _refuse(not_a_week(found["working"] / 5, found["saturday"], archive))
    return weeks[0][0], found.set_index("stop_id")["passages"]


def _seconds(column: str) -> str:
    """Return the expression of a time of day, which may exceed 24 hours."""
    hours, minutes, seconds = (
        f"try_cast(split_part({column}, ':', {i}) AS INT)" for i in (1, 2, 3)
    )
    return f"({hours} * 3600 + {minutes} * 60 + {seconds})"
