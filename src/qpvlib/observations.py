"""The one table that every figure passes through: schema, four states, store.

One row is one figure. ``etat`` says whether it is a value, a secret, not available or without
object; only a value has a number, so that no channel can read a secret as a zero.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from qpvlib import intervals, paths
from qpvlib.categories import ALL
from qpvlib.errors import MixedGeographyError, ObservationError, Problem, QpvError
from qpvlib.territories import GEOGRAPHIES, get

VALUE, SECRET, UNAVAILABLE, NOT_APPLICABLE = STATES = (
    "valeur",
    "secret",
    "non_disponible",
    "sans_objet",
)
NEAR_YEARS = 2
"""A figure of another year may stand beside one, its year told, if not further than this."""
KEY = ["indicateur", "modalite", "geographie", "territoire", "millesime"]
COLUMNS = [
    "territoire",
    "geographie",
    "indicateur",
    "modalite",
    "millesime",
    "valeur",
    "numerateur",
    "denominateur",
    "borne_basse",
    "borne_haute",
    "etat",
    "source",
]

NUMBERS = ["valeur", "numerateur", "denominateur", "borne_basse", "borne_haute"]

_number = pa.Column(float, nullable=True, checks=pa.Check(np.isfinite, error="nombre infini"))
_name = pa.Check.str_matches(r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", error="identifiant mal formé")
SCHEMA = pa.DataFrameSchema(
    {
        "territoire": pa.Column(str),
        "geographie": pa.Column(str, pa.Check.isin(GEOGRAPHIES, error="géographie inconnue")),
        "indicateur": pa.Column(str, _name),
        "modalite": pa.Column(str, _name),
        "millesime": pa.Column(int, pa.Check.in_range(1990, 2100, error="millésime impossible")),
        "valeur": _number,
        "numerateur": _number,
        "denominateur": _number,
        "borne_basse": _number,
        "borne_haute": _number,
        "etat": pa.Column(str, pa.Check.isin(STATES, error="état inconnu")),
        "source": pa.Column(str, _name),
    },
    strict=True,
)


@dataclass(frozen=True)
class Observation:
    """One figure, and all that is needed to print it truthfully.

    ``value`` is in the unit of the catalogue (percentages between 0 and 100) and is ``None``
    unless ``state`` is ``valeur``. ``vintage`` is the year the data describe, ``None`` when no
    source gives this figure at all. ``low`` and ``high`` are the ends of its interval, ``interval``
    the kind of it (:data:`qpvlib.intervals.KINDS`), ``base`` how many people, households or
    dwellings a survey figure is computed on, ``grade`` its reliability.
    """

    territory: str
    geography: str
    indicator: str
    category: str
    vintage: int | None
    value: float | None
    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    state: str
    source: str
    interval: str = ""
    base: float | None = None
    grade: str = ""

    @property
    def is_value(self) -> bool:
        """Whether there is a number to print."""
        return self.state == VALUE

    @property
    def amount(self) -> float:
        """The number of a published figure; asking a masked one for it is a programming error."""
        if self.value is None or not self.is_value:
            raise ValueError(f"{self.indicator}, {self.territory}: no number ({self.state})")
        return self.value

    @property
    def year(self) -> int:
        """The vintage of a figure that a source gives."""
        if self.vintage is None:
            raise ValueError(f"{self.indicator}, {self.territory}: no vintage, no source.")
        return self.vintage


def validate(frame: pd.DataFrame, file: str = "") -> pd.DataFrame:
    """Return the rows in canonical order, or raise with all that is wrong.

    Parameters
    ----------
    frame
        Columns :data:`COLUMNS`; row *i* is line *i* + 2 of the file.
    file
        Name of the file, for the messages.

    Raises
    ------
    ObservationError
        On any broken rule: column, type, state, a number on a masked row, a missing number,
        bounds that do not hold the value, an unknown territory or one of another geography, a
        repeated key.
    """
    frame = frame.reset_index(drop=True)
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failure:
        raise ObservationError(schema_problems(failure.failure_cases, file)) from None
    problems = list(_row_problems(frame, file))
    if problems:
        raise ObservationError(problems)
    return frame[COLUMNS].sort_values(KEY, kind="stable", ignore_index=True)


def read(path: Path) -> pd.DataFrame:
    """Read one CSV of observations and validate it.

    Raises
    ------
    ObservationError
        If the file is not a CSV in UTF-8, holds an unreadable number, or breaks the schema.
    """
    return validate(_parsed(path), path.name)


def _parsed(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        raise ObservationError(
            Problem("ce fichier n'est pas un CSV lisible en UTF-8.", path.name)
        ) from None
    problems = []
    for column in frame.columns.intersection([*NUMBERS, "millesime"]):
        text = frame[column]
        frame[column] = pd.to_numeric(text, errors="coerce")
        if column in NUMBERS:
            frame[column] = frame[column].astype(float)
        for index in frame.index[frame[column].isna() & (text != "")]:
            fact = f"nombre illisible : « {text[index]} »."
            problems.append(Problem(fact, path.name, index + 2, column))
    if problems:
        raise ObservationError(problems)
    return frame


def read_all(folder: Path | None = None) -> pd.DataFrame:
    """Read every CSV of ``data/observations``: the rows of all sources, one after the other.

    Raises
    ------
    ObservationError
        See :func:`read`.
    """
    folder = folder or paths.data() / "observations"
    files = {path.name: _parsed(path) for path in sorted(folder.glob("*.csv"))}
    if not files:
        return pd.DataFrame(columns=COLUMNS)
    whole = pd.concat(files.values(), ignore_index=True)
    try:
        validate(whole)  # all at once: the cost is per table, not per row
    except ObservationError:
        each = [validate(frame, name) for name, frame in files.items()]  # names the file at fault
        return pd.concat(each, ignore_index=True)
    file = np.repeat(np.arange(len(files)), [len(frame) for frame in files.values()])
    order = whole.assign(_file=file).sort_values(["_file", *KEY], kind="stable").index
    return whole.loc[order, COLUMNS].reset_index(drop=True)


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return the validated rows as CSV: same rows, same bytes."""
    out = io.StringIO()
    validate(frame).to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode("utf-8")


class Observations:
    """The store: every figure known, each found in one way only.

    Parameters
    ----------
    frame
        Rows following :data:`SCHEMA`.
    rank
        Preference among sources giving the same figure: source id -> rank, the smallest wins.
        A secret is an answer; a figure that one source lacks is taken from the next. Without
        ranks, all sources are alike.

    Raises
    ------
    ObservationError
        If a source has no rank: it would be preferred to all.
    """

    def __init__(self, frame: pd.DataFrame, rank: dict[str, int] | None = None):
        sources = frame["source"].unique()
        ranks = dict.fromkeys(sources, 0) if rank is None else rank
        if lost := sorted(set(sources) - set(ranks)):
            raise ObservationError(
                Problem(
                    f"la source {name} n'est pas dans data/sources.yml.",
                    f"{name}.csv",
                    remedy=f"Réimportez son fichier d'origine, ou lancez qpv retirer {name}.",
                )
                for name in lost
            )
        order = frame["source"].map(ranks)
        self.frame = (
            frame.assign(_lacking=frame["etat"] == UNAVAILABLE, _rank=order)
            .sort_values([*KEY, "_lacking", "_rank", "source"], kind="stable")
            .drop_duplicates(KEY)
            .drop(columns=["_lacking", "_rank"])
            .reset_index(drop=True)
        )

    @classmethod
    def load(cls, folder: Path | None = None, rank: dict[str, int] | None = None):
        """Read every CSV of ``data/observations``."""
        return cls(read_all(folder), rank)

    @cached_property
    def complete(self) -> pd.DataFrame:
        """Every figure with its interval (see :func:`qpvlib.intervals.complete`)."""
        return intervals.complete(self.frame)

    @cached_property
    def _groups(self) -> dict[tuple[str, str, str], tuple[Observation, ...]]:
        clean = self.complete.astype(object).where(self.complete.notna(), None)
        found: dict[tuple[str, str, str], list[Observation]] = {}
        for row in clean[[*COLUMNS, *intervals.COLUMNS]].itertuples(index=False):
            observation = Observation(*row)
            key = (observation.indicator, observation.category, observation.territory)
            found.setdefault(key, []).append(observation)
        return {key: tuple(rows) for key, rows in found.items()}

    def series(
        self, indicator: str, territory: str, category: str = ALL
    ) -> tuple[Observation, ...]:
        """Return a territory's figures by vintage, all states, one geography."""
        return self._groups.get((indicator, category, territory), ())

    def get(
        self, indicator: str, territory: str, category: str = ALL, vintage: int | None = None
    ) -> Observation:
        """Return one figure; of the latest vintage when none is asked.

        A figure that no source gives is returned in the state ``non_disponible``.
        """
        rows = self.series(indicator, territory, category)
        if vintage is not None:
            rows = tuple(row for row in rows if row.vintage == vintage)
        if rows:
            return rows[-1]
        return Observation(
            territory, get(territory).geography, indicator, category, vintage,
            None, None, None, None, None, UNAVAILABLE, "",
        )  # fmt: skip

    def across(
        self,
        indicator: str,
        territories: Iterable[str],
        vintage: int | None = None,
        category: str = ALL,
    ) -> tuple[Observation, ...]:
        """Return the same figure for several territories of one geography.

        Raises
        ------
        MixedGeographyError
            If the territories belong to several geographies.
        """
        codes = list(territories)
        geographies = {get(code).geography for code in codes}
        if len(geographies) > 1:
            raise MixedGeographyError(
                f"L'indicateur « {indicator} » ne peut pas être mis en série sur "
                f"plusieurs géographies à la fois ({', '.join(sorted(geographies))})."
            )
        return tuple(self.get(indicator, code, category, vintage) for code in codes)

    def categories(self, indicator: str) -> tuple[str, ...]:
        """Return the categories other than ``ensemble`` of an indicator, in alphabetical order."""
        return self._categories.get(indicator, ())

    @cached_property
    def _categories(self) -> dict[str, tuple[str, ...]]:
        parts = self.frame[self.frame.modalite != ALL]
        found = parts.groupby("indicateur").modalite.unique()
        return {name: tuple(sorted(names)) for name, names in found.items()}

    def vintages(self, indicator: str, geography: str, category: str = ALL) -> tuple[int, ...]:
        """Return the years for which at least one value exists, in order."""
        return self._vintages.get((indicator, geography, category), ())

    @cached_property
    def _vintages(self) -> dict[tuple[str, str, str], tuple[int, ...]]:
        values = self.frame[self.frame.etat == VALUE]
        found = values.groupby(["indicateur", "geographie", "modalite"]).millesime.unique()
        return {key: tuple(sorted(map(int, years))) for key, years in found.items()}


def schema_problems(cases: pd.DataFrame, file: str) -> list[Problem]:
    """Return, in French, what a schema found wrong with the rows of a file."""
    problems = []
    for case in cases.itertuples():
        line = int(case.index) + 2 if pd.notna(case.index) else None
        if case.check == "column_in_dataframe":
            problems.append(Problem(f"la colonne « {case.failure_case} » manque.", file))
        elif case.check == "column_in_schema":
            problems.append(Problem(f"colonne inattendue « {case.failure_case} ».", file))
        elif case.check == "not_nullable":
            problems.append(Problem("cette case est vide.", file, line, str(case.column)))
        elif str(case.check).startswith("dtype"):
            problems.append(Problem("type inattendu.", file, line, str(case.column)))
        elif line is not None:  # a check that fails on a whole column follows from its type
            fact = f"{case.check} : « {case.failure_case} »."
            problems.append(Problem(fact, file, line, str(case.column)))
    return problems


def _row_problems(frame: pd.DataFrame, file: str):
    is_value = frame.etat == VALUE
    rules = {
        "valeur": (is_value & frame.valeur.isna(), "une valeur publiée n'a pas de nombre."),
        "etat": (
            ~is_value & frame[NUMBERS].notna().any(axis=1),
            "une ligne sans valeur publiée porte un nombre.",
        ),
        "borne_basse": (frame.borne_basse > frame.valeur, "la borne basse dépasse la valeur."),
        "borne_haute": (
            frame.borne_haute < frame.valeur,
            "la borne haute est inférieure à la valeur.",
        ),
        "territoire": (
            frame.territoire.map(_geography_of) != frame.geographie,
            "ce territoire est inconnu, ou n'appartient pas à cette géographie.",
        ),
        "millesime": (frame.duplicated([*KEY, "source"]), "ce chiffre est donné deux fois."),
    }
    for column, (broken, fact) in rules.items():
        for index in frame.index[broken]:
            yield Problem(fact, file, int(index) + 2, column)


@cache
def _geography_of(code: str) -> str:
    try:
        return get(code).geography
    except QpvError:
        return ""
