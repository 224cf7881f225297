"""The protocol of the follow-up as the program reads it, its seal and its register."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from qpvlib import catalogue, commit, declared, paths
from qpvlib.catalogue import Indicator
from qpvlib.errors import EstimationError, Problem, ProtocolError, UnknownIndicatorError
from qpvlib.followup import seal as sealing
from qpvlib.followup.verdict import Rule

PROTOCOL, SEAL, COHORT, REGISTER = "protocole.yml", "sceau.json", "cohorte.csv", "registre.csv"
TEXTS = "textes"
BLANK = "étude à blanc"
TO_FIX = "à fixer"
LEVEL, LOGARITHM = "niveau", "logarithme"
_SECTIONS = (
    "titre", "nature", "unites", "date_fictive", "indicateurs", "typologie", "selection",
    "puissance", "robustesse", "seconde_famille", "decision", "graine",
)  # fmt: skip
_THRESHOLDS = {
    "etabli": "established", "indice": "hint", "stabilite": "stable", "equivalence": "equivalence",
}  # fmt: skip
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
        """Return the value on the scale that is compared.

        Raises
        ------
        EstimationError
            When it has no logarithm.
        """
        if self.logarithm and not value > 0:
            raise EstimationError(
                f"{self.indicator.libelle_court} : la valeur {value:g} n'a pas de logarithme. "
                "Laissez la case vide si le chiffre manque, ou étudiez le niveau."
            )
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
    def blank(self) -> bool:
        """Whether no intervention is studied."""
        return self.content["nature"]["type"] == BLANK

    @property
    def rule(self) -> Rule:
        """The thresholds of the verdicts."""
        return Rule(**{field: _limits(self.content)[name] for name, field in _THRESHOLDS.items()})

    def verdicts(self) -> dict[str, str]:
        """Return what each verdict asks, its thresholds written as percentages."""
        texts = self.content["decision"]
        return {name: self.wording(text) for name, text in texts.items() if name != "seuils"}

    def wording(self, text: str) -> str:
        """Return a sentence of the protocol, the thresholds it names written as percentages."""
        limits = _limits(self.content)
        worst = 1 - (1 - limits["indice"]) ** len(self.primary)
        shown = {name: f"{round(100 * share)} %" for name, share in limits.items()}
        return text.format(**shown, fausse_alerte=f"{round(100 * worst)} %")

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


def _limits(content: Mapping) -> Mapping[str, float]:
    return content["decision"]["seuils"]


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
    limits = content["decision"].get("seuils", {})
    problems += [
        Problem(f"decision : le seuil « {name} » manque, ou n'est pas entre 0 et 1.", PROTOCOL)
        for name in _THRESHOLDS
        if not 0 < limits.get(name, 0) < 1
    ]
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


def parse(path: Path) -> dict:
    """Read a protocol in YAML.

    Raises
    ------
    ProtocolError
        When the file is absent or is not a mapping.
    """
    try:
        content = declared.read(path)
    except FileNotFoundError as error:
        raise ProtocolError(f"Le protocole {path} est introuvable.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProtocolError(f"Le protocole {path} n'est pas un fichier YAML lisible.") from error
    if not isinstance(content, dict):
        raise ProtocolError(f"Le protocole {path} doit être une liste de rubriques nommées.")
    return content


def load() -> Plan:
    """Read ``suivi/protocole.yml``.

    Raises
    ------
    ProtocolError
        When it is absent or wrong.
    """
    return read(parse(folder() / PROTOCOL))


def copy_of(text: str) -> Path:
    """Return where the copy of a sealed text is kept."""
    return folder() / TEXTS / f"{text[:12]}.yml"


def check_copy(act: Mapping) -> dict:
    """Read the copy of the text that an act sealed.

    Raises
    ------
    ProtocolError
        When the copy is absent or is not that text.
    """
    path = copy_of(act["texte"])
    content = parse(path)
    if sealing.fingerprint(content) != act["texte"]:
        fact = "ce texte n'est pas celui qui a été scellé. Reprenez la version enregistrée."
        raise ProtocolError(Problem(fact, f"{TEXTS}/{path.name}"))
    return content


def sealed_text(act: Mapping) -> Plan:
    """Return the plan of a sealed text, see :func:`check_copy`."""
    return read(check_copy(act))


def kept_text(text: str) -> dict[str, bytes]:
    """Return the copy of the protocol to keep with its seal, for the day it is amended."""
    name = copy_of(text).relative_to(folder()).as_posix()
    return {name: (folder() / PROTOCOL).read_bytes()}


def chain() -> sealing.Chain:
    """Return the acts of the seal, none when the protocol was never frozen.

    Raises
    ------
    ProtocolError
        When the file is not a seal.
    """
    path = folder() / SEAL
    if not path.is_file():
        return ()
    try:
        content = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        content = None
    acts = content.get("actes") if isinstance(content, dict) else None
    if (
        not isinstance(acts, list)
        or not acts
        or not all(
            isinstance(act, dict) and {"acte", "date", "empreinte"} <= set(act) for act in acts
        )
    ):
        raise ProtocolError(
            Problem("ce fichier n'est pas un sceau. Reprenez la version enregistrée.", SEAL)
        )
    return tuple(acts)


def write_chain(acts: sealing.Chain, files: Mapping[str, bytes] | None = None) -> None:
    """Write the seal, readable and always in the same order, and these files of the follow-up."""
    text = json.dumps({"actes": list(acts)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    contents = {**(files or {}), SEAL: text.encode()}
    commit.write({folder() / name: content for name, content in contents.items()})


def register_print() -> str | None:
    """Return the fingerprint of the register, None without one."""
    found = register()
    if found is None:
        return None
    rows = found.sort_values(list(found.columns)).astype(str)
    return sealing.fingerprint([list(found.columns), *rows.to_numpy().tolist()])


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
    table, problems = dated(table, REGISTER)
    if problems:
        raise ProtocolError(problems)
    return table


def dated(table: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table with its ``debut`` as dates and its ``intensite`` as shares, if any.

    Parameters
    ----------
    table
        Texts, one row per line of the file.
    name
        Of the file, for the messages.
    """
    problems = []
    if "debut" in table:
        dates = pd.to_datetime(table["debut"], format="%Y-%m-%d", errors="coerce")
        problems += [
            Problem(f"« {table['debut'][row]} » n'est pas une date (2026-01-31).", name, row + 2)
            for row in table.index[dates.isna() & (table["debut"] != "")]
        ]
        table = table.assign(debut=dates)
    if "intensite" in table:
        parts = pd.to_numeric(table["intensite"].str.replace(",", "."), errors="coerce")
        table = table.assign(intensite=parts)
        problems += [
            Problem("l'intensité est une part, de 0 à 1.", name, row + 2, "intensite")
            for row in table.index[~parts.between(0, 1)]
        ]
    return table, problems
