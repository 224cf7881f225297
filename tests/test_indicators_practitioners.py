"""A ratio of densities never goes without the count and the interval it rests on.

Territories and practitioners are fictitious.
"""

import pandas as pd
import pytest

from qpvlib.errors import EstimationError
from qpvlib.indicators import practitioners

PLACES = pd.DataFrame(
    {
        "typequ": [*["D265"] * 12, "D272", "B105"],
        "territoire": [*["V"] * 10, "Q1", "Q1", "V", "Q1"],
    }
)
TERRITORIES = pd.Index(["V", "Q1", "Q2"])
POPULATION = pd.Series({"V": 10_000.0, "Q1": 4000.0})


@pytest.fixture
def found():
    return practitioners.counts(PLACES, TERRITORIES, 2025)


def test_specialties_add_up_to_the_whole(found):
    table = found.pivot(index="modalite", columns="territoire", values="valeur")
    assert table.loc["generaliste"].to_dict() == {"V": 10, "Q1": 2, "Q2": 0}
    assert table.loc["ensemble"].to_dict() == {"V": 11, "Q1": 2, "Q2": 0}


def test_the_ratio_is_bounded_by_the_count_alone(found):
    table = practitioners.ratios(found, POPULATION, "V").set_index(["modalite", "territoire"])
    row = table.loc[("generaliste", "Q1")]
    assert (row["valeur"], row["numerateur"], row["denominateur"]) == (2, 100, 50)
    # Two practitioners: Garwood's bounds are 0,2422 and 7,2247.
    assert row["borne_basse"] == pytest.approx(2 * 2 / 7.2247, rel=1e-4)
    assert row["borne_haute"] == pytest.approx(2 * 2 / 0.2422, rel=1e-3)
    assert table.loc[("pediatre", "Q1"), "etat"] == "sans_objet"
    assert table.loc[("generaliste", "V"), "valeur"] == 1


def test_without_a_population_there_is_no_ratio(found):
    table = practitioners.ratios(found, POPULATION.drop("V"), "V")
    assert set(table.loc[table["territoire"] == "Q1", "etat"]) == {"non_disponible", "sans_objet"}
    with pytest.raises(EstimationError, match="Q1"):
        practitioners.ratios(found, POPULATION.replace(4000.0, 0.0), "V")
