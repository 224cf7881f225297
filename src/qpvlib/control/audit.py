"""The control of the convention: one verdict per printed figure."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qpvlib.control import rules
from qpvlib.control.complements import DERIVED, PUBLISHED, WEIGHTED
from qpvlib.control.convention import (
    Inconsistency,
    PrintedFigure,
    figures,
    inconsistencies,
    territory,
)
from qpvlib.control.recomputation import COUNTED, ESTIMATED, PRINTED, Calculator, Recomputed
from qpvlib.observations import Observations
from qpvlib.territories import Passage, Territory, get, predecessors

DATA, DERIVATION, WEIGHTED_MEAN, ESTIMATE, MIXED, ARITHMETIC, COUNT = NATURES = (
    "donnée publiée",
    "calcul sur données publiées",
    "approximation pondérée par la population",
    "estimation de ce livre",
    "donnée combinée à un chiffre du texte",
    "arithmétique du texte",
    "décompte dans le texte",
)
# Of what a figure rests on, the weakest names it.
_NAMES = {
    COUNTED: COUNT,
    PRINTED: ARITHMETIC,
    ESTIMATED: ESTIMATE,
    WEIGHTED: WEIGHTED_MEAN,
    DERIVED: DERIVATION,
    PUBLISHED: DATA,
}
_SAME, _NEIGHBOUR, _FAR = range(3)
_ROUNDOFF = 1e-9


@dataclass(frozen=True)
class Verdict:
    """What the control says of one printed figure.

    Attributes
    ----------
    figure
        The figure as printed.
    word
        One of :data:`qpvlib.control.rules.VERDICTS`.
    recomputed
        The figure computed again, ``None`` when nothing allows it.
    gap, tolerance
        Recomputed minus printed, and the gap accepted, in the figure's unit.
    agrees
        Whether the printed figure is among those the data allow, up to the tolerance, whatever
        the year; ``None`` without recomputation.
    reason
        How it was recomputed, or why it was not (in French).
    inconsistencies
        Those of the text that concern the figure.
    """

    figure: PrintedFigure
    word: str
    recomputed: Recomputed | None
    gap: float | None
    tolerance: float | None
    agrees: bool | None
    reason: str
    inconsistencies: tuple[Inconsistency, ...]

    @property
    def nature(self) -> str:
        """What the recomputation rests on, one of :data:`NATURES`; empty without one."""
        found = self.recomputed
        if found is None:
            return ""
        if found.rests_on_data and found.rests_on_text:
            return MIXED
        return next(name for nature, name in _NAMES.items() if nature in found.natures)

    @property
    def territories(self) -> tuple[Territory, ...]:
        """What the figure is about."""
        return tuple(territory(code) for code in self.figure.territories)


@dataclass(frozen=True)
class Line:
    """A line of the convention that concerns a quartier of 2024.

    ``perimeter`` is the territory the line is about; ``passage`` says how it became the
    quartier, ``None`` when the line is about the quartier itself.
    """

    verdict: Verdict
    perimeter: Territory
    passage: Passage | None


@lru_cache(maxsize=2)
def audit(observations: Observations) -> tuple[Verdict, ...]:
    """Return one verdict per figure of the convention, in the order of the text.

    The first rule of ``controle.yml`` whose data exist gives the recomputed figure; official
    data always come before the text's own arithmetic. A masked figure never enters.

    Raises
    ------
    CheckError
        If ``data/convention`` breaks its own rules.
    UnknownTerritoryError
        If a figure is about a territory that does not exist.
    """
    printed = {figure.id: figure for figure in figures()}
    control = rules.control()
    calculator = Calculator(observations, printed, control.coverage)
    about = inconsistencies()
    return tuple(_verdict(figure, control, calculator, about) for figure in printed.values())


def judge(
    figure: PrintedFigure, recomputed: Recomputed, rule: rules.Rule, control: rules.Control
) -> tuple[str, float, bool]:
    """Return the verdict's word, the gap accepted, and whether the printed figure is within it.

    Parameters
    ----------
    figure, recomputed
        What is printed, and what was found.
    rule
        Its tolerance widens the rounding where the data are not of the text's own year, or are a
        mean or an estimate.
    control
        Gives what « près de » accepts, the years a figure may be about, and the indicators that
        the text may define otherwise.

    Notes
    -----
    Only data of the text's own year confirm or contradict it. Those of a neighbouring year, or
    beside a text without a year, may go its way (« compatible »); any other is « autre
    millésime ». A mean of quartiers contradicts only what lies outside the weighted and the plain
    one. The text's own numbers say only whether the text agrees with itself.
    """
    distance = _distance(figure, recomputed, control)
    tolerance = 0 if distance == _SAME else rule.tolerance
    width = _width(figure, tolerance, control.near)
    alone = agrees = _accepted(figure, (recomputed.value, recomputed.value), width)
    if recomputed.others and not alone:
        width = _width(figure, rule.tolerance, control.near)
        agrees = _accepted(figure, recomputed.span, width)
    if recomputed.rests_on_text:
        word = rules.GAP if recomputed.rests_on_data else rules.INCONSISTENT
        return (rules.COHERENT if agrees else word), width, agrees
    if figure.indicator in control.definitions:
        return rules.OTHER_DEFINITION, width, agrees
    if distance == _FAR or (distance == _NEIGHBOUR and not agrees):
        return rules.OTHER_YEAR, width, agrees
    if not agrees:
        return rules.GAP, width, agrees
    if recomputed.approximate and not alone:
        return rules.WEIGHTING, width, agrees
    confirmed = distance == _SAME and ESTIMATED not in recomputed.natures
    return (rules.MATCH if confirmed else rules.NEAR), width, agrees


def counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return verdict -> number of figures, every verdict present."""
    found = Counter(verdict.word for verdict in verdicts)
    return {word: found[word] for word in rules.VERDICTS}


def natures(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return nature of the recomputation -> number of figures, every nature present."""
    found = Counter(verdict.nature for verdict in verdicts)
    return {nature: found[nature] for nature in NATURES}


def lines_about(code: str, verdicts: Sequence[Verdict]) -> tuple[Line, ...]:
    """Return what the convention says of a quartier of 2024, in the order of the text.

    A line about a QPV of 2015 concerns each quartier of 2024 that comes from it, even in part.

    Raises
    ------
    UnknownTerritoryError, InvalidCodeError
        If there is no such territory.
    """
    quartier = get(code)
    origins = {passage.code_2015: passage for passage in predecessors(code)}
    found = []
    for verdict in verdicts:
        for about in verdict.figure.territories:
            if about == code:
                found.append(Line(verdict, quartier, None))
            elif about in origins:
                found.append(Line(verdict, get(about), origins[about]))
    return tuple(found)


def audit_table(verdicts: Sequence[Verdict]) -> bytes:
    """Return the verdicts as CSV: same verdicts, same bytes."""
    out = io.StringIO()
    rows = [_cells(verdict) for verdict in verdicts]
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _verdict(
    figure: PrintedFigure,
    control: rules.Control,
    calculator: Calculator,
    about: Sequence[Inconsistency],
) -> Verdict:
    concerned = tuple(item for item in about if figure.id in item.figures)
    undermined = any(figure.id in item.undermined for item in concerned)
    for rule in control.rules.get(figure.id, ()):
        recomputed = calculator.compute(rule.formula, figure)
        if recomputed is not None:
            word, width, agrees = judge(figure, recomputed, rule, control)
            if word == rules.GAP and undermined:
                word = rules.INCONSISTENT
            gap = recomputed.value - figure.value
            other = word == rules.OTHER_DEFINITION
            measured = control.definitions[figure.indicator] if other else ""
            reason = " ".join(filter(None, (measured, rule.note, recomputed.method)))
            return Verdict(figure, word, recomputed, gap, width, agrees, reason, concerned)
    absence = control.absences.get(figure.id, rules.UNFED)
    word = rules.INCONSISTENT if undermined else absence.verdict
    return Verdict(figure, word, None, None, None, None, absence.reason, concerned)


def _distance(figure: PrintedFigure, recomputed: Recomputed, control: rules.Control) -> int:
    """How far the years of the data are from the text's; a list without a year is of any."""
    if recomputed.years <= {figure.vintage}:
        return _SAME
    first, last = control.period
    if figure.vintage is not None:
        first, last = figure.vintage - control.neighbours, figure.vintage + control.neighbours
    return _NEIGHBOUR if all(first <= year <= last for year in recomputed.years) else _FAR


def _width(figure: PrintedFigure, tolerance: float, near: float) -> float:
    accepted = max(tolerance, figure.rounding / 2)
    return max(accepted, near * abs(figure.value)) if figure.comparator == "~" else accepted


def _accepted(figure: PrintedFigure, span: tuple[float, float], width: float) -> bool:
    """Whether one of the values between these bounds is as printed, up to the width."""
    low, high = span[0] - width - _ROUNDOFF, span[1] + width + _ROUNDOFF
    match figure.comparator:
        case "plus de" | ">=":
            return high >= figure.value
        case "moins de" | "<=":
            return low <= figure.value
        case _:
            return low <= figure.value <= high


def _cells(verdict: Verdict) -> dict[str, str | int]:
    figure, found = verdict.figure, verdict.recomputed or Recomputed(0)
    low, high = found.span if found.others else (None, None)
    return {
        "id": figure.id,
        "orientation": figure.orientation,
        "ligne": figure.line,
        "territoire": " ".join(figure.territories),
        "nom": " + ".join(place.name for place in verdict.territories),
        "indicateur": figure.indicator,
        "modalite": figure.category,
        "libelle": figure.label,
        "unite": figure.unit,
        "valeur_imprimee": _number(figure.value),
        "comparateur": figure.comparator,
        "annee_imprimee": figure.year,
        "valeur_recalculee": _number(found.value if verdict.recomputed else None),
        "borne_basse": _number(low),
        "borne_haute": _number(high),
        "annees_recalcul": " ".join(map(str, sorted(found.years))),
        "nature": verdict.nature,
        "quartiers_publies": found.published or "",
        "quartiers": found.total or "",
        "sources": " ".join(sorted(found.sources)),
        "ecart": _number(verdict.gap),
        "tolerance": _number(verdict.tolerance),
        "dans_la_tolerance": {True: "oui", False: "non", None: ""}[verdict.agrees],
        "verdict": verdict.word,
        "motif": verdict.reason,
        "incoherences": " ".join(item.id for item in verdict.inconsistencies),
        "citation": figure.quote,
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):.10g}"
