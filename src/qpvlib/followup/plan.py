"""The protocol of the follow-up as the program reads it, its seal and its register."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qpvlib import catalogue, commit, paths
from qpvlib.catalogue import Indicator
from qpvlib.cohort import protocol
from qpvlib.errors import Problem, ProtocolError, UnknownIndicatorError

PROTOCOL, SEAL, COHORT, REGISTER = "protocole.yml", "sceau.json", "cohorte.csv", "registre.csv"
AT_DRAW = "protocole_tirage.yml"
LEVEL, LOGARITHM = "niveau", "logarithme"
_SECTIONS = (
    "titre", "nature", "unites", "date_fictive", "indicateurs", "typologie", "selection",
    "puissance", "robustesse", "seconde_famille", "decision",
)  # fmt: skip
_DEFINITION = ("definition", "numerateur", "denominateur", "univers", "unite")


@dataclass(frozen=True)
class Outcome:
    """One outcome of the protocol.

    Attributes
    ----------
    indicator
        Entry of the catalogue.
    primary
        Whether it enters the main decision (Holm) or the secondary family.
    logarithm, factor
        Whether its logarithm is compared, and what multiplies the measure (100 for a
        logarithm, so that a difference is close to a percentage).
    unit
        Unit of a difference, in words.
    smallest
        Smallest effect of interest, in that unit; None for a secondary outcome.
    years
        Vintages of the main window.
    """

    indicator: Indicator
    primary: bool
    logarithm: bool
    factor: float
    unit: str
    smallest: float | None
    years: tuple[int, ...]

    def measure(self, value: float) -> float:
        """Return the value on the scale that is compared."""
        return self.factor * (math.log(value) if self.logarithm else value)

    @property
    def direction(self) -> int:
        """+1 when a rise is an improvement, -1 otherwise."""
        return 1 if self.indicator.sens == "favorable" else -1


@dataclass(frozen=True)
class Plan:
    """The protocol.

    Attributes
    ----------
    content
        The whole text, by section; what is sealed.
    outcomes
        Primary outcomes first.
    start
        First fictitious treated year.
    """

    content: Mapping
    outcomes: tuple[Outcome, ...]
    start: int

    @property
    def primary(self) -> tuple[Outcome, ...]:
        """The outcomes of the main decision."""
        return tuple(one for one in self.outcomes if one.primary)

    def outcome(self, name: str) -> Outcome:
        """Return an outcome of the protocol by its indicator.

        Raises
        ------
        ProtocolError
            When the protocol does not study it.
        """
        for one in self.outcomes:
            if one.indicator.id == name:
                return one
        known = ", ".join(one.indicator.id for one in self.outcomes)
        raise ProtocolError(f"Le protocole n'étudie pas « {name} ». Indicateurs : {known}.")

    def dictionary(self) -> dict[str, dict[str, str]]:
        """Return the definitions of the indicators used, as they are sealed."""
        names = [one.indicator.id for one in self.outcomes]
        names += [*self.content["typologie"]["variables"]]
        return {
            name: {field: getattr(catalogue.indicator(name), field) for field in _DEFINITION}
            for name in sorted(set(names))
        }


def folder() -> Path:
    """Return the folder of the protocol, ``suivi/``."""
    return paths.root() / "suivi"


def read(content: Mapping) -> Plan:
    """Return the plan of a protocol.

    Raises
    ------
    ProtocolError
        With every section, indicator, measure or year that is wrong.
    """
    absent = [name for name in _SECTIONS if name not in content]
    if absent:
        names = ", ".join(absent)
        raise ProtocolError(Problem(f"rubriques absentes : {names}.", PROTOCOL))
    start = content["date_fictive"]
    problems, outcomes = [], []
    for family in ("principaux", "secondaires"):
        for name, entry in content["indicateurs"].get(family, {}).items():
            found = list(_faults(name, entry, start, family == "principaux"))
            problems += [Problem(f"{name} : {fact}", PROTOCOL) for fact in found]
            if not found:
                outcomes.append(_outcome(name, entry, family == "principaux"))
    if not problems and not any(one.primary for one in outcomes):
        problems.append(Problem("aucun indicateur principal.", PROTOCOL))
    if problems:
        raise ProtocolError(problems)
    return Plan(content, tuple(outcomes), start)


def _outcome(name: str, entry: Mapping, primary: bool) -> Outcome:
    logarithm = entry["mesure"] == LOGARITHM
    return Outcome(
        indicator=catalogue.indicator(name),
        primary=primary,
        logarithm=logarithm,
        factor=float(entry.get("facteur", 100 if logarithm else 1)),
        unit=entry["unite"],
        smallest=entry.get("plus_petit_effet"),
        years=tuple(entry["annees"]),
    )


def _faults(name: str, entry: Mapping, start: int, primary: bool):
    """Say in French what is wrong with one outcome."""
    try:
        catalogue.indicator(name)
    except UnknownIndicatorError as error:
        yield str(error)
    if entry.get("mesure") not in (LEVEL, LOGARITHM):
        yield f"mesure « {entry.get('mesure')} » ; choix : {LEVEL}, {LOGARITHM}."
    years = entry.get("annees", ())
    if not (any(year < start for year in years) and any(year >= start for year in years)):
        yield f"il faut au moins une année avant {start} et une à partir de {start}."
    if primary and not (entry.get("plus_petit_effet") or 0) > 0:
        yield "un indicateur principal a un plus_petit_effet, positif."
    if "unite" not in entry:
        yield "unite manque."


def load() -> Plan:
    """Read ``suivi/protocole.yml``.

    Raises
    ------
    ProtocolError
        When it is absent or wrong.
    """
    return read(protocol.load(folder() / PROTOCOL))


def seal() -> dict | None:
    """Return the seal, or None when the protocol was never frozen.

    Raises
    ------
    ProtocolError
        When the file is not a seal.
    """
    path = folder() / SEAL
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        content = None
    if not isinstance(content, dict) or not {"empreinte", "rubriques", "graine"} <= set(content):
        raise ProtocolError(
            Problem("ce fichier n'est pas un sceau. Reprenez la version enregistrée.", SEAL)
        )
    return content


def at_draw(seal: Mapping, current: Mapping) -> Mapping:
    """Return the protocol in force when the draw was held: its seed comes from that text.

    Parameters
    ----------
    seal
        The seal.
    current
        The protocol in use, which is that one as long as there is no amendment.

    Raises
    ------
    ProtocolError
        When the copy made at the draw is absent or is not a text that was sealed.
    """
    if not seal["amendements"]:
        return current
    content = protocol.load(folder() / AT_DRAW)
    if protocol.fingerprint(content) not in {
        text["protocole"] for text in (seal, *seal["amendements"])
    }:
        fact = "ce texte n'est pas celui qui a été scellé. Reprenez la version enregistrée."
        raise ProtocolError(Problem(fact, AT_DRAW))
    return content


def kept_at_draw() -> dict[Path, bytes]:
    """Return the copy of the protocol to keep beside it, for the day it is amended."""
    return {folder() / AT_DRAW: (folder() / PROTOCOL).read_bytes()}


def write_seal(content: Mapping, others: Mapping[Path, bytes] | None = None) -> None:
    """Write the seal, readable and always in the same order, and these files with it."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    commit.write({**(others or {}), folder() / SEAL: text.encode()})


def register() -> pd.DataFrame | None:
    """Return the dated interventions, or None when there is no register.

    Raises
    ------
    ProtocolError
        With every line that has an unreadable date, and the columns that are absent.
    """
    path = folder() / REGISTER
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        raise ProtocolError(Problem("ce fichier n'est pas un CSV en UTF-8.", REGISTER)) from None
    absent = [name for name in ("territoire", "debut") if name not in table]
    if absent:
        names = ", ".join(absent)
        raise ProtocolError(Problem(f"colonnes absentes : {names}.", REGISTER, 1))
    dates = pd.to_datetime(table["debut"], format="%Y-%m-%d", errors="coerce")
    wrong = dates.isna() & (table["debut"] != "")
    problems = [
        Problem(f"« {table['debut'][row]} » n'est pas une date (2026-01-31).", REGISTER, row + 2)
        for row in table.index[wrong]
    ]
    if problems:
        raise ProtocolError(problems)
    return table.assign(debut=dates)
