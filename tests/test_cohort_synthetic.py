"""The synthetic control recovers known weights and those published for Proposition 99."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from cohort_cases import SMOKING_PREDICTORS, read, smoking
from qpvlib.cohort import Predictor, synthetic_control
from qpvlib.errors import EstimationError


def mixture(gap=-6.0) -> pd.DataFrame:
    """T00 is 0.6 T01 + 0.4 T02 until 2009, then departs by `gap`; the others are far away."""
    generator = np.random.default_rng(2)
    years = np.arange(2001, 2013)
    paths = {f"T{i:02d}": 30 + 6 * i + generator.normal(size=12).cumsum() for i in range(1, 9)}
    paths["T00"] = 0.6 * paths["T01"] + 0.4 * paths["T02"] + gap * (years >= 2009)
    table = pd.DataFrame(paths, index=years).rename_axis("annee").reset_index()
    table = table.melt("annee", var_name="territoire", value_name="taux")
    table["debut"] = np.where(table["territoire"] == "T00", 2009, 0)
    return table


def test_proposition_99(shared):
    control = synthetic_control(smoking(shared), predictors=SMOKING_PREDICTORS)
    published = {
        "Utah": 0.334,
        "Nevada": 0.234,
        "Montana": 0.199,
        "Colorado": 0.164,
        "Connecticut": 0.069,
    }
    assert list(control.weights.index[:5]) == list(published)
    assert control.weights[list(published)].to_numpy() == pytest.approx(
        list(published.values()), abs=0.02
    )
    assert control.mspe[0] <= 3.30
    assert control.gaps[2000] == pytest.approx(-25.73, abs=0.7)
    assert control.effect == pytest.approx(-18.98, abs=0.7)
    balance = control.balance["synthetic"]
    table = {"retprice 1980-1988": 89.4, "age15to24 1980-1988": 0.174, "beer 1984-1988": 24.2}
    table |= {"outcome 1975": 127.0, "outcome 1980": 120.0, "outcome 1988": 91.4}
    for name, value in table.items():
        assert balance[name] == pytest.approx(value, rel=0.01)


def test_known_weights_and_gap_are_recovered():
    control = synthetic_control(read(mixture()), starts=3)
    assert control.weights[["T01", "T02"]].to_numpy() == pytest.approx([0.6, 0.4], abs=0.01)
    assert control.weights.sum() == pytest.approx(1) and (control.weights >= 0).all()
    assert control.effect == pytest.approx(-6, abs=0.2)


def test_predictors_are_averaged_over_their_periods():
    control = synthetic_control(
        read(mixture()), predictors=[Predictor("outcome", (2003, 2004)), Predictor("outcome")]
    )
    panel = mixture().pivot(index="annee", columns="territoire", values="taux")
    balance = control.balance["unit"]
    assert balance["outcome 2003-2004"] == pytest.approx(panel.loc[2003:2004, "T00"].mean())
    assert balance["outcome"] == pytest.approx(panel.loc[:2008, "T00"].mean())


def test_given_importances_are_not_sought():
    """The weights are those that scipy finds on the simplex for these importances."""
    panel = mixture().pivot(index="annee", columns="territoire", values="taux")
    asked = [Predictor("outcome", (2002,)), Predictor("outcome", (2006, 2007))]
    control = synthetic_control(read(mixture()), predictors=asked, importance=[3, 1])
    assert control.importance.tolist() == [0.75, 0.25]
    rows = np.array([panel.loc[2002], panel.loc[2006:2007].mean()])
    rows /= rows.std(axis=1, ddof=1)[:, None]
    root = np.sqrt([0.75, 0.25])[:, None]

    def distance(weights: np.ndarray) -> float:
        return float((((rows[:, 0] - rows[:, 1:] @ weights)[:, None] * root) ** 2).sum())

    best = minimize(distance, np.full(8, 1 / 8), bounds=[(0, 1)] * 8, constraints={
        "type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14})  # fmt: skip
    found = distance(control.weights.sort_index().to_numpy())
    assert found == pytest.approx(best.fun, abs=1e-6)


def test_the_training_periods_are_those_whose_gaps_are_minimised():
    options = {"predictors": [Predictor("outcome", (2003,)), Predictor("outcome", (2007,))]}
    table = mixture()
    # The past of T00 follows another mixture than its last years before the start.
    early = (table["territoire"] == "T00") & (table["annee"] <= 2004)
    table.loc[early, "taux"] += 4
    panel = read(table)
    late = synthetic_control(panel, training=range(2005, 2009), **options)
    every = synthetic_control(panel, **options)
    window = slice(2005, 2008)
    assert (late.gaps.loc[window] ** 2).mean() < (every.gaps.loc[window] ** 2).mean() / 2
    assert late.mspe[0] > every.mspe[0] and late.importance.iloc[1] > 0.99


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "T99"}, "n'est pas une unité"),
        ({"unit": "T03"}, "donnez la date"),
        ({"start": 2002}, "au moins deux"),
        ({"start": 2050}, "pas d'effet à lire"),
        ({"donors": ["T01"]}, "au moins deux"),
        ({"predictors": [Predictor("outcome", (2010,))]}, "périodes traitées"),
        ({"predictors": [Predictor("revenu")]}, "covariable"),
        ({"importance": [1, 2]}, "8 prédicteurs"),
        ({"importance": [0] * 8}, "importance positive"),
        ({"training": [2007, 2010]}, "précéder 2009"),
    ],
)
def test_an_impossible_request_is_refused(options, words):
    with pytest.raises(EstimationError, match=words):
        synthetic_control(read(mixture()), **options)


def test_an_incomplete_series_is_named():
    table = mixture()
    table.loc[3, "taux"] = np.nan
    with pytest.raises(EstimationError, match="T01"):
        synthetic_control(read(table))
