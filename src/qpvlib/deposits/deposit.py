"""Detailed files: their formats, how one is recognised, and what is known around it."""

import re
import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow
import pyarrow.parquet

from qpvlib import declared, paths, territories
from qpvlib.errors import Problem, SourceError
from qpvlib.indicators import census, facilities
from qpvlib.indicators.population import POPULATION
from qpvlib.observations import COLUMNS, NOT_APPLICABLE, NUMBERS, VALUE, Observations
from qpvlib.sources import registry
from qpvlib.sources.kinds import Kind, head
from qpvlib.sources.registry import Source

BLOCK = "detail"
_NETWORKS = (".osm.pbf", ".osm")
_JSON_KEY = re.compile(r'"(\w+)"\s*:')


@dataclass(frozen=True)
class Format(Kind):
    """One kind of detailed file; the fields are those of ``data/depots.yml``.

    Attributes
    ----------
    signature
        Columns of its header, members of its archive, or the ending of its name.
    families
        Keys of ``data/equipements.yml`` that are counted.
    section
        Section of ``data/recensement.yml`` that reads it, or nothing.
    indicators
        Every indicator it gives.
    purpose
        What it serves, in French, when it gives no figure by itself.
    access
        Where to find it and what to put beside, in French.
    """

    signature: frozenset[str]
    families: tuple[str, ...]
    section: str
    indicators: frozenset[str]
    purpose: str = ""
    access: str = ""


@dataclass(frozen=True)
class Deposit:
    """A detailed file to read, and what is known around it.

    Attributes
    ----------
    path, format, digest
        The file, what it is, and its fingerprint.
    year
        Year told by the registry or by the user, where there is one.
    stored
        Observations already there; they hold the populations.
    beside
        The detailed files deposited with it, itself included: name of format -> files.
    notes
        What the user must be told of a sound file, in French; the reader adds to it.
    """

    path: Path
    format: Format
    digest: str
    year: int | None
    stored: pd.DataFrame
    beside: dict[str, list[Path]]
    notes: list[str] = field(default_factory=list)

    def source(
        self, vintage: int, geography: str, known: str, evidence: str, **words: str
    ) -> Source:
        """Return its entry in the registry; ``words`` complete the pattern of the identifier."""
        name = self.format.identifier.format(annee=vintage, perimetre=geography, **words)
        block = {"millesime": vintage, "connu": known, "preuve": evidence}
        return self.format.source(
            name, vintage, geography, {BLOCK: block}, self.path.name, self.digest
        )

    def companion(self, name: str) -> Path | None:
        """Return the one file of a format that was deposited beside, if there is one.

        Raises
        ------
        SourceError
            If there are several.
        """
        files = self.beside.get(name, [])
        if len(files) > 1:
            label, names = formats()[name].label, ", ".join(sorted(f.name for f in files))
            remedy = "N'en gardez qu'un dans le dossier."
            raise SourceError(
                Problem(f"plusieurs fichiers, {label} : {names}.", self.path.name, remedy=remedy)
            )
        return files[0] if files else None

    def population(self, geography: str) -> tuple[pd.Series, int]:
        """Return the latest inhabitants of each quartier of a geography, and their year.

        Raises
        ------
        SourceError
            If none is known.
        """
        known = Observations(self.stored, registry.ranks())
        years = known.vintages(POPULATION, geography)
        if not years:
            raise SourceError(
                Problem(
                    "la population des quartiers manque, rien ne peut être rapporté aux habitants.",
                    remedy="Importez d'abord un fichier qui la donne.",
                )
            )
        codes = [member.code for member in territories.qpv(geography)]
        rows = known.across(POPULATION, codes, years[-1])
        return pd.Series([row.value for row in rows], codes, dtype=float), years[-1]

    def references(self, year: int) -> tuple[pd.Series, tuple[int, ...]]:
        """Return the inhabitants of the arrondissements and of the city, where known.

        The city is the sum of its arrondissements when only these are known, all of one year.

        Parameters
        ----------
        year
            The nearest year is taken, the same for all if one is.

        Returns
        -------
        tuple
            Inhabitants by code, the unknown left out, and the years they are of, in order.
        """
        known = Observations(self.stored, registry.ranks())
        wards = [ward.code for ward in territories.arrondissements()]
        told = {
            code: {
                row.vintage: row.amount
                for row in known.series(POPULATION, code)
                if row.is_value and row.vintage
            }
            for code in (*wards, territories.CITY)
        }
        told = {code: counts for code, counts in told.items() if counts}
        shared = set[int]().union(*told.values()).intersection(*told.values())
        found = {}
        for code, counts in told.items():
            nearest = min(shared or counts, key=lambda known: (abs(known - year), -known))
            found[code] = (counts[nearest], nearest)
        dated = {found[code][1] for code in wards if code in found}
        if territories.CITY not in found and len(dated) == 1 and set(wards) <= set(found):
            total = sum(value for value, _ in found.values())
            found[territories.CITY] = (total, dated.pop())
        people = pd.Series({code: value for code, (value, _) in found.items()}, dtype=float)
        return people, tuple(sorted({year for _, year in found.values()}))


@cache
def formats() -> dict[str, Format]:
    """Return every kind of detailed file: name -> format."""
    entries = declared.read(paths.data() / "depots.yml")
    return {
        name: Format(
            **head(name, entry),
            signature=frozenset(entry["signature"]),
            families=tuple(entry.get("familles", ())),
            section=(section := entry.get("recensement", "")),
            indicators=frozenset(
                [
                    *entry.get("indicateurs", ()),
                    *(census.given(section) if section else ()),
                    *(facilities.families()[f]["indicateur"] for f in entry.get("familles", ())),
                ]
            ),
            purpose=entry.get("sert", ""),
            access=entry.get("obtenir", ""),
        )
        for name, entry in entries.items()
    }


def recognise(path: Path) -> Format | None:
    """Return what kind of detailed file this is, by its content, if it is one."""
    marks = {mark.casefold() for mark in contents(path)}
    return next(
        (known for known in formats().values() if {s.casefold() for s in known.signature} <= marks),
        None,
    )


def contents(path: Path) -> frozenset[str]:
    """Return the columns of a table, the members of an archive, or the ending of another file.

    Of a JSON file, the keys met at its beginning.
    """
    if path.name.lower().endswith(_NETWORKS):
        return frozenset([".osm"])
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return frozenset(PurePosixPath(name).name for name in archive.namelist())
        if path.suffix.lower() == ".parquet":
            return frozenset(pyarrow.parquet.read_schema(path).names)
    except (zipfile.BadZipFile, pyarrow.ArrowInvalid):
        return frozenset()  # whoever unpacks or reads it says what is wrong
    with open(path, "rb") as file:
        if path.suffix.lower() == ".json":
            start = file.read(1 << 16).decode("utf-8-sig", errors="replace")
            return frozenset(_JSON_KEY.findall(start))
        line = file.readline(1 << 16).decode("utf-8-sig", errors="replace").strip()
    separator = ";" if ";" in line else ","
    return frozenset(name.strip('"') for name in line.split(separator))


def observed(table: pd.DataFrame, source: Source, geography: str | None = None) -> pd.DataFrame:
    """Return figures as observations; a figure without a value has no object.

    Parameters
    ----------
    table
        Columns of an observation; those that are absent are left blank. ``etat`` may say of some
        rows that they have no value for another reason.
    source
        Where the figures come from; it gives their year.
    geography
        Geography of every row; by default, that of its territory.
    """
    own = {code: territories.get(code).geography for code in table["territoire"].unique()}
    frame = table.assign(
        geographie=geography or table["territoire"].map(own),
        millesime=source.publication,
        source=source.id,
    ).reindex(columns=COLUMNS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    none = frame["valeur"].isna()
    frame["etat"] = frame["etat"].where(frame["etat"].notna(), VALUE)
    frame.loc[none & (frame["etat"] == VALUE), "etat"] = NOT_APPLICABLE
    frame.loc[frame["etat"] != VALUE, NUMBERS] = float("nan")
    return frame
