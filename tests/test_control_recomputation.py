"""Formulas give the value known by construction, and never use a masked figure."""

import dataclasses

import numpy as np
import pytest

from qpvlib import territories
from qpvlib.control.convention import figures
from qpvlib.control.recomputation import Calculator
from qpvlib.errors import CheckError
from qpvlib.observations import Observations

PRINTED = {figure.id: figure for figure in figures()}
CODES = [quartier.code for quartier in territories.qpv("qpv2015")]
POVERTY = PRINTED["CF094"]  # all quartiers, 2020
ONE = PRINTED["CF100"]  # Saint Henri, 2020


def calculator(store, coverage=0.9):
    return Calculator(store, PRINTED, coverage)


def population(year=2018, people=100.0):
    """Fictitious populations."""
    return [(code, "population_qpv", year, people) for code in CODES]


def test_an_observation_of_the_printed_year_wins_over_a_nearer_row(make_store):
    rows = [("QP013003", "taux_pauvrete_60", year, float(year)) for year in (2018, 2020, 2021)]
    found = calculator(make_store(rows)).compute({"observation": {}}, ONE)
    assert (found.value, found.years) == (2020.0, {2020})


def test_without_the_year_the_nearest_is_used_and_said(make_store):
    rows = [("QP013003", "taux_pauvrete_60", year, float(year)) for year in (2014, 2019, 2021)]
    found = calculator(make_store(rows)).compute({"observation": {}}, ONE)
    assert (found.years, found.span) == ({2019, 2021}, (2019.0, 2021.0))  # neither is nearer


def test_a_masked_observation_is_never_used(make_store):
    rows = [("QP013003", "taux_pauvrete_60", 2020, None)]
    assert calculator(make_store(rows)).compute({"observation": {}}, ONE) is None


def test_the_same_perimeter_of_2024_stands_in_but_a_modified_one_does_not(make_store):
    store = make_store(
        [("QN01303I", "taux_pauvrete_60", 2020, 12.0), ("QN01330M", "taux_pauvrete_60", 2020, 9.0)]
    )
    split = dataclasses.replace(ONE, territories=("QP013032",))
    assert calculator(store).compute({"observation": {}}, ONE).value == 12.0
    assert calculator(store).compute({"observation": {}}, split) is None


def test_a_sum_needs_every_quartier(make_store):
    formula = {"somme": {"indicateur": "population_qpv", "membres": "QPV2015-MARSEILLE"}}
    found = calculator(make_store(population())).compute(formula, POVERTY)
    assert (found.value, found.published, found.total) == (3500.0, 35, 35)
    holed = [*population()[:-1], (CODES[-1], "population_qpv", 2018, None)]
    assert calculator(make_store(holed)).compute(formula, POVERTY) is None


def test_a_mean_is_weighted_by_population(make_store):
    people = [(c, "population_qpv", 2018, 300.0 if c == CODES[0] else 100.0) for c in CODES]
    rates = [(c, "taux_pauvrete_60", 2020, 60.0 if c == CODES[0] else 20.0) for c in CODES]
    formula = {"moyenne": {"membres": "QPV2015-MARSEILLE"}}
    found = calculator(make_store(people + rates)).compute(formula, POVERTY)
    assert found.value == pytest.approx((300 * 60 + 3400 * 20) / 3700)
    assert found.others == (pytest.approx((60 + 34 * 20) / 35),)
    assert found.approximate


def test_a_mean_leaves_masked_quartiers_out_of_both_sides(make_store):
    rates = [(c, "taux_pauvrete_60", 2020, None if c == CODES[0] else 20.0) for c in CODES]
    formula = {"moyenne": {"membres": "QPV2015-MARSEILLE"}}
    found = calculator(make_store(population() + rates)).compute(formula, POVERTY)
    assert (found.value, found.published, found.total) == (pytest.approx(20.0), 34, 35)


def test_a_mean_is_refused_under_the_coverage(make_store):
    rates = [(c, "taux_pauvrete_60", 2020, 20.0 if i < 30 else None) for i, c in enumerate(CODES)]
    store, formula = make_store(population() + rates), {"moyenne": {"membres": "QPV2015-MARSEILLE"}}
    assert calculator(store, 0.9).compute(formula, POVERTY) is None
    assert calculator(store, 0.8).compute(formula, POVERTY).published == 30


def test_of_two_years_as_near_the_better_covered_wins(make_store):
    rates = [
        (c, "taux_pauvrete_60", y, float(y) if (y, i) != (2021, 0) else None)
        for y in (2019, 2021)
        for i, c in enumerate(CODES)
    ]
    formula = {"moyenne": {"membres": "QPV2015-MARSEILLE"}}
    found = calculator(make_store(population() + rates)).compute(formula, POVERTY)
    assert found.years == {2019}


def test_a_ratio_is_weighted_by_its_denominator(make_store):
    indexes = [(c, "indice_jeunesse", 2019, 4.0 if c == CODES[0] else 1.0) for c in CODES]
    old = [(c, "part_60_plus", 2019, 10.0 if c == CODES[0] else 20.0) for c in CODES]
    formula = {"moyenne": {"membres": "QPV2015-MARSEILLE", "poids": ["part_60_plus"]}}
    found = calculator(make_store(population() + indexes + old)).compute(formula, PRINTED["CF217"])
    assert found.value == pytest.approx((4 * 10 + 34 * 20) / (10 + 34 * 20))


def test_the_text_alone_is_no_data(make_store):
    formula = {"difference": [{"figure": "CF047"}, {"figure": "CF046"}]}
    found = calculator(make_store([])).compute(formula, PRINTED["CF048"])
    assert (found.value, found.rests_on_data, found.years) == (30.0, False, frozenset())


def test_data_and_text_together_say_so(make_store):
    formula = {
        "pour_cent": [
            {"somme": {"indicateur": "population_qpv", "membres": "QPV2015-MARSEILLE"}},
            {"nombre": 7000},
        ]
    }
    found = calculator(make_store(population())).compute(formula, PRINTED["CF017"])
    assert found.value == pytest.approx(50.0)
    assert found.natures == {"donnee", "calcul", "texte"}


def test_figures_of_different_years_are_never_combined(make_store):
    store = make_store(
        [
            ("QPV2015-FRANCE", "part_prestations_sociales", 2018, 20.0),
            ("13055", "part_prestations_sociales", 2019, 26.0),
        ]
    )
    formula = {
        "difference": [{"observation": {"territoire": t}} for t in ("13055", "QPV2015-FRANCE")]
    }
    figure = dataclasses.replace(PRINTED["CF127"], indicator="part_prestations_sociales")
    assert calculator(store).compute(formula, figure) is None


def test_counts(make_store):
    compute = calculator(make_store([])).compute
    assert compute({"comptage": {"geographie": "qpv2024"}}, POVERTY).value == 41
    above = compute({"comptage": {"figures": "CF075-CF080", "superieur_a": 10}}, POVERTY)
    assert above.span == (5, 6)  # the sixth is printed 10: 9.5 to 10.5
    assert compute({"comptage": {"figures": "CF053-CF063"}}, POVERTY).value == 11
    assert compute({"enumeration": ["a", "b"]}, POVERTY).value == 2


@pytest.mark.parametrize(
    "formula",
    [{"mediane": {}}, {"figure": "CF001", "nombre": 2}, {"somme": {"membres": "QPV-ATLANTIDE"}}],
)
def test_unknown_operations_are_refused(make_store, formula):
    with pytest.raises(CheckError, match=r"controle\.yml"):
        calculator(make_store([])).compute(formula, POVERTY)


def test_a_gap_between_a_mean_and_a_figure_keeps_both_weightings(make_store):
    rates = [(c, "taux_pauvrete_60", 2020, 60.0 if c == CODES[0] else 20.0) for c in CODES]
    people = [(c, "population_qpv", 2018, 300.0 if c == CODES[0] else 100.0) for c in CODES]
    store = make_store([*people, *rates, ("FM", "taux_pauvrete_60", 2020, 10.0)])
    formula = {
        "difference": [
            {"moyenne": {"membres": "QPV2015-MARSEILLE"}},
            {"observation": {"territoire": "FM"}},
        ]
    }
    found = calculator(store).compute(formula, POVERTY)
    assert found.value == pytest.approx((300 * 60 + 3400 * 20) / 3700 - 10)
    assert found.others == (pytest.approx((60 + 34 * 20) / 35 - 10),)


@pytest.mark.parametrize(
    ("source", "territory", "people", "nature"),
    [
        ("calcul-estimations-iris", "QN01304I", 100.0, "estimation"),
        ("calcul-densite", "QN01304I", np.nan, "estimation"),
        ("compilation-rp-2018-iris", "13055", 100.0, "calcul"),  # the sum of its IRIS
        ("insee-demo-2022", "QP013005", np.nan, "donnee"),
    ],
)
def test_the_registry_and_the_parts_say_what_a_figure_is(
    make_store, source, territory, people, nature
):
    frame = make_store([(territory, "part_femmes", 2018, 50.0)]).frame
    frame = frame.assign(source=source, denominateur=people, numerateur=people / 2)
    figure = dataclasses.replace(ONE, territories=(territory,), indicator="part_femmes")
    found = calculator(Observations(frame)).compute({"observation": {}}, figure)
    assert found.natures == {nature}
