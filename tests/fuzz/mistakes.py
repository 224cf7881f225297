"""Sound files that say something false: what a tired analyst, or a producer, might hand in.

Each starts from an official file and returns its bytes and the name under which it is given.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from mutations import Sheet

FILO = "insee/qpv2015_filosofi_par_source/data_filo19_qp_revdis.csv"
THEMED = "insee/qpv2015_par_thematique/"
CAF = "insee/iris_caf_dep13/data_CAF_2020_IRIS.csv"
QPV24 = "insee/qpv2024/analyse_qpv.csv"
TOWNS = "points/decoupage_administratif_marseille_v6.0.0.csv"
COMMUNES = "insee/communes_filosofi_dep13/FILO2019_DISP_COM.csv"
NURSERIES = "points/vdm_creches_2018.csv"
INCOMES = ["DISP_Q1", "DISP_MED", "DISP_Q3", *(f"DISP_D{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9))]


@dataclass(frozen=True)
class Mistake:
    """A false file: where it comes from, what is done to it, the name and year it is given."""

    name: str
    file: str
    change: Callable[[Sheet], None]
    given: str = ""
    year: int | None = None

    def content(self, official: bytes) -> bytes:
        """Return the bytes of the false file."""
        sheet = Sheet.of(official)
        self.change(sheet)
        return sheet.bytes()


def _place(sheet: Sheet, column: str) -> int:
    """Return where a column is, its year put aside."""
    return next(
        n for n, c in enumerate(sheet.rows[0]) if re.sub(r"_A?\d\d$", "", c.strip()) == column
    )


def _number(cell: str) -> float | None:
    plain = re.sub(r"[\s\u202f\u00a0]", "", cell).replace(",", ".")
    return float(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def _written(value: float, model: str) -> str:
    decimals = len(re.split("[.,]", model)[1]) if re.search("[.,]", model) else 0
    text = f"{value:.{decimals}f}"
    return text.replace(".", ",") if "," in model else text


def _each(sheet: Sheet, columns: list[str], change: Callable[[float], float], decimals="") -> None:
    for column in columns:
        place = _place(sheet, column)
        for row in sheet.rows[1:]:
            value = _number(row[place]) if place < len(row) else None
            if value is not None:
                row[place] = _written(change(value), decimals or row[place])


def scaled(*columns: str, by: float, decimals: str = "") -> Callable[[Sheet], None]:
    """Multiply columns."""
    return lambda sheet: _each(sheet, list(columns), lambda value: value * by, decimals)


def swapped(one: str, two: str) -> Callable[[Sheet], None]:
    """Exchange the values of two columns."""

    def change(sheet: Sheet) -> None:
        a, b = _place(sheet, one), _place(sheet, two)
        for row in sheet.rows[1:]:
            row[a], row[b] = row[b], row[a]

    return change


def dated(year: int) -> Callable[[Sheet], None]:
    """Give the columns another year."""

    def change(sheet: Sheet) -> None:
        sheet.rows[0] = [re.sub(r"_A\d\d$", f"_A{year}", cell) for cell in sheet.rows[0]]

    return change


def aged(sheet: Sheet) -> None:
    """Move the incomes and the poverty rate of every line a little, as another year would."""
    chance = random.Random(2)
    incomes, rate = [_place(sheet, name) for name in INCOMES], _place(sheet, "DISP_TP60")
    for row in sheet.rows[1:]:
        factor, shift = chance.gauss(1.02, 0.01), chance.gauss(0, 0.8)
        for place in incomes:
            if (value := _number(row[place])) is not None:
                row[place] = _written(value * factor, row[place])
        if (value := _number(row[rate])) is not None:
            row[rate] = _written(value + shift, row[rate])


def then(*changes: Callable[[Sheet], None]) -> Callable[[Sheet], None]:
    """Do several things."""

    def change(sheet: Sheet) -> None:
        for each in changes:
            each(sheet)

    return change


def exchanged(one: str, two: str) -> Callable[[Sheet], None]:
    """Exchange the codes of two lines."""

    def change(sheet: Sheet) -> None:
        lines = {row[sheet.key]: row for row in sheet.rows[1:] if row}
        lines[one][sheet.key], lines[two][sheet.key] = two, one

    return change


def complement(column: str) -> Callable[[Sheet], None]:
    """Give the share of the others."""
    return lambda sheet: _each(sheet, [column], lambda value: 100 - value)


def halved_list(sheet: Sheet) -> None:
    """Lose every other line."""
    sheet.rows = [sheet.rows[0], *sheet.rows[1::2]]


def moved(latitude: float, longitude: float) -> Callable[[Sheet], None]:
    """Shift every place, in degrees."""

    def change(sheet: Sheet) -> None:
        for column, by in (("Latitude", latitude), ("Longitude", longitude)):
            _each(sheet, [column], lambda value, by=by: value + by, "0,000001".replace(",", "."))

    return change


def heaped(sheet: Sheet) -> None:
    """Put every place at the first one."""
    for column in ("Latitude", "Longitude"):
        place = _place(sheet, column)
        for row in sheet.rows[2:]:
            row[place] = sheet.rows[1][place]


def all_set(column: str, value: str) -> Callable[[Sheet], None]:
    """Write one value in every line of Marseille that has one."""

    def change(sheet: Sheet) -> None:
        place = _place(sheet, column)
        for line in sheet.mine:
            if sheet.rows[line][place]:
                sheet.rows[line][place] = value

    return change


def first_set(**values: str) -> Callable[[Sheet], None]:
    """Write values in the first line of Marseille."""

    def change(sheet: Sheet) -> None:
        row = sheet.rows[sheet.mine[0]]
        for column, value in values.items():
            row[_place(sheet, column)] = value

    return change


def nothing(sheet: Sheet) -> None:
    """Leave the file as it is."""


ARRONDISSEMENTS = [str(code) for code in range(13201, 13217)]


def _halved_towns(sheet: Sheet) -> None:
    place = _place(sheet, "population")
    for row in sheet.rows[1:]:
        if row[0] in ARRONDISSEMENTS:
            row[place] = str(int(row[place]) // 2)


MISTAKES = (
    Mistake("Filosofi 2019 donné pour 2022", FILO, dated(22)),
    Mistake("Filosofi 2019 donné pour 2035", FILO, dated(35)),
    Mistake("revenus × 10, année nouvelle", FILO, then(aged, dated(22), scaled(*INCOMES, by=10))),
    Mistake("revenus par mois, année nouvelle", FILO, then(aged, dated(22), scaled(*INCOMES, by=1 / 12))),
    Mistake("revenus de 2019 révisés × 10", FILO, scaled(*INCOMES, by=10)),
    Mistake("D1 et D9 échangés", FILO, swapped("DISP_D1", "DISP_D9")),
    Mistake("Q1 et médiane échangés", FILO, swapped("DISP_Q1", "DISP_MED")),
    Mistake("activité et pensions échangées", FILO, swapped("DISP_PACT", "DISP_PPEN")),
    Mistake("activité et pensions échangées, année nouvelle", FILO,
            then(aged, dated(22), swapped("DISP_PACT", "DISP_PPEN"))),
    Mistake("deux quartiers échangés, année nouvelle", FILO,
            then(aged, dated(22), exchanged("QP013036", "QP013050"))),
    Mistake("population divisée par 2", THEMED + "DEMO_2022.csv", scaled("POP_MUN", by=0.5)),
    Mistake("population × 10", THEMED + "DEMO_2022.csv", scaled("POP_MUN", by=10)),
    Mistake("hommes pour femmes", THEMED + "DEMO_2022.csv", complement("TX_F")),
    Mistake("0-24 ans et 60 ans et plus échangés", THEMED + "DEMO_2022.csv",
            swapped("TX_TOT_0A24", "TX_TOT_60ETPLUS")),
    Mistake("DEMO 2022 donné pour 2023", THEMED + "DEMO_2022.csv", nothing, "DEMO_2023.csv"),
    Mistake("femmes et hommes échangés", THEMED + "IPRO_2022.csv", swapped("ABC_F", "ABC_H")),
    Mistake("total inférieur aux parties", THEMED + "IPRO_2022.csv", first_set(ABC="30")),
    Mistake("IPRO 2021 donné pour 2023", "lot2/" + THEMED + "IPRO_2021.csv", nothing, "IPRO_2023.csv"),
    Mistake("pauvreté en fraction", THEMED + "REVN_2022.csv", scaled("TP60", by=0.01, decimals="0,00")),
    Mistake("REVN 2022 donné pour 2023", THEMED + "REVN_2022.csv", nothing, "REVN_2023.csv"),
    Mistake("REVN 2022 donné pour 2019", THEMED + "REVN_2022.csv", nothing, "REVN_2019.csv"),
    Mistake("pourcentages au-delà de 100", THEMED + "REVN_2022.csv", scaled("TP60", by=3)),
    Mistake("effectifs négatifs", THEMED + "IPRO_2022.csv", scaled("ABC", by=-1)),
    Mistake("arrondissements divisés par 2", TOWNS, _halved_towns, "", 2023),
    Mistake("places de crèche × 10", NURSERIES, scaled("Nombre de Places", by=10)),
    Mistake("moitié de la liste", NURSERIES, halved_list),
    Mistake("lieux déplacés de 1,6 km", NURSERIES, moved(0.0, 0.02)),
    Mistake("lieux déplacés de 1,6 km, année nouvelle", NURSERIES, moved(0.0144, 0.0), "vdm_creches_2019.csv"),
    Mistake("lieux tous au même point", NURSERIES, heaped),
    Mistake("latitude et longitude échangées", NURSERIES, swapped("Latitude", "Longitude")),
    Mistake("Caf 2020 donné pour 2021", CAF, nothing, "data_CAF_2021_IRIS.csv"),
    Mistake("RSA et AAH échangés", CAF, swapped("ARSAS", "AAAH")),
    Mistake("quartiers de 2024 : population divisée par 2", QPV24, scaled("popMuniQPV", by=0.5)),
    Mistake("étrangers plus nombreux que les immigrés", QPV24, first_set(partPopEt="44.5")),
    Mistake("Aix et Marseille échangées", COMMUNES, exchanged("13001", "13055")),
)  # fmt: skip
