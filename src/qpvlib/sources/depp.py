"""Files of the ministry of education about schools: one line is a school and a year.

The forms are declared in ``data/etablissements/formes.yml``. A file gives the figures of the
schools of Marseille, and the mean of the city, weighted by the pupils where they are published.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from qpvlib import catalogue, declared, observations, schools, territories
from qpvlib.errors import Problem, SourceError
from qpvlib.observations import COLUMNS, NUMBERS, UNAVAILABLE, VALUE
from qpvlib.sources import cells
from qpvlib.sources.kinds import Kind, head, lacking
from qpvlib.sources.tables import Table

MISSING = 0.1
"""Share of the known schools that a file may lack: schools close and merge, files get cut."""
_COMMUNE = re.compile(r"(?:132|MARSEILLE )(0[1-9]|1[0-6])|13055|MARSEILLE")
_SECTORS = {"PU": schools.PUBLIC, "PR": schools.PRIVATE}


@dataclass(frozen=True)
class Form(Kind):
    """One kind of file: the head of an entry of ``formes.yml``, and its other fields as written."""

    rules: dict[str, Any]

    @property
    def columns(self) -> dict[str, str]:
        """Role (``uai``, ``nom``, ``commune``, ``secteur``, ``annee``) -> column."""
        return self.rules["colonnes"]

    @property
    def measures(self) -> dict[str, str]:
        """Column -> measure."""
        return self.rules["mesures"]

    @property
    def mean(self) -> dict[str, Any]:
        """How the figure of the city is made: indicator, measure, weight, categories."""
        return self.rules["moyenne"]


@cache
def forms() -> dict[str, Form]:
    """Return every kind of file: name -> form."""
    entries = _settings()["formes"].items()
    return {name: Form(**head(name, entry), rules=entry) for name, entry in entries}


def recognise(table: Table) -> Form | None:
    """Return the kind of file that a table is, if it is one.

    Raises
    ------
    SourceError
        If it is one and lacks a column.
    """
    columns = _positions(table)
    form = next((known for known in forms().values() if _resembles(table, columns, known)), None)
    missing = {*form.columns.values(), *form.measures} - set(columns) if form else ()
    if form and missing:
        raise lacking(form, sorted(missing), table.file)
    return form


def read(table: Table, form: Form) -> pd.DataFrame:
    """Return the figures of the schools of Marseille, as :data:`qpvlib.schools.SCHEMA` wants them.

    A blank cell is a figure that the ministry does not give: no reason for it is published.

    Raises
    ------
    SourceError
        With every code, sector and number that is wrong, or when schools of Marseille are missing.
    """
    columns, problems, rows = _positions(table), list(table.problems), []
    for line, cell in zip(table.lines, table.rows, strict=True):
        role = {name: cell[columns[column]] for name, column in form.columns.items()}
        commune = _COMMUNE.fullmatch(role["commune"])
        if commune is None:
            continue
        sector = _SECTORS.get(role["secteur"][:2].upper(), "")
        wrong = {
            "uai": "" if schools.is_uai(role["uai"]) else "n'est pas un numéro UAI",
            "commune": "" if commune[1] else "ne dit pas l'arrondissement",
            "secteur": "" if sector else "n'est ni public ni privé",
        }
        for name, fact in wrong.items():
            if fact:
                fact = f"« {role[name]} » {fact}."
                problems.append(Problem(fact, table.file, line, form.columns[name]))
        name, year = " ".join(role["nom"].split()), _year(role["annee"])
        base = (role["uai"], name, f"132{commune[1]}", form.rules["nature"], sector)
        for column, measure in form.measures.items():
            try:
                value, state = _value(cell[columns[column]], measure)
                rows.append((*base, measure, year, value, state, form.identifier))
            except ValueError:
                low, high = _settings()["bornes"][measure]
                fact = f"« {cell[columns[column]]} » n'est pas un nombre de {low} à {high}."
                problems.append(Problem(fact, table.file, line, column))
    frame = pd.DataFrame(rows, columns=list(schools.SCHEMA.columns)).astype({"valeur": float})
    if found := problems or _incomplete(frame, form, table.file):
        raise SourceError(found)
    return schools.validate(frame)


def means(frame: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Return the figures of the city, and of its arrondissements where that is meant.

    Each is the mean of the measure over the schools that publish it, each counting for its pupils
    (for one, where the file does not give them). The bounds are those of the rounding of the
    schools' figures.

    Parameters
    ----------
    frame, form
        What :func:`read` gave, and of what file.

    Returns
    -------
    DataFrame
        Columns of the observation schema; ``numerateur`` is the weighted sum, ``denominateur``
        the pupils (or the schools).
    """
    rule, keys = form.mean, ["uai", "arrondissement", "secteur", "millesime"]
    percent = 100 if catalogue.indicator(rule["indicateur"]).unite == "%" else 1
    wide = frame.pivot(index=keys, columns="mesure", values="valeur").reset_index()
    wide["denominateur"] = wide[rule["poids"]] if "poids" in rule else 1.0
    wide["numerateur"] = wide[rule["mesure"]] * wide["denominateur"] / percent
    wide, parts = wide.dropna(subset=["numerateur"]), []
    for category, sectors in rule["modalites"].items():
        chosen = wide[wide["secteur"].isin(sectors)]
        split = [(territories.CITY, chosen)]
        if category in rule.get("arrondissements", ()):
            split += chosen.groupby("arrondissement")
        for code, group in split:
            sums = group.groupby("millesime")[["numerateur", "denominateur"]].sum().reset_index()
            kind = territories.get(str(code)).geography
            parts.append(sums.assign(territoire=code, geographie=kind, modalite=category))
    found = pd.concat(parts, ignore_index=True)
    value = percent * found["numerateur"] / found["denominateur"]
    half = 0.5 * 10.0 ** -schools.measures()[rule["mesure"]].decimales
    found = found.assign(
        indicateur=rule["indicateur"],
        valeur=value,
        borne_basse=(value - half).clip(lower=0),
        borne_haute=(value + half).clip(upper=100 if percent == 100 else None),
        etat=VALUE,
        source=form.identifier,
    ).reindex(columns=COLUMNS)
    found[NUMBERS] = found[NUMBERS].astype(float).round(6)
    return observations.validate(found)


def _value(text: str, measure: str) -> tuple[float | None, str]:
    low, high = _settings()["bornes"][measure]
    value = cells.number(text)
    if value is None:
        return None, cells.marker(text) or UNAVAILABLE
    if not low <= value <= high:
        raise ValueError(text)
    return value, VALUE


def _incomplete(frame: pd.DataFrame, form: Form, file: str) -> list[Problem]:
    """Say if a file was cut short: the mean of its schools would pass for that of the city."""
    told = schools.read_all()
    known = set(told.loc[told["source"] == form.identifier, "uai"])
    lost = len(known - set(frame["uai"]))
    empty = {t.code for t in territories.arrondissements()} - set(frame["arrondissement"])
    facts = []
    if empty:
        facts.append(f"aucun établissement dans {len(empty)} arrondissements de Marseille.")
    if lost > MISSING * len(known):
        facts.append(f"il manque {lost} des {len(known)} établissements déjà connus.")
    remedy = "Le fichier est tronqué ou filtré : reprenez celui du producteur."
    return [Problem(fact, file, remedy=remedy) for fact in facts]


def _positions(table: Table) -> dict[str, int]:
    """Return column -> position: the ministry gives its files under labels or under plain names."""

    def plain(text: str) -> str:
        bare = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
        return re.sub(r"\W+", "_", bare).upper()

    return {plain(column): place for place, column in enumerate(table.columns)}


def _resembles(table: Table, columns: dict[str, int], form: Form) -> bool:
    role, rules = form.columns, form.rules
    if not {*rules["signature"], role["nom"]} <= set(columns) or not table.rows:
        return False
    begun = [row[columns[role["nom"]]].startswith(rules["debut"]) for row in table.rows]
    years = {_year(row[columns[role["annee"]]]) for row in table.rows}
    first, last = rules["annees"]
    return first <= min(years) and max(years) <= last and 2 * sum(begun) > len(begun)


def _year(text: str) -> int:
    """Return the year in which a school year begins, or that of an examination; 0 for neither."""
    found = re.fullmatch(r"(20\d\d)(?:-20\d\d)?", text)
    return int(found[1]) if found else 0


@cache
def _settings() -> dict[str, Any]:
    return declared.read(schools.folder() / "formes.yml")
