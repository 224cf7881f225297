"""The rules of the control, read from ``data/convention/controle.yml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qpvlib import declared
from qpvlib.control.convention import figure_ids, folder
from qpvlib.errors import CheckError, Problem

(
    MATCH, NEAR, WEIGHTING, OTHER_YEAR, OTHER_DEFINITION, GAP, COHERENT, INCONSISTENT, LOCAL,
    UNVERIFIABLE,
) = VERDICTS = (
    "conforme", "compatible", "dépend de la pondération", "autre millésime", "autre définition",
    "écart", "texte cohérent", "texte incohérent", "source locale requise", "non vérifiable",
)  # fmt: skip
"""The verdicts; what each means to a reader is in ``controle.yml``."""
FILE = "controle.yml"


@dataclass(frozen=True)
class Rule:
    """How a figure is recomputed.

    Attributes
    ----------
    formula
        What is computed: see :mod:`qpvlib.control.recomputation`.
    tolerance
        Gap accepted besides the rounding, in the figure's unit, where the data are not of the
        text's own year or are a mean of quartiers.
    note
        A French note.
    """

    formula: Mapping
    tolerance: float
    note: str = ""


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
    neighbours
        How many years away from the printed one data may still go its way.
    period
        First and last year that a figure printed without a year may be about.
    meanings
        What each of :data:`VERDICTS` means (in French), in their order.
    definitions
        Indicator -> what our data measure (in French), when the text measures something else or
        does not say what.
    rules
        Figure id -> its rules, the preferred first.
    absences
        Figure id -> what is said when no rule can be applied.
    """

    near: float
    coverage: float
    neighbours: int
    period: tuple[int, int]
    meanings: Mapping[str, str]
    definitions: Mapping[str, str]
    rules: Mapping[str, tuple[Rule, ...]]
    absences: Mapping[str, Absence]


# When a figure has rules but no absence of its own.
UNFED = Absence(LOCAL, "Le fichier officiel n'est pas dans cette édition.")


def control() -> Control:
    """Return the rules.

    Raises
    ------
    CheckError
        With every unknown tolerance or verdict, every verdict without its meaning, and every
        figure given two absences.
    """
    return _control(folder() / FILE)


@cache
def _control(path: Path) -> Control:
    content = declared.read(path)
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
    if tuple(content["verdicts"]) != VERDICTS:
        fact = f"« verdicts » doit expliquer, dans cet ordre : {', '.join(VERDICTS)}."
        problems.append(Problem(fact, path.name))
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
        content["pres_de"], content["couverture"], content["voisinage"],
        tuple(content["periode"]), content["verdicts"], content["definitions"], rules, absences,
    )  # fmt: skip
