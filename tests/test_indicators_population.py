"""Density is inhabitants over hectares; growth compounds from one count to the other.

Counts are fictitious, on real codes so that a contour exists.
"""

import pytest

from qpvlib.estimate import design_effect
from qpvlib.indicators import population
from qpvlib.territories import area_ha

QUARTIER, FORMER = "QN01304I", "QP013005"


def rows(make_store, *figures):
    return make_store([(code, "population_qpv", year, n) for code, year, n in figures]).frame


def test_density_is_inhabitants_per_hectare(make_store):
    found = population.density(rows(make_store, (QUARTIER, 2020, 1000.0), (FORMER, 2018, 9.0)))
    assert found["territoire"].tolist() == [QUARTIER]
    row = found.iloc[0]
    assert row["denominateur"] == pytest.approx(area_ha(QUARTIER), abs=1e-4)
    assert row["valeur"] == pytest.approx(1000 / area_ha(QUARTIER), rel=1e-5)
    assert (row["numerateur"], row["millesime"], row["indicateur"]) == (1000, 2020, "densite")


def test_growth_compounds_over_the_years(make_store):
    frame = rows(make_store, (FORMER, 2013, 1000.0), (FORMER, 2018, 1000 * 1.02**5))
    row = population.growth(frame).iloc[0]
    assert row["valeur"] == pytest.approx(2)
    assert row["borne_basse"] < 2 < row["borne_haute"]
    assert row["millesime"] == 2018


def test_both_counts_come_from_samples(make_store):
    """Effective size of 1,000 people at 40 %: 400 / (0.6 deff); independent relative errors add."""
    frame = rows(make_store, (FORMER, 2013, 1000.0), (FORMER, 2018, 1000.0))
    row = population.growth(frame).iloc[0]
    noise = 1.959964 * (2 * 0.6 * design_effect(population.GROWTH) / 400) ** 0.5
    assert (1 + row["borne_haute"] / 100) ** 5 == pytest.approx(2.718281828**noise, rel=1e-5)


@pytest.mark.parametrize(
    "figures",
    [
        [],
        [(FORMER, 2018, 1000.0)],
        [(FORMER, 2013, None), (FORMER, 2018, 1000.0)],
        [(FORMER, 2013, 900.0), (QUARTIER, 2020, 1000.0)],
    ],
)
def test_no_growth_without_two_counts_of_one_perimeter(make_store, figures):
    assert population.growth(rows(make_store, *figures)).empty
