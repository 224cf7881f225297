"""Track B opens target by target: never in a blank study, before the dates, or off the seal."""

import pandas as pd
import pytest

from qpvlib.followup import track

YEARS = [(2015, 2016, 2017, 2018, 2019, 2020)]
TARGETS = ["T1", "T2", "T3"]


def register(*dates: str) -> pd.DataFrame:
    table = pd.DataFrame({"territoire": TARGETS[: len(dates)], "debut": dates})
    return table.assign(debut=pd.to_datetime(table["debut"], errors="coerce"))


def test_dates_become_the_starts_of_their_targets():
    found = track.decide(False, register("2017-03-01", "2018-01-01", "2017-12-31"), True, TARGETS,
                         YEARS)  # fmt: skip
    assert found.causal and found.ribbon == "" and found.reasons == ()
    assert found.starts == {"T1": 2017, "T2": 2018, "T3": 2017}


def test_a_date_after_the_last_year_leaves_its_target_untreated():
    found = track.decide(False, register("2017-03-01", "2018-01-01", "2027-03-01"), True, TARGETS,
                         YEARS)  # fmt: skip
    assert found.starts == {"T1": 2017, "T2": 2018} and "T3" in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("blank", "found", "sealed", "told"),
    [
        (True, register("2017-01-01", "2017-01-01", "2017-01-01"), True, "à blanc"),
        (False, None, False, "pas de registre"),
        (False, register("2017-01-01", "2017-01-01", "2017-01-01"), False, "celui du sceau"),
        (False, register("2027-03-01", "2027-03-01", "2027-03-01"), True, "Pas encore traitée"),
        (False, register("2015-01-01", "2014-01-01", "2015-03-01"), True, "avant l'intervention"),
        (False, register("", "", "2017-03-01"), True, "sans date : T1, T2"),
    ],
)
def test_track_b_stays_closed(blank, found, sealed, told):
    decided = track.decide(blank, found, sealed, TARGETS, YEARS)
    assert not decided.causal and decided.ribbon == track.RIBBON
    assert told in " ".join(decided.reasons)
