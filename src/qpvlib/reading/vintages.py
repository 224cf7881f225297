"""``qpv millesimes``: what has grown old at the edition's date, and what producers announce."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from qpvlib import clock, declared, paths
from qpvlib.errors import Problem, SourceError
from qpvlib.observations import VALUE, Observations
from qpvlib.reading.findings import OLDEST
from qpvlib.sources import registry
from qpvlib.typography import typeset

QUARTIERS = ("qpv2015", "qpv2024")


@dataclass(frozen=True)
class Announcement:
    """A publication that a producer announces: dataset, day, address of the announcement."""

    jeu: str
    date: date
    source: str


@dataclass(frozen=True)
class Report:
    """What is old, what is newest, what is announced.

    Attributes
    ----------
    day
        The edition's date.
    stale
        Year -> indicators of which it is the last one known by quartier, more than
        :data:`~qpvlib.reading.findings.OLDEST` years before the edition.
    newest
        Producer and dataset -> last year that it describes.
    announced
        The calendar.
    """

    day: date
    stale: dict[int, list[str]]
    newest: dict[str, int]
    announced: tuple[Announcement, ...]

    def lines(self) -> list[str]:
        """Return the French report."""
        count = sum(map(len, self.stale.values()))
        told = [
            f"Édition du {clock.told(self.day)}.",
            f"Indicateurs dont le dernier chiffre par quartier a plus de {OLDEST} ans : {count}.",
            *(f"  {year} : {', '.join(names)}." for year, names in sorted(self.stale.items())),
            "Dernière année décrite par chaque jeu de données :",
        ]
        for name, year in sorted(self.newest.items(), key=lambda item: (item[1], item[0])):
            told.append(f"  {year} : {name}.")
        if not self.announced:
            told.append("Aucune parution annoncée dans data/calendrier.yml.")
        for one in sorted(self.announced, key=lambda one: (one.date, one.jeu)):
            word = "attendu le" if one.date > self.day else "à importer, annoncé pour le"
            told.append(f"{one.jeu} : {word} {clock.told(one.date)} ({one.source}).")
        return [typeset(line) for line in told]


def report(observations: Observations) -> Report:
    """Return what is old at the edition's date (:func:`qpvlib.clock.edition`)."""
    day = clock.edition()
    known = observations.frame[observations.frame["etat"] == VALUE]
    last = known[known["geographie"].isin(QUARTIERS)].groupby("indicateur")["millesime"].max()
    stale: defaultdict[int, list[str]] = defaultdict(list)
    for name, year in last.items():
        if year < day.year - OLDEST:
            stale[int(year)].append(str(name))
    newest: defaultdict[str, int] = defaultdict(int)
    sources = registry.sources()
    for name, year in known.groupby("source")["millesime"].max().items():
        source = sources[str(name)]
        if not source.computed:
            told = f"{source.producteur}, {source.jeu}"
            newest[told] = max(newest[told], int(year))
    return Report(day, dict(stale), dict(newest), calendar())


def calendar() -> tuple[Announcement, ...]:
    """Return the announcements of ``data/calendrier.yml``.

    Raises
    ------
    SourceError
        With every entry without a dataset, a day or the address of the announcement.
    """
    path = paths.data() / "calendrier.yml"
    entries = declared.read(path) or [] if path.is_file() else []
    problems, found = [], []
    for rank, entry in enumerate(entries, 1):
        jeu, day, source = (entry.get(key) for key in ("jeu", "date", "source"))
        if not jeu or not isinstance(day, date) or not str(source).startswith("https://"):
            fact = f"l'entrée {rank} n'a pas ses trois champs : jeu, date (AAAA-MM-JJ), source."
            remedy = "Une date n'est gardée qu'avec l'adresse https de la page qui l'annonce."
            problems.append(Problem(fact, path.name, remedy=remedy))
            continue
        found.append(Announcement(jeu, day, source))
    if problems:
        raise SourceError(problems)
    return tuple(found)
