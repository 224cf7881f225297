"""The estimates of a draw from its panels alone: what the pages print and the package replays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qpvlib.cohort import multiplicity
from qpvlib.cohort.assignment import Design
from qpvlib.cohort.effects import EFFECT, ancova, ancova_fit
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.randomisation import (
    RandomisationTest,
    null_rejections,
    randomisation_test,
    romano_wolf,
)
from qpvlib.cohort.variance import Estimate, inference, wild_bootstrap


@dataclass(frozen=True)
class Draw:
    """A lottery that was held, whatever it was read from.

    Attributes
    ----------
    design, targets
        The draws that were possible, and the units drawn.
    strata, starts, population
        By unit: its group, the first treated year of the group, its inhabitants.
    alpha
        Level of the intervals and of the equivalence tests.
    """

    design: Design
    targets: tuple[str, ...]
    strata: pd.Series
    starts: pd.Series
    population: pd.Series
    alpha: float

    def test(self, name: str, panel: Panel, weighted: bool = False) -> RandomisationTest:
        """Test one outcome over the possible draws, given its mean before (ANCOVA)."""
        means = panel.collapse(self.starts)
        return randomisation_test(
            means[["post"]].rename(columns={"post": name}),
            self.design,
            list(self.targets),
            covariates=means[["pre"]],
            weights=self.population if weighted else None,
            alpha=self.alpha,
        )

    def regression(self, panel: Panel, adjust: bool = True) -> Estimate:
        """Return the ANCOVA on collapsed means in the groups, or the change, with CR2."""
        return ancova(panel, strata=self.strata, start=self.starts, adjust=adjust)

    def sizes(self, panel: Panel, df: float) -> tuple[float, float]:
        """Return how often the drawing and the CR2 tests reject at 5 % without any effect."""
        means = panel.collapse(self.starts)
        return null_rejections(means["post"], self.design, covariates=means[["pre"]], df=df)

    def row(self, panel: Panel, plain: RandomisationTest, heavy: RandomisationTest) -> dict:
        """Return the estimates of one outcome, see :func:`table`."""
        row, people = plain.table.iloc[0], heavy.table.iloc[0]
        beside, did = self.regression(panel), self.regression(panel, adjust=False)
        fit = ancova_fit(panel, strata=self.strata, start=self.starts)
        low, high = _wider(row, beside, ("low", "high"), self.alpha)
        excluded = _wider(row, beside, ("low_equal", "high_equal"), 2 * self.alpha)
        size, size_cr2 = self.sizes(panel, beside.df)
        return {
            "units": beside.units,
            "value": row["centred"],
            "raw": row["estimate"],
            "low": low,
            "high": high,
            "low_excluded": excluded[0],
            "high_excluded": excluded[1],
            "p": row["p"],
            "size": size,
            "p_cr2": beside.p,
            "size_cr2": size_cr2,
            "df": beside.df,
            "p_wild": wild_bootstrap(fit, EFFECT).p,
            "did": did.value,
            "p_did": did.p,
            "weighted": people["centred"],
            "low_weighted": people["low"],
            "high_weighted": people["high"],
            "p_weighted": people["p"],
        }


def _wider(row: pd.Series, beside: Estimate, ends: tuple[str, str], alpha: float) -> tuple:
    """Return the wider, on each side, of an interval by drawing and of CR2 on the same centre."""
    low, high, _ = inference(row["centred"], beside.error, beside.df, alpha)
    return min(row[ends[0]], low), max(row[ends[1]], high)


def table(
    draw: Draw,
    panels: Mapping[str, Panel],
    primary: Mapping[str, bool],
    tests: Mapping[tuple[str, bool], RandomisationTest] | None = None,
) -> pd.DataFrame:
    """Return the estimates of every outcome.

    Parameters
    ----------
    draw
        The lottery.
    panels, primary
        By outcome: its panel, and whether it enters the main decision.
    tests
        By outcome and weighting, when already computed.

    Returns
    -------
    pd.DataFrame
        Indexed by outcome: ``units``, ``value`` (centred over the possible draws), ``raw`` (of
        the regression), ``low``, ``high`` (95 %, the wider of the drawing and the CR2
        intervals), ``low_excluded``, ``high_excluded`` (the same at the confidence of the
        equivalence tests), ``p`` (drawing), ``adjusted`` (Holm over the primary outcomes,
        Benjamini-Hochberg over the others), ``p_romano_wolf`` (over the same family), ``p_cr2``,
        ``df``, ``size`` and ``size_cr2`` (measured rejections of both tests at 5 % without any
        effect), ``p_wild`` (wild bootstrap, Webb weights), ``did``, ``p_did``, and the estimand
        of the inhabitants: ``weighted``, ``low_weighted``, ``high_weighted``, ``p_weighted``.
    """
    if tests is None:
        tests = {
            (name, heavy): draw.test(name, panel, heavy)
            for name, panel in panels.items()
            for heavy in (False, True)
        }
    rows = {
        name: draw.row(panel, tests[name, False], tests[name, True])
        for name, panel in panels.items()
    }
    found = pd.DataFrame.from_dict(rows, orient="index")
    adjusted, stepped = [], []
    for first, correct in ((True, multiplicity.holm), (False, multiplicity.benjamini_hochberg)):
        family = [name for name in panels if primary[name] is first]
        if family:
            adjusted.append(correct(found.loc[family, "p"]))
            stepped.append(romano_wolf([tests[name, False] for name in family]))
    return found.assign(adjusted=pd.concat(adjusted), p_romano_wolf=pd.concat(stepped))


def standardised(
    draw: Draw, panels: Mapping[str, Panel], directions: Mapping[str, int]
) -> RandomisationTest:
    """Test one standardised index of some outcomes: a single global question."""
    changes = pd.DataFrame({name: panels[name].collapse(draw.starts)["change"] for name in panels})
    controls = pd.Series(~np.isin(changes.index, draw.targets), changes.index)
    index = multiplicity.summary_index(changes, controls, directions)
    return randomisation_test(index.to_frame("indice"), draw.design, list(draw.targets))
