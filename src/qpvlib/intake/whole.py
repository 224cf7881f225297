"""Complete or refused: what a file lacks, and what an import would make disappear."""

from collections.abc import Iterable, Iterator

import pandas as pd

from qpvlib.errors import Problem, SourceError
from qpvlib.observations import KEY, VALUE
from qpvlib.sources.families import Family, families
from qpvlib.sources.registry import Source

_NAMES = {
    "qpv2015": "quartiers de 2015",
    "qpv2024": "quartiers de 2024",
    "iris": "IRIS de Marseille",
    "arrondissement": "arrondissements de Marseille",
    "commune": "ligne de la ville",
}
_SHOWN = 5
_CUT = "Le fichier est tronqué, filtré, ou un code y est abîmé : reprenez celui du producteur."
_CONSENT = "Reprenez le fichier complet du producteur ; si c'est voulu, ajoutez --retirer."


def check(present: frozenset[str], family: Family, year: int | None, file: str) -> None:
    """Refuse a table that holds only a part of what a whole one does.

    Parameters
    ----------
    present
        Codes of the table.
    family, year
        What it is, and what dates it.
    file
        Name shown in messages.

    Raises
    ------
    SourceError
        With what is missing, by geography.
    """
    problems = []
    for group in family.expected(year):
        if not any(present & codes for codes in group.values()):
            continue
        for geography, codes in group.items():
            if lost := codes - present:
                fact = f"{_NAMES[geography]} : il en manque {len(lost)} sur {len(codes)}, "
                problems.append(Problem(f"{fact}{_named(lost)}.", file, remedy=_CUT))
    if problems:
        raise SourceError(problems)


def losses(
    frames: Iterable[tuple[Source, pd.DataFrame]],
    stored: pd.DataFrame,
    known: dict[str, Source],
) -> Iterator[Problem]:
    """Yield what these sources would make disappear, each once.

    Parameters
    ----------
    frames
        The sources that come in and their observations.
    stored
        Observations already there.
    known
        The registry.
    """
    for source, frame in frames:
        before = stored[stored.source == source.id]
        both = before.merge(frame[[*KEY, "etat"]], how="left", on=KEY, suffixes=("", "_apres"))
        emptied = (both.etat == VALUE) & (both.etat_apres != VALUE)
        lost = both[both.etat_apres.isna() | emptied]
        if len(lost):
            places, series = lost.territoire.unique(), _series(lost)
            fact = f"{len(lost)} chiffres de {source.id} disparaîtraient : {_named(series)}"
            yield Problem(f"{fact} ; {_named(places)}.", source.fichier, remedy=_CONSENT)
        previous = _previous(source, known)
        if previous is None:
            continue
        told = stored[(stored.source == previous.id) & (stored.etat == VALUE)]
        if gone := _series(told) - _series(frame[frame.etat == VALUE]) - _closed(source):
            fact = f"{source.id} n'a plus ce que donnait {previous.id} : {_named(gone)}."
            yield Problem(fact, source.fichier, remedy=_CONSENT)


def vanished(names: Iterable[str], stored: pd.DataFrame) -> Iterator[Problem]:
    """Yield the computed sources that would go, with what they are made from."""
    for name in names:
        count = int((stored.source == name).sum())
        fact = f"{name} disparaîtrait, avec ses {count} chiffres : elle ne peut plus être calculée."
        yield Problem(fact, remedy=_CONSENT)


def _previous(source: Source, known: dict[str, Source]) -> Source | None:
    """Return the last vintage of the same family and perimeter before this one, if any."""
    if source.publication is None:
        return None
    alike = [
        other
        for other in known.values()
        if (other.famille, other.perimetre) == (source.famille, source.perimetre)
        and other.publication is not None
        and other.publication < source.publication
    ]
    return max(alike, key=lambda other: (other.publication or 0, -other.rang), default=None)


def _closed(source: Source) -> set[str]:
    """Return the series that the family is known to give no more in the year of this source."""
    family = families().get(source.famille)
    if family is None or source.publication is None:
        return set()
    year, spans = source.publication, family.generations.items()
    columns = {n for n, s in spans if year > s.get("jusqu", year) or year == s.get("sauf")}
    return {
        f"{figure.indicator}/{figure.category}"
        for block in family.blocks
        for figure in block.figures
        if figure.columns & columns
    }


def _series(frame: pd.DataFrame) -> set[str]:
    return set(frame.indicateur + "/" + frame.modalite)


def _named(codes: Iterable[str]) -> str:
    names = [name.removesuffix("/ensemble") for name in sorted(codes)]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" et {rest} de plus" if rest > 0 else "")
