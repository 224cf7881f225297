"""``qpv importer``: official files in, observations out, all or nothing.

Every file is recognised, checked and extracted before a single byte is written; whatever is
wrong is listed at once.
"""

import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from qpvlib import commit, observations, paths
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import ForeignFileError, InvalidParameterError, Problem, QpvError, SourceError
from qpvlib.intake import calculate, moves, whole
from qpvlib.intake.files import COPY, Project, Reading, read_detail, read_tables
from qpvlib.intake.report import Report, change
from qpvlib.observations import KEY, VALUE, Observations
from qpvlib.sources import archives, contours, controls, registry
from qpvlib.sources.registry import Source

_TABLES = {".csv", ".txt", ".xls", ".xlsx"}
_CONTOURS = {".geojson"}
_FEW = 3  # faults of one kind that are told one by one


@commit.working("qpv importer")
def import_path(
    path: Path,
    millesime: int | None = None,
    removing: bool = False,
    reason: str | None = None,
) -> Report:
    """Import a file, a zip archive or a folder of official files.

    Parameters
    ----------
    path
        What to import.
    millesime
        Year of the file, where neither its columns nor its name give it.
    removing
        Whether figures already there may disappear.
    reason
        Why improbable moves are true; kept in the registry.

    Returns
    -------
    Report

    Raises
    ------
    SourceError
        With every problem of every file; nothing is then written. Beside others, a file foreign
        to the project is ignored and reported instead; where all are, it is an error. Without
        consent, also what would disappear.
    """
    start = time.perf_counter()
    path = Path(path)
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
        readings = [*_told_anew(readings, project, report)]
        kept, conflicts = _one_per_source(readings, known, report)
        problems += conflicts
    kept = {name: kept[name] for name in sorted(kept)}
    breaches, doubts = _judged(kept, stored, known)
    problems += breaches
    if problems:  # a file read beside two others is wrong for both
        raise SourceError(_gathered(dict.fromkeys(problems)))
    for name in doubts if reason else ():
        confirmed = replace(kept[name].source, confirmation=str(reason))
        kept[name] = replace(kept[name], source=confirmed)
    computed = _computed(kept, known, stored)
    unsure = [] if reason else [problem for found in doubts.values() for problem in found]
    if not removing:
        brought = [(reading.source, reading.frame) for reading in kept.values()]
        unsure += whole.losses(brought, stored, known)
        unsure += whole.vanished([path.stem for path in computed.removed], stored)
    if unsure:
        raise SourceError(unsure)
    report.changes = [change(reading, stored) for reading in kept.values()]
    report.calculated = computed.lines()
    if kept:
        folder = paths.data() / "observations"
        contents = {folder / f"{name}.csv": reading.content for name, reading in kept.items()}
        contents |= dict(reading.beside for reading in kept.values() if reading.beside)
        calculate.write(computed, contents)
    report.files, report.seconds = len(files), time.perf_counter() - start
    return report


def _gathered(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems, the same fault of many lines of a column once."""
    alike: dict[tuple, list[Problem]] = {}
    for problem in problems:
        kind = re.sub(r"«.*»|[\d.,−]+", "", problem.fact)
        place = problem.file if problem.line else problem
        alike.setdefault((place, problem.column, kind), []).append(problem)
    for first, *others in alike.values():
        if len(others) < _FEW:
            yield from (first, *others)
        else:
            yield replace(first, fact=f"{first.fact} De même à {len(others)} autres lignes.")


def _files(path: Path, workshop: Path) -> Iterator[Path]:
    if not path.exists():
        raise InvalidParameterError(f"« {path} » n'existe pas.")
    members = sorted(path.rglob("*")) if path.is_dir() else [path]
    for number, member in enumerate(members):
        if member.is_dir():
            continue
        if not member.is_file():  # a pipe would wait for ever, a device has no end
            fact = "ce n'est pas un fichier ordinaire."
            raise SourceError(Problem(fact, member.name, remedy="Retirez-le, ou copiez-le."))
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


def _told_anew(readings: list[Reading], project: Project, report: Report) -> Iterator[Reading]:
    """Yield the readings but those already there in full: registered copies, resaved files.

    A copy may hold a part of the figures; a file saved again under another separator has them all.
    """
    for reading in readings:
        name = reading.source.id.removesuffix(COPY)
        entry = project.known.get(name)
        copied = entry is not None and any(
            copy["sha256"] == reading.source.sha256 for copy in entry.copies
        )
        resaved = entry is not None and name != reading.source.id
        own = replace(reading, source=replace(reading.source, id=name))
        found = change(own, project.stored) if copied or resaved else None
        if found and found.identical == len(reading.frame) and (copied or not found.removed):
            report.copies[reading.source.fichier] = name
        else:
            yield reading


def _one_per_source(
    readings: Iterable[Reading], known: dict[str, Source], report: Report
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


def _judged(
    kept: dict[str, Reading], stored: pd.DataFrame, known: dict[str, Source]
) -> tuple[list[Problem], dict[str, list[Problem]]]:
    """Return what the figures that come in break, and the improbable moves of each source."""
    breaches: list[Problem] = []
    doubts: dict[str, list[Problem]] = {}
    ranks = {name: source.rang for name, source in known.items()}
    values = Observations(stored, ranks).frame
    values = values[values["etat"] == VALUE]
    coming = [moves.fresh(reading.frame, stored) for reading in kept.values()]
    everything = pd.concat([values, *coming], ignore_index=True)
    for (name, reading), new in zip(kept.items(), coming, strict=True):
        if new.empty:
            continue
        file = reading.source.fichier
        others = everything[(everything["source"] != name) | (everything.index < len(values))]
        others = others[others["indicateur"].isin(new["indicateur"].unique())]
        others = others.drop_duplicates(KEY)
        breaches += [*controls.breaches(reading.frame, file), *moves.repeated(new, others, file)]
        before = known.get(name)
        if before and reading.source.sha256 in before.fingerprints:
            continue  # the very file that was accepted
        if found := [*moves.doubts(new, others, file)]:
            doubts[name] = found
    return breaches, doubts


def _computed(
    kept: dict[str, Reading], known: dict[str, Source], stored: pd.DataFrame
) -> calculate.Outputs:
    """Return what these readings make of the computed sources, and the registry that follows."""
    sources = known | {
        name: reading.source.after(known.get(name)) for name, reading in kept.items()
    }
    frames = [stored[~stored.source.isin(kept)], *(reading.frame for reading in kept.values())]
    after = pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
    return calculate.outputs(calculate.compute(after, sources), sources)
