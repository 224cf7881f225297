"""The timetable of a fictitious network, around the quartiers of ``deposit_project``."""

import zipfile
from pathlib import Path

from deposit_project import AWAY, FIRST, INSIDE, SECOND

WEEKDAYS = "1,1,1,1,1,0,0"
NEAR = (5.3125, 43.205)  # about 200 m east of the first quartier
TABLES = {
    "stops.txt": [
        "stop_id,stop_name,stop_lat,stop_lon,location_type",
        f"gare,Gare,{INSIDE[FIRST][1]},{INSIDE[FIRST][0]},1",
        f"quai,Quai,{INSIDE[FIRST][1]},{INSIDE[FIRST][0]},0",
        f"bord,Bord,{NEAR[1]},{NEAR[0]},",
        f"loin,Loin,{AWAY[1]},{AWAY[0]},",
        f"ferme,Fermé,{INSIDE[SECOND][1]},{INSIDE[SECOND][0]},",
    ],
    "trips.txt": [
        "route_id,service_id,trip_id",
        *("1,semaine,matin", "1,semaine,soir", "2,dimanche,promenade", "3,foire,navette"),
    ],
    "stop_times.txt": [
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
        *(f"{trip},08:00:00,08:00:00,{stop},{n}" for trip in ("matin", "soir")
          for n, stop in enumerate(("quai", "bord", "loin"))),
        "promenade,25:10:00,25:10:00,quai,1",
        "navette,09:00:00,09:00:00,bord,1",
    ],
    # Three weeks from Wednesday 4 to Tuesday 24 November 2026: two are full.
    "calendar.txt": [
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        f"semaine,{WEEKDAYS},20261104,20261124",
        "dimanche,0,0,0,0,0,0,1,20261104,20261124",
    ],
    "calendar_dates.txt": [
        "service_id,date,exception_type",
        "semaine,20261111,2",  # a public holiday in the first full week
        "foire,20261118,1",
    ],
}  # fmt: skip


def archive(path: Path, changes: dict[str, list[str] | None] | None = None) -> Path:
    """Write the tables into an archive; changes replace a table, or remove it (None)."""
    with zipfile.ZipFile(path, "w") as file:
        for name, lines in (TABLES | (changes or {})).items():
            if lines is not None:
                file.writestr(f"reseau/{name}", "\n".join(lines) + "\n")
    return path
