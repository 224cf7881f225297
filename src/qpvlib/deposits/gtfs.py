"""Timetables: the stops around each quartier of 2024, and how often they are served in a week."""

import pandas as pd

from qpvlib.deposits.deposit import Deposit, observed
from qpvlib.indicators import nearby, timetables
from qpvlib.sources.registry import Source

GEOGRAPHY = "qpv2024"
STOPS = {"arrets_tc_300m/horaires": 300, "arrets_tc_300m/horaires_a_500m": 500}
PASSAGES = {"departs_tc_300m": 300, "departs_tc_300m/a_500m": 500}


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Count the stops close to each quartier, and their passages in the busiest full week.

    Returns
    -------
    list of tuple
        Entry of the registry and observations, of the year of that week.

    Raises
    ------
    QpvError
        As :func:`qpvlib.indicators.timetables.read` says.
    """
    timetable = timetables.read(deposit.path)
    evidence = f"semaine du {timetable.monday:%d/%m/%Y}, celle qui a le plus de passages"
    source = deposit.source(timetable.monday.year, GEOGRAPHY, "lu", evidence)
    stops = timetable.stops.assign(arrondissement=None)
    table = pd.concat(
        [nearby.counted(stops.assign(poids=1.0), STOPS), nearby.counted(stops, PASSAGES)],
        ignore_index=True,
    )
    return [(source, observed(table, source))]
