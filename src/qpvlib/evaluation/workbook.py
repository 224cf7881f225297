"""The workbook ``evaluation.xlsx``: written empty from the declared tables, read back as cells."""

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qpvlib.errors import Problem, damaged
from qpvlib.evaluation.package import Field, Table, choices, notice, registers
from qpvlib.sources import archives
from qpvlib.typography import typeset

LISTS, README = "listes", "lisez-moi"
_ROWS = 5000
"""Rows that get drop-down lists and formats."""
_TITLES = "Reprenez les titres de qpv evaluation modele."
_EPOCH = dt.datetime(2024, 1, 1)
_NO_RESULT = "Ouvrez le classeur dans Excel et enregistrez-le, ou tapez la valeur."

Cells = list[tuple[int, dict[str, Any]]]
"""Rows of a register as typed: line in its sheet or file, cells by the name of their column."""


def model() -> bytes:
    """Return the empty workbook: same tables, same bytes."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    front = book.create_sheet(README)
    front.column_dimensions["A"].width = 110
    for text in notice():
        front.append([typeset(text)])
    lists = book.create_sheet(LISTS)
    ranges: dict[tuple[str, ...], str] = {}
    for name, table in registers().items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "B2"
        for number, field in enumerate(table.fields, 1):
            _column(sheet, number, field)
            if options := _options(field):
                if options not in ranges:
                    ranges[options] = _range(lists, options, len(ranges) + 1)
                _drop_down(sheet, number, field, ranges[options])
    lists.sheet_state = "hidden"
    return stable(book)


def recognised(path: Path) -> bool:
    """Return whether a file is a sound workbook with the sheets of two registers at least."""
    try:
        archives.check(path)
        book = openpyxl.load_workbook(path, read_only=True)
    except Exception:  # openpyxl has no error of its own for what is no workbook
        return False
    found = len(registers().keys() & set(book.sheetnames)) > 1
    book.close()
    return found


def read(path: Path) -> tuple[dict[str, Cells], list[Problem]]:
    """Return the cells of every register of a workbook, and what its sheets have wrong.

    Raises
    ------
    SourceError
        If the file is not a workbook.
    """
    try:
        values = openpyxl.load_workbook(path, data_only=True)
        formulas = openpyxl.load_workbook(path)
    except Exception:
        raise damaged(path.name) from None
    known, named = registers(), ", ".join(registers())
    problems = [
        Problem(f"la feuille « {name} » n'est pas un registre.", path.name,
                remedy=f"Registres : {named}.")
        for name in values.sheetnames if name not in {*known, LISTS, README}
    ]  # fmt: skip
    found: dict[str, Cells] = {}
    for name in known.keys() & {*values.sheetnames}:
        place = f"{path.name}, feuille {name}"
        found[name], faults = _sheet(values[name], formulas[name], known[name])
        problems += [replace(fault, file=place) for fault in faults]
    return {name: found[name] for name in known if name in found}, problems


def _sheet(sheet: Worksheet, formulas: Worksheet, table: Table) -> tuple[Cells, list[Problem]]:
    rows = sheet.iter_rows(values_only=True)
    columns, faults = header(next(rows, ()), table)
    for merged in sheet.merged_cells.ranges:
        faults.append(Problem("des cases sont fusionnées.", "", merged.min_row, merged.coord,
                              "Défusionnez-les, une valeur par case."))  # fmt: skip
    found: Cells = []
    for line, row in enumerate(rows, 2):
        cells: dict[str, Any] = {c: row[i] for i, c in columns.items() if i < len(row)}
        for index, column in columns.items():
            raw, title = formulas.cell(line, index + 1), table.field(column).title
            if raw.data_type == "f" and cells.get(column) is None:
                faults.append(Problem("une formule n'a pas de résultat enregistré.", "", line,
                                      title, _NO_RESULT))  # fmt: skip
            elif raw.data_type == "e":
                faults.append(Problem(f"la formule donne une erreur ({raw.value}).", "", line,
                                      title))  # fmt: skip
        if any(cell is not None and str(cell).strip() for cell in cells.values()):
            found.append((line, cells))
            if sheet.row_dimensions[line].hidden:
                faults.append(Problem("cette ligne est masquée.", "", line,
                                      remedy="Affichez-la, ou supprimez-la."))  # fmt: skip
    return found, faults


def header(row: tuple[object, ...], table: Table) -> tuple[dict[int, str], list[Problem]]:
    """Return index -> column of a header row, by name or title, and what it has wrong."""
    names = {_key(form): f.name for f in table.fields for form in (f.name, f.title)}
    columns: dict[int, str] = {}
    problems = []
    for index, title in enumerate(row):
        if title is None or not str(title).strip():
            continue
        name = names.get(_key(str(title)))
        if name is None or name in columns.values():
            fact = "est inconnue" if name is None else "est donnée deux fois"
            problems.append(Problem(f"la colonne « {title} » {fact}.", "", 1, remedy=_TITLES))
            continue
        columns[index] = name
    problems += [
        Problem(f"la colonne « {field.title} » manque.", "", 1, remedy=_TITLES)
        for field in table.fields
        if field.required and field.name not in columns.values()
    ]
    return columns, problems


def _key(title: str) -> str:
    return " ".join(title.replace("’", "'").rstrip(" *\u00a0").split()).casefold()


def _column(sheet: Worksheet, number: int, field: Field) -> None:
    letter = get_column_letter(number)
    cell = sheet.cell(1, number, field.title + (" *" if field.required else ""))
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8F0F8")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    example = f"\nExemple : {field.example}" if field.example else ""
    cell.comment = Comment(typeset(field.description + example), "qpvlib", width=320, height=140)
    dimension = sheet.column_dimensions[letter]
    dimension.width = 24
    # The format of a whole column: a SIRET stays a text, a date a date.
    dimension.number_format = {"date": "dd/mm/yyyy", "number": "General", "integer": "0"}.get(
        field.type, "@"
    )


def _options(field: Field) -> tuple[str, ...]:
    if field.type == "boolean":
        return ("oui", "non")
    if allowed := field.constraints.get("enum"):
        return tuple(allowed)
    if field.closed in ("quartiers", "territoires"):
        return tuple(choices(field.closed).values())
    pairs = choices(field.closed).items() if field.closed else ()
    return tuple(f"{value} : {label[:70]}" for value, label in pairs)


def _range(lists: Worksheet, options: tuple[str, ...], column: int) -> str:
    for line, option in enumerate(options, 1):
        lists.cell(line, column, option)
    letter = get_column_letter(column)
    return f"{LISTS}!${letter}$1:${letter}${len(options)}"


def _drop_down(sheet: Worksheet, number: int, field: Field, source: str) -> None:
    rule = DataValidation(type="list", formula1=f"={source}", allow_blank=True)
    # Several values may be typed in a cell of a list: the drop-down helps, it does not forbid.
    rule.showErrorMessage = field.type != "list"
    rule.errorTitle, rule.error = field.title[:32], typeset(field.description)[:250]
    letter = get_column_letter(number)
    rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(rule)


def stable(book: openpyxl.Workbook) -> bytes:
    """Return a workbook that carries no time of writing: same cells, same bytes."""
    book.properties.creator = "qpvlib"
    book.properties.created = _EPOCH
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            # openpyxl stamps the hour of saving, whatever is asked.
            stamp = rb"(<dcterms:modified[^>]*>)[^<]*"
            new.writestr(member, re.sub(stamp, rb"\g<1>2024-01-01T00:00:00Z", old.read(name)))
    return out.getvalue()
