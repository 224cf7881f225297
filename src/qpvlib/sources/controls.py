"""What every figure must verify, whatever its file: ``data/controles.yml``.

A rule is a chain of sums, ``a + b = c`` or ``a <= b <= c``, of figures of one territory, year and
source; its last member may be a ratio ``a / b``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pandas as pd

from qpvlib import catalogue, clock, declared, paths, territories
from qpvlib.errors import Problem
from qpvlib.numerals import plain
from qpvlib.observations import ALL, VALUE

_SHOWN = 3
_REMEDY = (
    "Vérifiez ces chiffres dans le fichier du producteur : colonnes échangées, ligne décalée, "
    "faute de frappe ?"
)
_ROUNDING = 5e-4  # of the right member: national totals are rounded to the hundred
_FRACTIONS = 10  # figures of a column
_BETWEEN = {"%", "euros par an"}  # a city is between its arrondissements


@dataclass(frozen=True)
class Rule:
    """One identity; the fields are those of ``data/controles.yml``."""

    text: str
    members: tuple[str, ...]
    signs: tuple[str, ...]
    tolerance: float


@cache
def rules() -> tuple[Rule, ...]:
    """Return every identity."""
    found = []
    for entry in _settings()["identites"]:
        members = tuple(re.split(r" (?:<=|=) ", entry["regle"]))
        signs = tuple(re.findall(r" (<=|=) ", entry["regle"]))
        found.append(Rule(entry["regle"], members, signs, entry.get("tolerance", 0.0)))
    return tuple(found)


@cache
def bounds(indicator: str) -> tuple[float, float]:
    """Return the values between which an indicator is possible."""
    known, unit = _settings()["bornes"], catalogue.indicator(indicator).unite.replace("\u202f", " ")
    low, high = known.get(indicator) or known.get(unit) or known["*"]
    return low, high


def limits(unit: str) -> dict[str, float]:
    """Return how far a figure of this unit may move (``mouvements``)."""
    entry = _settings()["mouvements"]
    common = {name: entry[name] for name in ("z", "ressemblance")}
    return common | entry.get(unit, entry["*"])


def breaches(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Yield what the figures of one source break, a rule at a time.

    Parameters
    ----------
    frame
        Observations of one source.
    file
        Name shown in messages.
    """
    values = frame[frame["etat"] == VALUE]
    last, today = values["millesime"].max(), clock.edition()
    if last > today.year:
        fact = f"l'année {last} est postérieure à l'édition du {today} (data/edition.yml)."
        yield Problem(fact, file, remedy="Vérifiez l'année du fichier.")
    if values.empty:
        return
    values = values.assign(nom=values["indicateur"] + "/" + values["modalite"])
    yield from _out_of_bounds(values, file)
    yield from _fractions(values, file)
    wide = values.pivot(index=["territoire", "millesime"], columns="nom", values="valeur")
    wide.columns = [name.removesuffix(f"/{ALL}") for name in wide.columns]
    for rule in rules():
        yield from _broken(wide, rule, file)
    yield from _city(values, file)


def _broken(wide: pd.DataFrame, rule: Rule, file: str) -> Iterator[Problem]:
    terms = {name for member in rule.members for name in re.split(r" [+/] ", member)}
    if not {name for name in terms if not name.isdigit()} <= set(wide.columns):
        return
    sides = [_member(wide, member) for member in rule.members]
    for (left, right), (said, other), sign in zip(
        pairwise(sides), pairwise(rule.members), rule.signs, strict=True
    ):
        excess = left - right if sign == "<=" else (left - right).abs()
        slack = rule.tolerance + _ROUNDING * right.abs() + 1e-9
        wrong = excess[excess > slack].sort_values(ascending=False)
        if len(wrong):
            shown = " ; ".join(
                f"{_place(key)} : {plain(round(left[key], 3))} et {plain(round(right[key], 3))}"
                for key in wrong.index[:_SHOWN]
            )
            fact = f"« {said} {sign} {other} » n'est pas vérifié, {len(wrong)} fois : {shown}."
            yield Problem(fact, file, remedy=_REMEDY)


def _member(wide: pd.DataFrame, text: str) -> pd.Series:
    over, _, under = text.partition(" / ")
    terms = over.split(" + ")
    total = wide[[name for name in terms if not name.isdigit()]].sum(axis=1, skipna=False)
    total += sum(float(name) for name in terms if name.isdigit())
    return total / wide[under].where(wide[under] != 0) if under else total


def _out_of_bounds(values: pd.DataFrame, file: str) -> Iterator[Problem]:
    for name, rows in values.groupby("indicateur"):
        low, high = bounds(name)
        wrong = rows[(rows["valeur"] < low) | (rows["valeur"] > high)]
        if len(wrong):
            first = wrong.iloc[0]
            place = _place((first["territoire"], first["millesime"]))
            fact = (
                f"{name} sort de l'intervalle possible, de {plain(low)} à {plain(high)}, "
                f"{len(wrong)} fois : {place}, {plain(first['valeur'])}."
            )
            yield Problem(fact, file, remedy=_REMEDY)


def _fractions(values: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Name the percentages that are all at most 1, though many are not zero."""
    for (name, indicator, year), rows in values.groupby(["nom", "indicateur", "millesime"]):
        positive = rows["valeur"][rows["valeur"] > 0]
        percent = catalogue.indicator(indicator).unite == "%" and len(positive) >= _FRACTIONS
        if percent and positive.max() <= 1:
            fact = f"{name} en {year} : ces pourcentages vont de 0 à 1, et non de 0 à 100."
            yield Problem(fact, file, remedy="Reprenez le fichier du producteur.")


def _city(values: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Compare the city with its arrondissements, where all are there."""
    limits = _settings()["arrondissements"]
    wards = sorted(territories.members("arrondissement"))
    parts = values[values["geographie"] == "arrondissement"]
    city = values[values["territoire"] == territories.CITY].set_index(
        ["indicateur", "modalite", "millesime"]
    )["valeur"]
    for key, rows in parts.groupby(["indicateur", "modalite", "millesime"]):
        if key not in city.index or sorted(rows["territoire"]) != wards:
            continue
        whole, entry, figures = city[key], catalogue.indicator(key[0]), rows["valeur"]
        total, low, high = figures.sum(), figures.min(), figures.max()
        if entry.additif:
            wrong = abs(total - whole) > limits["somme"] * abs(whole)
            told = f"{plain(total)} dans la somme de"
        else:
            slack = limits["entre"] * abs(whole) if entry.unite in _BETWEEN else float("inf")
            wrong = not low - slack <= whole <= high + slack
            told = f"de {plain(low)} à {plain(high)} dans"
        if wrong:
            name = f"{key[0]}/{key[1]} en {key[2]}".replace(f"/{ALL}", "")
            fact = f"{name} : {plain(whole)} dans la ville, {told} ses arrondissements."
            yield Problem(fact, file, remedy=_REMEDY)


def _place(key: tuple[str, int]) -> str:
    return f"{territories.get(key[0]).name} ({key[0]}) en {key[1]}"


@cache
def _settings() -> dict:
    return declared.read(paths.data() / "controles.yml")
