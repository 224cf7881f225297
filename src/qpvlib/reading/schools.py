"""The schools in a quartier and close to it, and the collèges of its arrondissement.

Which school a child goes to depends on a catchment that no file here gives: what stands in the
quartier or within :data:`NEAR` metres is told, not what its children attend. Only the public
écoles are on the City's lists; the other schools are told by arrondissement.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from qpvlib import intervals, schools, territories
from qpvlib.catalogue import COUNTS
from qpvlib.indicators.access import pairs_within
from qpvlib.observations import ALL, UNAVAILABLE, VALUE, Observation, Observations
from qpvlib.schools import COLLEGE, PUBLIC, SCHOOL, SECTORS
from qpvlib.sources import depp
from qpvlib.territories import CITY, METRIC_CRS, Qpv

NEAR = 300.0
"""Metres from the outline of the quartier, as the crow flies."""
OLD_IPS, IPS, ROLL = "ips_ancienne_echelle", "ips", "effectif"
PASS, ADDED = "taux_reussite_dnb", "va_reussite_dnb"
_SHOWN = {
    SCHOOL: (((ROLL,), 1), ((OLD_IPS, IPS), 2)),
    COLLEGE: (((OLD_IPS, IPS), 2), ((PASS,), 3), ((ADDED,), 3)),
}
"""Kind of school -> groups of measures, and how many of their last years are shown."""
Column = tuple[str, int]
"""A measure and the year in which its school year begins, or that of its examination."""


@dataclass(frozen=True)
class School:
    """One school.

    Attributes
    ----------
    name, sector
        Its name as printed; ``public`` or ``prive``.
    distance
        Metres from the outline of the quartier, 0 inside, ``None`` where its place is not known.
    figures
        Measure and year -> figure, of any state.
    """

    name: str
    sector: str
    distance: float | None
    figures: dict[Column, Observation]


@dataclass(frozen=True)
class Schools:
    """What the page of a quartier says of schools.

    Attributes
    ----------
    near
        Public écoles within :data:`NEAR` metres, the nearest first.
    unplaced, colleges
        Écoles without a known place, and collèges, of the arrondissements of the quartier.
    means
        Kind and sector -> measure and year -> mean of the city.
    """

    territory: Qpv
    near: tuple[School, ...]
    unplaced: tuple[School, ...]
    colleges: tuple[School, ...]
    means: dict[tuple[str, str], dict[Column, Observation]]

    @property
    def figures(self) -> tuple[Observation, ...]:
        """Every figure that the page prints."""
        each = [s.figures for s in (*self.near, *self.unplaced, *self.colleges)]
        return tuple(o for known in (*each, *self.means.values()) for o in known.values())


def around(territory: Qpv, observations: Observations) -> Schools:
    """Return the schools of a quartier of 2024; the store gives the means of the city."""
    told, points = schools.read_all(), schools.places()
    outline = territories.contours().to_crs(METRIC_CRS).geometry.loc[[territory.code]]
    near = pairs_within(outline, points, NEAR).set_index("cible")["distance"].to_dict()
    rows, known = _open(told), told.set_index(["uai", "mesure", "millesime"])
    ecoles, mine = rows["nature"] == SCHOOL, rows["arrondissement"].isin(territory.arrondissements)
    shown = {
        kind: [column for group in groups for column in _last(told[told["nature"] == kind], *group)]
        for kind, groups in _SHOWN.items()
    }

    def each(chosen: pd.Series, kind: str) -> list[School]:
        found = [
            School(
                schools.short_name(row.nom),
                row.secteur,
                near.get(row.uai),
                {column: _figure(row.uai, column, known) for column in shown[kind]},
            )
            for row in rows[chosen].itertuples()
        ]
        return sorted(found, key=lambda s: (s.distance or 0, s.sector != PUBLIC, s.name))

    return Schools(
        territory,
        tuple(each(ecoles & rows["uai"].isin(near), SCHOOL)),
        tuple(each(ecoles & mine & ~rows["uai"].isin(points.index), SCHOOL)),
        tuple(each((rows["nature"] == COLLEGE) & mine, COLLEGE)),
        {
            (kind, sector): dict(_means(kind, sector, columns, observations))
            for kind, columns in shown.items()
            for sector in SECTORS
        },
    )


def _open(told: pd.DataFrame) -> pd.DataFrame:
    """Return one row, the latest, per school of which a last file still speaks."""
    rows = told[told["millesime"] == told.groupby("source")["millesime"].transform("max")]
    indexed = told[told["mesure"].isin((OLD_IPS, IPS))]
    rows = rows[
        rows["millesime"] >= rows["nature"].map(indexed.groupby("nature")["millesime"].max())
    ]
    return rows.sort_values("millesime", kind="stable").drop_duplicates("uai", keep="last")


def _last(told: pd.DataFrame, measures: tuple[str, ...], count: int) -> list[Column]:
    rows = told[told["mesure"].isin(measures)]
    found = {
        (int(year), name) for year, name in zip(rows["millesime"], rows["mesure"], strict=True)
    }
    return [(name, year) for year, name in sorted(found)[-count:]]


def _figure(uai: str, column: Column, known: pd.DataFrame) -> Observation:
    """Return the figure of a school, from the figures by school, measure and year."""
    measure, year = column
    value, low, high, kind, state, source = None, None, None, "", UNAVAILABLE, ""
    if (uai, *column) in known.index:
        row = known.loc[(uai, *column)]
        state, source = row["etat"], row["source"]
    if state == VALUE:
        entry, value = schools.measures()[measure], float(row["valeur"])
        half = 0.0 if entry.unite in COUNTS else 0.5 * 10.0**-entry.decimales
        low, high = round(value - half, 6), round(value + half, 6)
        kind = intervals.ROUNDING if half else intervals.EXHAUSTIVE_FILE
    return Observation(
        uai, schools.GEOGRAPHY, measure, ALL, year, value, None, None, low, high, state, source,
        kind,
    )  # fmt: skip


def _means(
    kind: str, sector: str, columns: list[Column], observations: Observations
) -> Iterator[tuple[Column, Observation]]:
    """Yield the means of the city that the files of a kind of school give for one sector."""
    mine = [form.mean for form in depp.forms().values() if form.rules["nature"] == kind]
    rules = {mean["mesure"]: mean for mean in mine}
    for measure, year in columns:
        if measure in rules:
            categories = rules[measure]["modalites"].items()
            name = next(name for name, sectors in categories if sectors == [sector])
            yield (measure, year), observations.get(rules[measure]["indicateur"], CITY, name, year)
