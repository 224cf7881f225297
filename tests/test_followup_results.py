"""The estimates of the blank trial are those of the methods, on the sealed draw."""

from dataclasses import replace

import numpy as np
import pytest

from qpvlib.cohort.effects import ancova
from qpvlib.errors import InvalidParameterError
from qpvlib.followup import readings, results, study
from qpvlib.followup.track import Track
from qpvlib.presentation.followup import series


@pytest.fixture(scope="module")
def opened():
    return study.opened()


@pytest.fixture(scope="module")
def poverty(opened):
    return opened.plan.primary[0]


def test_the_draw_is_one_that_could_happen(opened):
    targets = list(opened.units.index[opened.units["cible"]])
    assert opened.design.vector(targets).sum() == len(targets) == 10


def test_the_drawing_and_the_regression_give_the_same_estimate(opened, poverty):
    row = results.drawn_test(opened, poverty).table.iloc[0]
    assert results.estimates(opened).loc["taux_pauvrete_60", "raw"] == row["estimate"]
    assert row["estimate"] == pytest.approx(results.main_estimate(opened, poverty).value, abs=1e-9)
    assert results.drawn_test(opened, poverty).exhaustive


def test_the_test_of_this_draw_keeps_its_level(opened, poverty):
    row = results.estimates(opened).loc["taux_pauvrete_60"]
    assert 0.035 <= row["size"] <= 0.065
    # The regression is not centred (0.14 point on average over the draws): its test errs more.
    assert 0.03 <= row["size_cr2"] <= 0.12


def test_power_comes_with_its_smallest_effect_of_interest(opened, poverty):
    found = results.detectable(opened)
    assert set(found["indicateur"]) == {one.indicator.id for one in opened.plan.primary}
    assert (found["ri_holm"] > found["ri"]).all() and (found["size_ri"] < 0.07).all()
    assert results.detectable_here(opened, poverty).ri > 0


def test_every_specification_is_kept_even_when_refused(opened, poverty):
    found = readings.curve(opened, poverty)
    rules = opened.plan.content["robustesse"]
    options = ("fenetres", "annees_covid", "estimateurs", "poids", "distances", "perimetres")
    sizes = [len(rules[option]) for option in options]
    assert found.run == np.prod(sizes)
    main = found.table.query(
        "fenetre == '2015-2020' and covid == 'avec' and estimateur == 'ANCOVA' "
        "and poids == 'quartier' and distance == 0 and perimetre == 'tous'"
    )
    assert main["value"].item() == pytest.approx(results.main_estimate(opened, poverty).value)
    assert found.table["value"].isna().equals(found.table["refused"] != "")


def test_weighting_uses_the_population_before_every_window(opened, poverty):
    heavy = ancova(opened.panel(poverty, weighted=True), strata=opened.strata)
    assert heavy.value != results.main_estimate(opened, poverty).value
    assert (opened.units["population"] > 0).all()


def test_a_synthetic_control_never_borrows_from_a_target(opened, poverty):
    target = opened.units.index[opened.units["cible"]][0]
    control, placebos = readings.synthetic(opened, poverty, target)
    assert not set(control.weights.index) & set(opened.units.index[opened.units["cible"]])
    assert placebos.smallest_p == pytest.approx(1 / (len(control.weights) + 1))


def test_a_quartier_that_is_no_target_has_no_page(opened):
    control = opened.cohort.index[opened.cohort["role"] == "témoin"][0]
    with pytest.raises(InvalidParameterError, match="n'est pas une cible"):
        series.target(opened, control)


def test_the_rules_of_the_draw_explain_the_centre_and_it_is_taken_away(opened, poverty):
    shifts = results.centring(opened, poverty)
    assert shifts["sans règle"] == pytest.approx(0, abs=0.01)
    row = results.estimates(opened).loc["taux_pauvrete_60"]
    centre = results.drawn_test(opened, poverty).table["centre"].item()
    assert shifts["les deux règles"] == pytest.approx(centre, abs=1e-9)
    assert row["value"] - row["raw"] == pytest.approx(-centre, abs=0.05)
    assert abs(shifts["règle des secteurs seule"]) > 0.05


def test_the_interval_printed_is_the_one_the_verdict_used(opened, poverty):
    said, ends, level = results.conclusion(opened, poverty)
    row = results.estimates(opened).loc["taux_pauvrete_60"]
    assert (said, level) == ("non concluant", 0.95) and ends == (row["low"], row["high"])
    income = opened.plan.outcome("revenu_median")
    said, ends, level = results.conclusion(opened, income)
    assert (said, level) == ("effet important exclu", 0.9)
    assert ends[0] > -3 and ends[1] < 3


def test_the_estimand_of_the_inhabitants_has_its_interval_and_its_p(opened):
    table = results.estimates(opened)
    assert (table["low_weighted"] < table["weighted"]).all()
    assert table["p_weighted"].between(0, 1).all()
    assert (table["p_romano_wolf"] >= table["p"] - 1e-9).all()


def test_dates_of_the_register_are_those_of_the_estimate(opened, poverty):
    """Each group is compared before and after its own date."""
    groups = sorted(set(opened.drawn["groupe"]))
    starts = {
        code: 2017 + groups.index(row["groupe"]) % 3 for code, row in opened.targets.iterrows()
    }
    dated = replace(opened)
    object.__setattr__(dated, "track", Track(starts, ()))
    assert set(dated.starts) == {2017, 2018, 2019}
    assert (dated.drawn.groupby("groupe")["debut"].nunique() == 1).all()
    panel = dated.panel(poverty)
    means = panel.collapse(dated.starts)
    unit = dated.drawn.index[dated.drawn["debut"] == 2019][0]
    own = panel.data[panel.data["unit"] == unit].set_index("period")["outcome"]
    assert means.loc[unit, "post"] == pytest.approx(own.loc[2019:].mean())
    found = results.estimates(dated).loc["taux_pauvrete_60"]
    assert found["raw"] != results.estimates(opened).loc["taux_pauvrete_60", "raw"]
    assert results.path(dated, poverty).method.startswith("effets par cohorte")
    # Its law is that of few units, and its size is measured by dealing the dates again.
    assert results.staggered_size(opened, poverty) is None
    assert 0 <= results.staggered_size(dated, poverty) <= 0.1


def test_a_target_that_is_not_yet_treated_leaves_with_its_group(opened, poverty):
    first, *others = opened.targets.index
    dated = replace(opened)
    object.__setattr__(dated, "track", Track(dict.fromkeys(others, 2018), ()))
    assert opened.targets.loc[first, "groupe"] not in set(dated.drawn["groupe"])
    assert (
        results.main_estimate(dated, poverty).units < results.main_estimate(opened, poverty).units
    )
