"""INSEE's Base permanente des équipements: facilities of each quartier per inhabitant."""

import pandas as pd

from qpvlib.deposits.deposit import Deposit, contents, observed
from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import facilities
from qpvlib.indicators.microdata import engine
from qpvlib.observations import ALL
from qpvlib.sources import dating
from qpvlib.sources.registry import Source

_YEAR = "AN"


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Count the facilities of each quartier and relate them to the latest population.

    Returns
    -------
    list of tuple
        Entry of the registry and observations. ``numerateur`` and ``denominateur`` are the count
        and the inhabitants; without any facility, inhabitants per facility have no object.

    Raises
    ------
    SourceError
        If the file is undated or names no quartier, leaves too many lines without one, or if no
        population is known.
    """
    vintage = _vintage(deposit)
    geography, places = _facilities(deposit)
    people, people_year = deposit.population(geography)
    known = "lu" if _YEAR in contents(deposit.path) else "inféré"
    evidence = f"année du fichier ; habitants : population de {people_year}"
    source = deposit.source(vintage, geography, known, evidence)
    table = pd.concat(
        [
            facilities.per_inhabitant(places, people, family, vintage)
            for family in deposit.format.families
        ],
        ignore_index=True,
    )
    return [(source, observed(table.assign(modalite=ALL), source, geography))]


def _vintage(deposit: Deposit) -> int:
    if _YEAR not in contents(deposit.path):
        return dating.stated_year(deposit.path.name, deposit.year)
    with engine() as connection:
        source = connection.read_csv(str(deposit.path), sep=";", header=True, all_varchar=True)
        years = source.select(_YEAR).distinct().fetchall()
    if len(years) != 1 or not str(years[0][0]).isdigit():
        raise SourceError(
            Problem("ce fichier ne porte pas une année unique.", deposit.path.name, 1, _YEAR)
        )
    return int(years[0][0])


def _facilities(deposit: Deposit) -> tuple[str, pd.DataFrame]:
    for geography in ("qpv2024", "qpv2015"):
        places = facilities.read_bpe(deposit.path, geography)
        if "territoire" in places:
            facilities.check_placed(places["indetermine"], deposit.path)
            return geography, places
    raise SourceError(
        Problem(
            "aucun équipement de ce fichier ne porte le code d'un quartier prioritaire.",
            deposit.path.name,
            remedy="Reprenez le fichier complet de l'Insee, avec ses colonnes QP.",
        )
    )
