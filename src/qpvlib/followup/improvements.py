"""What would let the study see less: more years, other outcomes, more or other controls."""

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from qpvlib.cohort import power
from qpvlib.followup import results, second_family, series
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study


@cache
def table(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the minimum detectable effect of the plan in use, and of plans close to it.

    Returns
    -------
    pd.DataFrame
        Indexed by what changes, in French, the plan in use first: ``cibles``, ``temoins``,
        ``ri`` and ``cr2`` (with the correction for several outcomes, in the unit of the outcome).
        A plan that the series cannot fill is left out.
    """
    rules, rule = study.plan.content["puissance"], study.plan.rule
    complete = series.wide(study.series, outcome).reindex(columns=rules["annees"]).dropna()
    targets, controls = results.sizes_here(study, outcome)
    before, after = rules["avant_apres"]
    family, span = len(study.plan.primary), len(rules["annees"])
    most = len(complete)
    plans = {
        f"ce plan : {before} années avant, {after} après": (targets, controls, before, after),
        "une année de moins de chaque côté": (targets, controls, before - 1, after - 1),
        "une année de plus de chaque côté": (targets, controls, before + 1, after + 1),
        "deux années de plus avant": (targets, controls, before + 2, after),
        "tous les autres quartiers publiés pour témoins": (targets, most - targets, before, after),
        "une cible de plus, deux témoins par cible": (
            targets + 1, 2 * (targets + 1), before, after
        ),
    }  # fmt: skip
    rows = {
        name: _row(complete, study, rule.established / family, *plan)
        for name, plan in plans.items()
        if sum(plan[:2]) <= most and sum(plan[2:]) <= span and min(plan) > 0
    }
    for count, name in ((1, "un seul indicateur principal"), (5, "cinq indicateurs principaux")):
        level = rule.established / count
        rows[name] = _row(complete, study, level, targets, controls, before, after)
    # Compared on changes, as the rows above: the ANCOVA extrapolates between such unlike places.
    shared = next(
        one for one in second_family.outcomes(study) if one.indicator == outcome.indicator
    )
    iris = second_family.estimate(study, shared, adjust=False)
    level = rule.established / family
    multiple = stats.t.isf(level / 2, iris.df) + stats.t.isf(1 - rules["seuil"], iris.df)
    years = ", ".join(map(str, shared.years))
    rows[f"IRIS appariés à la place des quartiers témoins ({years})"] = (
        targets, iris.units - targets, np.nan, float(multiple * iris.error)
    )  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index", columns=["cibles", "temoins", "ri", "cr2"])


def chosen(study: Study, outcome: Outcome, targets: int, controls: int) -> float:
    """Return the smallest effect that the regression detects, for targets that were not drawn.

    Not a number when the real series are too few for this plan.
    """
    rules = study.plan.content["puissance"]
    complete = series.wide(study.series, outcome).reindex(columns=rules["annees"]).dropna()
    if targets + controls > len(complete):
        return float("nan")
    level = study.plan.rule.established / len(study.plan.primary)
    return _row(complete, study, level, targets, controls, *rules["avant_apres"])[3]


def _row(
    complete: pd.DataFrame,
    study: Study,
    level: float,
    targets: int,
    controls: int,
    before: int,
    after: int,
) -> tuple[int, int, float, float]:
    changes = power.observed_changes(complete, targets + controls, before, after)
    wanted = study.plan.content["puissance"]["seuil"]
    found = power.detectable(changes, targets, power=wanted, level=level)
    return targets, controls, found.ri, found.cr2
