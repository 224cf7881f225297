"""An index is the weighted mean of its shares where all are published, and nothing elsewhere.

Figures are fictitious, on real codes so that a geography exists.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from qpvlib import catalogue
from qpvlib.estimate import interval
from qpvlib.indicators import digital
from qpvlib.indicators.composites import Component, Composite, composites
from qpvlib.observations import ALL, COLUMNS, NUMBERS, SECRET, UNAVAILABLE, VALUE, validate

NAME = "indice_eloignement_numerique"
CODES = ["13201", "13202", "13203", "13204"]
INDEX = composites()[NAME]
DATED, POVERTY = INDEX.dated_by, "taux_pauvrete_60"
MIXED = Composite(
    "fictif", "fictif", "a", 2, tuple(Component(n, 1 / 3, n != "c", "") for n in "abc")
)
few = settings(max_examples=20)
SHARE = st.floats(0, 100, allow_subnormal=False)
TABLES = st.lists(st.tuples(*[SHARE] * len(INDEX.names)), min_size=1, max_size=len(CODES))


def rows(table, year=2021, **changes):
    """Observations of the arrondissements; ``changes``: (name, code) -> columns of its row."""
    found = [
        {"territoire": code, "indicateur": name, "valeur": float(x), "millesime": year}
        for code, line in zip(CODES, table, strict=False)
        for name, x in zip(INDEX.names, line, strict=True)
    ]
    frame = pd.DataFrame(found).assign(
        geographie="arrondissement", modalite=ALL, etat=VALUE, source="fictive"
    )
    return frame.reindex(columns=COLUMNS).astype(dict.fromkeys(NUMBERS, float))


def spoilt(frame, code, name, state):
    here = (frame["territoire"] == code) & (frame["indicateur"] == name)
    return frame.assign(etat=frame["etat"].mask(here, state), valeur=frame["valeur"].mask(here))


def found(frame):
    table = digital.indices(frame)
    return table.set_index("territoire") if len(table) else table


@few
@given(TABLES)
def test_the_index_is_the_plain_mean_and_fit_for_the_store(table):
    index = found(rows(table))
    for code, line in zip(CODES, table, strict=False):
        total = 0.0
        for share in line:
            total += share
        assert index.loc[code, "valeur"] == pytest.approx(total / len(line), abs=0.006)
    full = index.reset_index().reindex(columns=COLUMNS).assign(source="calcul")
    full[NUMBERS] = full[NUMBERS].astype(float)
    assert len(validate(full)) == len(table)


@few
@given(TABLES, st.randoms())
def test_the_order_of_the_rows_does_not_matter(table, random):
    frame = rows(table)
    order = random.sample(range(len(frame)), len(frame))
    pd.testing.assert_frame_equal(found(frame), found(frame.iloc[order]))


@given(*[st.tuples(*[SHARE] * 3)] * 2)
def test_the_index_moves_with_each_component_in_its_direction(one, other):
    low, high = np.minimum(one, other), np.maximum(one, other)
    first = [low[0], low[1], high[2]]
    second = [high[0], high[1], low[2]]
    values = MIXED.value(pd.DataFrame([first, second], columns=list("abc")))
    assert values[0] <= values[1] + 1e-9
    assert values[0] == pytest.approx((low[0] + low[1] + 100 - high[2]) / 3)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([SECRET], SECRET),
        ([UNAVAILABLE], UNAVAILABLE),
        (["sans_objet"], "sans_objet"),
        ([UNAVAILABLE, SECRET], SECRET),
        (["sans_objet", UNAVAILABLE], UNAVAILABLE),
    ],
)
def test_a_component_without_a_value_leaves_no_index_and_no_bound(states, expected):
    frame = rows([[10] * 5, [20] * 5])
    for name, state in zip(INDEX.names, states, strict=False):
        frame = spoilt(frame, CODES[0], name, state)
    index = found(frame)
    assert index.loc[CODES[0], "etat"] == expected
    assert index.loc[CODES[0], ["valeur", "borne_basse", "borne_haute"]].isna().all()
    assert index.loc[CODES[1], "valeur"] == 20


def test_a_row_that_lacks_is_a_missing_component():
    frame = rows([[10] * 5, [20] * 5])
    gone = (frame["territoire"] == CODES[0]) & (frame["indicateur"] == POVERTY)
    assert found(frame[~gone]).loc[CODES[0], "etat"] == UNAVAILABLE
    assert found(frame[frame["indicateur"] != POVERTY]).empty


@few
@given(TABLES.filter(lambda table: len(table) > 1))
def test_what_is_masked_elsewhere_changes_nothing(table):
    """Disclosure: an index is a function of the published shares of its own territory."""
    frame = rows(table)
    masked = found(spoilt(frame, CODES[0], POVERTY, SECRET))
    pd.testing.assert_frame_equal(masked.drop(CODES[0]), found(frame).drop(CODES[0]))
    assert np.isnan(masked.loc[CODES[0], "valeur"])


@pytest.mark.parametrize(
    ("years", "chosen"),
    [((2019,), 2019), ((2018,), None), ((2020, 2022), 2022), ((2019, 2022), 2022)],
)
def test_a_component_is_taken_in_the_closest_year_within_reach(years, chosen):
    frame = rows([[10] * 5])
    poverty = frame[frame["indicateur"] == POVERTY]
    others = [poverty.assign(millesime=year, valeur=year - 2000.0) for year in years]
    index = found(pd.concat([frame[frame["indicateur"] != POVERTY], *others]))
    if chosen is None:
        assert index.empty
    else:
        assert index.loc[CODES[0], "valeur"] == pytest.approx((40 + chosen - 2000) / 5)
        assert index.loc[CODES[0], "millesime"] == 2021


def test_the_year_of_a_component_is_the_same_for_all_territories():
    """A secret of that year is not replaced by a figure of another year."""
    frame = rows([[10] * 5, [20] * 5])
    older = frame[frame["indicateur"] == POVERTY].assign(millesime=2020)
    both = pd.concat([spoilt(frame, CODES[0], POVERTY, SECRET), older])
    assert found(both).loc[CODES[0], "etat"] == SECRET


def test_the_bounds_are_those_of_the_components_together():
    frame = rows([[10] * 5]).assign(denominateur=1000.0)
    published = frame["indicateur"] == INDEX.names[0]
    frame = frame.assign(
        borne_basse=frame["borne_basse"].mask(published, 7),
        borne_haute=frame["borne_haute"].mask(published, 14),
    )
    low, high = interval(10, 1000)
    sampled = sum(catalogue.indicator(name).nature == "enquete" for name in INDEX.names[1:])
    exact = 10 * (len(INDEX.names) - 1 - sampled)
    row = found(frame).iloc[0]
    assert row["borne_basse"] == pytest.approx((7 + exact + sampled * low) / 5, abs=0.006)
    assert row["borne_haute"] == pytest.approx((14 + exact + sampled * high) / 5, abs=0.006)


def test_without_a_denominator_the_sample_is_that_of_the_inhabitants():
    frame = rows([[10] * 5])
    assert found(frame)[["borne_basse", "borne_haute"]].isna().all(axis=None)
    people = frame.iloc[:1].assign(indicateur="population_qpv", valeur=4000.0, millesime=2018)
    nearer = people.assign(valeur=1000.0, millesime=2020)
    row = found(pd.concat([frame, people, nearer])).iloc[0]
    expected = 0.0
    for name in INDEX.names:
        entry = catalogue.indicator(name)
        sampled = entry.nature == "enquete"
        expected += interval(10, 1000 * entry.part_univers)[0] if sampled else 10
    assert row["borne_basse"] == pytest.approx(expected / 5, abs=0.006)


@given(
    st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=1, max_size=6),
)
def test_ranks_are_the_extremes_over_every_set_of_weights(table):
    values = pd.DataFrame(table, columns=list("abc"), dtype=float)
    oriented = values.assign(c=100 - values["c"])
    trials = []
    for weights in [(1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (2, 1, 1), (1, 2, 1), (1, 1, 2)]:
        trials.append((oriented * np.array(weights)).sum(axis=1) / sum(weights))
    spread = oriented.std(ddof=0)
    trials.append((oriented / spread.where(spread > 0, 1)).mean(axis=1))
    ranks = np.array([rankdata(-trial.round(9), method="min") for trial in trials])
    got = digital.ranks(values, MIXED)
    assert got["premier"].tolist() == ranks.min(axis=0).tolist()
    assert got["dernier"].tolist() == ranks.max(axis=0).tolist()
