"""Ways in which the form of an official file gets spoilt, or merely changes.

Each takes the bytes of a sound CSV and a generator, and returns bytes; ``None`` where it does not
apply. What it must lead to is said beside it: a ``NEUTRAL`` change gives the same figures or is
refused, a ``DAMAGE`` is refused or gives the same figures, a ``TRUE`` one may change them.
"""

import csv
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NEUTRAL, DAMAGE, TRUE = "neutre", "dommage", "vrai"
_LISTS = Path(__file__).resolve().parents[2] / "data" / "territoires"
_QPV = [
    row["code"]
    for name in ("qpv2015.csv", "qpv2024.csv")
    for row in csv.DictReader((_LISTS / name).read_text("utf-8").splitlines())
]
OURS = re.compile(
    "|".join([*_QPV, r"QP01390[12]", r"132(?:0[1-9]|1[0-6])(?:\d{4})?", "13055", r"QP01390[12]"])
)


@dataclass
class Sheet:
    """A CSV cut into cells; ``key`` is its column of codes."""

    rows: list[list[str]]
    separator: str
    end: str
    bom: str
    key: int

    @classmethod
    def of(cls, content: bytes) -> "Sheet":
        """Cut a file that the reader accepts."""
        text = content.decode("utf-8")
        bom = "\ufeff" if text.startswith("\ufeff") else ""
        end = "\r\n" if "\r\n" in text else "\n"
        lines = text.removeprefix(bom).split(end)
        while lines and not lines[-1]:
            lines.pop()
        separator = max(";,", key=lines[0].count)
        rows = [_cut(line, separator) for line in lines]
        places = range(min(8, len(rows[0])))  # codes come first
        key = max(
            places, key=lambda n: sum(n < len(r) and bool(OURS.fullmatch(r[n])) for r in rows)
        )
        return cls(rows, separator, end, bom, key)

    @property
    def mine(self) -> list[int]:
        """Lines about Marseille."""
        place = self.key
        return [
            n
            for n, row in enumerate(self.rows)
            if n and len(row) > place and OURS.fullmatch(row[place])
        ]

    def numbers(self, line: int) -> list[int]:
        """Columns of a line that hold a number, not a code nor a note."""
        row = self.rows[line]
        return [
            n
            for n, cell in enumerate(row)
            if n != self.key
            and re.fullmatch(r"-?[\d\u202f\u00a0 ]+([.,]\d+)?", cell)
            and len(cell) > 1
        ]

    def bytes(self) -> bytes:
        """Return the file."""
        lines = (self.separator.join(row) for row in self.rows)
        return (self.bom + self.end.join(lines) + self.end).encode()


def _cut(line: str, separator: str) -> list[str]:
    if '"' not in line:
        return line.split(separator)
    return [cell for cell in re.findall(rf'((?:"[^"]*"|[^{separator}"])*)(?:{separator}|$)', line)][
        : line.count(separator) + 1
    ]


Mutation = Callable[[bytes, random.Random], bytes | None]
FORMS: dict[str, tuple[str, Mutation]] = {}


def form(name: str, expected: str) -> Callable[[Mutation], Mutation]:
    """Register a mutation."""

    def add(function: Mutation) -> Mutation:
        FORMS[name] = (expected, function)
        return function

    return add


def simple(name: str, expected: str, change: Callable[[bytes], bytes | None]) -> None:
    """Register a mutation without chance."""
    FORMS[name] = (expected, lambda content, _: change(content))


# Encoding, line ends, quotes.
simple("utf-16", NEUTRAL, lambda c: c.decode().encode("utf-16"))
simple("utf-8 avec BOM", NEUTRAL, lambda c: b"\xef\xbb\xbf" + c.removeprefix(b"\xef\xbb\xbf"))
simple("windows-1252", NEUTRAL, lambda c: c.decode("utf-8-sig").encode("cp1252", "replace"))
simple(
    "accents abîmés",
    NEUTRAL,
    lambda c: (c.decode("utf-8-sig") + "é").encode().decode("latin-1").encode(),
)
simple("octet inconnu", DAMAGE, lambda c: c[: len(c) // 2] + b"\x81\x8d" + c[len(c) // 2 :])
simple("octet nul au milieu", DAMAGE, lambda c: c[: len(c) // 2] + b"\x00" + c[len(c) // 2 :])
simple("fins de ligne LF", NEUTRAL, lambda c: c.replace(b"\r\n", b"\n"))
simple("fins de ligne CR", NEUTRAL, lambda c: c.replace(b"\r\n", b"\n").replace(b"\n", b"\r"))
simple("lignes vides", NEUTRAL, lambda c: c.replace(b"\n", b"\n\n"))
simple("sans dernière fin de ligne", NEUTRAL, lambda c: c.rstrip(b"\r\n"))
simple("points-virgules en fin de ligne", NEUTRAL, lambda c: re.sub(rb"(\r?\n)", rb";;;\1", c))
simple("guillemet ouvert", DAMAGE, lambda c: c[: len(c) // 2] + b'"' + c[len(c) // 2 :])
simple("séparateur virgule", DAMAGE, lambda c: c.replace(b";", b",") if b";" in c else None)
simple("séparateur tabulation", DAMAGE, lambda c: c.replace(b";", b"\t").replace(b",", b"\t"))
simple(
    "séparateur point-virgule", NEUTRAL, lambda c: c.replace(b",", b";") if b";" not in c else None
)
simple(
    "point décimal partout",
    NEUTRAL,
    lambda c: re.sub(rb"(\d),(\d)", rb"\1.\2", c) if b";" in c else None,
)
simple("tout entre guillemets", NEUTRAL, lambda c: _quoted(c))
simple("vide", DAMAGE, lambda c: b"")
simple("en-tête seul", DAMAGE, lambda c: c.split(b"\n", 1)[0] + b"\n")
simple("en-tête répété", DAMAGE, lambda c: c.rstrip(b"\r\n") + b"\n" + c.split(b"\n", 1)[0] + b"\n")


def _quoted(content: bytes) -> bytes:
    sheet = Sheet.of(content)
    sheet.rows = [[cell if '"' in cell else f'"{cell}"' for cell in row] for row in sheet.rows]
    return sheet.bytes()


# Truncations.
for share in (10, 25, 40, 60, 75, 90, 97):
    FORMS[f"coupé à {share} % d'octets"] = (
        DAMAGE, lambda c, _, share=share: c[: len(c) * share // 100],
    )  # fmt: skip
    FORMS[f"coupé à {share} % des lignes"] = (
        DAMAGE,
        lambda c, _, share=share: (
            b"\n".join(c.split(b"\n")[: c.count(b"\n") * share // 100 + 1]) + b"\n"
        ),
    )
simple("dernier octet perdu", DAMAGE, lambda c: c.rstrip(b"\r\n")[:-1])


def _edited(change: Callable[[Sheet, random.Random], bool | None]) -> Mutation:
    def run(content: bytes, chance: random.Random) -> bytes | None:
        sheet = Sheet.of(content)
        if not sheet.mine or change(sheet, chance) is False:
            return None
        return sheet.bytes()

    return run


def edit(name: str, expected: str) -> Callable:
    """Register a change of cells, of lines or of columns."""

    def add(function: Callable[[Sheet, random.Random], bool | None]):
        FORMS[name] = (expected, _edited(function))
        return function

    return add


# Lines.
@edit("une ligne de Marseille seule", DAMAGE)
def _one(sheet, chance):
    sheet.rows = [sheet.rows[0], sheet.rows[chance.choice(sheet.mine)]]


@edit("une ligne de Marseille perdue", DAMAGE)
def _lost(sheet, chance):
    del sheet.rows[chance.choice(sheet.mine)]


@edit("une ligne répétée", DAMAGE)
def _twice(sheet, chance):
    sheet.rows.append(list(sheet.rows[chance.choice(sheet.mine)]))


@edit("lignes mélangées", NEUTRAL)
def _shuffled(sheet, chance):
    head, *rest = sheet.rows
    chance.shuffle(rest)
    sheet.rows = [head, *rest]


@edit("une ligne décalée d'une case", DAMAGE)
def _shifted(sheet, chance):
    row = sheet.rows[chance.choice(sheet.mine)]
    place = sheet.key + 1
    row[place:] = [*row[place + 1 :], ""]


@edit("une case de moins", DAMAGE)
def _short(sheet, chance):
    sheet.rows[chance.choice(sheet.mine)].pop()


@edit("deux codes échangés", DAMAGE)
def _exchanged(sheet, chance):
    if len(sheet.mine) < 2:
        return False
    one, two = chance.sample(sheet.mine, 2)
    a, b = sheet.rows[one], sheet.rows[two]
    a[sheet.key], b[sheet.key] = b[sheet.key], a[sheet.key]


# Codes.
CODES = {
    "sosie cyrillique": lambda code: code.replace("P", "Р").replace("N", "Ν").replace("3", "З", 1),
    "espace sans chasse": lambda code: code[:3] + "\u200b" + code[3:],
    "marque de droite à gauche": lambda code: "\u200f" + code,
    "trait d'union conditionnel": lambda code: code[:4] + "\u00ad" + code[4:],
    "chiffres pleine chasse": lambda code: code[:-1] + chr(ord("0") + 0xFEE0),
    "d'une autre ville": lambda code: code.replace("13", "14", 1),
    "un chiffre perdu": lambda code: code[:-1],
    "espaces autour": lambda code: f" {code} ",
    "en minuscules": lambda code: code.lower() if code.lower() != code else None,
    "apostrophe devant": lambda code: f"'{code}",
}
for name, damage in CODES.items():

    def _code(sheet, chance, damage=damage):
        row = sheet.rows[chance.choice(sheet.mine)]
        damaged = damage(row[sheet.key])
        if damaged is None:
            return False
        row[sheet.key] = damaged
        return None

    expected = NEUTRAL if name in ("espaces autour", "en minuscules") else DAMAGE
    FORMS[f"code : {name}"] = (expected, _edited(_code))

# Cells.
CELLS = {
    "1.234": lambda cell: "1.234",
    "chiffres arabes": lambda cell: cell.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)}),
    "10^30": lambda cell: "1" + "0" * 30,
    "négatif": lambda cell: "-" + cell.lstrip("-"),
    "texte": lambda cell: "beaucoup",
    "#REF!": lambda cell: "#REF!",
    "NaN": lambda cell: "NaN",
    "1e5": lambda cell: "1e5",
    "deux virgules": lambda cell: cell + ",4,5",
    "% collé": lambda cell: cell + "%",
    "virgule perdue": lambda cell: re.sub("[.,]", "", cell) if re.search("[.,]", cell) else None,
    "un zéro de plus": lambda cell: cell + "0" if not re.search("[.,]", cell) else None,
    "premier chiffre changé": lambda cell: re.sub(r"[1-9]", lambda m: "9" if m[0] < "5" else "1", cell, count=1),
    "dernier chiffre perdu": lambda cell: cell[:-1] if not re.search("[.,]", cell) and len(cell) > 2 else None,
}  # fmt: skip
for name, damage in CELLS.items():

    def _cell(sheet, chance, damage=damage):
        row = sheet.rows[line := chance.choice(sheet.mine)]
        places = sheet.numbers(line)
        if not places:
            return False
        place = chance.choice(places)
        damaged = damage(row[place])
        if damaged is None or damaged == row[place]:
            return False
        row[place] = damaged
        return None

    # A third party writes NaN for what is missing.
    FORMS[f"case : {name}"] = (TRUE if name == "NaN" else DAMAGE, _edited(_cell))


@edit("case vidée", TRUE)
def _blank(sheet, chance):
    row = sheet.rows[line := chance.choice(sheet.mine)]
    row[chance.choice(sheet.numbers(line))] = ""


# Columns.
def _columns(sheet: Sheet) -> list[int]:
    return [n for n in range(len(sheet.rows[0])) if n != sheet.key and sheet.rows[0][n].strip()]


@edit("une colonne perdue", DAMAGE)
def _column_lost(sheet, chance):
    place = chance.choice(_columns(sheet))
    for row in sheet.rows:
        del row[place]


@edit("une colonne renommée", DAMAGE)
def _renamed(sheet, chance):
    sheet.rows[0][chance.choice(_columns(sheet))] = "AUTRE"


@edit("une colonne doublée", DAMAGE)
def _doubled(sheet, chance):
    place = chance.choice(_columns(sheet))
    sheet.rows = [[*row, row[place]] for row in sheet.rows]


@edit("deux en-têtes échangés", DAMAGE)
def _headers(sheet, chance):
    one, two = chance.sample([n for n in sheet.numbers(sheet.mine[0])], 2)
    head = sheet.rows[0]
    head[one], head[two] = head[two], head[one]


@edit("en-tête en minuscules", NEUTRAL)
def _lower(sheet, chance):
    sheet.rows[0] = [cell.lower() for cell in sheet.rows[0]]


@edit("colonnes mélangées", NEUTRAL)
def _order(sheet, chance):
    order = list(range(len(sheet.rows[0])))
    chance.shuffle(order)
    sheet.rows = [[row[n] for n in order] if len(row) == len(order) else row for row in sheet.rows]


@edit("une colonne de valeurs décalée d'une ligne", DAMAGE)
def _slipped(sheet, chance):
    place = chance.choice(sheet.numbers(sheet.mine[0]))
    values = [sheet.rows[n][place] for n in sheet.mine]
    for n, value in zip(sheet.mine, [*values[1:], values[0]], strict=True):
        sheet.rows[n][place] = value
