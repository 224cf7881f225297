"""The rules of the control, read from ``data/convention/controle.yml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from qpvlib.control.convention import figure_ids, folder
from qpvlib.errors import CheckError, Problem

MATCH, OTHER_YEAR, GAP, INCONSISTENT, LOCAL, UNVERIFIABLE = VERDICTS = (
    "conforme",
    "autre millésime",
    "écart",
    "texte incohérent",
    "source locale requise",
    "non vérifiable",
)
FILE = "controle.yml"


@dataclass(frozen=True)
class Rule:
    """How a figure is recomputed: the formula, the accepted gap, and a French note."""

    formula: Mapping
    tolerance: float
    note: str


@dataclass(frozen=True)
class Absence:
    """What is said of a figure that nothing recomputes, and why (in French)."""

    verdict: str
    reason: str


@dataclass(frozen=True)
class Control:
    """The whole of ``controle.yml``.

    Attributes
    ----------
    near
        Relative gap that « près de » accepts.
    coverage
        Share of the population that a weighted mean needs (part entre 0 et 1).
    period
        First and last year that a figure printed without a year may be about.
    rules
        Figure id -> its rules, the preferred first.
    absences
        Figure id -> what is said when no rule can be applied.
    """

    near: float
    coverage: float
    period: tuple[int, int]
    rules: Mapping[str, tuple[Rule, ...]]
    absences: Mapping[str, Absence]


# When a figure has rules but no absence of its own.
UNFED = Absence(LOCAL, "Le fichier officiel n'est pas dans cette édition.")


def control() -> Control:
    """Return the rules.

    Raises
    ------
    CheckError
        With every unknown tolerance or verdict, and every figure given two absences.
    """
    return _control(folder() / FILE)


@cache
def _control(path: Path) -> Control:
    content = yaml.safe_load(path.read_text("utf-8"))
    tolerances, problems = content["tolerances"], []
    rules: dict[str, tuple[Rule, ...]] = {}
    for entry in content["regles"]:
        if entry["tolerance"] not in tolerances:
            fact = f"{entry['figures']} : tolérance « {entry['tolerance']} » inconnue."
            problems.append(Problem(fact, path.name))
            continue
        rule = Rule(entry["calcul"], tolerances[entry["tolerance"]], entry.get("note", ""))
        for figure in figure_ids(entry["figures"]):
            rules[figure] = (*rules.get(figure, ()), rule)
    absences: dict[str, Absence] = {}
    for entry in content["absences"]:
        if entry["verdict"] not in (LOCAL, UNVERIFIABLE):
            fact = f"{entry['figures']} : verdict « {entry['verdict']} » refusé."
            problems.append(Problem(fact, path.name))
        for figure in figure_ids(entry["figures"]):
            if figure in absences:
                problems.append(Problem(f"{figure} a deux absences.", path.name))
            absences[figure] = Absence(entry["verdict"], entry["motif"])
    if problems:
        raise CheckError(problems)
    return Control(
        content["pres_de"], content["couverture"], tuple(content["periode"]), rules, absences
    )
