"""Reading, checking and writing the registers: a file enters whole, or nothing does."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from qpvlib import commit
from qpvlib.errors import CellError, CheckError, Problem, QpvError, SourceError
from qpvlib.evaluation import directory, objectives, rules, workbook
from qpvlib.evaluation.cells import convert, written
from qpvlib.evaluation.package import ANSWERS, Table, choices, folder, registers, tables
from qpvlib.evaluation.rules import Row, Rows
from qpvlib.evaluation.workbook import Cells
from qpvlib.numerals import counted
from qpvlib.reading import portrait
from qpvlib.sources.tables import decode
from qpvlib.typography import Report

SEEN = "preuves_vues.csv"
"""Every piece of evidence ever imported: what disappears between two editions is named."""


def load() -> Rows:
    """Return the rows of every register, by name.

    Raises
    ------
    CheckError
        With every cell and row that breaks a rule.
    """
    return _load(folder())


@commit.working("qpv importer")
def import_file(path: Path) -> Report:
    """Import a workbook, or the CSV of one register: each sheet replaces its register.

    Raises
    ------
    SourceError
        With every problem; nothing is then written.
    """
    problems: list[Problem] = []
    noted: list[str] = []
    if path.suffix.lower() in (".csv", *rules.RECORDS):
        lines, name = _lines(path), "annuaire"
        cells = directory.mapped(lines, load()[name], 1 + (rules.unit(path.name) == "ligne"))
        if cells is None:
            name = path.stem
            cells, problems = _csv(path, tables()[name])
        elif aside := len(lines) - 1 - sum(line > 0 for line, _ in cells):
            noted = [f"{counted(aside, 'structure(s) laissée(s)')} de côté : {directory.ASIDE}."]
        typed, places = {name: cells}, {name: path.name}
    else:
        typed, problems = workbook.read(path)
        places = {name: f"{path.name}, feuille {name}" for name in typed}
    if not typed:
        problems.append(Problem("aucune feuille n'est un registre.", path.name))
    before = load()
    # Everything is checked again: what leaves a register may be named by another.
    stored, files, _ = _stored()
    rows, faults = _checked(stored | typed, files | places)
    faults += problems
    targets: list[Problem] = []
    if rows["objectifs"] and not faults:
        where = (files | places)["objectifs"]
        known = [row | {"": None} for row in before["objectifs"]]
        for row, problem, refused in objectives.entry(rows, portrait.store(), where):
            if refused or row | {"": None} not in known:
                (faults if refused else targets).append(problem)
    if faults:
        faults.sort(key=lambda one: (one.file, one.line or 0, one.column))
        raise SourceError(dict.fromkeys(faults))
    told = [line for name in typed if (line := _change(tables()[name], before[name], rows[name]))]
    write({name: rows[name] for name in typed})
    said = told or ["Rien n'a changé."]
    return Report((*said, *noted, *map(str, targets), *rules.warnings(rows)))


def recognised(path: Path) -> bool:
    """Return whether a file is the workbook, or the CSV of a register by its name and columns."""
    if path.suffix.lower() not in (".csv", *rules.RECORDS):
        return workbook.recognised(path)
    try:
        lines = _lines(path)
    except (QpvError, OSError):
        return False
    table = registers().get(path.stem)
    named = table is not None and not workbook.header(tuple(lines[0] if lines else ()), table)[1]
    return named or directory.mapped(lines, []) is not None


def _lines(path: Path) -> directory.Lines:
    csv_like = path.suffix.lower() == ".csv"
    return [list(line) for line in read_csv(path)] if csv_like else directory.lines(path)


def write(rows: Mapping[str, list[Row]]) -> None:
    """Write registers in the order of their keys, all at once; the caller holds ``working``."""
    contents = {tables()[name].path: content(tables()[name], found) for name, found in rows.items()}
    if "preuves" in rows:
        seen = sorted({*_seen(), *(str(row["id"]) for row in rows["preuves"])})
        contents[folder() / SEEN] = "\n".join(["id", *seen, ""]).encode()
    commit.write(contents)
    _load.cache_clear()


def content(table: Table, rows: Iterable[Row]) -> bytes:
    """Return the CSV of a register."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in table.fields])
    lines = sorted(
        (_cells(table, row) for row in rows), key=lambda line: [line[k] for k in table.key]
    )
    writer.writerows(line.values() for line in lines)
    return out.getvalue().encode()


def disappeared() -> list[str]:
    """Return the pieces of evidence that were imported once and are no longer there."""
    return sorted(set(_seen()) - {str(row["id"]) for row in load()["preuves"]})


def verify() -> Report:
    """Check ``data/evaluation`` as :func:`load` does, and say what it holds."""
    rows = load()
    filled = [f"{name} {len(found)}" for name, found in rows.items() if found]
    told = [f"Évaluation : {', '.join(filled) if filled else 'aucun registre rempli'}."]
    if gone := disappeared():
        told.append(f"Preuves disparues depuis un import : {', '.join(gone)}.")
    return Report((*told, *rules.warnings(rows)))


@cache
def _load(source: Path) -> Rows:
    typed, files, problems = _stored()
    rows, faults = _checked(typed, files)
    if problems or faults:
        raise CheckError([*problems, *faults])
    return rows


def _stored() -> tuple[dict[str, Cells], dict[str, str], list[Problem]]:
    """Return the cells of every register as its CSV holds them, their files, what is wrong."""
    files = {name: tables()[name].path for name in (*registers(), ANSWERS)}
    read = {name: _csv(path, tables()[name]) for name, path in files.items()}
    problems = [problem for _, faults in read.values() for problem in faults]
    cells = {name: cells for name, (cells, _) in read.items()}
    return cells, {name: path.name for name, path in files.items()}, problems


def _csv(path: Path, table: Table) -> tuple[Cells, list[Problem]]:
    try:
        lines = read_csv(path)
    except QpvError as error:
        return [], list(error.problems)
    columns, faults = workbook.header(tuple(lines[0] if lines else ()), table)
    problems = [replace(fault, file=path.name) for fault in faults]
    rows: Cells = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) > len(lines[0]) and any(cell.strip() for cell in line[len(lines[0]) :]):
            fact = f"{len(line)} cases au lieu de {len(lines[0])}."
            remedy = "Mettez le texte entre guillemets."
            problems.append(Problem(fact, path.name, number, remedy=remedy))
        cells: dict[str, object] = {c: line[i] for i, c in columns.items() if i < len(line)}
        if any(str(cell).strip() for cell in cells.values()):
            rows.append((number, cells))
    return rows, problems


def read_csv(path: Path) -> list[list[str]]:
    """Return the lines of a CSV, semicolons or commas."""
    text = decode(path.read_bytes(), path.name)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        remedy = "Vérifiez ses guillemets."
        raise SourceError(Problem("ce CSV est illisible.", path.name, remedy=remedy)) from None


def _checked(typed: Mapping[str, Cells], places: Mapping[str, str]) -> tuple[Rows, list[Problem]]:
    """Return the rows of sound cells, and all that is wrong."""
    ids = {name: {(i := str(c.get("id"))): i for _, c in cells} for name, cells in typed.items()}

    @cache
    def known(closed: str) -> dict[str, str]:
        return ids[closed] if closed in ids else choices(closed)

    stored: Rows = {}
    problems: list[Problem] = []
    for name, cells in typed.items():
        table, stored[name], unit = tables()[name], [], rules.unit(places[name])
        first: dict[tuple[object, ...], int] = {}
        for line, row in cells:
            made: Row = {"": line}
            for field in table.fields:
                try:
                    made[field.name] = convert(field, row.get(field.name), known)
                except CellError as error:
                    (why,) = error.problems
                    problems.append(replace(why, file=places[name], line=line,
                                            column=field.title, unit=unit))  # fmt: skip
            if len(made) <= len(table.fields):
                continue
            key = tuple(made[column] for column in table.key)
            if key in first:
                what = ", ".join(table.field(column).title.lower() for column in table.key)
                fact = f"même valeur que plus haut, {unit} {first[key]} ({what})."
                remedy = "Gardez l'un des deux."
                problems.append(Problem(fact, places[name], line, remedy=remedy, unit=unit))
                continue
            first[key] = line
            stored[name].append(made)
    return stored, problems + rules.broken(stored, places)


def _change(table: Table, before: list[Row], after: list[Row]) -> str:
    """Return what changes in a register, in rows; empty when nothing does."""
    old, new = (
        {" ".join(written(row[k]) for k in table.key): _cells(table, row) for row in rows}
        for rows in (before, after)
    )
    same = sum(old.get(key) == row for key, row in new.items())
    fresh, gone = len(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    if same == len(new) and not gone:
        return ""
    told = [counted(fresh, "nouvelle(s)"), counted(len(new) - fresh - same, "révisée(s)"),
            counted(same, "identique(s)")]  # fmt: skip
    if gone:
        told.append(f"{counted(len(gone), 'retirée(s)')} ({', '.join(gone[:5])})")
    return f"{table.name} : {', '.join(told)}."


def _cells(table: Table, row: Row) -> dict[str, str]:
    return {field.name: written(row.get(field.name)) for field in table.fields}


def _seen() -> Iterator[str]:
    path = folder() / SEEN
    yield from path.read_text("utf-8").split()[1:] if path.is_file() else ()
