"""From a wide official table to observations of the territories of Marseille."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from qpvlib import catalogue, territories
from qpvlib.errors import Problem, SourceError
from qpvlib.numerals import plain
from qpvlib.observations import ALL, COLUMNS, SECRET, UNAVAILABLE, VALUE
from qpvlib.sources import cells, controls
from qpvlib.sources.families import Block, Family, Figure, blank_state, opposed, precision
from qpvlib.sources.tables import Table

_LEVELS = {"departement": "D{}", "region": "R{}", "france": "FM"}
_WHOLE = "QPV-FRANCE"
_COUNTRY = {"QN": "QPV2024-FRANCE", "QP": "QPV2015-FRANCE"}
_BLURRED = {"taux_pauvrete_60", "part_bas_revenus_declares"}
_HALF_UNIT = {"0.1": 0.05, ".1": 0.05, "1": 0.5, "2": 1.0}
_NUMBERS = ["valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"]
_SHOWN = 5
_FEW = 3  # digits: fewer may be in the label of an aggregate


@dataclass(frozen=True)
class _Cell:
    state: str
    number: float = float("nan")
    decimals: int = 0


class _Reader:
    """One table under one family, maybe one year of it: finds known territories and their cells."""

    def __init__(self, table: Table, family: Family, year: int | None = None):
        self.table = table
        self.family = family
        self.names = family.column_names(table, year)
        self.problems: list[Problem] = []
        self.marks: dict[str, list[tuple[int, str, str]]] = {}
        self.key = self.names[family.key_column(self.names)]
        keys = {row[self.key] for row in table.rows}
        self.country = next(
            (whole for form, whole in _COUNTRY.items() if any(k.startswith(form) for k in keys)),
            None,
        )

    def rows(self) -> Iterator[tuple[str, int]]:
        """Yield territory code and row index, refusing a territory given twice."""
        label = self.names.get("LIBGEO")
        seen: dict[str, int] = {}
        for index, row in enumerate(self.table.rows):
            code = self._territory(row[self.key], row[label] if label is not None else "")
            if not code:
                self._check_foreign(row[self.key], index)
                continue
            dated = code + (row[self.names["ANNEE"]] if self.family.dated_by == "colonne" else "")
            first = seen.setdefault(dated, index)
            if first == index:
                yield code, index
            elif not self.family.repeated_rows:
                self._problem(
                    index,
                    self.table.columns[self.key],
                    f"le code « {row[self.key]} » figure déjà ligne {self.table.lines[first]}.",
                )

    def _territory(self, key: str, label: str) -> str | None:
        """Return a known territory's code; 93 is a department or a region: its name decides."""
        if key in self.family.aggregates:
            whole = self.family.aggregates[key]
            return self.country if whole == _WHOLE else whole
        if len(key) <= 2 and label:
            for form in _LEVELS.values():
                code = form.format(key)
                known = territories.find(code)
                if known and territories.slugify(known.name) == territories.slugify(label):
                    return code
            return None
        return key if territories.find(key) else None

    def _check_foreign(self, key: str, index: int) -> None:
        """Note a code of nowhere that one odd character keeps from being read, not to lose it."""
        if key.isascii() and key.isalnum() and key.isupper() | key.isdigit():
            return
        plain = re.sub("[^0-9A-Z]", "", unicodedata.normalize("NFKC", key).upper())
        odd = sum(map(str.isdigit, key)) > _FEW and not key.isascii()
        if odd or (plain != key and territories.find(plain)):
            shown = key.encode("ascii", "backslashreplace").decode()
            self._problem(
                index, self.table.columns[self.key], f"un caractère abîme le code « {shown} »."
            )

    def text(self, index: int, column: str) -> str:
        """Return a cell's text, empty where the table has no such column."""
        position = self.names.get(column)
        return "" if position is None else self.table.rows[index][position]

    def cell(self, index: int, column: str, blank: str) -> _Cell:
        text = self.text(index, column)
        if state := cells.marker(text):
            return _Cell(state)
        try:
            number = cells.number(text)
        except ValueError:
            self._problem(index, column, f"« {text} » n'est pas un nombre.")
            return _Cell(UNAVAILABLE)
        if number is None:
            return _Cell(blank)
        if mark := cells.decimal_mark(text):
            self.marks.setdefault(mark, []).append((index, column, text))
        return _Cell(VALUE, number, cells.decimals(text))

    def check_marks(self) -> None:
        """Note the cells whose decimal mark is not that of the others."""
        odd = min(self.marks.values(), key=len) if len(self.marks) > 1 else []
        for index, column, text in odd[:_SHOWN]:
            self._problem(index, column, f"« {text} » n'a pas la marque décimale des autres cases.")

    def check(self, index: int, column: str, figure: Figure, value: float) -> None:
        """Note a value out of its unit's bounds."""
        low, high = controls.bounds(figure.indicator)
        if not low <= value <= high:
            unit = " %" if high == 100 else ""
            self._problem(
                index,
                column,
                f"{plain(value)} sort de l'intervalle possible, de {low:g} à {high:g}{unit}.",
            )

    def _problem(self, index: int, column: str, fact: str) -> None:
        self.problems.append(Problem(fact, self.table.file, self.table.lines[index], column))


def codes(table: Table, family: Family) -> frozenset[str]:
    """Return the codes of the known territories that the table holds.

    Raises
    ------
    SourceError
        With every code that is given twice, or that a character damages.
    """
    reader = _Reader(table, family)
    found = frozenset(code for code, _ in reader.rows())
    if reader.problems:
        raise SourceError(reader.problems)
    return found


def extract(
    table: Table, family: Family, publication: int | None, source: str = "source"
) -> pd.DataFrame:
    """Return the observations of a table.

    Parameters
    ----------
    table, family
        The table and the family it was recognised as.
    publication
        Year that dates the file, as the blocks of the family count it; ``None`` where each row
        carries its year or where the family has one vintage only.
    source
        Identifier written on each row.

    Returns
    -------
    pandas.DataFrame
        Columns of the observation schema; percentages between 0 and 100. A ratio of counts has
        its numerator and denominator, and is a secret as soon as one of them is.

    Raises
    ------
    SourceError
        With every cell that cannot be read or is out of bounds.
    """
    found, problems = [], []
    for year in sorted(family.column_years(table)) if family.dated_by == "suffixes" else [None]:
        reader = _Reader(table, family, year)
        rows = list(reader.rows())
        for block in family.blocks:
            for figure in formulas(block, reader.names):
                found += _figure_rows(reader, rows, block, figure, year or publication)
        reader.check_marks()
        problems += reader.problems
    if problems:
        raise SourceError(dict.fromkeys(problems))
    frame = pd.DataFrame(found, columns=COLUMNS[:-1]).assign(source=source)
    frame[_NUMBERS] = frame[_NUMBERS].astype(float)
    if family.sums:
        frame = _with_sums(frame, family.sums)
    frame.loc[frame["etat"] != VALUE, _NUMBERS] = float("nan")
    return frame.assign(numerateur=frame["numerateur"].clip(lower=0.0))


def _figure_rows(
    reader: _Reader,
    rows: Iterable[tuple[str, int]],
    block: Block,
    figure: Figure,
    publication: int | None,
) -> list[tuple]:
    found = []
    printed: dict[int, int] = {}
    for held, index in rows:
        code = _only_arrondissement(held) if block.attribution else held
        if not code:
            continue
        blank = block.blank or blank_state(reader.text(index, block.note).strip())
        geography = territories.get(code).geography
        if geography == "ensemble":
            blank = UNAVAILABLE
        over = [reader.cell(index, column, blank) for column in figure.numerator]
        less = [reader.cell(index, column, blank) for column in figure.subtracted]
        under = [reader.cell(index, column, blank) for column in figure.denominator]
        state, value, parts = _value(over, less, under, figure)
        if value is not None:
            reader.check(index, figure.numerator[0], figure, value)
        year = publication
        if block.year == "colonne":
            year = int(reader.text(index, "ANNEE"))
        vintage = block.vintage_of(year)[0]
        printed[vintage] = max(printed.get(vintage, 0), *(cell.decimals for cell in over))
        low, high = _uncertainty(reader, index, block, figure, value)
        found.append(
            (
                code,
                geography,
                figure.indicator,
                figure.category,
                vintage,
                value,
                *parts,
                low,
                high,
                state,
            )
        )
    wanted = precision(figure.indicator)
    found = [row for row in found if printed[row[4]] >= wanted]
    return _unanimous(reader, found) if block.attribution else found


def _value(
    over: list[_Cell], less: list[_Cell], under: list[_Cell], figure: Figure
) -> tuple[str, float | None, tuple[float | None, float | None]]:
    states = [cell.state for cell in (*over, *less, *under)]
    masked = next((state for state in (SECRET, UNAVAILABLE) if state in states), None)
    masked = masked or next((state for state in states if state != VALUE), None)
    if masked:
        return masked, None, (None, None)
    left = sum(cell.number for cell in over) - sum(cell.number for cell in less)
    if opposed(figure.indicator):
        left = -left or 0.0
    # Counts are rounded: what is left of an empty remainder may be -1. A sum of IRIS needs it so.
    total = max(left, 0.0) if less else left
    if not under:
        return VALUE, total, (None, None)
    base = sum(cell.number for cell in under)
    if base == 0:  # no rate, but nothing is lacking from a sum
        return UNAVAILABLE, None, (left, base)
    if figure.weighted:
        total, left = total * base, left * base
    return VALUE, _ratio(figure.indicator, total, base), (left, base)


def _ratio(indicator: str, numerator: float, denominator: float) -> float:
    factor = 100 if catalogue.indicator(indicator).unite == "%" else 1
    return round(factor * numerator / denominator, 6)


def _uncertainty(
    reader: _Reader, index: int, block: Block, figure: Figure, value: float | None
) -> tuple[float | None, float | None]:
    if value is None or not block.uncertainty or figure.indicator not in _BLURRED:
        return None, None
    if block.uncertainty != "parite":
        half = _HALF_UNIT.get(reader.text(index, block.uncertainty).replace(",", ".").strip())
    else:
        # The file does not say how far the rate is blurred: an odd integer may be the nearest
        # odd one, an even one is to the unit, a decimal is to the tenth.
        half = 0.05 if value != int(value) else 1.0 if value % 2 else 0.5
    if half is None:
        return None, None
    return max(0.0, round(value - half, 2)), min(100.0, round(value + half, 2))


def formulas(block: Block, names: dict[str, int]) -> Iterator[Figure]:
    """Yield each figure under the first of its formulas whose columns are all present.

    Parameters
    ----------
    block
        Columns of one producer.
    names
        Canonical names of the table's columns (:meth:`Family.column_names`).
    """
    done = set()
    for figure in block.figures:
        target = (figure.indicator, figure.category)
        if target not in done and figure.columns <= names.keys():
            done.add(target)
            yield figure


def _with_sums(frame: pd.DataFrame, sums: dict) -> pd.DataFrame:
    """Add the city, and arrondissements from IRIS, by summing the parts of what they hold.

    A sum that lacks a part is not available: an arrondissement of the city, the count of an IRIS.
    """
    series = ["indicateur", "modalite"]
    ratios = frame.groupby(series)["denominateur"].transform("count") > 0
    counts = frame[ratios].assign(manque=frame["denominateur"].isna())
    levels = {"commune": lambda code: territories.CITY}
    if "iris" in sums:
        levels["arrondissement"] = lambda code: code.str[:5]
        frame = frame[(frame.modalite == ALL) & frame.indicateur.isin(sums["iris"])]
    total = pd.concat(
        counts.assign(territoire=code_of(counts.territoire))
        .groupby(["territoire", *series, "millesime", "source"], as_index=False)
        .agg(
            **{name: (name, "sum") for name in _NUMBERS[1:3]},
            parts=("etat", "size"),
            manque=("manque", "any"),
        )
        .assign(geographie=geography, etat=VALUE)
        for geography, code_of in levels.items()
    )
    partial = total.territoire.isin(sums.get("incomplets", ())) | total.manque
    if "iris" not in sums:
        partial |= total.parts < len(territories.arrondissements())
    total.loc[partial | (total.denominateur == 0), "etat"] = UNAVAILABLE
    total["valeur"] = [
        _ratio(i, n, d) if state == VALUE else float("nan")
        for i, n, d, state in zip(
            total.indicateur, total.numerateur, total.denominateur, total.etat, strict=True
        )
    ]
    return pd.concat([frame, total.reindex(columns=frame.columns)], ignore_index=True)


def _unanimous(reader: _Reader, rows: list[tuple]) -> list[tuple]:
    """Return one row per territory, noting any on which its QPV disagree."""
    by_code: dict[str, tuple] = {}
    for row in rows:
        if by_code.setdefault(row[0], row) != row:
            reader.problems.append(
                Problem(
                    f"les quartiers de {territories.get(row[0]).name} ne lui donnent pas "
                    "tous la même population.",
                    reader.table.file,
                )
            )
    return list(by_code.values())


def _only_arrondissement(code: str) -> str | None:
    territory = territories.get(code)
    if not isinstance(territory, territories.Qpv) or len(territory.communes) > 1:
        return None
    return territory.arrondissements[0] if len(territory.arrondissements) == 1 else None
