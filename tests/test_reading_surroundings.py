"""Where a quartier's figure is masked, its IRIS are read as published, and give nothing away."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.catalogue import indicator
from qpvlib.disclosure import attack
from qpvlib.observations import ALL
from qpvlib.paths import data
from qpvlib.reading import portrait, surroundings
from qpvlib.reading.indicator import read
from qpvlib.territories import qpv

POVERTY = surroundings.INDICATORS[0]
# La Viste: perimeter to be checked, three IRIS, of which one holds less than 1 % of it.
DOUBTFUL, ITS_FORMER, CLOSE, SECOND = "QN01304I", "QP013005", "132151101", "132151102"
CHANGED, ITS_OLD = "QN01360M", "QP013056"
SLIVER, WIDTH = 0.02, 5


def around(code, store):
    return surroundings.around([read(indicator(POVERTY), code, store)], store)


@pytest.mark.parametrize(
    ("rows", "code", "expected"),
    [
        ([(ITS_FORMER, POVERTY, 2021, 40.0)], DOUBTFUL, False),
        ([("QP013003", POVERTY, 2021, 40.0), ("QN01303I", POVERTY, 2021, None)], "QN01303I", False),
        ([(ITS_FORMER, POVERTY, 2021, 40.0), (DOUBTFUL, POVERTY, 2021, None)], DOUBTFUL, True),
        ([(ITS_FORMER, POVERTY, 2020, 40.0), (DOUBTFUL, POVERTY, 2021, None)], DOUBTFUL, True),
        ([], DOUBTFUL, True),
        ([(ITS_OLD, POVERTY, 2021, 40.0)], CHANGED, False),
        ([(ITS_OLD, POVERTY, 2021, 40.0), (CHANGED, POVERTY, 2021, None)], CHANGED, True),
    ],
)
def test_only_what_the_quartier_does_not_publish_is_read_around_it(
    make_store, rows, code, expected
):
    store = make_store(rows)
    assert surroundings.unpublished(read(indicator(POVERTY), code, store), store) is expected
    assert bool(around(code, store)) is expected


def test_each_iris_keeps_its_figure_its_year_and_its_state(make_store):
    store = make_store(
        [
            (DOUBTFUL, POVERTY, 2021, None),
            (CLOSE, POVERTY, 2019, 31.0),
            (CLOSE, POVERTY, 2021, None),
            (SECOND, POVERTY, 2021, None),
        ]
    )
    first, second = around(DOUBTFUL, store)
    assert (first.observation.territory, second.observation.territory) == (CLOSE, SECOND)
    assert (first.observation.value, first.observation.vintage, first.masked.vintage) == (
        31.0,
        2019,
        2021,
    )
    assert (second.observation.state, second.masked) == ("secret", None)
    # 2229.2 and 1439.4 of the 3698.0 inhabitants that the weights give to La Viste.
    assert (first.share, second.share) == pytest.approx((2229.2 / 3698.0, 1439.4 / 3698.0))
    assert (first.inside, second.inside) == (0.901044, 0.323607)


def test_an_iris_without_any_row_is_not_available(make_store):
    found = around(DOUBTFUL, make_store([(DOUBTFUL, POVERTY, 2021, None)]))
    assert {n.observation.state for n in found} == {"non_disponible"}


def test_the_iris_shown_hold_most_of_each_quartier_and_no_iris_is_all_inside_it():
    store, seen = portrait.store(), set()
    for code in (q.code for q in qpv()):
        readings = [read(indicator(name), code, store) for name in surroundings.INDICATORS]
        found = surroundings.around(readings, store)
        for name in {n.indicator.id for n in found}:
            mine = [n for n in found if n.indicator.id == name]
            assert sum(n.share for n in mine) > 0.5
            assert all(n.inside < 1 - SLIVER for n in mine)
            seen.add(code)
    assert seen


def test_no_masked_count_is_rebuilt_from_the_iris_shown():
    """Fictitious counts, drawn on the real crossings of IRIS and quartiers.

    The attacker knows the count of every IRIS and of every quartier whose figure is published,
    and which crossings make them up: more than the rates that the pages print.
    """
    store = portrait.store()
    masked = {q.code for q in qpv() if around(q.code, store)}
    weights = pd.read_csv(data() / "territoires" / "poids_iris_qpv2024.csv", dtype={"iris": str})
    weights = weights[weights["part"] > SLIVER]
    inside = weights.groupby("iris")["part"].sum()
    pieces = [*weights[["iris", "territoire"]].itertuples(index=False, name=None)]
    pieces += [(iris, "") for iris, part in inside.items() if part < 1 - SLIVER]
    people = pd.Series(
        np.random.default_rng(3).integers(20, 900, len(pieces)).astype(float),
        pd.MultiIndex.from_tuples(pieces),
    )
    codes = [*inside.index, *weights["territoire"].unique()]
    members = pd.DataFrame(
        [[float(code in piece) for piece in pieces] for code in codes],
        index=pd.MultiIndex.from_product([codes, [ALL]]),
        columns=people.index,
    )
    published = members @ people
    published[[(code, ALL) for code in masked]] = np.nan
    assert published.isna().sum() == len(masked) > 3
    assert attack(published, members, 0.5, WIDTH).empty
