"""The design effect of a rolling census is found again, and the catalogue holds what is measured.

The first quartiers are fictitious: the surveys of each year are drawn with a known effect.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qpvlib.catalogue import indicators
from qpvlib.observations import ALL, COLUMNS, VALUE

PLACES, PEOPLE, RATE, EFFECT = 600, 5000, 40.0, 4.0
NAME = "part_0_24"


@pytest.fixture(scope="module")
def bench():
    """The script, as a module."""
    path = Path(__file__).resolve().parents[1] / "bench" / "design_effect.py"
    spec = importlib.util.spec_from_file_location("design_effect", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rolling(change=0.0) -> pd.DataFrame:
    """Return the censuses of 2010 to 2018, means of five of the surveys of 2008 to 2020."""
    random = np.random.default_rng(1)
    variance = RATE * (100 - RATE) * 0.6 / 0.4 / PEOPLE  # of a census: 40 % of the people, drawn
    surveys = RATE + random.normal(0, np.sqrt(5 * EFFECT * variance), (PLACES, 13))
    surveys += change * np.sqrt(variance) * random.normal(size=(PLACES, 1)) * np.arange(13)
    censuses = np.stack([surveys[:, y : y + 5].mean(axis=1) for y in range(9)], axis=1)
    rows = [
        (f"QP{place:06}", "qpv2015", name, ALL, 2010 + y, value)
        for place in range(PLACES)
        for y in range(9)
        for name, value in (
            (NAME, round(censuses[place, y], 1)),
            ("part_femmes", 50.0),
            ("population_qpv", float(PEOPLE)),
        )
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS[:6])
    return frame.assign(etat=VALUE, source="fictif").reindex(columns=COLUMNS)


@pytest.mark.parametrize(
    "pairs", [[(2015, 2016), (2016, 2017), (2017, 2018)], [(2016, 2018)], [(2010, 2015)]]
)
def test_the_effect_is_found_whatever_share_of_the_sample_is_renewed(bench, pairs):
    found = bench.implied(bench.changes(rolling(), pairs)).loc[NAME]
    assert found["n"] == PLACES * len(pairs)
    assert found["deff"] == pytest.approx(EFFECT, rel=0.15)


def test_real_change_makes_it_an_upper_bound(bench):
    """A change of h standard errors a year adds h² / 0.4 to it, and (5 h)² / 2 over five years."""
    frame = rolling(change=0.7)
    near = bench.implied(bench.changes(frame, [(2015, 2016), (2016, 2017), (2017, 2018)]))
    apart = bench.implied(bench.changes(frame, [(2010, 2015)]))
    assert near.loc[NAME, "deff"] == pytest.approx(EFFECT + 0.7**2 / 0.4, rel=0.15)
    assert apart.loc[NAME, "deff"] == pytest.approx(EFFECT + 3.5**2 / 2, rel=0.15)


def test_the_catalogue_holds_what_is_measured_in_marseille(bench, shared):
    city, _ = bench.marseille(shared / "data")
    found = bench.measured(city)
    assert len(found) == 9
    for name, row in found.iterrows():
        assert indicators()[name].effet_plan == round(row["deff"], 1), name
        assert indicators()[name].effet_plan_preuve.startswith("Mesuré")


def test_the_changes_of_2017_to_2018_are_those_of_an_independent_reader(bench, shared):
    """Found in the raw files by another program, before rounding was taken off."""
    city, country = bench.marseille(shared / "data")
    audit = {
        "part_femmes": (2.3, 1.2), "part_0_24": (4.4, 2.6), "part_60_plus": (8.5, 3.3),
        "part_etrangers": (5.4, 5.8), "part_menages_1_personne": (5.3, 2.3),
        "part_menages_6_personnes": (6.5, 1.4),
    }  # fmt: skip
    for place, rank in ((city, 0), (country, 1)):
        found = bench.implied(bench.changes(place, [(2017, 2018)]))["deff"]
        for name, values in audit.items():
            assert found[name] == pytest.approx(values[rank], abs=0.2), name
