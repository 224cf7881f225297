"""Official files read as plain tables of text, whatever their dress.

Statistical offices publish the same table as CSV, as a CSV saved again by Excel, or as a
workbook whose header is a few rows down. Here all become a :class:`Table`; what the columns mean
is none of this module's business.
"""

import csv
import functools
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import xlrd

from qpvlib.errors import ForeignFileError, Problem, SourceError
from qpvlib.sources import archives, long_tables

_SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_ACCEPTED = ";,"
_KEYS = {"CODGEO", "CODEQPV", "CODEIRIS", "IRIS", "QP", "REG", "CODE COMMUNE INSEE"}
_HEADER_DEPTH = 15
_MOJIBAKE = re.compile("Ã[\u0080-¿©¨ªŠ]|â€|Â[ °]")
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_SHOWN = 20


@dataclass(frozen=True)
class Table:
    """The cells of one sheet, as text.

    Attributes
    ----------
    origin, file
        Name of the file, and name shown in messages: a sheet's follows that of its workbook.
    columns
        Header, without surrounding spaces nor empty trailing columns.
    rows
        Cells of each line that is not blank, as long as ``columns``.
    lines
        Line number of each row in the file, from 1.
    separator
        Character between the cells, empty for a workbook.
    problems
        Lines that are not as long as the header; fatal once the table is known to be ours.
    title
        What stands above the header.
    """

    origin: str
    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    separator: str = ""
    problems: tuple[Problem, ...] = ()
    title: str = ""


def read(path: Path) -> tuple[Table, ...]:
    """Read a CSV file or the sheets of a workbook.

    Parameters
    ----------
    path
        ``.csv``, ``.xls`` or ``.xlsx``; told apart by their first bytes.

    Raises
    ------
    SourceError
        Empty file, unknown encoding or separator, unclosed quote, damaged workbook.
    ForeignFileError
        Where no column of codes is found, in any sheet of a workbook or in a text that is not
        separated as a table.
    """
    content = path.read_bytes()
    if not content.strip():
        raise SourceError(Problem("le fichier est vide.", path.name))
    if content.startswith((_OLE, _ZIP)):
        if zipfile.is_zipfile(path):
            archives.check(path)
        return tuple(_workbook(content, path.name))
    return (_text_table(decode(content, path.name), path.name),)


def decode(content: bytes, file: str) -> str:
    """Return the text of a UTF-8 or Windows-1252 file.

    Raises
    ------
    SourceError
        For UTF-16, for bytes that belong to neither encoding, and for accents already broken.
    """
    remedy = "Réenregistrez le fichier d'origine en UTF-8."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:2]:
        raise SourceError(Problem("le texte est codé en UTF-16.", file, remedy=remedy))
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        fact = "le fichier porte des octets nuls : il est abîmé, ou codé en UTF-16."
        raise SourceError(Problem(fact, file, line, remedy=remedy))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        if failure.end == len(content) and failure.reason == "unexpected end of data":
            raise SourceError(
                Problem(
                    "le fichier s'arrête au milieu d'un caractère : il est tronqué.",
                    file,
                    remedy="Téléchargez-le à nouveau.",
                )
            ) from None
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise SourceError(
                Problem("le codage des caractères n'est pas reconnu.", file, remedy=remedy)
            ) from None
    if broken := _MOJIBAKE.search(text):
        line = text.count("\n", 0, broken.start()) + 1
        raise SourceError(
            Problem("les accents sont abîmés, le codage est faux.", file, line, remedy=remedy)
        )
    return text


def _text_table(text: str, file: str) -> Table:
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    if separator not in _ACCEPTED or header.count(separator) == 0:
        fact = (
            f"le séparateur de colonnes est la {_SEPARATORS[separator]}, au lieu du point-virgule."
            if header.count(separator)
            else "aucun séparateur de colonnes n'est reconnu dans l'en-tête."
        )
        ours = _KEYS & {word.upper() for word in re.findall(r"\w+", header)}
        raise (SourceError if ours else ForeignFileError)(
            Problem(
                fact, file, 1, remedy="Enregistrez le tableau en CSV, séparateur point-virgule."
            )
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise SourceError(
            Problem(
                "un guillemet n'est jamais refermé, ou une case dépasse 131 072 caractères : le "
                "fichier est tronqué ou abîmé.",
                file,
                reader.line_num,
            )
        ) from None
    filled = [(line, row) for line, row in numbered if any(cell.strip() for cell in row)]
    titles = list(itertools.takewhile(_alone, filled[:_HEADER_DEPTH]))
    rows = filled[len(titles) :] or filled
    return _table(file, file, long_tables.spread(rows, file), separator, titles)


def _workbook(content: bytes, file: str) -> Iterator[Table]:
    try:
        sheets = list(_xls(content) if content.startswith(_OLE) else _xlsx(content, file))
    except SourceError:
        raise
    except Exception:  # both readers raise many kinds on a damaged workbook
        raise SourceError(
            Problem(
                "le classeur ne s'ouvre pas : il est tronqué ou abîmé.",
                file,
                remedy="Téléchargez-le à nouveau.",
            )
        ) from None
    found = False
    for name, rows in sheets:
        filled = [(line, row) for line, row in enumerate(rows, 1) if any(row)]
        headers = [
            start
            for start, (_, row) in enumerate(filled[:_HEADER_DEPTH])
            if _KEYS & {cell.upper() for cell in row}
        ]
        if headers:
            found = True
            # A row of labels may come before that of the names, which have no spaces.
            start = min(headers, key=lambda i: sum(" " in cell for cell in filled[i][1]))
            yield _table(file, f"{file}, feuille {name}", filled[start:], "", filled[:start])
    if not found:
        raise ForeignFileError(
            Problem(
                "aucune feuille n'a de ligne d'en-tête reconnue (CODGEO, IRIS, qp…).",
                file,
            )
        )


def _xls(content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    # It would print its warnings, in English.
    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
    for sheet in book.sheets():
        yield sheet.name, [[_text(v) for v in sheet.row_values(i)] for i in range(sheet.nrows)]


def _xlsx(content: bytes, file: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the sheets, refusing a formula that the file does not give the value of.

    Such a cell reads as blank, and a blank would be taken for a secret.
    """
    read = functools.partial(openpyxl.load_workbook, read_only=True)
    book, formulas = read(io.BytesIO(content), data_only=True), read(io.BytesIO(content))
    for sheet, written in zip(book.worksheets, formulas.worksheets, strict=True):
        rows = []
        for line, (row, raw) in enumerate(
            zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=True)
        ):
            for value, text in zip(row, raw, strict=True):
                if value is None and text is not None:
                    fact = f"la formule « {text} » n'a pas de valeur enregistrée."
                    remedy = "Ouvrez le classeur dans un tableur et enregistrez-le, ou collez les "
                    place = f"{file}, feuille {sheet.title}"
                    raise SourceError(Problem(fact, place, line + 1, remedy=f"{remedy}valeurs."))
            rows.append([_text(value) for value in row])
        yield sheet.title, rows


def _text(value: object) -> str:
    if isinstance(value, float):
        return format(value, ".12g")
    return "" if value is None else str(value).strip()


def _alone(line: tuple[int, list[str]]) -> bool:
    """Return whether a line is a title: one cell filled, of several."""
    return len(line[1]) > 1 and sum(bool(cell.strip()) for cell in line[1]) == 1


def _table(
    origin: str,
    file: str,
    numbered: long_tables.Numbered,
    separator: str,
    titles: long_tables.Numbered,
) -> Table:
    header = [cell.strip() for cell in numbered[0][1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    if "" in header:
        header[header.index("")] = "LIBELLE"
    rows, lines, problems = [], [], []
    for line, row in numbered[1:]:
        cells = [cell.strip() for cell in row]
        if len(cells) < width:
            problems.append(
                Problem(
                    f"{len(cells)} cellules au lieu de {width}.",
                    file,
                    line,
                    remedy="Le fichier est tronqué, ou le séparateur n'est pas le bon.",
                )
            )
        elif any(cells[width:]):
            problems.append(
                Problem(
                    f"plus de cellules que les {width} de l'en-tête.",
                    file,
                    line,
                    remedy="Le séparateur de colonnes se confond-il avec la virgule décimale ?",
                )
            )
        else:
            rows.append(tuple(cells[:width]))
            lines.append(line)
    if len(problems) > 1 and not rows:
        # The same fault on every line is one fault, of the file.
        problems = [
            Problem(
                f"aucune ligne n'a les {width} cellules de l'en-tête.",
                file,
                remedy="Le séparateur de colonnes n'est pas le bon, ou se confond avec la virgule "
                "décimale : redonnez le fichier d'origine, sans l'enregistrer de nouveau.",
            )
        ]
    if len(problems) > _SHOWN:
        rest = Problem(f"et {len(problems) - _SHOWN} autres lignes.", file)
        problems = [*problems[:_SHOWN], rest]
    title = "\n".join(cell for _, row in titles for cell in row if cell)
    return Table(
        origin, file, tuple(header), tuple(rows), tuple(lines), separator, tuple(problems), title
    )
