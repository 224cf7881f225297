"""IRIS estimate a quartier within a measured error, and never beside what INSEE says or hides.

Counts are fictitious, on real codes so that passages exist; the last tests read real data.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from qpvlib import territories
from qpvlib.estimate import Z95, design_effect, interval
from qpvlib.indicators import quartiers, weights
from qpvlib.intervals import ESTIMATES
from qpvlib.observations import ALL, COLUMNS, SECRET, UNAVAILABLE, VALUE
from qpvlib.paths import data
from qpvlib.reading import portrait

# Perimeters said identical to those of 2015, each with an IRIS to itself, then a modified one.
SAME = {"QN01303I": "QP013003", "QN01308I": "QP013009", "QN01333I": "QP013033"}
CHANGED, FORMER = "QN01360M", "QP013056"
IRIS = dict(
    zip([*SAME, CHANGED], ["132150101", "132150102", "132150103", "132150104"], strict=True)
)
WOMEN, DEGREES = "part_femmes", "part_bac2"


def row(code, name, year, over=None, under=None, state=VALUE):
    value = {VALUE: over if under is None else 100 * over / (under or 1)}.get(state)
    parts = (over, under) if under else (None, None)
    geography = territories.get(code).geography
    return dict(
        zip(COLUMNS, (code, geography, name, ALL, year, value, *parts, None, None, state, "fictif"),
            strict=True)
    )  # fmt: skip


def iris_rows(name, shares, people=1000.0):
    return [
        row(code, name, 2018, people * share / 100, people)
        for code, share in zip(IRIS.values(), shares, strict=True)
    ]


def table(rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"]
    frame[numbers] = frame[numbers].astype(float)
    return frame


@pytest.fixture
def alone():
    """Weights of quartiers that are each the whole of their IRIS."""
    rows = [[iris, code, 2000.0, 1.0] for code, iris in IRIS.items()]
    return pd.DataFrame(rows, columns=["iris", "territoire", "population", "part"])


@pytest.fixture
def counts():
    """Women: 50, 52, 54, 56 % by IRIS, one point more as published; degrees: not published."""
    published = [
        row(code, WOMEN, 2018, 51.0 + 2 * i) for i, code in enumerate([*SAME.values(), FORMER])
    ]
    return [*iris_rows(WOMEN, [50, 52, 54, 56]), *iris_rows(DEGREES, [20, 30, 40, 50]), *published]


def figure(found, code, name=DEGREES):
    rows = found.rows[(found.rows["territoire"] == code) & (found.rows["indicateur"] == name)]
    return None if rows.empty else rows.iloc[0]


def test_the_error_is_measured_on_same_perimeters(counts, alone):
    (error,) = quartiers.estimates(table(counts), alone).errors.to_dict("records")
    assert (error["indicateur"], error["millesime"], error["quartiers"]) == (WOMEN, 2018, 3)
    assert error["ecart_moyen"] == error["ecart_absolu_moyen"] == error["eqm"] == pytest.approx(1)
    assert error["eqm_hors"] == pytest.approx(0)
    assert error["dispersion"] == pytest.approx(np.std([50, 52, 54, 56]))


def test_the_interval_adds_sampling_and_the_measured_error(counts, alone):
    found = figure(quartiers.estimates(table(counts), alone), CHANGED)
    ratio = 1 / np.std([50, 52, 54, 56])
    low, high = interval(50, 1000, deff=design_effect(DEGREES))
    reach = math.hypot((high - low) / 2, Z95 * ratio * np.std([20, 30, 40, 50]))
    assert (found["valeur"], found["etat"], found["geographie"]) == (50, VALUE, "qpv2024")
    assert found["borne_haute"] - found["borne_basse"] == pytest.approx(2 * reach, abs=0.02)


def test_a_quartier_over_two_iris_is_their_weighted_sum(counts, alone):
    alone.loc[alone["territoire"] == CHANGED, "part"] = 0.8
    more = pd.DataFrame([["132150103", CHANGED, 500.0, 0.25]], columns=alone.columns)
    alone.loc[alone["iris"] == "132150103", "part"] = 0.75
    found = figure(quartiers.estimates(table(counts), pd.concat([alone, more])), CHANGED)
    assert found["valeur"] == round((0.8 * 50 + 0.25 * 40) / 1.05, 2)


def test_a_quartier_lost_in_its_iris_is_refused(counts, alone):
    alone.loc[alone["territoire"] == CHANGED, "part"] = 0.5
    found = quartiers.estimates(table(counts), alone)
    assert found.refused.to_dict() == {CHANGED: 0.5}
    refused = figure(found, CHANGED)
    assert refused["etat"] == UNAVAILABLE and math.isnan(refused["valeur"])


@pytest.mark.parametrize("quartier", [CHANGED, FORMER])
@pytest.mark.parametrize("year", [2018, 2020])
@pytest.mark.parametrize("state", [SECRET, VALUE])
def test_no_estimate_beside_a_secret_or_a_figure_as_recent(counts, alone, quartier, year, state):
    said = row(quartier, DEGREES, year, 45.0 if state == VALUE else None, state=state)
    found = quartiers.estimates(table([*counts, said]), alone)
    assert figure(found, CHANGED) is None
    assert figure(found, "QN01308I") is not None


@pytest.mark.parametrize("state", [SECRET, VALUE])
def test_an_older_figure_leaves_room_for_an_estimate(counts, alone, state):
    said = row(FORMER, DEGREES, 2010, 45.0 if state == VALUE else None, state=state)
    assert figure(quartiers.estimates(table([*counts, said]), alone), CHANGED)["etat"] == VALUE


@pytest.mark.parametrize("state", [SECRET, VALUE])
def test_a_refusal_does_not_hide_an_older_answer(counts, alone, state):
    alone.loc[alone["territoire"] == CHANGED, "part"] = 0.5
    said = row(FORMER, DEGREES, 2010, 45.0 if state == VALUE else None, state=state)
    assert figure(quartiers.estimates(table([*counts, said]), alone), CHANGED) is None


def test_nothing_is_estimated_when_the_error_cannot_be_measured(counts, alone):
    fewer = [r for r in counts if r["territoire"] not in ("QP013003", "QP013009")]
    assert quartiers.estimates(table(fewer), alone).rows.empty


def test_an_interval_that_reaches_half_of_it_is_not_a_figure(counts, alone):
    rows = [*counts, *iris_rows("part_sans_diplome", [20, 40, 40, 40])]
    found = quartiers.estimates(table(rows), alone)
    assert figure(found, "QN01303I", "part_sans_diplome")["etat"] == UNAVAILABLE


def test_a_missing_iris_leaves_out_its_quartier_only(counts, alone):
    kept = [r for r in counts if (r["territoire"], r["indicateur"]) != (IRIS[CHANGED], DEGREES)]
    found = quartiers.estimates(table(kept), alone)
    assert figure(found, CHANGED) is None
    assert figure(found, "QN01308I")["etat"] == VALUE


def test_no_stored_estimate_stands_beside_an_answer_of_the_producer():
    frame = portrait.store().frame
    mine = frame[(frame["source"] == ESTIMATES) & (frame["etat"] == VALUE)]
    assert len(mine) > 50
    answers = frame[(frame["source"] != ESTIMATES) & frame["etat"].isin([VALUE, SECRET])]
    latest = answers.groupby(["territoire", "indicateur", "modalite"])["millesime"].max()
    for found in mine.itertuples():
        for code in (
            found.territoire, *(p.code_2015 for p in territories.predecessors(found.territoire)),
        ):  # fmt: skip
            assert latest.get((code, found.indicateur, ALL), 0) < found.millesime


def test_the_stored_weights_are_those_of_the_grid(shared):
    geo = shared / "data" / "geo"
    frame = portrait.store().frame
    iris = frame[(frame["geographie"] == "iris") & (frame["indicateur"] == "part_0_14")]
    people = frame[(frame["indicateur"] == "population_qpv") & (frame["geographie"] == "qpv2024")]
    found = quartiers.weights_table(
        weights.grid(pd.read_csv(geo / "filosofi_200m_ind_marseille.csv")),
        weights.layer(gpd.read_file(geo / "iris_marseille_contours.geojson"), "CODE_IRIS", "IRIS"),
        weights.layer(territories.contours().reset_index(), "code", "QPV"),
        iris.set_index("territoire")["denominateur"].fillna(0.0),
        people.set_index("territoire")["valeur"],
    )
    stored = data() / "territoires" / "poids_iris_qpv2024.csv"
    assert found.to_csv(index=False, lineterminator="\n").encode() == stored.read_bytes()
    totals = found.groupby("territoire")["population"].sum()
    published = people.set_index("territoire")["valeur"]
    assert (totals - published).abs().max() < 1
