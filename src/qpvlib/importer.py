"""``qpv importer``: official files in, observations out, all or nothing.

Every file is recognised, checked and extracted before a single byte is written; whatever is
wrong is listed at once.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from qpvlib import calculate, observations, paths, territories
from qpvlib.errors import ForeignFileError, InvalidParameterError, Problem, QpvError, SourceError
from qpvlib.indicators import directories, nearby
from qpvlib.observations import COLUMNS, KEY
from qpvlib.sources import archives, contours, dating, places, registry, tables
from qpvlib.sources.extraction import codes, extract
from qpvlib.sources.families import Family, recognise
from qpvlib.sources.registry import Source
from qpvlib.typography import typeset

_TABLES = {".csv", ".txt", ".xls", ".xlsx"}
_CONTOURS = {".geojson"}
_BOM = b"\xef\xbb\xbf"
_LEVELS = {
    "arrondissement": "communes",
    "commune": "communes",
    "departement": "departements",
    "region": "regions",
}
_COMPLETE = {"qpv2015": "quartiers de 2015", "qpv2024": "quartiers de 2024"}
_COPY_RANK = 20


@dataclass(frozen=True)
class Change:
    """What a source brings: counts of observations against those already stored."""

    source: str
    file: str
    new: int
    revised: int
    identical: int
    removed: int

    def __str__(self) -> str:
        gone = f", {self.removed} retirées" if self.removed else ""
        return (
            f"{self.file} → {self.source} : {self.new} nouvelles, {self.revised} révisées, "
            f"{self.identical} identiques{gone}."
        )


@dataclass
class Report:
    """Result of an import.

    Attributes
    ----------
    changes
        One per source, ordered by source id.
    copies
        File -> source whose figures it repeats.
    contours
        What the sound files of contours hold; they bring no figure.
    ignored
        File -> why it was left aside.
    calculated
        Sources that qpvlib works out itself and that the import changes.
    """

    changes: list[Change] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    contours: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    calculated: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the French summary: one line per source, copy and ignored file."""
        lines = [str(change) for change in self.changes]
        lines += [f"{file} : mêmes chiffres que {source}." for file, source in self.copies.items()]
        lines += self.contours
        lines += [f"Laissé de côté. {reason}" for reason in self.ignored.values()]
        lines += [f"{name} : recalculé." for name in self.calculated]
        return [typeset(line) for line in lines]


@dataclass(frozen=True)
class _Reading:
    source: Source
    frame: pd.DataFrame
    excel: bool

    @property
    def content(self) -> bytes:
        return observations.to_csv(self.frame)


def import_path(path: Path, millesime: int | None = None) -> Report:
    """Import a file, a zip archive or a folder of official files.

    Parameters
    ----------
    path
        What to import.
    millesime
        Year of the file, where neither its columns nor its name give it.

    Returns
    -------
    Report

    Raises
    ------
    SourceError
        With every problem of every file; nothing is then written. In a folder or an archive, a
        file foreign to the project is ignored and reported instead.
    """
    path = Path(path)
    data = paths.data()
    known = registry.sources()
    stored = observations.read_all()
    with tempfile.TemporaryDirectory() as workshop:
        files = list(_files(path, Path(workshop)))
        report = Report()
        readings, problems, foreign = _read_all(files, known, stored, millesime, report)
        if not files:
            problems = [Problem("il n'y a aucun fichier.", path.name)]
        if len(files) == 1 and not readings:
            problems += foreign
        kept, conflicts = _one_per_source(readings, known, report)
        problems += conflicts
    if problems:
        raise SourceError(problems)
    _write(kept, data, known, stored, report)
    return report


def _files(path: Path, workshop: Path) -> Iterator[Path]:
    if not path.exists():
        raise InvalidParameterError(f"« {path} » n'existe pas.")
    members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for number, member in enumerate(members):
        if member.suffix.lower() == ".zip":
            yield from sorted(archives.unpack(member, workshop / str(number)))
        else:
            yield member


def _read_all(
    files: list[Path],
    known: dict[str, Source],
    stored: pd.DataFrame,
    millesime: int | None,
    report: Report,
) -> tuple[list[_Reading], list[Problem], list[Problem]]:
    """Return what was read, what is wrong, and why files are foreign to the project."""
    readings, problems, foreign = [], [], []
    for file in files:
        suffix = file.suffix.lower()
        try:
            if suffix in _CONTOURS:
                report.contours.append(contours.describe(file))
            elif suffix in _TABLES:
                readings += _read(file, known, stored, millesime)
            else:
                raise ForeignFileError(Problem("ce format de fichier n'est pas lu.", file.name))
        except ForeignFileError as reason:
            report.ignored[file.name] = str(reason)
            foreign += reason.problems
        except QpvError as failure:
            problems += failure.problems
    return readings, problems, foreign


def _read(
    file: Path, known: dict[str, Source], stored: pd.DataFrame, millesime: int | None
) -> list[_Reading]:
    if directory := directories.recognise(file):
        with open(file, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        year = _registered(digest, known) or millesime
        return [_Reading(*directories.read(file, directory, stored, digest, year), False)]
    content = file.read_bytes()
    digest = registry.fingerprint(content)
    excel = content.startswith(_BOM) or "\u202f".encode() in content
    readings: dict[str, _Reading] = {}
    foreign: list[Problem] = []
    for table in tables.read(file):
        if listing := places.recognise(table):
            return [_places(table, listing, digest, known, millesime)]
        try:
            family = recognise(table)
            if table.problems:
                raise SourceError(table.problems)
            present = _check_territories(table, family)
        except ForeignFileError as reason:  # a workbook also has sheets of documentation
            foreign += reason.problems
            continue
        year = _year(table, family, digest, known, stored, millesime)
        source = _source(table, family, year, present, file.name, digest)
        frame = extract(table, family, year, source.id)
        if source.id in readings:
            frame = pd.concat([readings[source.id].frame, frame], ignore_index=True)
        readings[source.id] = _Reading(_with_vintages(source, family, year, frame), frame, excel)
    if not readings:
        raise ForeignFileError(foreign)
    return list(readings.values())


def _places(
    table: tables.Table,
    listing: places.Listing,
    digest: str,
    known: dict[str, Source],
    millesime: int | None,
) -> _Reading:
    """Count the places of a list."""
    if table.problems:
        raise SourceError(table.problems)
    year = dating.stated_year(table, _registered(digest, known), millesime)
    source = listing.source(year, table.origin, digest)
    frame = nearby.observations(places.read(table, listing), year, source.id)
    return _Reading(source, frame, False)


def _check_territories(table: tables.Table, family: Family) -> frozenset[str]:
    """Return the known territories of a table, refusing one that lost some of them."""
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
    for geography, name in _COMPLETE.items():
        expected = {member.code for member in territories.qpv(geography)}
        missing = sorted(expected - present)
        if missing and len(missing) < len(expected):
            shown = ", ".join(missing[:3]) + ("…" if len(missing) > 3 else "")
            raise SourceError(
                Problem(
                    f"il manque {len(missing)} des {len(expected)} {name} de Marseille ({shown}).",
                    table.file,
                    remedy="Le fichier est tronqué ou filtré : reprenez celui du producteur.",
                )
            )
    return present


def _year(
    table: tables.Table,
    family: Family,
    digest: str,
    known: dict[str, Source],
    stored: pd.DataFrame,
    millesime: int | None,
) -> int | None:
    if family.dated_by == "suffixe":
        return dating.column_year(table, family)
    if family.dated_by != "annee":
        return None
    return dating.publication_year(table, family, stored, _registered(digest, known), millesime)


def _registered(digest: str, known: dict[str, Source]) -> int | None:
    """Return the year of the registered file that has these bytes."""
    return next((s.publication for s in known.values() if digest in s.fingerprints), None)


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
    producer, rank = family.producer, family.rank
    if table.separator == "," and "tiers" not in producer:
        name, producer, rank = (
            f"{name}-reprise",
            f"{producer}, repris par un tiers",
            rank + _COPY_RANK,
        )
    return Source(
        name, family.name, producer, family.dataset, year, level, {}, "", family.licence,
        file, digest, rank,
    )  # fmt: skip


def _with_vintages(source: Source, family: Family, year: int | None, frame: pd.DataFrame) -> Source:
    blocks = {}
    for block in family.blocks:
        if block.year == "colonne":
            vintage, known = sorted(int(y) for y in frame.millesime.unique()), block.known
        else:
            vintage, known = block.vintage_of(year)
        blocks[block.name] = {"millesime": vintage, "connu": known}
        if block.evidence:
            blocks[block.name]["preuve"] = block.evidence
    return replace(source, blocs=blocks)


def _one_per_source(
    readings: list[_Reading], known: dict[str, Source], report: Report
) -> tuple[dict[str, _Reading], list[Problem]]:
    """Keep one file per source, the fullest; the others must repeat its figures."""

    def preference(reading: _Reading) -> tuple:
        entry = known.get(reading.source.id)
        registered = entry is not None and entry.sha256 == reading.source.sha256
        return -len(reading.frame), not registered, reading.excel, reading.source.fichier

    kept: dict[str, _Reading] = {}
    problems = []
    for reading in sorted(readings, key=preference):
        first = kept.setdefault(reading.source.id, reading)
        if first is reading or first.source.sha256 == reading.source.sha256:
            continue
        if _change("", "", first.frame, reading.frame).identical < len(reading.frame):
            problems.append(
                Problem(
                    f"ses chiffres diffèrent de ceux de {first.source.fichier}, pour la même "
                    f"source {reading.source.id}.",
                    reading.source.fichier,
                    remedy="Gardez un seul des deux fichiers.",
                )
            )
            continue
        copy = {"fichier": reading.source.fichier, "sha256": reading.source.sha256}
        copies = (*first.source.copies, copy)
        kept[first.source.id] = replace(first, source=replace(first.source, copies=copies))
        report.copies[reading.source.fichier] = first.source.id
    return kept, problems


def _write(
    kept: dict[str, _Reading],
    data: Path,
    known: dict[str, Source],
    stored: pd.DataFrame,
    report: Report,
) -> None:
    contents = {}
    sources = dict(known)
    for name in sorted(kept):
        reading = kept[name]
        contents[data / "observations" / f"{name}.csv"] = reading.content
        sources[name] = reading.source.after(known.get(name))
        before = stored[stored.source == name]
        report.changes.append(_change(name, reading.source.fichier, before, reading.frame))
    if not kept:
        return
    frames = [stored[~stored.source.isin(kept)], *(reading.frame for reading in kept.values())]
    after = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    computed = calculate.outputs(calculate.compute(after, sources), sources)
    report.calculated = [path.stem for path in computed.changed]
    calculate.write(computed, contents)


def _change(name: str, file: str, before: pd.DataFrame, after: pd.DataFrame) -> Change:
    both = before.merge(after, on=KEY, suffixes=("_avant", ""))
    same = pd.Series(True, index=both.index)
    for column in set(COLUMNS) - set(KEY) - {"source"}:
        old, new = both[f"{column}_avant"], both[column]
        same &= (old == new) | (old.isna() & new.isna())
    return Change(
        name,
        file,
        len(after) - len(both),
        int((~same).sum()),
        int(same.sum()),
        len(before) - len(both),
    )
