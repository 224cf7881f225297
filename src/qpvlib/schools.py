"""Schools: the one table of their figures, what is measured of them, where they stand.

A school is no territory: its figures are facts about an establishment (UAI code), kept apart in
``data/etablissements/chiffres``, one file per source, with the four states of the observations.
"""

import re
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from qpvlib import catalogue, declared, paths
from qpvlib.catalogue import Indicator
from qpvlib.errors import ObservationError, Problem
from qpvlib.observations import STATES, VALUE, schema_problems
from qpvlib.territories import METRIC_CRS

GEOGRAPHY = "etablissement"
"""What a school is in the files handed over, beside the geographies of territories."""
PUBLIC, PRIVATE = SECTORS = ("public", "prive")
SCHOOL, COLLEGE, LYCEE = KINDS = ("ecole", "college", "lycee")
PLACED = ("exact", "alias")
"""How a school was found on the City's list; any other word says that it was not."""
KEY = ["uai", "mesure", "millesime"]
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_WORDS = {SCHOOL: "École", COLLEGE: "Collège", LYCEE: "Lycée"}
_TYPES = {
    **dict.fromkeys(("uai", "nom", "arrondissement", "nature", "secteur", "mesure"), str),
    **{"millesime": int, "valeur": float, "etat": str, "source": str},
}


def is_uai(code: str) -> bool:
    """Return whether a code is a UAI number: seven digits and the letter of their rest by 23."""
    return bool(re.fullmatch(r"\d{7}[A-Z]", code)) and code[7] == _LETTERS[int(code[:7]) % 23]


def folder() -> Path:
    """Return the folder of the schools."""
    return paths.data() / "etablissements"


def table(source: str) -> Path:
    """Return the file of the figures that a source gives of schools."""
    return folder() / "chiffres" / f"{source}.csv"


@cache
def measures() -> dict[str, Indicator]:
    """Return what is measured of a school: id -> its entry, of the form of the catalogue's."""
    return catalogue.read(folder() / "mesures.yml")


_RULES = {
    "uai": pa.Check(lambda codes: codes.map(is_uai), error="numéro UAI mal formé"),
    "arrondissement": pa.Check.str_matches(r"^132(0[1-9]|1[0-6])$", error="code inconnu"),
    "nature": pa.Check.isin(KINDS, error="nature inconnue"),
    "secteur": pa.Check.isin(SECTORS, error="secteur inconnu"),
    "mesure": pa.Check(lambda names: names.isin(measures()), error="mesure inconnue"),
    "etat": pa.Check.isin(STATES, error="état inconnu"),
}
SCHEMA = pa.DataFrameSchema(
    {
        name: pa.Column(kind, _RULES.get(name), nullable=name == "valeur")
        for name, kind in _TYPES.items()
    },
    strict=True,
)


def validate(frame: pd.DataFrame, file: str = "") -> pd.DataFrame:
    """Return the figures of schools in canonical order; row *i* is line *i* + 2 of the file.

    Raises
    ------
    ObservationError
        On a broken column, a state that its number contradicts, a figure given twice.
    """
    frame = frame.reset_index(drop=True)
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failure:
        raise ObservationError(schema_problems(failure.failure_cases, file)) from None
    told = (frame["etat"] == VALUE) == frame["valeur"].notna()
    _refuse(~told | frame.duplicated(KEY), file)
    return frame[list(_TYPES)].sort_values(KEY, kind="stable", ignore_index=True)


@cache
def read_all() -> pd.DataFrame:
    """Return the figures of all schools, one source after the other; see :func:`validate`."""
    files = sorted((folder() / "chiffres").glob("*.csv"))
    frames = [validate(_read(path, _TYPES), path.name) for path in files]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(_TYPES))


@cache
def places() -> gpd.GeoSeries:
    """Return where the schools found on the City's lists stand: UAI -> point, in metres.

    The pairs of ``lieux.csv`` were read one by one; the coordinates are those of the City's list,
    to about 10 metres.

    Raises
    ------
    ObservationError
        If a school is there twice, or its coordinates contradict how it was found.
    """
    pairs = _read(folder() / "lieux.csv", {"uai": str})
    placed = pairs["appariement"].isin(PLACED)
    told = placed == pairs[["longitude", "latitude"]].notna().all(axis=1)
    _refuse(~told | pairs.duplicated("uai"), "lieux.csv")
    pairs = pairs[placed].set_index("uai")
    points = gpd.points_from_xy(pairs["longitude"], pairs["latitude"])
    return gpd.GeoSeries(points, pairs.index, crs="EPSG:4326").to_crs(METRIC_CRS)


@cache
def names() -> dict[str, str]:
    """Return UAI -> kind and name of a school, from its latest figures."""
    latest = read_all().sort_values("millesime", kind="stable").drop_duplicates("uai", keep="last")
    return {row.uai: f"{_WORDS[row.nature]} {short_name(row.nom)}" for row in latest.itertuples()}


def short_name(official: str) -> str:
    """Return a name as printed: ``ECOLE ELEMENTAIRE PLAN D AOU`` is ``Plan d'Aou``."""
    rules = _naming()
    words = re.sub(rules["finales"], "", official).split()
    while len(words) > 1 and words[0] in rules["retires"]:
        words = words[1:]
    return spelling(re.sub(r"^(.*) \((LES?|L)'?\)$", r"\2 \1", " ".join(words)))


def spelling(official: str) -> str:
    """Return a name with its accents and capitals: ``Ecole Felix Pyat`` is ``École Félix Pyat``.

    In a name all in capitals every unknown word takes one; in any other it is left as it is.
    """
    words, shouted = _naming()["mots"], official.isupper()
    text = re.sub(
        r"[^\W\d_]\w*",
        lambda m: words.get(m[0].upper(), m[0].capitalize() if shouted else m[0]),
        official,
    )
    text = re.sub(r"\b([DLdl]) (?=\w)", r"\1'", text)
    text = re.sub(r"\b(Saint|Sainte|Notre) (?=[^\W\d_])", r"\1-", text)
    text = re.sub(r"\bde L(?=a\b|')", "de l", text)
    return text[0].upper() + text[1:]


@cache
def _naming() -> dict:
    return declared.read(folder() / "noms.yml")


def _read(path: Path, types: dict) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=types)
    except ValueError:  # also what pandas raises on a table it cannot cut into cells
        fact = "ce tableau d'établissements est illisible."
        raise ObservationError(Problem(fact, path.name)) from None


def _refuse(broken: pd.Series, file: str) -> None:
    fact = "cette ligne en répète une autre, ou ses cases se contredisent."
    if broken.any():
        raise ObservationError(Problem(fact, file, int(i) + 2) for i in broken.index[broken])
