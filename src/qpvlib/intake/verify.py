"""``qpv verifier``: everything in ``data/`` agrees with everything else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from qpvlib import catalogue, gazetteer, observations, paths, schools, territories
from qpvlib.deposits.deposit import formats
from qpvlib.errors import CheckError, Problem, QpvError
from qpvlib.indicators.composites import composites
from qpvlib.indicators.population import DENSITY, GROWTH, POPULATION
from qpvlib.intake import calculate
from qpvlib.numerals import plain
from qpvlib.observations import COLUMNS, KEY, VALUE, Observations
from qpvlib.sources import depp, families, places, registry
from qpvlib.sources.registry import Source
from qpvlib.typography import typeset

_LOCAL = "source_locale"
_AGAIN = "Réimportez son fichier d'origine : qpv importer FICHIER, ou retirez-la : qpv retirer {}."
_BY_HAND = "Corrigez ce fichier, ou reprenez-le dans l'historique du dépôt."


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
    waiting
        Indicators without a single figure, whose file has not been deposited.
    unread
        Indicators without a single figure, that no known file gives.
    """

    sources: int
    rows: int
    states: dict[str, int]
    indicators: int
    repeated: int
    waiting: tuple[str, ...]
    unread: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the French summary."""
        states = ", ".join(f"{state} {count}" for state, count in self.states.items())
        return [
            typeset(line)
            for line in (
                f"{self.sources} sources, {self.rows} observations ({states}).",
                f"{self.indicators} indicateurs du catalogue ont une valeur.",
                f"{self.repeated} chiffres donnés par plusieurs sources, toutes d'accord.",
                *_silent("en attente du fichier qui les donne", self.waiting),
                *_silent("qu'aucun fichier lu ne donne", self.unread),
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
        With every fault and its remedy: registry, family file or catalogue that breaks its rules,
        observation outside the schema, unknown source, indicator or family, vintage that the
        source does not have, two sources that give different values for one figure, passage that
        its own figures contradict, calculation out of date, public indicator that nothing reads.
    """
    problems: list[Problem] = []
    frames: list[pd.DataFrame] = []
    for path in sorted((paths.data() / "observations").glob("*.csv")):
        try:
            frame = observations.read(path)
        except QpvError as failure:
            problems += _remedied(failure.problems, _AGAIN.format(path.stem))
            continue
        frames.append(frame)
        problems += _foreign_rows(frame, path.stem)
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
    known: dict[str, Source] = {}
    try:
        known = registry.sources()
        problems += _source_faults(known, frame)
        problems += _unknown_indicators(frame)
        problems += _unread()
        problems += _school_faults(frame)
        problems += _place_faults(known)
        territories.qpv()
    except QpvError as failure:
        problems += _remedied(failure.problems, _BY_HAND)
    problems += divergences(frame)
    if not problems:  # a calculation needs sound data
        problems += periods(frame)
        problems += contradictions(Observations(frame, registry.ranks()).complete)
        problems += calculate.stale(frame, known)
    if problems:
        raise CheckError(problems)
    values = frame[frame.etat == VALUE]
    none = [name for name in catalogue.indicators() if name not in set(values.indicateur)]
    read = _read()
    return Report(
        len(known),
        len(frame),
        {str(k): int(v) for k, v in frame.etat.value_counts().sort_index().items()},
        int(values.indicateur.nunique()),
        int(values[values.duplicated(KEY, keep=False)].drop_duplicates(KEY).shape[0]),
        tuple(name for name in none if name in read),
        tuple(name for name in none if name not in read),
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
            said = ", ".join(f"{plain(value)} ({source})" for source, value in figures.items())
            name = "/".join(str(part) for part in key)
            remedy = (
                "Vérifiez le chiffre et l'année chez le producteur, puis redonnez le bon fichier, "
                f"ou retirez l'autre : qpv retirer {group.source.iloc[-1]}."
            )
            problems.append(Problem(f"{name} : les sources divergent, {said}.", remedy=remedy))
    return problems


def contradictions(frame: pd.DataFrame) -> Iterator[Problem]:
    """Tell the passages said to keep their perimeter that the figures contradict.

    The population of both perimeters may not differ beyond both margins, nor any figure but a
    survey's of the same year. A declared doubt is accepted.

    Parameters
    ----------
    frame
        Observations, each key once, with their intervals.
    """
    remedy = "Écrivez « oui » dans doute et dites pourquoi dans note, ou corrigez la nature."
    kept = {p.code_2024: p.code_2015 for p in territories.passages() if p.same}
    values = frame[(frame.etat == VALUE) & frame.territoire.isin({*kept, *kept.values()})]
    values = values.assign(source=values.territoire, territoire=values.territoire.replace(kept))
    surveys = [k for k, entry in catalogue.indicators().items() if entry.nature == "enquete"]
    for fault in divergences(values[~values.indicateur.isin(surveys)].assign(geographie="qpv")):
        yield Problem(f"périmètre dit identique, {fault.fact}", "passage.csv", remedy=remedy)
    people = values[values.indicateur == "population_qpv"].sort_values("millesime")
    people = people.drop_duplicates(["territoire", "geographie"], keep="last")
    for code, pair in people.groupby("territoire"):
        if pair.borne_basse.max() > pair.borne_haute.min():
            said = ", ".join(f"{p.valeur:.0f} en {p.millesime}" for p in pair.itertuples())
            fact = f"périmètre dit identique, {code} : habitants au-delà des marges ({said})."
            yield Problem(fact, "passage.csv", remedy=remedy)


def periods(frame: pd.DataFrame) -> Iterator[Problem]:
    """Tell the years of the growth of the population that its labels, printed with it, do not."""
    entry, mine = catalogue.indicators()[GROWTH], frame[frame.geographie == "qpv2015"]
    people = mine[mine.indicateur == POPULATION].millesime
    for year in {people.min(), people.max()} if (mine.indicateur == GROWTH).any() else ():
        for name in ("libelle", "libelle_court", "en_clair"):
            if str(year) not in getattr(entry, name):
                fact = f"{GROWTH} : {name} ne dit pas l'année {year}."
                yield Problem(fact, "indicateurs.yml", remedy="Écrivez-la.")


def _decimals(value: float) -> int:
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


def _foreign_rows(frame: pd.DataFrame, stem: str) -> Iterator[Problem]:
    others = sorted(set(frame.source) - {stem})
    if others:
        fact = f"lignes d'une autre source ({', '.join(others)})."
        yield Problem(fact, f"{stem}.csv", remedy="Un fichier ne porte que la source de son nom.")


def _source_faults(known: dict[str, Source], frame: pd.DataFrame) -> Iterator[Problem]:
    for name in sorted(set(frame.source) - set(known)):
        fact = f"la source {name} n'est pas dans data/sources.yml."
        yield Problem(fact, f"{name}.csv", remedy=_AGAIN.format(name))
    kinds = {*families.families(), *places.listings(), *formats(), *depp.forms()}
    for name, source in known.items():
        if not source.computed and source.famille not in kinds:
            fact = f"{name} : famille {source.famille} inconnue."
            remedy = "Décrivez-la dans data/familles.yml, lieux.yml ou depots.yml. "
            yield Problem(fact, "sources.yml", remedy=remedy + _AGAIN.format(name))
        said = frame[frame.source == name]
        path = paths.data() / "observations" / f"{name}.csv"
        if not path.is_file():
            fact = f"{name} : aucune observation n'en vient."
            yield Problem(fact, "sources.yml", remedy=_AGAIN.format(name))
        elif registry.fingerprint(path.read_bytes()) != source.chiffres_sha256:
            fact = "ces chiffres ne sont pas ceux que qpv a écrits : le fichier a été modifié."
            remedy = "Lancez « qpv calculer »." if source.computed else _AGAIN.format(name)
            yield Problem(fact, path.name, remedy=remedy)
        declared = set()
        for block in source.blocs.values():
            years = block["millesime"]
            declared |= set(years if isinstance(years, list) else [years])
        for year in sorted(set(said.millesime) - declared):
            fact = f"{name} : millésime {year} absent de ses blocs."
            yield Problem(fact, "sources.yml", remedy=_AGAIN.format(name))
    owners: dict[tuple[str, str], str] = {}
    for name, source in known.items():
        for digest in source.fingerprints:
            # The sheets of one workbook are as many sources, of different perimeters.
            owner = owners.setdefault((digest, source.perimetre), name)
            if owner != name:
                fact = f"{name} : même empreinte que {owner}."
                remedy = f"C'est le même fichier : retirez l'une des deux (qpv retirer {name})."
                yield Problem(fact, "sources.yml", remedy=remedy)


def _school_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield what is wrong with the tables of schools, and with the means made of them."""
    spots = schools.places()
    if len(spots) and not places.near_city(spots).all():
        remedy = "Corrigez ses coordonnées, ou déclarez-la non_place."
        yield Problem("une école est placée loin de Marseille.", "lieux.csv", remedy=remedy)
    told = schools.read_all()
    for form in depp.forms().values():
        mine = told[told["source"] == form.identifier]
        stored = frame[frame["source"] == form.identifier].reset_index(drop=True)
        if len(mine) and not depp.means(mine, form).equals(stored):
            fact = "les chiffres de la ville ne sont pas ceux que donnent ses établissements."
            remedy = _AGAIN.format(form.identifier)
            yield Problem(fact, f"{form.identifier}.csv", remedy=remedy)


def _place_faults(known: dict[str, Source]) -> Iterator[Problem]:
    """Yield the names of places without a source, and the lists without their names."""
    given = set(gazetteer.places()["source"])
    listed = {name for name, source in known.items() if source.famille in places.listings()}
    for name in sorted(given ^ listed):
        fact = "ces noms de lieux n'ont pas de source, ou cette liste n'a pas ses noms."
        yield Problem(fact, f"{name}.csv", remedy=_AGAIN.format(name))


def _unknown_indicators(frame: pd.DataFrame) -> Iterator[Problem]:
    known = set(catalogue.indicators())
    for name, group in frame.groupby("indicateur"):
        if name not in known:
            fact = f"l'indicateur {name} n'est pas dans le catalogue."
            source = group.source.iloc[0]
            remedy = "Décrivez-le dans data/indicateurs.yml, ou rétablissez son nom."
            yield Problem(fact, f"{source}.csv", remedy=remedy)


def _unread() -> Iterator[Problem]:
    """Name the indicators said to come from a public file, that nothing would ever give."""
    read = _read()
    for name, entry in catalogue.indicators().items():
        if name not in read and entry.statut != _LOCAL:
            fact = f"{name} : aucun fichier lu ni aucun calcul ne le donnerait."
            remedy = (
                "Ajoutez sa colonne à data/familles.yml (ou lieux.yml, depots.yml) et importez le "
                f"fichier, ou déclarez « statut: {_LOCAL} »."
            )
            yield Problem(fact, "indicateurs.yml", remedy=remedy)


def _read() -> set[str]:
    """Return the indicators that some file or calculation gives, deposited or not."""
    blocks = [block for family in families.families().values() for block in family.blocks]
    listings = places.listings().values()
    return {
        *(figure.indicator for block in blocks for figure in block.figures),
        *(n.partition("/")[0] for kind in listings for n in (*kind.counts, *kind.sums)),
        *(name for form in formats().values() for name in form.indicators),
        *(form.mean["indicateur"] for form in depp.forms().values()),
        *composites(),
        DENSITY,
        GROWTH,
    }


def _remedied(problems: Iterable[Problem], remedy: str) -> Iterator[Problem]:
    """Yield the problems, with this remedy for those that have none."""
    return (problem if problem.remedy else replace(problem, remedy=remedy) for problem in problems)


def _silent(why: str, names: tuple[str, ...]) -> Iterator[str]:
    if names:
        yield f"{len(names)} indicateurs sans aucun chiffre, {why} : {', '.join(names)}."
