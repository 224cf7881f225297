"""``qpv importer``: official files in, observations out, all or nothing.

Every file is recognised, checked and extracted before a single byte is written; whatever is
wrong is listed at once.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from qpvlib import observations, paths
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import ForeignFileError, InvalidParameterError, Problem, QpvError, SourceError
from qpvlib.intake import calculate
from qpvlib.intake.files import Project, Reading, read_detail, read_tables
from qpvlib.intake.report import Report, change
from qpvlib.sources import archives, contours, registry
from qpvlib.sources.registry import Source

_TABLES = {".csv", ".txt", ".xls", ".xlsx"}
_CONTOURS = {".geojson"}


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
        With every problem of every file; nothing is then written. Beside others, a file foreign
        to the project is ignored and reported instead; where all are, it is an error.
    """
    start = time.perf_counter()
    path = Path(path)
    data = paths.data()
    known = registry.sources()
    stored = observations.read_all()
    with tempfile.TemporaryDirectory() as workshop:
        files = list(_files(path, Path(workshop)))
        report = Report()
        project = Project(known, stored, millesime)
        readings, problems, foreign = _read_all(files, project, report)
        if not files:
            problems = [Problem("il n'y a aucun fichier.", path.name)]
        if not (readings or report.contours or report.notes):
            problems += foreign  # nothing at all could be read
        kept, conflicts = _one_per_source(readings, known, report)
        problems += conflicts
    if problems:  # a file read beside two others is wrong for both
        raise SourceError(dict.fromkeys(problems))
    _write(kept, data, known, stored, report)
    report.files, report.seconds = len(files), time.perf_counter() - start
    return report


def _files(path: Path, workshop: Path) -> Iterator[Path]:
    if not path.exists():
        raise InvalidParameterError(f"« {path} » n'existe pas.")
    members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for number, member in enumerate(members):
        if member.suffix.lower() == ".zip" and not recognise(member):
            yield from sorted(archives.unpack(member, workshop / str(number)))
        else:
            yield member


def _read_all(
    files: list[Path], project: Project, report: Report
) -> tuple[list[Reading], list[Problem], list[Problem]]:
    """Return what was read, what is wrong, and why files are foreign to the project."""
    readings: list[Reading] = []
    problems: list[Problem] = []
    foreign: list[Problem] = []
    detailed = {file: form for file in files if (form := recognise(file))}
    beside: dict[str, list[Path]] = {}
    for file, form in detailed.items():
        beside.setdefault(form.name, []).append(file)
    for file in files:
        suffix = file.suffix.lower()
        try:
            if file in detailed:
                readings += read_detail(file, detailed[file], project, beside, report.notes)
            elif suffix in _CONTOURS:
                report.contours.append(contours.describe(file))
            elif suffix in _TABLES:
                readings += read_tables(file, project, report.notes)
            elif suffix == ".parquet":
                fact = "ce fichier parquet est abîmé, tronqué, ou n'est d'aucun format connu."
                raise ForeignFileError(Problem(fact, file.name))
            else:
                raise ForeignFileError(Problem("ce format de fichier n'est pas lu.", file.name))
        except ForeignFileError as reason:
            report.ignored[file.name] = str(reason)
            foreign += reason.problems
        except QpvError as failure:
            problems += failure.problems
    return readings, problems, foreign


def _one_per_source(
    readings: list[Reading], known: dict[str, Source], report: Report
) -> tuple[dict[str, Reading], list[Problem]]:
    """Keep one file per source, the fullest; the others must repeat its figures."""

    def preference(reading: Reading) -> tuple:
        entry = known.get(reading.source.id)
        registered = entry is not None and entry.sha256 == reading.source.sha256
        return -len(reading.frame), not registered, reading.excel, reading.source.fichier

    kept: dict[str, Reading] = {}
    problems = []
    for reading in sorted(readings, key=preference):
        first = kept.setdefault(reading.source.id, reading)
        if first is reading or first.source.sha256 == reading.source.sha256:
            continue
        same = change(reading, first.frame).identical == len(reading.frame)
        if not same or reading.beside != first.beside:
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
    kept: dict[str, Reading],
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
        if reading.beside is not None:
            path, content = reading.beside
            contents[path] = content
        sources[name] = reading.source.after(known.get(name))
        report.changes.append(change(reading, stored))
    if not kept:
        return
    frames = [stored[~stored.source.isin(kept)], *(reading.frame for reading in kept.values())]
    after = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    computed = calculate.outputs(calculate.compute(after, sources), sources)
    report.calculated = computed.lines()
    calculate.write(computed, contents)
