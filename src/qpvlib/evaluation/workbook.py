"""The workbook ``evaluation.xlsx``: written empty from the declared tables, read back as cells."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qpvlib.errors import Problem, damaged
from qpvlib.evaluation.package import Field, Table, choices, registers
from qpvlib.sources import archives
from qpvlib.typography import typeset

LISTS, README = "listes", "lisez-moi"
_ROWS = 5000
"""Rows that get drop-down lists and formats."""
_TITLES = "Reprenez les titres de qpv evaluation modele."
_EPOCH = dt.datetime(2024, 1, 1)
_WORDS = (
    "Une feuille par registre. Une ligne par fait ; laissez vide ce que vous ne savez pas.",
    "Vide : non renseigné. « aucune » : vérifié, il n'y en a pas.",
    "Une colonne marquée * se remplit toujours. La note de chaque titre donne un exemple.",
    "Plusieurs valeurs dans une case se séparent par des points-virgules.",
    "N'écrivez jamais un nom de personne, une adresse électronique ni un téléphone : c'est refusé.",
    "Puis : qpv importer evaluation.xlsx. Tout entre, ou rien, et chaque problème est nommé.",
)

Cells = list[tuple[int, dict[str, Any]]]
"""Rows of a register as typed: line in its sheet or file, cells by the name of their column."""


def model() -> bytes:
    """Return the empty workbook: same tables, same bytes."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    front = book.create_sheet(README)
    front.column_dimensions["A"].width = 110
    for text in _WORDS:
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
    known = registers()
    found: dict[str, Cells] = {}
    remedy = f"Registres : {', '.join(known)}."
    problems = [
        Problem(f"la feuille « {name} » n'est pas un registre.", path.name, remedy=remedy)
        for name in values.sheetnames
        if name not in known and name not in (LISTS, README)
    ]
    for name, table in known.items():
        if name not in values.sheetnames:
            continue
        sheet = values[name]
        place = f"{path.name}, feuille {name}"
        for merged in sheet.merged_cells.ranges:
            remedy = "Défusionnez-les, une valeur par case."
            problems.append(Problem("des cases sont fusionnées.", place, merged.min_row,
                                    merged.coord, remedy))  # fmt: skip
        rows = sheet.iter_rows(values_only=True)
        columns, faults = header(next(rows, ()), table, place)
        problems += faults
        found[name] = []
        for line, row in enumerate(rows, 2):
            cells: dict[str, Any] = {c: row[i] for i, c in columns.items() if i < len(row)}
            for index, column in columns.items():
                raw = formulas[name].cell(line, index + 1)
                if raw.data_type == "f" and cells.get(column) is None:
                    remedy = "Ouvrez le classeur dans Excel et enregistrez-le, ou tapez la valeur."
                    fact = "une formule n'a pas de résultat enregistré."
                    problems.append(Problem(fact, place, line, table.field(column).title, remedy))
                elif raw.data_type == "e":
                    fact = f"la formule donne une erreur ({raw.value})."
                    problems.append(Problem(fact, place, line, table.field(column).title))
            if any(cell is not None and str(cell).strip() for cell in cells.values()):
                found[name].append((line, cells))
                if sheet.row_dimensions[line].hidden:
                    remedy = "Affichez-la, ou supprimez-la."
                    problems.append(Problem("cette ligne est masquée.", place, line, remedy=remedy))
    return found, problems


def header(
    row: tuple[object, ...], table: Table, place: str
) -> tuple[dict[int, str], list[Problem]]:
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
            problems.append(Problem(f"la colonne « {title} » {fact}.", place, 1, remedy=_TITLES))
            continue
        columns[index] = name
    problems += [
        Problem(f"la colonne « {field.title} » manque.", place, 1, remedy=_TITLES)
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
