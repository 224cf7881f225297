"""``qpv calculer``: the figures that qpvlib works out itself from those it already holds.

Each calculation is one more source: its rows in ``data/observations``, its entry in
``data/sources.yml``. Its fingerprint is that of what enters it: the rows used, as canonical CSV,
then the files of ``data/territoires`` it reads. Same inputs, same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from qpvlib import commit, observations, paths
from qpvlib.errors import Problem
from qpvlib.intervals import ESTIMATES
from qpvlib.observations import COLUMNS, NUMBERS, Observations
from qpvlib.sources import registry
from qpvlib.sources.registry import COMPUTED, Source
from qpvlib.typography import typeset

RANK = 90
"""Last in preference: any published figure comes before a computed one."""
_GONE = "retiré, ses données ne sont plus là."
_WEIGHTS, _CONTOURS = "poids_iris_qpv2024.csv", "qpv2024_marseille.geojson"


@dataclass(frozen=True)
class Recipe:
    """How one source is computed.

    Attributes
    ----------
    source
        Its entry in the registry, fingerprint and vintages apart.
    inputs
        Observations -> the rows that enter.
    files
        What it reads in ``data/territoires``.
    run
        Those rows, the folder of the territories -> columns of an observation but ``source``.
    known
        How surely the year of the result is known.
    """

    source: Source
    inputs: Callable[[pd.DataFrame], pd.DataFrame]
    files: tuple[str, ...]
    run: Callable[[pd.DataFrame, Path], pd.DataFrame]
    known: str


@dataclass(frozen=True)
class Result:
    """A computed source: its entry, its rows and the bytes of its file."""

    source: Source
    frame: pd.DataFrame
    content: bytes


@dataclass(frozen=True)
class Outputs:
    """What a calculation writes: files and their bytes, files to remove, registry."""

    contents: dict[Path, bytes]
    removed: list[Path]
    entries: dict[str, Source]

    @property
    def changed(self) -> list[Path]:
        """The files whose bytes are not those on the disk."""
        return [p for p, c in self.contents.items() if not p.is_file() or p.read_bytes() != c]

    def lines(self) -> list[str]:
        """Return the French summary of what another command made change."""
        return [
            *(f"{path.stem} : recalculé." for path in self.changed),
            *(f"{path.stem} : {_GONE}" for path in self.removed),
        ]


@dataclass
class Report:
    """Result of a calculation: number of rows of each source that changed, or not."""

    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the French summary."""
        lines = [f"{name} : {count} lignes calculées." for name, count in self.changed.items()]
        lines += [f"{name} : {count} lignes, inchangé." for name, count in self.same.items()]
        lines += [f"{name} : {_GONE}" for name in self.removed]
        return [typeset(line) for line in lines or ["Rien à calculer : les données manquent."]]


@commit.working("qpv calculer")
def calculate() -> Report:
    """Compute every source again from ``data`` and write what changed."""
    sources = registry.sources()
    results = compute(observations.read_all(), sources)
    found = outputs(results, sources)
    changed = {path.stem for path in found.changed}
    report = Report(removed=[path.stem for path in found.removed])
    for name, result in results.items():
        (report.changed if name in changed else report.same)[name] = len(result.frame)
    write(found, {})
    return report


def compute(frame: pd.DataFrame, sources: dict[str, Source]) -> dict[str, Result]:
    """Return every computed source that these observations allow.

    Parameters
    ----------
    frame
        Observations of all sources; those already computed are ignored.
    sources
        The registry.
    """
    folder = paths.data() / "territoires"
    told = frame[~frame["source"].isin([n for n, s in sources.items() if s.computed])]
    ranks = {name: source.rang for name, source in sources.items()}
    results: dict[str, Result] = {}
    for recipe in recipes():
        files = [folder / name for name in recipe.files]
        used = recipe.inputs(_known(told, results, ranks))
        if used.empty or not all(file.is_file() for file in files):
            continue
        rows = recipe.run(used, folder)
        if rows.empty:
            continue
        name = recipe.source.id
        rows = rows.reindex(columns=COLUMNS).assign(source=name)
        rows[NUMBERS] = rows[NUMBERS].astype(float)
        rows = observations.validate(rows, f"{name}.csv")
        years = sorted(int(year) for year in rows["millesime"].unique())
        entry = {
            **vars(recipe.source),
            "blocs": {"calcul": {"millesime": years, "connu": recipe.known}},
            "sha256": registry.fingerprint(
                b"".join([observations.to_csv(used), *(file.read_bytes() for file in files)])
            ),
        }
        results[name] = Result(Source(**entry), rows, observations.to_csv(rows))
    return results


def _known(told: pd.DataFrame, results: dict[str, Result], ranks: dict[str, int]) -> pd.DataFrame:
    """Return what is published, completed by what was just computed from it."""
    frames = [told, *(result.frame for result in results.values())]
    return Observations(
        pd.concat(frames, ignore_index=True), ranks | dict.fromkeys(results, RANK)
    ).frame


def outputs(results: dict[str, Result], sources: dict[str, Source]) -> Outputs:
    """Return the files to write, those to remove, and the registry that goes with them."""
    folder = paths.data() / "observations"
    gone = sorted(n for n, s in sources.items() if s.computed and n not in results)
    kept = {name: entry for name, entry in sources.items() if name not in gone}
    contents = {folder / f"{name}.csv": result.content for name, result in results.items()}
    entries = kept | {name: result.source for name, result in results.items()}
    return Outputs(contents, [folder / f"{name}.csv" for name in gone], entries)


def write(found: Outputs, others: dict[Path, bytes]) -> None:
    """Write the computed files, these others and the registry, which fingerprints them: at once."""
    contents = others | found.contents
    entries = {
        name: replace(entry, chiffres_sha256=registry.fingerprint(contents[path]))
        if (path := paths.data() / "observations" / f"{name}.csv") in contents
        else entry
        for name, entry in found.entries.items()
    }
    commit.write(contents | {paths.data() / "sources.yml": registry.dump(entries)}, found.removed)


def stale(frame: pd.DataFrame, sources: dict[str, Source]) -> list[Problem]:
    """Say which computed files are not what the data now give.

    Parameters
    ----------
    frame, sources
        See :func:`compute`.
    """
    found = outputs(compute(frame, sources), sources)
    wrong = {p for p in found.contents if not _alike(found.entries[p.stem], sources.get(p.stem))}
    return [
        Problem(
            "ces chiffres calculés ne sont plus ceux que donnent les données.",
            path.name,
            remedy="Lancez « qpv calculer ».",
        )
        for path in sorted({*wrong, *found.changed, *found.removed})
    ]


def _alike(entry: Source, registered: Source | None) -> bool:
    """Return whether two entries say the same, the fingerprint of their rows aside."""
    return registered is not None and entry == replace(registered, chiffres_sha256="")


def recipes() -> tuple[Recipe, ...]:
    """Return every calculation: one may use what those before it give."""
    from qpvlib.indicators import digital, population, quartiers

    def people(geography: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
        return lambda frame: frame[
            (frame["indicateur"] == population.POPULATION) & (frame["geographie"] == geography)
        ]

    def estimated(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
        weights = pd.read_csv(folder / _WEIGHTS, dtype={"iris": str})
        return quartiers.estimates(frame, weights).rows

    return (
        Recipe(
            _source(
                "calcul-densite",
                "qpvlib, d'après l'Insee et l'ANCT",
                "Densité des quartiers prioritaires de 2024",
                "qpv2024",
                "Population du recensement rapportée à la surface du contour, en Lambert 93.",
            ),
            people("qpv2024"),
            (_CONTOURS,),
            lambda frame, _: population.density(frame),
            "inféré",
        ),
        Recipe(
            _source(
                ESTIMATES,
                "qpvlib, d'après l'Insee",
                "Estimations par quartier prioritaire de 2024 à partir du recensement par IRIS",
                "qpv2024",
                "Décomptes des IRIS répartis selon la population de chaque morceau d'IRIS. La "
                "marge comprend le sondage et l'écart mesuré entre IRIS et quartiers. Aucune "
                "estimation là où l'Insee publie ou masque le chiffre, ni sur les logements, ni "
                "pour un quartier trop mêlé à ses voisins dans ses IRIS : data/README.md, "
                "« Calculs ». Ce qui valide chacune est dans les limites de l'indicateur.",
            ),
            quartiers.inputs,
            (_WEIGHTS,),
            estimated,
            "lu",
        ),
        Recipe(
            _source(
                "calcul-evolution-population",
                "qpvlib, d'après l'Insee",
                "Évolution de la population des quartiers prioritaires de 2015",
                "qpv2015",
                "Taux annuel moyen entre deux recensements, à périmètre constant.",
            ),
            people("qpv2015"),
            (),
            lambda frame, _: population.growth(frame),
            "vérifié",
        ),
        Recipe(
            _source(
                "calcul-indices-numeriques",
                "qpvlib, d'après l'Insee et la Cnaf",
                "Indices de l'éloignement du numérique et des besoins d'accès aux droits",
                "mixte",
                "Moyennes de parts en %, de poids égaux, là où toutes les composantes sont "
                "publiées ou estimées : data/indices.yml, et data/README.md, « Calculs ».",
            ),
            digital.inputs,
            (),
            lambda frame, _: digital.indices(frame),
            "lu",
        ),
    )


def _source(name: str, producer: str, dataset: str, geography: str, note: str) -> Source:
    licence = "Réutilisation libre avec mention de la source et de la date"
    return Source(
        name, COMPUTED, producer, dataset, None, geography, {}, "", licence,
        f"{name}.csv", "", RANK, note=note,
    )  # fmt: skip
