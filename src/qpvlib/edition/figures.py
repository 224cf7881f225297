"""Checking that the number printed in a sentence is that of the table and of the CSV file.

Every figure is printed as ``<data class="qpv-chiffre" value="41.5" data-indicateur="…"
data-territoire="…" data-millesime="…" data-modalite="…" data-etat="valeur">41,5 %</data>``.
A masked figure has no value, and no number in its words.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lxml import html

from qpvlib.observations import SECRET, STATES, UNAVAILABLE, VALUE
from qpvlib.presentation.formats import PUBLISHED

_KEY = ("indicateur", "territoire", "millesime", "modalite")
_NUMBER = re.compile(r"([-\u2212+]?)(\d[\d\u00a0\u202f ]*)(?:,(\d+))?")
_IN_WORDS = {"zéro", "aucun", "aucune", "nul", "nulle"}


@dataclass
class Ledger:
    """What the pages read so far have printed: one figure, one value, everywhere."""

    seen: dict[tuple[str, ...], tuple[str, str, str]] = field(default_factory=dict)
    count: int = 0

    def read(self, page: html.HtmlElement, path: Path) -> Iterator[str]:
        """Yield, in French, what is wrong with the figures of one page.

        Parameters
        ----------
        page, path
            The page and its file; the CSV it links to is read beside it.
        """
        printed = page.xpath(
            "//*[self::data or @data-etat][contains(@class, 'qpv-')]"
            "[not(contains(@class, 'qpv-recalcul') or contains(@class, 'qpv-marge'))]"
        )
        margins = page.xpath("//*[contains(@class, 'qpv-marge')]")
        self.count += len(printed)
        tables = page.xpath("//a[contains(@class, 'download')]/@href[contains(., '.csv')]")
        files = [path.parent / unquote(address) for address in tables[:1]]
        # A file that is not there is a dead link, told as such.
        rows = dict(_rows(files[0])) if printed and files and files[0].is_file() else None
        if printed and rows is None and "portraits" in path.parts:
            yield "aucun fichier CSV n'accompagne les chiffres de la page."
        for element in printed:
            yield from self._one(element, rows, path.name)
        for element in margins:
            yield from _margin(element, rows)

    def add(self, other: "Ledger") -> Iterator[str]:
        """Add what another page printed; yield each figure that it prints otherwise."""
        self.count += other.count
        for key, fact in other.seen.items():
            yield from self._known(f"({', '.join(key)})", key, fact)

    def _known(self, figure: str, key: tuple, fact: tuple[str, str, str]) -> Iterator[str]:
        known = self.seen.setdefault(key, fact)
        if known[:2] != fact[:2]:
            yield f"{figure} : {known[2]} dit {known[1] or known[0]}, et non {fact[1] or fact[0]}."

    def _one(self, element: html.HtmlElement, rows: dict | None, page: str) -> Iterator[str]:
        text = element.text_content().strip()
        if element.get("data-etat") == UNAVAILABLE and element.get("data-millesime") is None:
            # No source gives this figure: there is no row to compare it with.
            if _reads_as_number(text):
                yield f"« {text} » : un chiffre non disponible se lit comme un nombre."
            return
        missing = [name for name in (*_KEY, "etat") if element.get(f"data-{name}") is None]
        if missing:
            yield f"« {text} » ne dit pas son attribut {', '.join(missing)}."
            return
        statistic = element.get("data-statistique", PUBLISHED)
        key = (*(element.get(f"data-{name}") for name in _KEY), statistic)
        figure = f"« {text} » ({', '.join(key)})"
        state, value = element.get("data-etat"), element.get("value", "")
        if state not in STATES:
            yield f"{figure} : état « {state} » inconnu."
        elif state != VALUE and (value or _reads_as_number(text)):
            masked = "un secret" if state == SECRET else f"un chiffre {state}"
            yield f"{figure} : {masked} se lit comme un nombre."
        elif state == VALUE and not _prints(text, value):
            yield f"{figure} : le texte ne dit pas la valeur {value or 'absente'}."
        yield from self._known(figure, key, (state, value, page))
        if rows is not None:
            yield from _against_csv(figure, state, value, rows.get(key))


def _rows(path: Path) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            row["valeur"] = row["valeur"].replace(",", ".")
            yield tuple(row[name] for name in (*_KEY, "statistique")), row


def _against_csv(figure: str, state: str, value: str, row: dict | None) -> Iterator[str]:
    if row is None:
        yield f"{figure} : absent du fichier CSV de la page."
    elif row.get("etat") != state:
        yield f"{figure} : le fichier CSV le dit {row.get('etat')}, la page {state}."
    elif (value or row.get("valeur")) and not _same(value, row.get("valeur", "")):
        yield f"{figure} : le fichier CSV dit {row.get('valeur')}, la page {value}."


def _margin(element: html.HtmlElement, rows: dict | None) -> Iterator[str]:
    """Yield what is wrong with a written interval: its numbers, and those of the CSV file."""
    text, ends = element.text_content().strip(), (element.get("data-bas"), element.get("data-haut"))
    low, high = map(float, ends)
    numbers = _NUMBER.finditer(text.removeprefix("±"))
    wanted = [(high - low) / 2] if text.startswith("±") else [low, high]
    for found, number in zip(numbers, wanted, strict=True):
        if not _prints(found[0], str(number)):
            yield f"marge « {text} » : ne dit pas {number:g}."
    statistic = element.get("data-statistique", PUBLISHED)
    key = (*(element.get(f"data-{name}") for name in _KEY), statistic)
    row = rows.get(key) if rows else None
    if row is not None:
        for end, name in zip(ends, ("borne_basse", "borne_haute"), strict=True):
            if not _same(end, row[name].replace(",", ".")):
                yield f"marge « {text} » ({', '.join(key)}) : le fichier CSV dit {row[name]}."


def _same(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _prints(text: str, value: str) -> bool:
    """Whether a French number is the rounding of a raw value, to the decimals it shows."""
    found = _NUMBER.search(text)
    if not found or not value:
        return False
    sign, whole, decimals = found[1], re.sub(r"\D", "", found[2]), found[3] or ""
    number = float(f"{whole}.{decimals or 0}") * (-1 if sign in ("-", "\u2212") else 1)
    return abs(number - float(value)) <= 0.5 * 10 ** -len(decimals) + 1e-9 * abs(number)


def _reads_as_number(text: str) -> bool:
    return any(c.isdigit() for c in text) or bool(_IN_WORDS & set(text.lower().split()))
