"""``qpv verifier``: everything in ``data/`` agrees with everything else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from qpvlib import catalogue, observations, paths, schools, territories
from qpvlib.deposits.deposit import formats
from qpvlib.errors import CheckError, Problem, QpvError
from qpvlib.intake import calculate
from qpvlib.observations import COLUMNS, KEY, VALUE
from qpvlib.sources import depp, families, places, registry
from qpvlib.sources.registry import Source
from qpvlib.typography import typeset


@dataclass(frozen=True)
class Report:
    """What was verified.

    Attributes
    ----------
    sources, rows
        Numbers of registered sources and of observations.
    states
        State -> number of observations.
    indicators
        Number of indicators of the catalogue that have a value.
    repeated
        Number of figures given by several sources, all in agreement.
    """

    sources: int
    rows: int
    states: dict[str, int]
    indicators: int
    repeated: int

    def lines(self) -> list[str]:
        """Return the French summary."""
        states = ", ".join(f"{state} {count}" for state, count in self.states.items())
        return [
            typeset(line)
            for line in (
                f"{self.sources} sources, {self.rows} observations ({states}).",
                f"{self.indicators} indicateurs du catalogue ont une valeur.",
                f"{self.repeated} chiffres donnés par plusieurs sources, toutes d'accord.",
            )
        ]


def verify() -> Report:
    """Check the whole ``data`` folder.

    Returns
    -------
    Report

    Raises
    ------
    CheckError
        With every fault: registry, family file or catalogue that breaks its rules, observation
        outside the schema, unknown source, indicator or family, vintage that the source does
        not have, two sources that give different values for one figure, calculation out of date.
    """
    problems: list[Problem] = []
    frames: list[pd.DataFrame] = []
    for path in sorted((paths.data() / "observations").glob("*.csv")):
        try:
            frame = observations.read(path)
        except QpvError as failure:
            problems += failure.problems
            continue
        frames.append(frame)
        problems += _foreign_rows(frame, path.stem)
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
    known: dict[str, Source] = {}
    try:
        known = registry.sources()
        problems += _source_faults(known, frame)
        problems += _unknown_indicators(frame)
        problems += _school_faults(frame)
        territories.qpv()
    except QpvError as failure:
        problems += failure.problems
    problems += divergences(frame)
    if not problems:  # a calculation needs sound data
        problems += calculate.stale(frame, known)
    if problems:
        raise CheckError(problems)
    values = frame[frame.etat == VALUE]
    return Report(
        len(known),
        len(frame),
        {str(k): int(v) for k, v in frame.etat.value_counts().sort_index().items()},
        int(values.indicateur.nunique()),
        int(values[values.duplicated(KEY, keep=False)].drop_duplicates(KEY).shape[0]),
    )


def divergences(frame: pd.DataFrame) -> list[Problem]:
    """Return the figures that two sources state differently.

    Two published values agree when they are equal once rounded to the decimals of the coarser
    (2,8 and 2,769599 do, 44,7 and 45,2 do not), or when they all lie in the interval of one.

    Parameters
    ----------
    frame
        Observations of all sources.
    """
    values = frame[frame.etat == VALUE]
    values = values[values.duplicated(KEY, keep=False)]
    problems = []
    for key, group in values.groupby(KEY, sort=True):
        figures = dict(zip(group.source, group.valeur, strict=True))
        places = min(_decimals(value) for value in figures.values())
        low, high = min(figures.values()), max(figures.values())
        held = ((group.borne_basse <= low) & (high <= group.borne_haute)).any()
        if high - low > 0.5000001 * 10**-places and not held:
            said = ", ".join(f"{value:g} ({source})" for source, value in figures.items())
            name = "/".join(str(part) for part in key)
            problems.append(Problem(f"{name} : les sources divergent, {said.replace('.', ',')}."))
    return problems


def _decimals(value: float) -> int:
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


def _foreign_rows(frame: pd.DataFrame, stem: str) -> Iterator[Problem]:
    others = sorted(set(frame.source) - {stem})
    if others:
        fact = f"lignes d'une autre source ({', '.join(others)})."
        yield Problem(fact, f"{stem}.csv", remedy="Un fichier ne porte que la source de son nom.")


def _source_faults(known: dict[str, Source], frame: pd.DataFrame) -> Iterator[Problem]:
    for name in sorted(set(frame.source) - set(known)):
        yield Problem(f"la source {name} n'est pas dans data/sources.yml.", f"{name}.csv")
    kinds = {*families.families(), *places.listings(), *formats(), *depp.forms()}
    for name, source in known.items():
        if not source.computed and source.famille not in kinds:
            yield Problem(f"{name} : famille {source.famille} inconnue.", "sources.yml")
        said = frame[frame.source == name]
        if not (paths.data() / "observations" / f"{name}.csv").is_file():
            yield Problem(f"{name} : aucune observation n'en vient.", "sources.yml")
        declared = set()
        for block in source.blocs.values():
            years = block["millesime"]
            declared |= set(years if isinstance(years, list) else [years])
        for year in sorted(set(said.millesime) - declared):
            yield Problem(f"{name} : millésime {year} absent de ses blocs.", "sources.yml")
    owners: dict[tuple[str, str], str] = {}
    for name, source in known.items():
        for digest in source.fingerprints:
            # The sheets of one workbook are as many sources, of different perimeters.
            owner = owners.setdefault((digest, source.perimetre), name)
            if owner != name:
                fact = f"{name} : même empreinte que {owner}."
                yield Problem(fact, "sources.yml")


def _school_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield what is wrong with the tables of schools, and with the means made of them."""
    spots = schools.places()
    if len(spots) and not places.near_city(spots).all():
        yield Problem("une école est placée loin de Marseille.", "lieux.csv")
    told = schools.read_all()
    for form in depp.forms().values():
        mine = told[told["source"] == form.identifier]
        stored = frame[frame["source"] == form.identifier].reset_index(drop=True)
        if len(mine) and not depp.means(mine, form).equals(stored):
            fact = "les chiffres de la ville ne sont pas ceux que donnent ses établissements."
            remedy = "Importez de nouveau le fichier du ministère."
            yield Problem(fact, f"{form.identifier}.csv", remedy=remedy)


def _unknown_indicators(frame: pd.DataFrame) -> Iterator[Problem]:
    known = set(catalogue.indicators())
    for name, group in frame.groupby("indicateur"):
        if name not in known:
            yield Problem(
                f"l'indicateur {name} n'est pas dans le catalogue.", f"{group.source.iloc[0]}.csv"
            )
