"""The control of the convention: one verdict per printed figure."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qpvlib.control import rules
from qpvlib.control.convention import (
    Inconsistency,
    PrintedFigure,
    figures,
    inconsistencies,
    territory,
)
from qpvlib.control.recomputation import PRINTED, Calculator, Recomputed
from qpvlib.observations import Observations
from qpvlib.territories import Passage, Territory, get, predecessors

COLUMNS = (
    "id",
    "orientation",
    "ligne",
    "territoire",
    "nom",
    "indicateur",
    "modalite",
    "libelle",
    "unite",
    "valeur_imprimee",
    "comparateur",
    "annee_imprimee",
    "valeur_recalculee",
    "annees_recalcul",
    "nature",
    "quartiers_publies",
    "quartiers",
    "sources",
    "ecart",
    "tolerance",
    "dans_la_tolerance",
    "verdict",
    "motif",
    "incoherences",
    "citation",
)
DATA, WEIGHTED_MEAN, MIXED, ARITHMETIC = NATURES = (
    "donnée publiée",
    "approximation pondérée par la population",
    "donnée combinée à un chiffre du texte",
    "arithmétique du texte",
)
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
        Whether the gap is accepted, whatever the year; ``None`` without recomputation.
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
        if self.recomputed is None:
            return ""
        if not self.recomputed.rests_on_data:
            return ARITHMETIC
        if PRINTED in self.recomputed.natures:
            return MIXED
        return WEIGHTED_MEAN if self.recomputed.approximate else DATA

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
    figure: PrintedFigure, recomputed: Recomputed, tolerance: float, control: rules.Control
) -> tuple[str, bool]:
    """Return the verdict's word for a recomputed figure, and whether the gap is accepted.

    Parameters
    ----------
    figure, recomputed
        What is printed, and what was found.
    tolerance
        Accepted gap, in the figure's unit; half the last printed place is always accepted.
    control
        Gives what « près de » accepts, and the years of a figure printed without one.

    Notes
    -----
    A figure is never refuted, nor confirmed, by data about another year than its own: the
    verdict is then « autre millésime ». The text's own arithmetic says only whether the text
    agrees with itself.
    """
    agrees = _accepted(figure, recomputed.value, _width(figure, tolerance, control.near))
    if not recomputed.rests_on_data:
        return (rules.MATCH if agrees else rules.INCONSISTENT), agrees
    if not _same_year(figure, recomputed, control.period):
        return rules.OTHER_YEAR, agrees
    return (rules.MATCH if agrees else rules.GAP), agrees


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
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for verdict in verdicts:
        writer.writerow(_row(verdict))
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
            word, agrees = judge(figure, recomputed, rule.tolerance, control)
            if word == rules.GAP and undermined:
                word = rules.INCONSISTENT
            gap = recomputed.value - figure.value
            width = _width(figure, rule.tolerance, control.near)
            reason = " ".join(part for part in (rule.note, recomputed.method) if part)
            return Verdict(figure, word, recomputed, gap, width, agrees, reason, concerned)
    absence = control.absences.get(figure.id, rules.UNFED)
    word = rules.INCONSISTENT if undermined else absence.verdict
    return Verdict(figure, word, None, None, None, None, absence.reason, concerned)


def _same_year(figure: PrintedFigure, recomputed: Recomputed, period: tuple[int, int]) -> bool:
    if figure.vintage is not None:
        return recomputed.years <= {figure.vintage}
    return all(period[0] <= year <= period[1] for year in recomputed.years)


def _width(figure: PrintedFigure, tolerance: float, near: float) -> float:
    accepted = max(tolerance, figure.rounding / 2)
    return max(accepted, near * abs(figure.value)) if figure.comparator == "~" else accepted


def _accepted(figure: PrintedFigure, value: float, width: float) -> bool:
    gap, width = value - figure.value, width + _ROUNDOFF
    match figure.comparator:
        case "plus de" | ">=":
            return gap >= -width
        case "moins de" | "<=":
            return gap <= width
        case _:
            return abs(gap) <= width


def _row(verdict: Verdict) -> list[str | int]:
    figure, recomputed = verdict.figure, verdict.recomputed
    found = recomputed or Recomputed(0)
    return [
        figure.id,
        figure.orientation,
        figure.line,
        " ".join(figure.territories),
        " + ".join(place.name for place in verdict.territories),
        figure.indicator,
        figure.category,
        figure.label,
        figure.unit,
        _number(figure.value),
        figure.comparator,
        figure.year,
        _number(recomputed and recomputed.value),
        " ".join(map(str, sorted(found.years))),
        verdict.nature,
        found.published or "",
        found.total or "",
        " ".join(sorted(found.sources)),
        _number(verdict.gap),
        _number(verdict.tolerance),
        {True: "oui", False: "non", None: ""}[verdict.agrees],
        verdict.word,
        verdict.reason,
        " ".join(item.id for item in verdict.inconsistencies),
        figure.quote,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):.10g}"
