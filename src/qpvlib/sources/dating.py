"""The year of a file: read in its columns, else claimed by its name and confirmed by its figures.

Themed bases and Cnaf files do not carry their year. It is then, in order: that of a file already
registered with the same bytes, the year given by the user, the year of the name, or the only
year under which the figures already published are found again. A claimed year is refused when
the columns belong to another generation or when the figures are those of another year.
"""

import re

import pandas as pd

from qpvlib.errors import Problem, SourceError
from qpvlib.observations import KEY, VALUE
from qpvlib.sources.extraction import extract
from qpvlib.sources.families import Family
from qpvlib.sources.registry import Source
from qpvlib.sources.tables import Table

CONTENT, REGISTERED, GIVEN, NAME = "contenu", "registre", "donnée", "nom"
"""How a year is known: from the file itself, from the registered file that has the same bytes,
from the user, or from the file's name alone."""
_UNCONFIRMED = "année portée par le nom du fichier, que rien dans le fichier ne confirme"

_NAME_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_ENOUGH = 20
_SAME, _OTHER = 0.95, 0.5


def column_year(table: Table, family: Family) -> int:
    """Return the year carried by the column names.

    Raises
    ------
    SourceError
        If they carry none, or several: two vintages in one file.
    """
    years = family.column_years(table)
    if len(years) == 1:
        return next(iter(years))
    if not years:
        raise SourceError(Problem("aucune colonne ne porte l'année des données.", table.file, 1))
    listed = ", ".join(f"{column} ({year})" for year, column in sorted(years.items()))
    raise SourceError(
        Problem(
            f"les colonnes portent plusieurs millésimes : {listed}.",
            table.file,
            1,
            remedy="Donnez un fichier par millésime.",
        )
    )


def title_year(table: Table, family: Family) -> int:
    """Return the year written above the header.

    Raises
    ------
    SourceError
        If none is.
    """
    match = family.title_pattern.search(table.title)
    if not match:
        raise SourceError(_undated(table.file))
    return int(match["an"])


def publication_year(
    table: Table,
    family: Family,
    stored: pd.DataFrame,
    notes: list[str],
    given: int | None = None,
) -> tuple[int, str]:
    """Return the year under which the blocks of a family are dated, and how it is known.

    Parameters
    ----------
    table, family
        The table and its family.
    stored
        Observations already in the project, against which the figures are compared.
    notes
        What the user must be told of a sound file, in French.
    given
        Year stated by the user: a guess drawn from the columns is only a doubt, told in the notes.

    Raises
    ------
    SourceError
        If no year can be established, or if the claimed one is contradicted.
    """
    same, other = _evidence(table, family, stored)
    claimed = given or _year_in(table.origin)
    if claimed is None:
        if len(same) == 1:
            return same[0], CONTENT
        raise SourceError(_undated(table.file))
    doubt = _guess(table, family, claimed)
    if doubt and given:
        notes.append(f"{table.file} : lu pour {given}, comme indiqué ; mais {doubt}. Vérifiez-la.")
        doubt = ""
    contradiction = _unknown(family, claimed) or doubt
    if not contradiction and claimed in other and same:
        years = " ou ".join(map(str, same))
        contradiction = f"ses chiffres sont ceux de {years}"
    if contradiction:
        raise SourceError(
            Problem(
                f"le fichier est annoncé pour {claimed}, mais {contradiction}.",
                table.file,
                remedy="Vérifiez l'année, puis indiquez-la : --millesime AAAA.",
            )
        )
    known = CONTENT if same == [claimed] else GIVEN if given else NAME
    return claimed, known


def unconfirmed(block: dict) -> dict:
    """Return what the registry says of a block whose year is that of the file's name, no more."""
    evidence = [_UNCONFIRMED, *([block["preuve"]] if "preuve" in block else [])]
    return {**block, "connu": "inféré", "preuve": " ; ".join(evidence)}


def is_unconfirmed(source: Source) -> bool:
    """Return whether a registered file is dated by its name alone."""
    return any(b.get("preuve", "").startswith(_UNCONFIRMED) for b in source.blocs.values())


def stated_year(file: str, told: int | None) -> int:
    """Return the year of a file whose content cannot confirm it.

    Parameters
    ----------
    file
        Its name, which may carry the year.
    told
        Year of the registry or of the user, where there is one.

    Raises
    ------
    SourceError
        If no year is stated.
    """
    year = told or _year_in(file)
    if year is None:
        raise SourceError(_undated(file))
    return year


def _undated(file: str) -> Problem:
    return Problem(
        "rien dans ce fichier ne dit son année.",
        file,
        remedy="Indiquez-la : --millesime AAAA.",
    )


def _year_in(name: str) -> int | None:
    years = {int(year) for year in _NAME_YEAR.findall(name)}
    return years.pop() if len(years) == 1 else None


def _unknown(family: Family, year: int) -> str:
    if year in family.publications:
        return ""
    return f"cette famille n'est connue que de {family.publications[0]} à {family.publications[-1]}"


def _guess(table: Table, family: Family, year: int) -> str:
    """Return what the columns let guess against a year: spans seen in the files at hand."""
    names = family.column_names(table)
    for column, span in family.generations.items():
        if column in names and year < span.get("depuis", year):
            return f"la colonne {column} n'existe que depuis {span['depuis']}"
        if column in names and year > span.get("jusqu", year):
            return f"la colonne {column} n'existe plus après {span['jusqu']}"
    return ""


def _evidence(table: Table, family: Family, stored: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Return the years whose stored figures are these ones, and the years whose are not."""
    known = stored.loc[stored.etat == VALUE, [*KEY, "valeur"]].drop_duplicates(KEY)
    same, other = [], []
    for year in family.publications:
        frame = extract(table, family, year)
        frame = frame[(frame.etat == VALUE) & frame.numerateur.isna()]
        both = frame.merge(known, on=KEY, suffixes=("", "_connue"))
        if len(both) < _ENOUGH:
            continue
        share = float((both.valeur == both.valeur_connue).mean())
        if share >= _SAME:
            same.append(year)
        elif share < _OTHER:
            other.append(year)
    return same, other
