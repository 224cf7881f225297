"""Families of official files, read from ``data/familles.yml``, and how a table is recognised.

A family is recognised by its columns and by the form of its keys, never by a file's name. Column
names are compared in upper case, without the year they carry and under their latest spelling.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from qpvlib import declared, paths, territories
from qpvlib.errors import ForeignFileError, Problem
from qpvlib.observations import ALL, UNAVAILABLE
from qpvlib.sources.kinds import Kind, head, lacking
from qpvlib.sources.tables import Table

_LIKENESS = 0.5
_NO_YEAR = "(?!)"  # matches nothing


@dataclass(frozen=True)
class Figure:
    """One figure a table gives: an indicator, a category, and the columns it comes from.

    ``numerator`` alone is a published value; with ``denominator`` it is a ratio of sums of
    columns, those of ``subtracted`` being taken off the numerator. ``weighted``: the numerator is a
    published mean, the denominator its weight.
    """

    indicator: str
    category: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    subtracted: tuple[str, ...] = ()
    weighted: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """All the columns it needs."""
        return frozenset({*self.numerator, *self.denominator, *self.subtracted})


@dataclass(frozen=True)
class Block:
    """The columns of a table that come from one producer's file and share one vintage.

    Attributes
    ----------
    year
        ``suffixe``, ``suffixes`` (each figure that of its columns), ``colonne`` or ``titre`` when
        the table carries the year, else empty.
    vintage
        Year of the data when it is the same in every file.
    lag
        Publication year minus data year.
    by_publication
        Publication year -> data year and how it is known, where the lag does not hold.
    known
        ``lu``, ``vérifié`` or ``inféré``: how the vintage is known.
    evidence
        Why, in French.
    note, uncertainty
        Columns of the diffusion note and of the uncertainty of the poverty rate.
    blank
        State of a blank cell where there is no note column; empty: the table of notes decides.
    attribution
        ``arrondissement`` when the figure is about the QPV's only arrondissement.
    """

    name: str
    figures: tuple[Figure, ...]
    year: str = ""
    vintage: int | None = None
    lag: int | None = None
    by_publication: dict[int, dict] = field(default_factory=dict)
    known: str = ""
    evidence: str = ""
    note: str = ""
    uncertainty: str = ""
    blank: str = ""
    attribution: str = ""

    def vintage_of(self, publication: int | None) -> tuple[int, str]:
        """Return the data year for a publication year, and how it is known."""
        if self.vintage is not None:
            return self.vintage, self.known
        if publication is None:
            raise ValueError(f"{self.name}: the file must be dated")
        if self.year:
            return publication, self.known
        listed = self.by_publication.get(publication)
        if listed:
            return listed["millesime"], listed["connu"]
        if self.lag is None:
            latest = max(year for year in self.by_publication if year <= publication)
            return self.by_publication[latest]["millesime"], self.known
        return publication - self.lag, self.known


@dataclass(frozen=True)
class Family(Kind):
    """A family of official files; the fields are those of ``data/familles.yml``."""

    keys: tuple[str, ...]
    required: tuple[str, ...]
    blocks: tuple[Block, ...]
    year_pattern: re.Pattern
    title_pattern: re.Pattern
    renames: dict[str, str]
    aggregates: dict[str, str]
    publications: tuple[int, ...]
    generations: dict[str, dict[str, int]]
    repeated_rows: bool
    sums: dict
    whole: tuple[tuple[str, ...], ...]
    absent: dict

    def expected(self, year: int | None) -> tuple[dict[str, frozenset[str]], ...]:
        """Return what a whole file of this family holds.

        Parameters
        ----------
        year
            What dates the file.

        Returns
        -------
        tuple of dict
            Geography -> codes; all those of one group go together.
        """
        gone = self.absent.get("codes", ())
        if year and year > self.absent.get("jusqu", year):
            gone = ()
        return tuple(
            {geography: territories.members(geography).difference(gone) for geography in group}
            for group in self.whole
        )

    @property
    def dated_by(self) -> str:
        """How a file is dated: as its blocks are, else ``annee`` (told) or ``fixe``."""
        ways = {block.year for block in self.blocks if block.year}
        return ways.pop() if ways else "annee" if self.publications else "fixe"

    def column_names(self, table: Table, year: int | None = None) -> dict[str, int]:
        """Return canonical column name -> position: first occurrence, none of another year."""
        names: dict[str, int] = {}
        for position, column in enumerate(table.columns):
            name, carried = self._undated(column)
            if year is None or carried in (None, year):
                names.setdefault(name, position)
        return names

    def _undated(self, column: str) -> tuple[str, int | None]:
        """Return the canonical name of a column, and the year it carries."""
        name, year = column.upper(), None
        if match := self.year_pattern.search(name):
            name, year = name[: match.start()] + name[match.end() :], 2000 + int(match["an"])
        return self.renames.get(name, name), year

    def column_years(self, table: Table) -> dict[int, str]:
        """Return year carried by the columns this family reads -> one of these columns."""
        read = {*self.required}.union(
            *(figure.columns for block in self.blocks for figure in block.figures)
        )
        found: dict[int, str] = {}
        for column in table.columns:
            name, year = self._undated(column)
            if year is not None and name in read:
                found.setdefault(year, column)
        return found

    def key_column(self, names: dict[str, int]) -> str:
        """Return which of these canonical names holds the codes, or nothing."""
        return next((key for key in self.keys if key in names), "")


@cache
def families() -> dict[str, Family]:
    """Return every family: name -> family."""
    return {name: _family(name, entry) for name, entry in _settings()["familles"].items()}


@cache
def blank_state(note: str) -> str:
    """Return what a blank cell means under a diffusion note."""
    return _settings()["notes"].get(note, UNAVAILABLE)


def opposed(indicator: str) -> bool:
    """Return whether the producer publishes an indicator below zero, that we give above."""
    return indicator in _settings()["opposes"]


def precision(indicator: str) -> int:
    """Return the decimals without which an indicator is not taken."""
    return _settings()["precision"].get(indicator, 0)


def recognise(table: Table) -> Family:
    """Return the family of a table.

    Raises
    ------
    ForeignFileError
        If no family resembles it.
    SourceError
        If a column of its family is missing.
    """
    likeness = {}
    for family in families().values():
        names = family.column_names(table)
        share = sum(column in names for column in family.required) / len(family.required)
        if share >= _LIKENESS and family.key_column(names):
            likeness[family.name] = (share, len(family.required))
    if not likeness:
        raise ForeignFileError(
            Problem(
                "ce tableau ne ressemble à aucune famille de fichiers connue.",
                table.file,
                1,
                remedy="Les fichiers lus sont dans data/familles.yml, lieux.yml et depots.yml.",
            )
        )
    family = families()[max(likeness, key=likeness.__getitem__)]
    names = family.column_names(table)
    dates = ["ANNEE"] if family.dated_by == "colonne" else []
    missing = [
        column for column in dict.fromkeys([*family.required, *dates]) if column not in names
    ]
    if missing:
        raise lacking(family, missing, table.file)
    return family


@cache
def _settings() -> dict:
    return declared.read(paths.data() / "familles.yml")


def _family(name: str, entry: dict) -> Family:
    return Family(
        **head(name, entry),
        keys=tuple(entry["cles"]),
        required=tuple(entry["obligatoires"]),
        blocks=tuple(_block(key, entry["blocs"]) for key in entry["blocs"]),
        year_pattern=re.compile(entry.get("suffixe", _NO_YEAR)),
        title_pattern=re.compile(entry.get("titre", _NO_YEAR)),
        renames=entry.get("renommages", {}),
        aggregates=entry.get("ensembles", {}),
        publications=tuple(entry.get("publications", ())),
        generations=entry.get("generations", {}),
        repeated_rows=entry.get("lignes_repetees", False),
        sums=entry.get("sommes", {}),
        whole=tuple(
            tuple(group.split(" + ")) for group in entry.get("complet", _settings()["complet"])
        ),
        absent=entry.get("absents", {}),
    )


def _block(name: str, blocks: dict) -> Block:
    entry = blocks[name]
    if "comme" in entry:
        entry = {**{k: v for k, v in blocks[entry["comme"]].items() if k != "variables"}, **entry}
    figures = [
        Figure(*_target(target), (column,)) for column, target in entry.get("variables", {}).items()
    ]
    for target, formulas in entry.get("rapports", {}).items():
        for formula in formulas:
            over, under = formula.split(" / ")
            over, *less = over.split(" - ")
            over, *weight = over.split(" * ")
            top, base = (tuple(side.split(" + ")) for side in (over, under))
            figures.append(Figure(*_target(target), top, base, tuple(less), weight == [under]))
    return Block(
        name,
        tuple(figures),
        entry.get("annee", ""),
        entry.get("millesime"),
        entry.get("recul"),
        entry.get("publications", {}),
        entry["connu"],
        entry.get("preuve", ""),
        entry.get("note", ""),
        entry.get("incertitude", ""),
        entry.get("vide", ""),
        entry.get("attribution", ""),
    )


def _target(text: str) -> tuple[str, str]:
    indicator, _, category = text.partition("/")
    return indicator, category or ALL
