"""Territories are sums of cells, and a wrong table of weights yields nothing.

All codes and figures are fictitious.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpvlib.errors import EstimationError
from qpvlib.indicators import areas

FORMS = {"taux": "part", "indice": "rapport"}


def cells(*rows):
    """Counts by ones: each is its own square."""
    table = pd.DataFrame(rows, columns=areas.CELL[:-1])
    return table.assign(carres=table["numerateur"])


def weights(*rows):
    return pd.DataFrame(rows, columns=["iris", "territoire", "part", "population"])


CELLS = cells(
    ["13201", "a", "taux", "ensemble", 10.0, 40.0, 16],
    ["13201", "b", "taux", "ensemble", 30.0, 60.0, 24],
    ["13201", None, "taux", "ensemble", 5.0, 5.0, 2],
    ["13202", "c", "taux", "ensemble", 0.0, 100.0, 40],
    ["13201", "a", "indice", "ensemble", 3.0, 2.0, 2],
)
WEIGHTS = weights(["a", "Q1", 0.5, 20.0], ["b", "Q1", 1.0, 60.0], ["c", "Q2", 0.1, 10.0])


def test_an_arrondissement_keeps_its_masked_iris():
    table = areas.by_arrondissement(CELLS, FORMS).set_index(["territoire", "indicateur"])
    assert table.loc[("13201", "taux"), "valeur"] == pytest.approx(100 * 45 / 105)
    assert table.loc[("13201", "indice"), "valeur"] == pytest.approx(1.5)


def test_the_city_is_the_sum_of_everything():
    row = areas.for_city(CELLS, FORMS, "99999").set_index("indicateur").loc["taux"]
    assert row[["numerateur", "denominateur", "n"]].tolist() == [45, 205, 82]


def test_a_quartier_takes_its_part_of_each_iris():
    row = areas.by_weights(CELLS, WEIGHTS, FORMS).set_index(["territoire", "indicateur"])
    assert row.loc[("Q1", "taux"), "valeur"] == pytest.approx(100 * 35 / 80)
    assert row.loc[("Q1", "taux"), "n"] == pytest.approx(32)


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=1, max_size=4), min_size=1, max_size=6))
def test_quartiers_that_share_every_iris_add_up_to_the_whole(parts):
    base = cells(
        *(["13201", f"i{i}", "taux", "ensemble", 3.0 + i, 10.0 + i, 4] for i in range(len(parts)))
    )
    shares = weights(
        *(
            [f"i{i}", f"Q{q}", share / sum(row), 100.0]
            for i, row in enumerate(parts)
            for q, share in enumerate(row)
        )
    )
    found = areas.by_weights(base, shares, FORMS)[["numerateur", "denominateur", "n"]].sum()
    np.testing.assert_allclose(found, base[["numerateur", "denominateur", "n"]].sum())


def test_nobody_concerned_gives_no_value():
    base = cells(["13201", "a", "taux", "ensemble", 0.0, 0.0, 0])
    assert np.isnan(areas.by_arrondissement(base, FORMS)["valeur"].iloc[0])


def test_a_small_masked_iris_is_accepted_but_a_large_unknown_one_is_not():
    small = pd.concat([WEIGHTS, weights(["x", "Q1", 1.0, 150.0])])
    assert len(areas.by_weights(CELLS, small, FORMS))
    large = pd.concat([WEIGHTS, weights(["x", "Q1", 0.5, 150.0])])
    with pytest.raises(EstimationError, match="IRIS inconnus du fichier\u00a0: x"):
        areas.by_weights(CELLS, large, FORMS)


def test_everything_wrong_with_the_weights_is_told_at_once():
    wrong = weights(
        ["a", "Q1", np.nan, 10.0],
        ["b", "Q1", -0.2, 10.0],
        ["c", "Q1", 0.7, 10.0],
        ["c", "Q2", 0.7, 0.0],
        ["d", "Q1", 0.1, 10.0],
        ["d", "Q1", 0.1, 10.0],
    )
    with pytest.raises(EstimationError) as caught:
        areas.by_weights(CELLS, wrong, FORMS)
    assert str(caught.value).splitlines() == [
        "Poids manquants\u00a0: IRIS a.",
        "Poids nuls ou négatifs\u00a0: IRIS b.",
        "Couples IRIS-territoire répétés\u00a0: IRIS d.",
        "Parts dont la somme dépasse 1\u00a0: IRIS c.",
        "Territoires sans habitant\u00a0: Q2.",
    ]
