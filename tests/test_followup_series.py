"""Panels hold one perimeter, keep every state and fill nothing."""

import numpy as np
import pandas as pd
import pytest

from qpvlib.catalogue import indicator
from qpvlib.errors import EstimationError, ObservationError
from qpvlib.followup import series
from qpvlib.followup.plan import Outcome
from qpvlib.territories import qpv

POVERTY = indicator("taux_pauvrete_60")
OUTCOME = Outcome(POVERTY, True, False, 1.0, "points", 2, (2016, 2017, 2018, 2019))
HEAD = "territoire;geographie;indicateur;millesime;valeur;etat"
CODES = [member.code for member in qpv("qpv2015")][:6]


@pytest.fixture
def store(make_store):
    """Fictitious rates: rising by one a year, the last quartier masked in 2019."""
    rows = [
        (code, POVERTY.id, year, 40.0 + rank + (year - 2016))
        for rank, code in enumerate(CODES)
        for year in OUTCOME.years
    ]
    rows[-1] = (*rows[-1][:3], None)
    return make_store([*rows, ("QN01304I", POVERTY.id, 2021, 50.0)])


@pytest.fixture
def table(store):
    return series.table([POVERTY], store)


@pytest.fixture
def units():
    return pd.DataFrame(
        {"cible": [True, True, *[False] * 4], "debut": 2018, "population": 1000.0}, index=CODES
    )


def test_a_table_holds_one_perimeter_and_marks_the_breaks(store, table):
    assert set(table["geographie"]) == {"qpv2015"} and len(table) == 24
    assert set(table.loc[table["millesime"] == 2018, "rupture"]) != {""}
    assert set(series.table([POVERTY], store, "qpv2024")["territoire"]) == {"QN01304I"}


def test_a_masked_figure_stays_masked_and_leaves_the_balanced_panel(table, units):
    balanced = series.panel(table, OUTCOME, units)
    assert balanced.balanced and set(balanced.data["unit"]) == set(CODES[:5])
    whole = series.panel(table, OUTCOME, units, complete=False)
    assert whole.missing[["unit", "state"]].to_numpy().tolist() == [[CODES[5], "secret"]]
    assert whole.cohorts.tolist() == [2018]


def test_two_perimeters_never_meet(table, units):
    mixed = table.assign(geographie=np.where(table["millesime"] > 2017, "qpv2024", "qpv2015"))
    with pytest.raises(EstimationError, match="plusieurs géographies"):
        series.panel(mixed, OUTCOME, units)


def test_repeated_and_wholly_masked_series_are_refused(table, units):
    with pytest.raises(EstimationError, match="plusieurs fois"):
        series.panel(pd.concat([table, table[:1]]), OUTCOME, units)
    masked = table.assign(valeur=np.nan, etat="secret")
    with pytest.raises(EstimationError, match="toutes les valeurs"):
        series.panel(masked, OUTCOME, units)


def test_a_table_survives_its_file(table, tmp_path):
    path = tmp_path / "panel.csv"
    path.write_bytes(series.to_csv(table))
    again = series.read_csv(path)
    columns = ["territoire", "millesime", "valeur", "etat"]
    pd.testing.assert_frame_equal(again[columns], table[columns], check_dtype=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("territoire;valeur\nA;1", "millesime"),
        (f"{HEAD}\nA;b;c;2019;x;caché", "nombre illisible"),
        (f"{HEAD}\nA;b;c;2019;1;caché", "caché"),
    ],
)
def test_a_spoilt_file_is_told_with_its_place(tmp_path, text, told):
    (tmp_path / "panel.csv").write_text(text)
    with pytest.raises(ObservationError, match=told):
        series.read_csv(tmp_path / "panel.csv")
    with pytest.raises(ObservationError, match="introuvable"):
        series.read_csv(tmp_path / "absent.csv")


def test_both_perimeters_are_compared_only_where_both_are_published(make_store):
    both = make_store(
        [
            (CODES[0], POVERTY.id, 2020, 41.0),
            (CODES[0], POVERTY.id, 2021, 42.0),
            ("QN01304I", POVERTY.id, 2021, 43.0),
        ]
    )
    found = series.overlap(POVERTY, both, pd.Series({"QN01304I": CODES[0]}))
    assert found[["millesime", "s15", "s24"]].to_numpy().tolist() == [[2021, 42.0, 43.0]]
