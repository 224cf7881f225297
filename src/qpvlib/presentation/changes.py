"""« Ce qui change »: this edition beside the last one published, in words, tables and a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from qpvlib import catalogue
from qpvlib.categories import ALL, category
from qpvlib.errors import QpvError
from qpvlib.intake.changes import WORDS, Changes
from qpvlib.numerals import number, plain
from qpvlib.observations import SECRET, VALUE
from qpvlib.presentation.formats import STATES, years
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.territories import get
from qpvlib.typography import typeset

NAMED = 200
"""Most revised figures listed on the page; the file has them all."""
COLUMNS = ("changement", "territoire", "indicateur", "modalite", "millesime", "avant", "apres")


def summary(changes: Changes | None) -> Html:
    """Return how many figures changed since which edition, or that there is none to compare."""
    if changes is None:
        return prose(
            "<p>Aucune édition antérieure n'est gardée avec ce livre : il n'y a rien à comparer. "
            "La prochaine édition dira ce qui change par rapport à la dernière publiée.</p>"
        )
    parts = {"nouveaux": changes.new, "revises": changes.revised, "retires": changes.withdrawn}
    counts = " ; ".join(f"{WORDS[key][1]} : {number(len(rows))}" for key, rows in parts.items())
    text = (
        f"<p>Entre {changes.before} et {changes.after}. Chiffres {counts} ; inchangés : {{}}.</p>"
    )
    moved = Html("").join(prose("<li>{}</li>", typeset(line)) for line in changes.perimeters)
    perimeters = prose("<p>Périmètres :</p>") + Html("<ul>{}</ul>").format(moved) if moved else ""
    return prose(text, number(changes.identical)) + perimeters


def by_indicator(changes: Changes, link: Callable[[str], str]) -> Table:
    """Return the counts of each indicator that changed."""
    rows = tuple(
        (_label(name, link), years(row["millesimes"]), *(number(row[key]) for key in WORDS))
        for name, row in changes.by_indicator().iterrows()
    )
    heads = ("Indicateur", "Années", *(several.capitalize() for _, several in WORDS.values()))
    return Table("Ce qui change, par indicateur", heads, rows)


def revised(changes: Changes, link: Callable[[str], str]) -> Table:
    """Return the figures revised, before and after."""
    rows = changes.revised.head(NAMED).to_dict("records")
    told = "" if len(rows) == len(changes.revised) else f" (les {NAMED} premiers)"
    return Table(
        f"Chiffres révisés{told}",
        ("Territoire", "Indicateur", "Année", "Avant", "Après"),
        tuple(
            (
                _place(row),
                _label(row["indicateur"], link) + _part(row),
                str(row["millesime"]),
                *_two(row),
            )
            for row in rows
        ),
    )


@dataclass(frozen=True)
class Download:
    """Every change, handed over as the CSV file of the page."""

    changes: Changes

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        parts = {"nouveaux": self.changes.new, "revises": self.changes.revised}
        for key, rows in (parts | {"retires": self.changes.withdrawn}).items():
            for row in rows.to_dict("records"):
                place = (row["territoire"], row["indicateur"], row["modalite"], row["millesime"])
                writer.writerow((WORDS[key][0], *place, *_ends(key, row)))
        return {"text/csv": "\ufeff" + out.getvalue()}


def _ends(key: str, row: dict) -> tuple[str, str]:
    if key == "revises":
        return _two(row)
    # A figure that is no longer published is not published once more here.
    return ("", _said(row)) if key == "nouveaux" else (STATES.get(row["etat"], "publié"), "")


def _two(row: dict) -> tuple[str, str]:
    """Return a figure before and after; a number since put under secrecy is not told again."""
    hidden = row["etat"] == SECRET and row["etat_avant"] == VALUE
    return ("publié" if hidden else _said(row, "_avant"), _said(row))


def _said(row: dict, suffix: str = "") -> str:
    state = row["etat" + suffix]
    return plain(row["valeur" + suffix]) if state == VALUE else STATES[state]


def _place(row: dict) -> str:
    try:
        return get(row["territoire"]).name
    except QpvError:  # a territory of the former edition
        return row["territoire"]


def _label(name: str, link: Callable[[str], str]) -> Html:
    entry = catalogue.indicators().get(name)
    if entry is None:
        return Html("<code>{}</code>").format(name)
    return Html('<a href="{}">{}</a>').format(link(name), entry.libelle)


def _part(row: dict) -> Html:
    return Html("") if row["modalite"] == ALL else prose(", {}", category(row["modalite"]).label)
