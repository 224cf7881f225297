"""A timetable gives the passages of its busiest full week, or all that is wrong with it.

Stops and lines are fictitious, the passages counted by hand.
"""

import re

import pytest

from qpvlib.errors import SourceError
from qpvlib.indicators import timetables
from timetable import TABLES, WEEKDAYS, archive


def test_each_stop_is_counted_by_itself_and_a_frequency_is_so_many_trips(tmp_path):
    every = ["trip_id,start_time,end_time,headway_secs", "soir,18:00:00,24:10:00,3600"]
    timetable = timetables.read(archive(tmp_path / "r.zip", {"frequencies.txt": every}))
    passages = timetable.stops["poids"].to_dict()
    assert passages == {"quai": 5 * (1 + 7) + 1, "bord": 5 * (1 + 7) + 1, "loin": 5 * (1 + 7)}


def test_days_given_one_by_one_are_enough(tmp_path):
    days = [f"semaine,202611{day},1" for day in range(15, 24)]  # Sunday 15 to Monday 23
    dates = ["service_id,date,exception_type", *days]
    trips = TABLES["trips.txt"][:3]
    times = TABLES["stop_times.txt"][:7]
    timetable = timetables.read(
        archive(
            tmp_path / "r.zip",
            {"calendar.txt": None, "calendar_dates.txt": dates, "trips.txt": trips,
             "stop_times.txt": times},
        )
    )  # fmt: skip
    assert timetable.monday.isoformat() == "2026-11-16"
    assert timetable.stops["poids"].to_dict() == {"quai": 14, "bord": 14, "loin": 14}


def lines(name, *more, drop=0):
    return {name: [*TABLES[name][: len(TABLES[name]) - drop], *more]}


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"trips.txt": None, "calendar.txt": None, "calendar_dates.txt": None},
            ["trips.txt manque", "ni calendar.txt ni calendar_dates.txt"],
        ),
        ({"stops.txt": ["stop_id,stop_name"]}, ["stop_lat de stops", "stop_lon de stops"]),
        (
            lines("stop_times.txt", "matin,,,inconnu,9", "fantome,,,quai,9")
            | lines("trips.txt", "1,jamais,nuit")
            | lines("calendar_dates.txt", "semaine,11/11/2026,2")
            | lines("stops.txt", TABLES["stops.txt"][1]),
            [
                "donnés deux fois dans stops.txt\u00a0: 1",
                "stop_id de stop_times.txt qui ne sont pas dans stops.txt\u00a0: 1",
                "trip_id de stop_times.txt qui ne sont pas dans trips.txt\u00a0: 1",
                "service_id de trips.txt .*\u00a0: 1",
                "dates illisibles dans calendar_dates.txt",
            ],
        ),
        (
            {"frequencies.txt": ["trip_id,start_time,end_time,headway_secs", "soir,8,9,0"]},
            ["frequencies.txt\u00a0: 1"],
        ),
        (lines("calendar.txt", f"semaine,{WEEKDAYS},20261104,20261108", drop=2)
         | {"calendar_dates.txt": None} | lines("trips.txt", drop=2)
         | lines("stop_times.txt", drop=2),
         ["aucune semaine entière"]),
        # The fair on a Saturday, its coach every hour: more than the two trips of a working day.
        (lines("calendar_dates.txt", "foire,20261121,1", drop=1)
         | {"frequencies.txt": ["trip_id,start_time,end_time,headway_secs",
                                "navette,08:00:00,20:00:00,3600"]}
         | lines("stop_times.txt", "navette,09:00:00,09:00:00,quai,2"),
         ["le samedi\u00a0: 2 sur 2"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_at_once(tmp_path, changes, sentences):
    with pytest.raises(SourceError) as caught:
        timetables.read(archive(tmp_path / "r.zip", changes))
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == len(sentences)
    for sentence in sentences:
        assert any(re.search(sentence, words) for words in told), told
