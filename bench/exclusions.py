"""Print how often « effet important exclu » is wrong, when the effect is just the smallest one.

Usage: OMP_NUM_THREADS=1 python bench/exclusions.py [DRAWS]

The sealed lottery is held again on the real series, a constant effect equal to the smallest of
interest is added to its targets, and both rules are applied: the CR2 interval around the
regression, as before version 3 of the protocol, and the centred tests by drawing with CR2 beside.
"""

import sys

import numpy as np
import pandas as pd

from qpvlib.cohort import ancova
from qpvlib.cohort.randomisation import rejected
from qpvlib.cohort.variance import inference
from qpvlib.followup import results, series, study


def wrong(found: study.Study, outcome, draws: int) -> pd.DataFrame:
    """Return the shares of wrong exclusions, by side of the true effect and by rule."""
    smallest, alpha = results.smallest(outcome), found.plan.rule.equivalence
    strata = pd.Series(found.design.strata, list(found.design.units))
    counts: dict[str, list[tuple[bool, bool]]] = {"en hausse": [], "en baisse": []}
    for chosen in found.design.draw(draws, seed=20261128):
        units = found.drawn.assign(cible=chosen[[found.design.units.index(u) for u in
                                                 found.drawn.index]])  # fmt: skip
        panel = series.panel(found.series, outcome, units)
        means, beside = panel.collapse(), ancova(panel, strata=strata)
        shifts = np.array([-2 * smallest, 0.0, 2 * smallest])
        p = rejected(means["post"], found.design, chosen, shifts, covariates=means[["pre"]])
        for side, effect in (("en hausse", smallest), ("en baisse", -smallest)):
            low, high, _ = inference(beside.value + effect, beside.error, beside.df, 2 * alpha)
            before = -smallest < low and high < smallest
            drawn = (
                p.loc[smallest - effect, "below"] <= alpha
                and p.loc[-smallest - effect, "above"] <= alpha
            )
            counts[side].append((before, bool(drawn)))
    return pd.DataFrame(
        {side: np.mean(rows, axis=0) for side, rows in counts.items()},
        index=["CR2 non centré", "par tirage, centré"],
    )


if __name__ == "__main__":
    opened = study.opened()
    for one in opened.plan.primary:
        print(one.indicator.libelle_court)
        print((100 * wrong(opened, one, int(sys.argv[1]) if len(sys.argv) > 1 else 400)).round(1))
