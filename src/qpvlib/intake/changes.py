"""What changes between two states of ``data/``: new, revised and withdrawn figures, perimeters.

A state is a folder, a revision of git, or an edition kept in ``data/editions``. What is compared is
what is published: of several sources of one figure, the preferred one.
"""

import io
import subprocess
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from qpvlib import clock, commit, declared, paths, territories
from qpvlib.errors import InvalidParameterError, ObservationError, Problem, QpvError
from qpvlib.numerals import plain
from qpvlib.observations import ALL, COLUMNS, KEY, NUMBERS, VALUE, Observations
from qpvlib.typography import typeset

SHOWN = 10
"""Most figures or columns named one by one; the rest are counted."""
WORDS = {
    "nouveaux": ("nouveau", "nouveaux"),
    "revises": ("révisé", "révisés"),
    "retires": ("retiré", "retirés"),
}
_KEPT = ("observations/*.csv", "territoires/passage.csv", "sources.yml")
_REMEDY = "Donnez un dossier data, une édition de data/editions ou une révision de git."
_EPOCH = (1980, 1, 1, 0, 0, 0)  # same figures, same bytes


@dataclass(frozen=True)
class State:
    """The published figures of one moment, and where each quartier of 2024 comes from."""

    name: str
    frame: pd.DataFrame
    perimeters: dict[str, str]


@dataclass(frozen=True)
class Changes:
    """What distinguishes two states.

    Attributes
    ----------
    before, after
        Their names.
    new, withdrawn
        Rows of observations that only one of them has.
    revised
        Rows of both: ``valeur_avant``, ``etat_avant``… beside ``valeur``, ``etat``…
    identical
        Number of figures that did not change.
    perimeters
        One French line per quartier whose perimeter is told otherwise.
    """

    before: str
    after: str
    new: pd.DataFrame
    revised: pd.DataFrame
    withdrawn: pd.DataFrame
    identical: int
    perimeters: tuple[str, ...]

    def by_indicator(self) -> pd.DataFrame:
        """Return the counts, an indicator a row: ``nouveaux, revises, retires, millesimes``."""
        parts = {"nouveaux": self.new, "revises": self.revised, "retires": self.withdrawn}
        counts = {name: rows.groupby("indicateur").size() for name, rows in parts.items()}
        every = pd.concat(parts.values())
        years = every.groupby("indicateur")["millesime"].agg(lambda found: sorted(set(found)))
        return pd.DataFrame(counts).fillna(0).astype(int).assign(millesimes=years)

    def lines(self) -> list[str]:
        """Return the French summary, the first revised and withdrawn figures named."""
        told = [
            f"Avant : {self.before}. Après : {self.after}.",
            f"Chiffres nouveaux : {len(self.new)} ; révisés : {len(self.revised)} ; "
            f"retirés : {len(self.withdrawn)} ; identiques : {self.identical}.",
        ]
        for name, row in self.by_indicator().iterrows():
            counts = ", ".join(
                f"{row[key]} {one if row[key] < 2 else several}"
                for key, (one, several) in WORDS.items()
                if row[key]
            )
            told.append(f"  {name} ({', '.join(map(str, row['millesimes']))}) : {counts}.")
        told += shortened(tuple(map(revision, self.revised.to_dict("records"))))
        told += shortened(
            tuple(f"{named(row)} : retiré" for row in self.withdrawn.to_dict("records"))
        )
        return [typeset(line) for line in (*told, *self.perimeters)]


def compare(before: State, after: State) -> Changes:
    """Return what changes from one state to the other."""
    both = before.frame.merge(after.frame, on=KEY, suffixes=("_avant", ""))
    same = identical(both)

    def alone(one: State, other: State) -> pd.DataFrame:
        joined = one.frame.merge(other.frame[KEY], on=KEY, how="left", indicator=True)
        return joined[joined["_merge"] == "left_only"].drop(columns="_merge")

    return Changes(
        before.name,
        after.name,
        alone(after, before),
        both[~same].sort_values(KEY, ignore_index=True),
        alone(before, after),
        int(same.sum()),
        tuple(_moved(before.perimeters, after.perimeters)),
    )


def between(before: str = "", after: str = "") -> Changes:
    """Return what changes between two named states (see :func:`state`).

    Parameters
    ----------
    before, after
        The last edition kept, and the present ``data/``, when empty.

    Raises
    ------
    InvalidParameterError
        If no edition was kept yet, or if a name designates nothing.
    """
    kept = before or last_edition()
    if kept is None:
        fact = "Aucune édition publiée n'est gardée dans data/editions."
        raise InvalidParameterError(Problem(fact, remedy=f"{_REMEDY} Ainsi : qpv comparer AVANT."))
    return compare(state(str(kept)), state(after))


def last_edition() -> Path | None:
    """Return the most recent edition kept before today's, ``data/editions/AAAA-MM-JJ.zip``."""
    found = sorted((paths.data() / "editions").glob("????-??-??.zip"))
    earlier = [path for path in found if date.fromisoformat(path.stem) < clock.edition()]
    return earlier[-1] if earlier else None


@commit.working("qpv comparer", alone=False)
def keep() -> Path:
    """Write the figures of this edition, to which the next one will be compared."""
    data, out = paths.data(), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(one for pattern in _KEPT for one in data.glob(pattern)):
            entry = zipfile.ZipInfo(path.relative_to(data).as_posix(), _EPOCH)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    path = data / "editions" / f"{clock.edition()}.zip"
    paths.write_atomically(path, out.getvalue())
    return path


def state(name: str = "") -> State:
    """Read a state of ``data/``.

    Parameters
    ----------
    name
        A folder (``data`` or its ``observations``), an edition kept, or a revision of git; the
        present ``data/`` when empty.

    Raises
    ------
    InvalidParameterError
        If the name designates none of them.
    ObservationError
        If its figures cannot be read.
    """
    if not name:
        return _read(paths.data(), f"l'édition du {clock.told(clock.edition())}")
    path = Path(name)
    if path.is_dir():
        return _read(path.parent if path.name == "observations" else path, name)
    with tempfile.TemporaryDirectory() as folder:
        if zipfile.is_zipfile(path):
            zipfile.ZipFile(path).extractall(folder)
            return _read(Path(folder), f"l'édition du {clock.told(date.fromisoformat(path.stem))}")
        _checkout(name, folder)
        return _read(Path(folder) / "data", name)


def identical(both: pd.DataFrame) -> pd.Series:
    """Return which figures, joined on their key, are the same in all their columns."""
    same = pd.Series(True, index=both.index)
    for column in set(COLUMNS) - set(KEY) - {"source"}:
        old, new = both[f"{column}_avant"], both[column]
        same &= (old == new) | (old.isna() & new.isna())
    return same


def named(row: dict) -> str:
    """Return a figure in words: place, code, indicator and year."""
    part = "" if row["modalite"] == ALL else f"/{row['modalite']}"
    return f"{_place(row['territoire'])}, {row['indicateur']}{part}, {row['millesime']}"


def revision(row: dict) -> str:
    """Return a revised figure in words, before → after."""
    before, after = said(row, "_avant"), said(row)
    if before == after:
        return f"{named(row)} : {after}, bornes ou décomptes révisés"
    return f"{named(row)} : {before} → {after}"


def said(row: dict, suffix: str = "") -> str:
    """Return the number of a figure, or its state when it has none."""
    state = row["etat" + suffix]
    return plain(row["valeur" + suffix]) if state == VALUE else state


def shortened(names: tuple[str, ...]) -> list[str]:
    """Return the first names, then how many others there are."""
    rest = len(names) - SHOWN
    return [*names[:SHOWN], *([f"et {rest} de plus"] if rest > 0 else [])]


def _place(code: str) -> str:
    try:
        return f"{territories.get(code).name} ({code})"
    except QpvError:  # a territory that the other state knew
        return code


def _moved(before: dict[str, str], after: dict[str, str]):
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code, "absent"), after.get(code, "absent")
        if old != new:
            yield f"{_place(code)} : périmètre {old} → {new}."


def _read(data: Path, name: str) -> State:
    files = sorted((data / "observations").glob("*.csv"))
    if not files:
        raise InvalidParameterError(
            Problem(f"« {name} » ne contient pas d'observations.", remedy=_REMEDY)
        )
    types = dict.fromkeys(COLUMNS, str) | dict.fromkeys(NUMBERS, float) | {"millesime": int}
    frames = []
    for path in files:
        # Not validated: a past state may know territories and indicators of its own.
        try:
            frame = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])[COLUMNS]
        except (KeyError, ValueError):
            fact = "ces observations ne se lisent pas : une colonne manque, ou un nombre."
            raise ObservationError(Problem(fact, f"{name}, {path.name}")) from None
        frames.append(frame)
    registered = data / "sources.yml"
    entries = declared.read(registered) or {} if registered.is_file() else None
    rank = entries and {source: entry["rang"] for source, entry in entries.items()}
    published = Observations(pd.concat(frames, ignore_index=True), rank).frame
    return State(name, published, _perimeters(data / "territoires" / "passage.csv"))


def _perimeters(path: Path) -> dict[str, str]:
    """Return where each quartier of 2024 comes from: « identique (QP013003) »."""
    if not path.is_file():
        return {}
    told: dict[str, list[str]] = {}
    for row in pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records"):
        doubt = ", à vérifier" if row.get("doute") else ""
        told.setdefault(row["code_2024"], []).append(f"{row['nature']}{doubt} ({row['code_2015']})")
    return {code: ", ".join(sorted(parts)) for code, parts in told.items()}


def _checkout(revision: str, folder: str) -> None:
    """Write ``data/`` as it was at a revision of git."""
    git = ["git", "-C", str(paths.root())]
    commit = [
        *git,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
    ]
    found = subprocess.run(commit, capture_output=True, text=True, check=False)
    if found.returncode:
        fact = f"« {revision} » n'est ni un dossier, ni une édition gardée, ni une révision de git."
        raise InvalidParameterError(Problem(fact, remedy=_REMEDY))
    archive = [*git, "archive", "--format=tar", found.stdout.strip(), "data"]
    content = subprocess.run(archive, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(folder, filter="data")
