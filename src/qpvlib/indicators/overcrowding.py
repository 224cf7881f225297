"""Overcrowding by INSEE's occupancy norm, household by household.

Rooms needed (insee.fr/fr/statistiques/2667470): one living room, one for each family's reference
person or couple, one for each other adult (not single, or single and 19 or more), and for single
persons under 19, one for two children of the same sex or both under 7, otherwise one each.
A household is overcrowded when it lacks at least one room. One-person households in one room
are left out of the field, as in INSEE's modern tables (``C_RP_HSTU1P``).
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from qpvlib.indicators.census import MARSEILLE, stacked
from qpvlib.indicators.microdata import Microdata, count, engine, opened, total
from qpvlib.observations import ALL

HOUSEHOLD = ("CANTVILLE", "NUMMI")

# A couple shares the room of its reference person; children are paired within the household.
_ROOMMATE = "lien_famille = 'conjoint'"
_GROWN = "lien_famille = 'reference' OR etat_civil = 'non_celibataire' OR age >= 19"
_HEAD = "lien_menage = 'reference'"
_MINOR = "age < 18"
_CHILD = f"NOT ({_ROOMMATE}) AND NOT ({_GROWN})"

_HOUSEHOLDS = f"""
    SELECT any_value(arrondissement) AS arrondissement, any_value(iris) AS iris,
        max(pieces) AS pieces,
        count(*) AS personnes,
        {count(_HEAD)} AS titulaires,
        sum(CASE WHEN {_HEAD} THEN poids ELSE 0 END) AS poids_menage,
        sum(CASE WHEN {_MINOR} THEN poids ELSE 0 END) AS poids_mineurs,
        {count(_MINOR)} AS mineurs,
        {count(f"NOT ({_ROOMMATE}) AND ({_GROWN})")} AS adultes,
        {count(f"{_CHILD} AND sexe = 'hommes'")} AS garcons,
        {count(f"{_CHILD} AND sexe = 'femmes'")} AS filles,
        {count(f"{_CHILD} AND sexe = 'hommes' AND age < 7")} AS petits,
        {count(f"{_CHILD} AND sexe = 'femmes' AND age < 7")} AS petites,
        bool_or({{faulty}}) AS membre_fautif
    FROM ({{persons}})
    WHERE lien_menage IS DISTINCT FROM 'hors_menage'
    GROUP BY {", ".join(HOUSEHOLD)}
"""

# Pairs of one sex first; a boy and a girl left over share only if each sex has a child under 7.
_NEEDED = """
    1 + adultes + (garcons + 1) // 2 + (filles + 1) // 2
    - CAST(garcons % 2 = 1 AND filles % 2 = 1 AND petits > 0 AND petites > 0 AS INTEGER)
"""
_FIELD = "NOT (personnes = 1 AND pieces = 1)"
_OVERCROWDED = f"{_FIELD} AND pieces < {_NEEDED}"


def cells(
    path: Path,
    arrondissements: Iterable[str] | None = MARSEILLE,
    memory: str = "2GB",
    year: int | None = None,
) -> pd.DataFrame:
    """Sum overcrowded households, and minors living in one, by IRIS.

    Parameters
    ----------
    path
        ``FD_INDCVI``, csv or parquet.
    arrondissements
        Municipal arrondissements to keep, or None for the whole file.
    memory
        What DuckDB may hold before spilling to disk.
    year
        As in :func:`qpvlib.indicators.census.cells`.

    Returns
    -------
    DataFrame
        Columns of :data:`qpvlib.indicators.areas.CELL`; a household weighs what its reference
        person weighs, a minor its own weight. People outside ordinary dwellings are left out.

    Raises
    ------
    SourceError
        As in :func:`qpvlib.indicators.census.cells`; also when a household has no room number,
        or not exactly one reference person.
    """
    aggregates = {
        aggregate: f"{unit}_{column}"
        for unit, weight, size in (
            ("menages", "poids_menage", "1"),
            ("mineurs", "poids_mineurs", "mineurs"),
        )
        for column, aggregate in (
            ("numerateur", total(_OVERCROWDED, weight)),
            ("denominateur", total(_FIELD, weight)),
            ("n", f"sum(CASE WHEN {_FIELD} THEN {size} ELSE 0 END)"),
        )
    }
    with engine(memory) as connection:
        kept = None if arrondissements is None else tuple(arrondissements)
        persons = opened(connection, path, "menages", kept, HOUSEHOLD, year)
        wide = _households(persons).summed(connection, "arrondissement, iris", aggregates)
    return stacked(
        wide[["arrondissement", "iris"]].assign(
            indicateur=f"part_{unit}_suroccupation",
            modalite=ALL,
            **{column: wide[f"{unit}_{column}"] for column in ("numerateur", "denominateur", "n")},
            carres=wide[f"{unit}_numerateur"],
        )
        for unit in ("menages", "mineurs")
    )


def _households(persons: Microdata) -> Microdata:
    """Gather persons into households, and judge these."""
    return Microdata(
        persons.path,
        _HOUSEHOLDS.format(faulty=persons.faulty, persons=persons.query),
        {
            "Ménages sans nombre de pièces": "pieces IS NULL",
            "Ménages sans personne de référence unique": "titulaires <> 1",
        },
        persons,
    )
