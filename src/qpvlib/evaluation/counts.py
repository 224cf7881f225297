"""What the registers add up to: meetings, requests, spending, grants, rebates; never a score."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import pandas as pd

from qpvlib import clock, gazetteer, territories
from qpvlib.evaluation.package import objectives, reference
from qpvlib.evaluation.rules import Row, Rows
from qpvlib.numerals import counted

NEAR = 500
"""How far from a quartier, in metres, a structure is still said to be near it."""
STALE = "à vérifier"
LOCATED = 0.5
"""Share of a spending that must be located before its part in QPV is compared with anything."""


@dataclass(frozen=True)
class Share:
    """A count out of another one; ``unknown`` rows say nothing and stay outside."""

    count: int
    total: int
    unknown: int = 0

    def __str__(self) -> str:
        beside = f", {counted(self.unknown, 'non renseigné(s)')}" if self.unknown else ""
        rate = f" ({round(100 * self.count / self.total)} %)" if self.total >= 10 else ""
        return f"{self.count} sur {self.total}{rate}{beside}"


@dataclass(frozen=True)
class Body:
    """The City's four questions about one body."""

    expected: int | None
    """How many such bodies; ``None`` where nothing fixes it, as :attr:`fixed`."""
    fixed: int | None
    """Yearly meetings of each."""
    set_up: Share | int
    """Territories with at least one meeting, out of those expected when they are counted."""
    yearly: dict[int, int]
    parties: dict[str, Share]
    """Expected organisation -> meetings where it was, of those whose presence is filled in."""
    subjects: Share
    inhabitants: Share


def body(name: str, rows: Rows) -> Body:
    """Return what the meetings received say of a body of the convention."""
    entry = reference("instances")[name]
    held = [one for one in rows["seances"] if one["instance"] == name]
    present = [one["presents"] for one in held if one["presents"] is not None]
    places = len({one["territoire"] for one in held})
    expected = _whole(entry["nombre"]) or _whole(entry["nombre_d_instances_attendues"])
    return Body(
        expected,
        _whole(entry["seances_par_an"]) or _whole(entry["seances_attendues_par_an"]),
        Share(places, expected) if expected else places,
        dict(sorted(Counter(one["date"].year for one in held).items())),
        {
            party: Share(sum(party in names for names in present), len(present),
                         len(held) - len(present))
            for party in entry["parties_attendues"].split()
        },
        _told(held, "sujets"),
        _told(held, "habitants"),
    )  # fmt: skip


def unspoken(rows: Rows) -> list[str]:
    """Return the objectives that no meeting received deals with."""
    told = {subject for one in rows["seances"] for subject in one["sujets"] or ()}
    return [name for name in objectives() if name not in told]


def answers(requests: Iterable[Row]) -> tuple[Share, int | None]:
    """Return answered requests out of all, and the median delay in days of the answers."""
    found = list(requests)
    delays = [(r["date_reponse"] - r["date"]).days for r in found if r["reponse"]]
    return Share(len(delays), len(found)), round(median(delays)) if delays else None


def spending(row: Row) -> tuple[float | None, float | None]:
    """Return the shares, between 0 and 1: located / total, then in QPV / located.

    The second is ``None`` when less than :data:`LOCATED` of the spending is located.
    """
    if row["localisable"] is None or not row["total"]:
        return None, None
    located = row["localisable"] / row["total"]
    if located < LOCATED or row["en_qpv"] is None:
        return located, None
    return located, row["en_qpv"] / row["localisable"]


def grants(rows: Rows, by: str) -> dict[str, float]:
    """Return the sums of grants: by ``annee``, ``nomAttribuant``, ``objectif`` or ``quartiers``.

    A grant to several quartiers is counted once, under « plusieurs quartiers »: nothing says how
    it is shared. One to none is « non réparti ».
    """
    sums: dict[str, float] = defaultdict(float)
    for row in rows["subventions"]:
        key = row[by]
        if by == "quartiers":
            names = [territories.get(code).name for code in key or ()]
            key = names[0] if len(names) == 1 else "plusieurs quartiers" if names else None
        sums[str(key or "non réparti")] += row["montant"]
    return dict(sorted(sums.items()))


def renewed(rows: Rows) -> Share:
    """Return the grants whose beneficiary and object already had one the year before."""
    known = {(r["idBeneficiaire"], r["objet"], r["annee"]) for r in rows["subventions"]}
    years = {year for *_, year in known}
    later = [one for one in known if one[2] - 1 in years]
    return Share(sum((who, what, year - 1) in known for who, what, year in later), len(later))


def rebates(rows: Rows) -> list[tuple[Any, ...]]:
    """Return, by landlord, quartier and year: abated, spent, actions, with residents, questions.

    Sums in euros, ``None`` for what was not declared; the questions are alerts, never verdicts.
    """
    abated = {(r["bailleur"], r["quartier"], r["annee"]): r["montant"] for r in rows["abattements"]}
    every: dict[tuple[str, str, int], list[Row]] = {key: [] for key in abated}
    for row in rows["actions_tfpb"]:
        every.setdefault((row["bailleur"], row["quartier"], row["annee"]), []).append(row)
    found = []
    for key, done in sorted(every.items()):
        spent = sum(row["depense"] or 0 for row in done)
        given = abated.get(key, 0) + sum(row["autres_financements"] or 0 for row in done)
        questions = {
            "actions sans abattement déclaré": key not in abated,
            "aucune action": not done,
            "dépensé plus qu'abattu, sans autre financement": key in abated and spent > given,
            "résidence hors du quartier": any(r["dans_le_quartier"] is False for r in done),
            "action inscrite deux fois": len({(r["action"], r["residence"]) for r in done})
            < len(done),
        }
        raised = tuple(question for question, asked in questions.items() if asked)
        shared = sum(row["avec_habitants"] is True for row in done)
        found.append((*key, abated.get(key), spent, len(done), shared, raised))
    return found


def axes(rows: Rows) -> list[tuple[str, int, float, Share]]:
    """Return, by axis of the TFPB actions: how many, their sum in euros, those with residents."""
    every: dict[str, list[Row]] = defaultdict(list)
    for row in rows["actions_tfpb"]:
        every[row["axe"]].append(row)
    return [
        (axis, len(done), sum(row["depense"] or 0 for row in done), _told(done, "avec_habitants"))
        for axis, done in sorted(every.items())
    ]


def around(cards: Sequence[Row]) -> list[dict[str, float | None]]:
    """Return the quartiers that each structure serves: code -> metres from its point, 0 inside.

    At most :data:`NEAR`; ``None`` for a quartier given by its card, which has no point.
    """
    found: list[dict[str, float | None]] = [
        dict.fromkeys(card["quartiers"] or () if card["longitude"] is None else ())
        for card in cards
    ]
    points = pd.DataFrame(cards, columns=["longitude", "latitude"]).dropna().astype(float)
    near = gazetteer.leading(points.reset_index(), NEAR)
    for rank, code, metres in zip(near["index"], near["territoire"], near["distance"], strict=True):
        found[rank][code] = metres
    return found


def freshness(row: Row) -> str:
    """Return when a card was verified; to be seen again after twelve months."""
    seen = row["verifie_le"]
    return f"{seen:%d/%m/%Y}" + f" : {STALE}" * ((clock.edition() - seen).days > 365)


def _whole(text: str) -> int | None:
    """Return a number when the text is one; « 41 (inféré) » is a reading, and said so beside."""
    first, other = text.split(" ")[0], "en tout" in text or "agenda" in text
    return int(first) if first.isdigit() and not other else None


def _told(held: list[Row], column: str) -> Share:
    known = [one[column] for one in held if one[column] is not None]
    return Share(sum(bool(value) for value in known), len(known), len(held) - len(known))
