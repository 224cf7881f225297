"""The state of an objective of a quartier's project: words, each with its reason; never a score."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qpvlib import catalogue, territories
from qpvlib.errors import Problem
from qpvlib.evaluation.package import objectives, tables
from qpvlib.evaluation.rules import Row, Rows, Verdict
from qpvlib.numerals import number
from qpvlib.observations import ALL, UNAVAILABLE, VALUE, Observation, Observations
from qpvlib.reading.compare import with_territory
from qpvlib.reading.trends import CENSUS_STEP

UNMEASURED, REACHED, ON_WAY, NO_PROGRESS, BACK, FOLLOWED, NO_PROJECT = (
    "non mesurable",
    "cible atteinte",
    "en chemin",
    "pas de progrès détectable",
    "recul détectable",
    "suivi sans cible",
    "aucun projet reçu",
)
STATES = (REACHED, ON_WAY, NO_PROGRESS, BACK, FOLLOWED, UNMEASURED, NO_PROJECT)
# Of several indicators of one objective, the least favourable that is measured is told.
_FIRST = (BACK, NO_PROGRESS, ON_WAY, REACHED, FOLLOWED, UNMEASURED)
FALSE_ALARM = 2.5
"""Percent of measured objectives that would read « en chemin » although nothing changes: one side
of a 95 % interval."""


@dataclass(frozen=True)
class State(Verdict):
    """The state of one objective of a quartier by one indicator.

    Attributes
    ----------
    baseline, current
        The two figures (values, or gaps to the city); ``None`` where there is none.
    change, low, high
        Current minus baseline, with its interval, in the indicator's unit.
    """

    baseline: Observation | None = None
    current: Observation | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None


def expected() -> dict[str, tuple[str, ...]]:
    """Return the indicators of the catalogue that the reading links to each objective."""
    return {name: tuple(row["indicateurs_catalogue"].split()) for name, row in objectives().items()}


def series(row: Row, rows: Rows, store: Observations) -> tuple[Observation, ...]:
    """Return the figures an objective is about, by vintage, whatever their state."""
    name, place = row["indicateur"], row["quartier"]
    if name.startswith("local_"):
        found = tuple(_local(m) for m in rows["mesures"]
                      if (m["indicateur"], m["quartier"]) == (name, place))  # fmt: skip
        return tuple(sorted(found, key=lambda one: one.vintage or 0))
    figures = store.series(name, place)
    if row["porte_sur"] == "valeur":
        return figures
    # A masked figure stays: it is the current one, whatever was known before.
    gaps = (city_gap(one, store) if one.is_value else one for one in figures)
    return tuple(gap for gap in gaps if gap)


def city_gap(figure: Observation, store: Observations) -> Observation | None:
    """Return the gap of a figure to the city of the same year; ``None`` without both intervals."""
    city = store.get(figure.indicator, territories.CITY, figure.category, figure.vintage)
    return with_territory(figure, territories.get(territories.CITY), city).figure(figure)


def state(row: Row, rows: Rows, store: Observations) -> State:
    """Return the state of one row of the register of objectives."""
    figures = series(row, rows, store)
    current = figures[-1] if figures else None
    if current is None or not current.is_value:
        return State(UNMEASURED, _absent(current, row, store), current=current)
    known = [one for one in figures if one.is_value]
    baseline, after = _baseline(known, row, rows)
    if row["sens"] == "suivi":
        return State(FOLLOWED, "", baseline, current)
    if reason := _incomparable(baseline, current, row["indicateur"], len(known) == 1):
        return State(UNMEASURED, reason, baseline, current)
    change = current.amount - baseline.amount
    low = change - math.hypot(current.amount - _low(current), _high(baseline) - baseline.amount)
    high = change + math.hypot(_high(current) - current.amount, baseline.amount - _low(baseline))
    sign = 1 if row["sens"] == "hausse" else -1
    ends = sorted((sign * low, sign * high))
    nearest = _low(current) if sign > 0 else _high(current)
    if row["cible"] is not None and sign * nearest >= sign * row["cible"]:
        word = REACHED
    else:
        word = ON_WAY if ends[0] > 0 else BACK if ends[1] < 0 else NO_PROGRESS
    late = "état initial postérieur au projet" if after else ""
    return State(word, late, baseline, current, change, low, high)


def detectable(baseline: Observation) -> float | None:
    """Return the smallest change that two figures as precise as this one can show."""
    if baseline.low is None or baseline.high is None:
        return None
    return math.sqrt(2) * (baseline.high - baseline.low) / 2


def judged(rows: Rows, store: Observations) -> list[tuple[Row, State]]:
    """Return every objective declared, by indicator, with its state."""
    return [(row, state(row, rows, store)) for row in rows["objectifs"]]


def states(rows: Rows, store: Observations) -> dict[tuple[str, str], State]:
    """Return the state of each objective of each quartier: 41 × 17, projects received or not."""
    found: dict[tuple[str, str], State] = {}
    for row, new in judged(rows, store):
        old = found.setdefault((row["quartier"], row["objectif"]), new)
        if _FIRST.index(new.word) < _FIRST.index(old.word):
            found[row["quartier"], row["objectif"]] = new
    received = {project["quartier"] for project in rows["projets"]}
    return {
        (one.code, name): found.get((one.code, name))
        or (State(UNMEASURED, "aucun objectif déclaré") if one.code in received
            else State(NO_PROJECT))
        for one in territories.qpv() for name in objectives()
    }  # fmt: skip


def count(
    found: dict[tuple[str, str], State], members: Iterable[str], prefix: str = "O"
) -> dict[str, int]:
    """Count by state the objectives of these quartiers that begin with a prefix (« O2 »)."""
    inside = set(members)
    words = [
        one.word for (place, name), one in found.items()
        if place in inside and name.startswith(prefix)
    ]  # fmt: skip
    return {word: words.count(word) for word in STATES}


def entry(rows: Rows, store: Observations, place: str) -> Iterator[tuple[Row, Problem, bool]]:
    """Yield, for each target, what its figure can show, and whether the target is refused."""
    title = tables()["objectifs"].field("cible").title
    for row in rows["objectifs"]:
        if row["cible"] is None:
            continue
        fact, remedy, refused = _visible(row, rows, store)
        yield row, Problem(fact, place, row[""], title, remedy), refused


def _visible(row: Row, rows: Rows, store: Observations) -> tuple[str, str, bool]:
    """Return what to say of a target typed today, what to do, and whether it is refused."""
    known = [one for one in series(row, rows, store) if one.is_value]
    if not known:
        return "aucun chiffre publié : cette cible ne peut pas encore être suivie.", "", False
    (now, _), sign = _baseline(known, row, rows), 1 if row["sens"] == "hausse" else -1
    if sign * now.amount >= sign * row["cible"]:
        fact = f"cette cible était déjà atteinte à l'état initial ({now.vintage})."
        return fact, "Visez plus loin, ou « suivi ».", True
    smallest, asked = detectable(now), abs(row["cible"] - now.amount)
    if smallest is None:
        return "ce chiffre n'a pas d'intervalle : aucun changement ne sera dit.", "", False
    if not smallest:
        return "ce décompte n'a pas de marge : le plus petit changement se verra.", "", False
    fact = (f"cette cible demande un changement de {number(asked, 1)} ; le plus petit que ce "
            f"chiffre puisse montrer est {number(smallest, 1)}.")  # fmt: skip
    return fact, "Elle ne pourra pas être dite atteinte." if asked < smallest else "", False


def _baseline(known: list[Observation], row: Row, rows: Rows) -> tuple[Observation, bool]:
    """Return the last figure not later than the project, else the first one, and which it is."""
    dates = [p["date_annexion"] or p["date_orientations"] for p in rows["projets"]
             if p["quartier"] == row["quartier"]]  # fmt: skip
    dated = min((date.year for date in dates if date), default=0)
    before = [one for one in known if (one.vintage or 0) <= dated]
    return (before[-1], False) if before else (known[0], dated > 0)


def _local(measure: Row) -> Observation:
    value = measure["valeur"]
    return Observation(
        measure["quartier"], "qpv2024", measure["indicateur"], ALL, measure["annee"],
        value, None, None, value, value, measure["etat"], "mesures",
    )  # fmt: skip


def _absent(last: Observation | None, row: Row, store: Observations) -> str:
    if last is not None and last.state not in (VALUE, UNAVAILABLE):
        return "secret" if last.state == "secret" else "sans objet"
    if row["porte_sur"] != "valeur" and store.series(row["indicateur"], row["quartier"]):
        return "pas de chiffre de la ville avec son intervalle, la même année"
    former = territories.predecessors(row["quartier"])
    if any(store.series(row["indicateur"], one.code_2015) for one in former):
        return "chiffres sur le périmètre de 2015 seulement"
    return "non publié"


def _incomparable(baseline: Observation, current: Observation, name: str, alone: bool) -> str:
    if baseline.vintage == current.vintage:
        return "un seul millésime" if alone else "aucun chiffre depuis le projet"
    if None in (baseline.low, baseline.high, current.low, current.high):
        return "intervalle inconnu"
    entry = catalogue.indicators().get(name)
    gap = (current.vintage or 0) - (baseline.vintage or 0)
    survey = entry is not None and entry.nature == "enquete"
    return "recensements à moins de 5 ans" if survey and gap < CENSUS_STEP else ""


def _low(figure: Observation) -> float:
    return figure.amount if figure.low is None else figure.low


def _high(figure: Observation) -> float:
    return figure.amount if figure.high is None else figure.high
