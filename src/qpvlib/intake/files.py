"""One official file in, its readings out: each a source and its observations.

A file is recognised by its content: contours and detailed files apart, it is a table of one of the
families, or a list of places.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from qpvlib import deposits, gazetteer, observations, schools, territories
from qpvlib.deposits.deposit import Deposit, Format
from qpvlib.errors import ForeignFileError, Problem, SourceError
from qpvlib.indicators import nearby
from qpvlib.intake import whole
from qpvlib.sources import dating, depp, places, registry, tables
from qpvlib.sources.extraction import codes, extract, formulas
from qpvlib.sources.families import Family, recognise
from qpvlib.sources.registry import Source

_BOM = b"\xef\xbb\xbf"
_LEVELS = {
    "arrondissement": "communes",
    "commune": "communes",
    "departement": "departements",
    "region": "regions",
}
COPY = "-reprise"
"""End of the identifier of a file that a third party saved again."""
_COPY_RANK = 20
_SEVERAL = {"colonne", "suffixes"}
"""How a block is dated when its figures are of several years."""


@dataclass(frozen=True)
class Reading:
    """What a file says under one source.

    Attributes
    ----------
    source, frame
        Its entry in the registry and its observations.
    dated
        How its year is known (see :mod:`qpvlib.sources.dating`), empty where all files of its
        family have the same.
    aside
        Columns of which nothing is taken.
    excel
        Whether a spreadsheet wrote the file: the producer's own is preferred.
    beside
        A table kept beside the observations, where it goes and its bytes: the figures of schools,
        the names of places.
    """

    source: Source
    frame: pd.DataFrame
    dated: str = ""
    aside: tuple[str, ...] = ()
    excel: bool = False
    beside: tuple[Path, bytes] | None = None

    @property
    def content(self) -> bytes:
        """The file of its observations."""
        return observations.to_csv(self.frame)


@dataclass(frozen=True)
class Project:
    """What is known when a file comes in.

    Attributes
    ----------
    known
        The registry.
    stored
        Observations already there.
    millesime
        Year given by the user, where there is one.
    """

    known: dict[str, Source]
    stored: pd.DataFrame
    millesime: int | None

    def told(self, digest: str, file: str) -> tuple[int | None, str]:
        """Return the year of the registered file that has these bytes, or else the user's.

        Returns
        -------
        tuple
            The year, ``None`` where neither says it, and how it is known.

        Raises
        ------
        SourceError
            If the two differ.
        """
        same = next((s for s in self.known.values() if digest in s.fingerprints), None)
        if same is None or same.publication is None:
            return self.millesime, dating.GIVEN if self.millesime else dating.NAME
        if self.millesime not in (None, same.publication):
            raise SourceError(
                Problem(
                    f"ce fichier est déjà au registre pour {same.publication} ({same.id}).",
                    file,
                    remedy=f"Si cette année est fausse : qpv retirer {same.id}, puis redonnez-le.",
                )
            )
        if self.millesime:
            return self.millesime, dating.GIVEN
        named = dating.is_unconfirmed(same)
        return same.publication, dating.NAME if named else dating.REGISTERED


def read_detail(
    file: Path,
    form: Format,
    project: Project,
    beside: dict[str, list[Path]],
    notes: list[str],
) -> list[Reading]:
    """Return the readings of a detailed file, and add to the notes what is to be told of it.

    See :class:`qpvlib.deposits.deposit.Deposit`.
    """
    with open(file, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    year, dated = project.told(digest, file.name)
    deposit = Deposit(file, form, digest, year, project.stored, beside, notes)
    return [
        Reading(source, frame, dating.CONTENT if _said(source) else dated)
        for source, frame in deposits.read(deposit)
    ]


def _said(source: Source) -> bool:
    """Return whether the file says the year of its figures."""
    return all(block["connu"] == "lu" for block in source.blocs.values())


def read_tables(file: Path, project: Project, notes: list[str]) -> list[Reading]:
    """Return the readings of a text file or of a workbook, all its sheets together.

    What is to be told of a sound file is added to the notes.

    Raises
    ------
    ForeignFileError
        If nothing in it is of a known family.
    SourceError
        If something is of a known family and is wrong.
    """
    content = file.read_bytes()
    digest = registry.fingerprint(content)
    excel = content.startswith(_BOM) or "\u202f".encode() in content
    readings: dict[str, Reading] = {}
    foreign: list[Problem] = []
    for table in tables.read(file):
        if listing := places.recognise(table):
            return [_places(table, listing, digest, project)]
        if form := depp.recognise(table):
            return [_schools(table, form, digest, notes)]
        try:
            family = recognise(table)
            if table.problems:
                raise SourceError(table.problems)
            present = _present(table, family)
        except ForeignFileError as reason:  # a workbook also has sheets of documentation
            foreign += reason.problems
            continue
        year, dated = _year(table, family, digest, project, notes)
        whole.check(present, family, year, table.file)
        source = _source(table, family, year, present, file.name, digest)
        frame = extract(table, family, year, source.id)
        aside = tuple(_aside(table, family, frame))
        if source.id in readings:
            frame = pd.concat([readings[source.id].frame, frame], ignore_index=True)
        source = _with_vintages(source, family, year, frame, dated)
        readings[source.id] = Reading(source, frame, dated, aside, excel)
    if not readings:
        raise ForeignFileError(foreign)
    return list(readings.values())


def _places(table: tables.Table, listing: places.Listing, digest: str, project: Project) -> Reading:
    """Count the places of a list."""
    if table.problems:
        raise SourceError(table.problems)
    told, dated = project.told(digest, table.origin)
    year = dating.stated_year(table.origin, told)
    block = {"millesime": year, "connu": listing.known, "preuve": listing.evidence}
    source = listing.source(
        listing.identifier.format(annee=year), year, "qpv2024", {places.BLOCK: block},
        table.origin, digest,
    )  # fmt: skip
    found = places.read(table, listing)
    frame = nearby.observations(found, year, source.id)
    names = gazetteer.table(source.id), gazetteer.kept(found.points)
    return Reading(source, frame, dated, beside=names)


def _schools(table: tables.Table, form: depp.Form, digest: str, notes: list[str]) -> Reading:
    """Read the figures of schools, and make those of the city."""
    frame = depp.read(table, form)
    years = sorted(int(year) for year in frame["millesime"].unique())
    source = form.source(
        form.identifier, years[-1], "etablissements",
        {"etablissements": {"millesime": years, "connu": "lu"}}, table.origin, digest,
    )  # fmt: skip
    notes.append(f"{source.id} : {frame['uai'].nunique()} établissements de Marseille.")
    text = frame.to_csv(index=False, lineterminator="\n")
    told = schools.table(source.id), text.encode()
    return Reading(source, depp.means(frame, form), dating.CONTENT, beside=told)


def _present(table: tables.Table, family: Family) -> frozenset[str]:
    """Return the known territories of a table."""
    if not table.rows:
        raise ForeignFileError(Problem("le fichier n'a aucune ligne de données.", table.file))
    present = codes(table, family)
    if not present:
        raise ForeignFileError(
            Problem(
                "aucune ligne ne concerne Marseille ni un territoire de comparaison.",
                table.file,
                remedy="Donnez un fichier qui couvre les Bouches-du-Rhône.",
            )
        )
    return present


def _year(
    table: tables.Table, family: Family, digest: str, project: Project, notes: list[str]
) -> tuple[int | None, str]:
    """Return the year that dates the file, and how it is known."""
    if family.dated_by == "suffixe":
        return dating.column_year(table, family), dating.CONTENT
    if family.dated_by == "titre":
        return dating.title_year(table, family), dating.CONTENT
    if family.dated_by == "suffixes":
        return max(family.column_years(table)), dating.CONTENT
    if family.dated_by != "annee":
        return None, dating.CONTENT if family.dated_by == "colonne" else ""
    told, dated = project.told(digest, table.origin)
    if told and told != project.millesime:
        return told, dated
    return dating.publication_year(table, family, project.stored, notes, project.millesime)


def _aside(table: tables.Table, family: Family, frame: pd.DataFrame) -> list[str]:
    """Return the columns of which nothing is taken, first those whose figures are too rough."""
    names = family.column_names(table)
    given = set(zip(frame["indicateur"], frame["modalite"], strict=True))
    rough: set[str] = set()
    read = {family.key_column(names), "LIBGEO", "LIBELLE", "ANNEE"}
    for block in family.blocks:
        read |= {block.note, block.uncertainty}
        for figure in formulas(block, names):
            taken = (figure.indicator, figure.category) in given
            (read if taken else rough).update(figure.columns)
    left = {column: table.columns[place] for column, place in names.items() if column not in read}
    return [
        *(f"{name} (trop peu de décimales)" for column, name in left.items() if column in rough),
        *(name for column, name in left.items() if column not in rough),
    ]


def _source(
    table: tables.Table,
    family: Family,
    year: int | None,
    present: frozenset[str],
    file: str,
    digest: str,
) -> Source:
    kinds = {territories.get(code).geography for code in present} - {"ensemble"}
    level = next((_LEVELS.get(kind, kind) for kind in sorted(kinds)), "qpv2015")
    name = family.identifier.format(annee=year, niveau=level)
    if "{niveau}" not in family.identifier and not level.startswith("qpv"):
        name = f"{name}-{level}"
    source = family.source(name, year, level, {}, file, digest)
    if table.separator == "," and "tiers" not in family.producer:
        producer = f"{family.producer}, repris par un tiers"
        rank = family.rank + _COPY_RANK
        return replace(source, id=name + COPY, producteur=producer, rang=rank)
    return source


def _with_vintages(
    source: Source, family: Family, year: int | None, frame: pd.DataFrame, dated: str
) -> Source:
    blocks: dict[str, dict] = {}
    for block in family.blocks:
        given = frame.indicateur.isin({figure.indicator for figure in block.figures})
        years = sorted(int(y) for y in frame[given].millesime.unique())
        vintage, known = (years, block.known) if block.year in _SEVERAL else block.vintage_of(year)
        entry = {"millesime": vintage, "connu": known}
        if block.evidence:
            entry["preuve"] = block.evidence
        blocks[block.name] = dating.unconfirmed(entry) if dated == dating.NAME else entry
    return replace(source, blocs=blocks)
