"""The estimates of the blank trial are those of the methods, on the sealed draw."""

import numpy as np
import pytest

from qpvlib.cohort.effects import ancova
from qpvlib.errors import InvalidParameterError
from qpvlib.followup import results, study
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
    assert row["estimate"] == pytest.approx(results.main_estimate(opened, poverty).value, abs=1e-9)
    assert results.drawn_test(opened, poverty).exhaustive


def test_the_test_of_this_draw_keeps_its_level(opened, poverty):
    assert 0.035 <= results.real_size(opened, poverty) <= 0.065


def test_power_comes_with_its_smallest_effect_of_interest(opened, poverty):
    found = results.detectable(opened)
    assert set(found["indicateur"]) == {one.indicator.id for one in opened.plan.primary}
    assert (found["ri_holm"] > found["ri"]).all() and (found["size_ri"] < 0.07).all()
    assert results.detectable_here(opened, poverty).ri > 0


def test_every_specification_is_kept_even_when_refused(opened, poverty):
    found = results.curve(opened, poverty)
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
    control, placebos = results.synthetic(opened, poverty, target)
    assert not set(control.weights.index) & set(opened.units.index[opened.units["cible"]])
    assert placebos.smallest_p == pytest.approx(1 / (len(control.weights) + 1))


def test_a_quartier_that_is_no_target_has_no_page(opened):
    control = opened.cohort.index[opened.cohort["role"] == "témoin"][0]
    with pytest.raises(InvalidParameterError, match="n'est pas une cible"):
        series.target(opened, control)
