"""The standardised ACP gives the published eigenvalues and the aids to reading of its formulas."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.cohort.components import components
from qpvlib.errors import EstimationError


def territories(n=30, seed=0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    common = generator.normal(size=n)
    table = {name: common + generator.normal(size=n) for name in ("jeunes", "seuls", "emploi")}
    return pd.DataFrame(
        {**table, "hlm": generator.normal(size=n)}, index=[f"T{i:02d}" for i in range(n)]
    )


def test_decathlon(shared):
    table = pd.read_csv(shared / "data/cases/decathlon.csv")
    analysis = components(table, list(table.columns[1:11]), illustrative=["Points", "Rank"])
    published = [3.2719, 1.7371, 1.4049, 1.0569, 0.6848, 0.5993, 0.4512, 0.3969, 0.2148, 0.1822]
    assert analysis.eigenvalues.to_numpy() == pytest.approx(published, abs=1e-4)
    shares = 100 * analysis.shares.to_numpy()[:4]
    assert shares == pytest.approx([32.72, 17.37, 14.05, 10.57], abs=0.01)
    assert analysis.axes(0.8) == 5


def test_two_variables_are_known_in_closed_form():
    table = territories()[["jeunes", "seuls"]]
    r = table.corr().iloc[0, 1]
    analysis = components(table, ["jeunes", "seuls"])
    assert analysis.eigenvalues.to_numpy() == pytest.approx([1 + r, 1 - r])
    expected = np.sqrt([(1 + r) / 2, (1 + r) / 2])
    assert analysis.variables["axe 1"].to_numpy() == pytest.approx(expected)


def test_contributions_and_cos2_sum_to_one():
    table = territories()
    analysis = components(table, list(table))
    assert analysis.contributions.sum().to_numpy() == pytest.approx(np.ones(4))
    assert analysis.cos2.sum(axis=1).to_numpy() == pytest.approx(np.ones(4))
    scores = analysis.individuals
    assert scores.var(ddof=0).to_numpy() == pytest.approx(analysis.eigenvalues.to_numpy())


def test_an_illustrative_variable_is_only_correlated_with_the_axes():
    table = territories()
    analysis = components(table, ["jeunes", "seuls", "emploi"], illustrative=["hlm"])
    expected = analysis.individuals.corrwith(table["hlm"])
    assert analysis.supplementary.loc["hlm"].to_numpy() == pytest.approx(expected.to_numpy())
    assert len(analysis.eigenvalues) == 3


def test_masked_and_constant_variables_are_refused_together():
    table = territories().assign(plat=1.0)
    table.loc["T07", "jeunes"] = np.nan
    with pytest.raises(EstimationError) as error:
        components(table, ["jeunes", "plat"])
    assert "T07" in str(error.value) and "constante" in str(error.value)
