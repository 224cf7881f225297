"""From typology to verdict, the pieces of the cohort fit together on fictitious territories."""

import numpy as np
import pandas as pd
import pytest

from cohort_cases import read
from qpvlib.cohort import ancova, event_study, randomisation_test
from qpvlib.cohort.multiplicity import holm
from qpvlib.cohort.selection import allocate, groups, lottery, lottery_design
from qpvlib.cohort.sensitivity import coefficients, largest_kink, smoothness
from qpvlib.cohort.typology import typology
from qpvlib.followup.verdict import Rule, verdict


def portraits() -> pd.DataFrame:
    """Forty-one fictitious territories, four features, three sectors."""
    generator = np.random.default_rng(11)
    names = [f"T{i:02d}" for i in range(41)]
    kind = np.repeat([0, 1, 2, 3], [9, 11, 9, 12])
    values = 2.5 * generator.normal(size=(4, 4))[kind] + generator.normal(size=(41, 4))
    table = pd.DataFrame(values, index=names, columns=["jeunes", "seuls", "hlm", "emploi"])
    return table.assign(secteur=np.resize(["nord", "centre", "est-sud"], 41))


def outcomes(targets: list, effect: float) -> pd.DataFrame:
    """Seven years of a fictitious rate, the targets changing from 2005."""
    generator = np.random.default_rng(12)
    rows = [(f"T{i:02d}", year) for i in range(41) for year in range(2001, 2008)]
    table = pd.DataFrame(rows, columns=["territoire", "annee"])
    table["debut"] = np.where(table["territoire"].isin(targets), 2005, 0)
    level = pd.Series(generator.normal(40, 5, 41), index=portraits().index)
    table["taux"] = table["territoire"].map(level) + 0.5 * generator.normal(size=len(table))
    table.loc[(table["debut"] > 0) & (table["annee"] >= 2005), "taux"] += effect
    return table


@pytest.mark.parametrize(
    ("effect", "expected"), [(-6, "effet établi"), (0, "effet important exclu")]
)
def test_the_whole_follow_up(effect, expected):
    table = portraits()
    features = ["jeunes", "seuls", "hlm", "emploi"]
    classes = typology(table, features, draws=20).classes
    formed = groups(table[features], classes, allocate(classes, 10))
    design = lottery_design(formed, balance=table[features], sectors=table["secteur"])

    number, chosen = lottery(design, "graine fictive")
    targets = [unit for unit, one in zip(design.units, chosen, strict=True) if one]

    panel = read(outcomes(targets, effect))
    panel = panel.where(panel.data["unit"].isin(design.units))
    means = panel.collapse()
    test = randomisation_test(means[["post"]], design, targets, covariates=means[["pre"]])
    assert test.exhaustive and 1 <= number <= len(test.statistics)
    main = ancova(panel, strata=formed.members["group"])
    assert main.value == pytest.approx(test.table["estimate"].iloc[0])
    estimates, covariance, before = coefficients(event_study(panel))
    honest = smoothness(estimates, covariance, before, [largest_kink(estimates, before)])
    conclusion = verdict(
        main.value,
        Rule(established=0.05, hint=0.10, stable=0.8, equivalence=0.05),
        p=test.table["p"].iloc[0],
        p_adjusted=holm(test.table["p"]).iloc[0],
        honest=tuple(honest.iloc[0]),
        same_sign=1.0,
        excluded=tuple(test.table[["low_equal", "high_equal"]].iloc[0]),
        smallest=2.0,
    )
    assert conclusion == expected
