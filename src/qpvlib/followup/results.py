"""The estimates of the follow-up, as the protocol lists them; nothing here chooses anything."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from qpvlib.cohort import power, sensitivity
from qpvlib.cohort.effects import EventStudy, event_study
from qpvlib.cohort.randomisation import RandomisationTest, randomisation_test
from qpvlib.cohort.relative_magnitude import relative_magnitude
from qpvlib.cohort.sensitivity import PreTrend
from qpvlib.cohort.staggered import group_time, reassigned
from qpvlib.cohort.variance import Estimate
from qpvlib.errors import EstimationError
from qpvlib.followup import estimation, readings, series
from qpvlib.followup import verdict as verdict_rule
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study

RELATIVE = (0.5, 1.0, 2.0)


def check(study: Study) -> None:
    """Refuse series from which some outcome could not be estimated.

    Raises
    ------
    EstimationError
        With every problem of every outcome: repeated unit and year, all masked, constant…
    """
    problems = []
    for outcome in study.plan.outcomes:
        try:
            study.panel(outcome).require()
        except EstimationError as error:
            problems += [
                replace(problem, fact=f"{outcome.indicator.libelle_court} : {problem.fact}")
                for problem in error.problems
            ]
    if problems:
        raise EstimationError(problems)


@cache
def detectable(study: Study) -> pd.DataFrame:
    """Return the minimum detectable effects on the real series, before any result.

    Returns
    -------
    pd.DataFrame
        ``indicateur``, ``cibles``, ``temoins``, ``series`` (complete ones), ``ri``, ``cr2``,
        ``ri_holm`` (at 5 % over the number of primary outcomes), ``size_ri``, ``size_cr1``.
    """
    rules, rows = study.plan.content["puissance"], []
    for outcome in study.plan.primary:
        complete = series.wide(study.series, outcome).reindex(columns=rules["annees"]).dropna()
        for targets, controls in rules["plans"]:
            changes = power.observed_changes(complete, targets + controls, *rules["avant_apres"])
            found = power.detectable(changes, targets, power=rules["seuil"])
            strict = power.detectable(
                changes,
                targets,
                power=rules["seuil"],
                level=study.plan.rule.established / len(study.plan.primary),
            )
            rows.append(
                {
                    "indicateur": outcome.indicator.id,
                    "cibles": targets,
                    "temoins": controls,
                    "series": len(complete),
                    "ri": found.ri,
                    "cr2": found.cr2,
                    "ri_holm": strict.ri,
                    "size_ri": found.size_ri,
                    "size_cr1": found.size_cr1,
                }
            )
    return pd.DataFrame(rows)


@cache
def drawing(study: Study) -> estimation.Draw:
    """Return the lottery in use, as :mod:`qpvlib.followup.estimation` reads it."""
    return estimation.Draw(
        design=study.design,
        targets=tuple(study.units.index[study.units["cible"]]),
        strata=study.strata,
        starts=study.starts,
        population=study.units["population"],
        alpha=study.plan.rule.equivalence,
    )


@cache
def drawn_test(study: Study, outcome: Outcome, weighted: bool = False) -> RandomisationTest:
    """Test one outcome over the draws that were possible, given its mean before (ANCOVA)."""
    return drawing(study).test(outcome.indicator.id, study.panel(outcome), weighted)


@cache
def main_estimate(study: Study, outcome: Outcome) -> Estimate:
    """Return the estimate of the regression: ANCOVA on collapsed means in the groups, CR2."""
    return drawing(study).regression(study.panel(outcome))


@cache
def estimates(study: Study) -> pd.DataFrame:
    """Return the main estimates of every outcome, see :func:`estimation.table`."""
    every = study.plan.outcomes
    return estimation.table(
        drawing(study),
        {one.indicator.id: study.panel(one) for one in every},
        {one.indicator.id: one.primary for one in every},
        {(one.indicator.id, heavy): drawn_test(study, one, heavy)
         for one in every for heavy in (False, True)},
    )  # fmt: skip


@cache
def centring(study: Study, outcome: Outcome) -> dict[str, float]:
    """Return the mean of the regression over the draws, without effect, under each rule.

    Zero without any rule: what remains is what the rules of the draw do to the estimator, and
    what the centred estimate takes away.
    """
    held = replace(study.design, listed=None)
    means = study.panel(outcome).collapse(study.starts)
    targets = list(study.units.index[study.units["cible"]])
    rules = {
        "sans règle": replace(held, cover=None, balance=None),
        "règle des secteurs seule": replace(held, balance=None),
        "règle d'équilibre seule": replace(held, cover=None),
        "les deux règles": held,
    }
    return {
        name: randomisation_test(
            means[["post"]], rule, targets, covariates=means[["pre"]], interval=False
        ).table["centre"].iloc[0]
        for name, rule in rules.items()
    }  # fmt: skip


@cache
def index_test(study: Study) -> RandomisationTest:
    """Test one standardised index of the primary outcomes: a single global question."""
    return estimation.standardised(
        drawing(study),
        {one.indicator.id: study.panel(one) for one in study.plan.primary},
        {one.indicator.id: one.direction for one in study.plan.primary},
    )


@cache
def path(study: Study, outcome: Outcome) -> EventStudy:
    """Return the gap of each year with the last one before the date."""
    if study.starts.nunique() > 1:
        return group_time(study.panel(outcome), base="universal").event
    return event_study(study.panel(outcome))


@cache
def staggered_size(study: Study, outcome: Outcome) -> float | None:
    """Return how often the test of all years errs when the dates are dealt again; None with one."""
    if study.starts.nunique() == 1:
        return None
    return reassigned(study.panel(outcome))[0]


@cache
def honest(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the intervals robust to a change of slope, from none to the largest before."""
    values, spread, before = sensitivity.coefficients(path(study, outcome))
    kink = sensitivity.largest_kink(values, before)
    return sensitivity.smoothness(values, spread, before, [0, kink / 2, kink])


@cache
def relative(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the intervals robust to yearly changes of the gap, in shares of the largest before."""
    return relative_magnitude(*sensitivity.coefficients(path(study, outcome)), RELATIVE)


@cache
def pre_trend(study: Study, outcome: Outcome) -> PreTrend:
    """Test the years before, with the power to see a drift reaching the smallest effect."""
    values, spread, before = sensitivity.coefficients(path(study, outcome))
    slope = smallest(outcome) / study.plan.content["puissance"]["avant_apres"][1]
    # Few quartiers: the law of the errors is Student's, and that of their square Hotelling's.
    df = path(study, outcome).table["df"].loc[:-1].min()
    return sensitivity.pre_trend(values, spread, before, slope, df=df)


@cache
def verdict(study: Study, outcome: Outcome) -> str:
    """Return what the protocol's rule concludes for a primary outcome."""
    row = estimates(study).loc[outcome.indicator.id]
    try:
        ends = honest(study, outcome).iloc[-1]
        robust = (float(ends["low"]), float(ends["high"]))
    except EstimationError:
        robust = None
    return verdict_rule.verdict(
        row["value"],
        study.plan.rule,
        p=row["p"],
        p_adjusted=row["adjusted"],
        honest=robust,
        same_sign=readings.curve(study, outcome).same_sign(row["value"]),
        excluded=(row["low_excluded"], row["high_excluded"]),
        smallest=smallest(outcome),
    )


def conclusion(study: Study, outcome: Outcome) -> tuple[str, tuple[float, float], float]:
    """Return the verdict (« secondaire » without one), the interval it used, its confidence."""
    row = estimates(study).loc[outcome.indicator.id]
    alpha = study.plan.rule.equivalence
    said = verdict(study, outcome) if outcome.primary else "secondaire"
    if said == verdict_rule.EXCLUDED:
        return said, (row["low_excluded"], row["high_excluded"]), 1 - 2 * alpha
    return said, (row["low"], row["high"]), 1 - alpha


def smallest(outcome: Outcome) -> float:
    """Return the smallest effect of interest of a primary outcome.

    Raises
    ------
    EstimationError
        For a secondary outcome, which has none.
    """
    if outcome.smallest is None:
        raise EstimationError(f"{outcome.indicator.id} est un indicateur secondaire, sans verdict.")
    return outcome.smallest


def summary(study: Study) -> dict[str, dict[str, object]]:
    """Return the primary estimates and their verdicts, as an amendment keeps them."""
    found: dict[str, dict[str, object]] = {}
    for outcome in study.plan.primary:
        row = estimates(study).loc[outcome.indicator.id]
        found[outcome.indicator.id] = {
            **{name: round(float(row[key]), 3) for name, key in
               (("ecart", "value"), ("bas", "low"), ("haut", "high"), ("p", "p"))},
            "verdict": verdict(study, outcome),
        }  # fmt: skip
    return found


def tests_run(study: Study) -> dict[str, int]:
    """Return how many tests or intervals the chapter makes, by kind: none is left out."""
    plan, first = study.plan, len(study.plan.primary)
    every = len(plan.outcomes)
    spans = [len(one.years) - 1 for one in plan.outcomes]
    return {
        "par tirage, indicateurs principaux": first,
        "par tirage, indicateurs secondaires": every - first,
        "indice standardisé": 1,
        "par tirage, habitants": every,
        "CR2, bootstrap et double différence": 3 * every,
        "années de l'étude d'événement": sum(spans),
        "intervalles de sensibilité": first * (3 + len(RELATIVE)),
        "tests des années antérieures": first,
        "spécifications": sum(readings.curve(study, one).run for one in plan.primary),
        "sans chaque cible": every * len(study.targets),
        "secondes lectures": sum(len(readings.second_readings(study, one)) for one in plan.primary),
        "contrôles synthétiques": first * len(study.targets),
        "autocorrélation spatiale": first,
    }


@cache
def detectable_here(study: Study, outcome: Outcome) -> power.Detectable:
    """Return the minimum detectable effect of the draw on the main window of any outcome."""
    complete = series.wide(study.series, outcome).reindex(columns=outcome.years).dropna()
    sizes = sizes_here(study, outcome)
    before = sum(year < study.plan.start for year in outcome.years)
    changes = power.observed_changes(complete, sum(sizes), before, len(outcome.years) - before)
    return power.detectable(changes, sizes[0], power=study.plan.content["puissance"]["seuil"])


def sizes_here(study: Study, outcome: Outcome) -> tuple[int, int]:
    """Return the numbers of targets and controls published in every year of the main window."""
    arms = np.isfinite(study.panel(outcome).units()["first_treated"])
    return int(arms.sum()), int((~arms).sum())
