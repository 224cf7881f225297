"""INSEE's detail files of the census: indicators by IRIS, by arrondissement and for the city.

The estimates of the quartiers follow from the counts by IRIS
(:mod:`qpvlib.intake.calculate`). Neither
nationality nor immigration is given by IRIS.
"""

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from qpvlib import disclosure, paths, territories
from qpvlib.deposits.deposit import Deposit, contents, observed
from qpvlib.errors import Problem, SourceError
from qpvlib.estimate import with_intervals
from qpvlib.indicators import areas, census, overcrowding
from qpvlib.indicators.excerpt import excerpt
from qpvlib.indicators.microdata import definitions, engine, opened, relation
from qpvlib.observations import NUMBERS, SECRET
from qpvlib.sources import dating
from qpvlib.sources.registry import Source

# What gives the inhabitants of an IRIS, in the cells of each section.
_PEOPLE = {
    "individus": ("part_femmes", "denominateur"),
    "logements": ("taille_moyenne_menages", "numerateur"),
}
_DECIMALS = 6
_COLLECTED = 2
"""Years after its vintage at which the last of the five surveys of a census took place."""


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Sum the file by IRIS, then by arrondissement and for the city, with intervals.

    Returns
    -------
    list of tuple
        Two entries of the registry and their observations: IRIS, then arrondissements and city.

    Raises
    ------
    SourceError
        If the file is undated, of a vintage that is not supported, damaged or incomplete; if its
        columns, codes or weights are wrong; if it has unknown IRIS or lacks known ones.
    """
    year = _vintage(deposit)
    cells = _cells(deposit, year)
    _check_places(cells, deposit)
    forms = census.forms()
    shown = [one.name for one in census.indicators(deposit.format.section) if not one.sensitive]
    by_iris = with_intervals(
        areas.by_iris(cells[cells["indicateur"].isin([*shown, *census.OVERCROWDED])], forms), forms
    )
    by_town = with_intervals(areas.by_arrondissement(cells, forms), forms)
    city = with_intervals(areas.for_city(cells, forms), forms)
    evidence = "année du fichier, et listes de codes de cette année"
    if "CS1" not in contents(deposit.path) and deposit.format.section == "individus":
        evidence += " ; groupes de la PCS 2020, qui ne se comparent pas aux années d'avant"
    iris = deposit.source(year, "iris", "inféré", evidence)
    towns = deposit.source(year, "communes", "inféré", evidence)
    hidden = withheld(cells, deposit.format.section)
    return [
        (iris, _masked(observed(by_iris.round(_DECIMALS), iris, "iris"), hidden)),
        (
            towns,
            pd.concat(
                [
                    observed(by_town.round(_DECIMALS), towns, "arrondissement"),
                    observed(city.round(_DECIMALS), towns, "commune"),
                ],
                ignore_index=True,
            ),
        ),
    ]


def withheld(cells: pd.DataFrame, section: str) -> list[str]:
    """Return the IRIS to hide so that those the producer hides cannot be found by difference.

    In an arrondissement, what is not shown by IRIS holds together at least the inhabitants of
    the smallest IRIS that the producer shows (``data/secret.yml``); the smallest ones go first.

    Parameters
    ----------
    cells
        See :func:`qpvlib.indicators.census.cells`; a masked IRIS is a missing one.
    section
        ``individus`` or ``logements``.
    """
    name, column = _PEOPLE[section]
    limit = disclosure.thresholds()["rp_iris"].limit
    found = []
    for _, group in cells[cells["indicateur"] == name].groupby("arrondissement"):
        people = group.groupby("iris", dropna=False)[column].sum()
        masked = people.index.isna()
        if masked.any():
            shown = people[~masked].sort_values(kind="stable")
            before = people[masked].sum() + shown.cumsum().shift(fill_value=0.0)
            found += shown.index[before < limit].tolist()
    return found


def _vintage(deposit: Deposit) -> int:
    year = dating.stated_year(deposit.path.name, deposit.year)
    known = definitions()["millesimes"]
    if year not in known:
        raise SourceError(
            Problem(
                f"le recensement de {year} n'est pas pris en charge : ses listes de codes n'ont "
                f"pas été établies. Années lues : {known[0]} à {known[-1]}.",
                deposit.path.name,
                remedy="Si l'année est fausse, indiquez-la : --millesime AAAA.",
            )
        )
    return year


def _cells(deposit: Deposit, year: int) -> pd.DataFrame:
    section = deposit.format.section
    towns = tuple(town.code for town in territories.arrondissements())
    with tempfile.TemporaryDirectory() as folder, engine() as connection:
        opened(connection, deposit.path, section, year=year)  # its columns, before its rows
        rows = excerpt(connection, deposit.path, towns, Path(folder))
        _check_year(connection, rows, section, year)
        found = [census.cells(rows, section, towns, sensitive=True, year=year)]
        if section == "individus":
            found.append(overcrowding.cells(rows, towns, year=year))
    return pd.concat(found, ignore_index=True)


def _check_year(connection: duckdb.DuckDBPyConnection, rows: Path, section: str, year: int) -> None:
    """Refuse a file that knows of years after the end of the surveys of its vintage."""
    column = definitions()[section]["temoin"]
    if column not in contents(rows):
        return
    number = f"TRY_CAST({column} AS INTEGER)"
    ((latest,),) = connection.execute(
        f"SELECT max({number}) FROM {relation(rows)} WHERE {number} < 2100"
    ).fetchall()
    if latest is not None and latest > year + _COLLECTED:
        raise SourceError(
            Problem(
                f"le fichier est annoncé pour {year}, mais une de ses lignes porte {latest} : la "
                f"collecte de ce recensement a fini en {year + _COLLECTED}.",
                rows.name,
                column=column,
                remedy="Vérifiez l'année, puis indiquez-la : --millesime AAAA.",
            )
        )


def _check_places(cells: pd.DataFrame, deposit: Deposit) -> None:
    """Refuse a file whose places are not those that the project knows."""
    weights = pd.read_csv(
        paths.data() / "territoires" / "poids_iris_qpv2024.csv", dtype={"iris": str}
    )
    stored = deposit.stored
    known = {*weights["iris"], *stored.loc[stored["geographie"] == "iris", "territoire"]}
    large = weights[weights["population"] >= areas.SMALLEST_SHOWN * weights["part"]]
    found = cells[["arrondissement", "iris"]].drop_duplicates().dropna()
    elsewhere = found["iris"].str[:5] != found["arrondissement"]
    towns = {town.code for town in territories.arrondissements()}
    cut = "Le fichier est tronqué ou filtré : reprenez celui du producteur."
    other = "Le découpage en IRIS de ce fichier n'est pas celui des poids par quartier."
    facts = (
        ("arrondissements absents", towns - set(cells["arrondissement"]), cut),
        ("IRIS rangés dans un autre arrondissement", set(found.loc[elsewhere, "iris"]), cut),
        ("IRIS inconnus", set(found["iris"]) - known, other),
        ("IRIS des quartiers absents", set(large["iris"]) - set(found["iris"]), f"{cut} {other}"),
    )
    problems = [
        Problem(f"{fact} : {_listed(codes)}.", deposit.path.name, remedy=remedy)
        for fact, codes, remedy in facts
        if codes
    ]
    if problems:
        raise SourceError(problems)


def _listed(codes: set[str]) -> str:
    shown = sorted(codes)
    return ", ".join(shown[:5]) + (f"… ({len(shown)} en tout)" if len(shown) > 5 else "")


def _masked(frame: pd.DataFrame, hidden: list[str]) -> pd.DataFrame:
    rows = frame["territoire"].isin(hidden)
    frame.loc[rows, "etat"] = SECRET
    frame.loc[rows, NUMBERS] = np.nan
    return frame
