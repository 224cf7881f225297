"""Territories: QPV of 2015 and 2024, sectors, reference territories, names and the passage.

Everything is read from ``data/territoires``; nothing about a territory is written in code.
A territory's code is validated here before it reaches a path, a shell or a notebook.
"""

import csv
import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import geopandas as gpd

from qpvlib import paths
from qpvlib.errors import InvalidCodeError, UnknownTerritoryError

GEOGRAPHIES = (
    "qpv2015",
    "qpv2024",
    "iris",
    "arrondissement",
    "commune",
    "epci",
    "departement",
    "region",
    "france",
    "secteur",
    "ensemble",
)
CITY = "13055"
METRIC_CRS = "EPSG:2154"

_QPV_FORMS = {"qpv2015": re.compile(r"QP\d{6}"), "qpv2024": re.compile(r"QN\d{5}[IMN]")}
_IRIS_FORM = re.compile(r"132(0[1-9]|1[0-6])\d{4}")
_ARTICLES = {"le", "la", "les", "l"}


@dataclass(frozen=True)
class Territory:
    """Any territory a figure may be about.

    Attributes
    ----------
    code
        Identifier used in the observations: ``QN01303I``, ``13055``, ``D13``, ``nord-est``…
    geography
        One of :data:`GEOGRAPHIES`.
    name, short_name
        Official name, and the one used where room is short.
    slug
        File name of its page, lower-case letters, digits and hyphens only.
    """

    code: str
    geography: str
    name: str
    short_name: str
    slug: str


@dataclass(frozen=True)
class Qpv(Territory):
    """A priority neighbourhood, of 2015 or of 2024.

    Attributes
    ----------
    communes, arrondissements
        INSEE codes of the communes and of the Marseille arrondissements it touches.
    perimeter
        ``identique``, ``modifie`` or ``nouveau`` with respect to 2015 (2024 only).
    sector
        Code of its sector (2024 only).
    sector_note
        Why its sector may be disputed; empty for a clear case.
    """

    communes: tuple[str, ...]
    arrondissements: tuple[str, ...]
    perimeter: str = ""
    sector: str = ""
    sector_note: str = ""


@dataclass(frozen=True)
class Passage:
    """How a QPV of 2015 continues in a QPV of 2024, and how this is known.

    ``nature`` is ``identique``, ``modifie``, ``scission`` or ``transfert`` (a part only).
    """

    code_2015: str
    code_2024: str
    nature: str
    method: str
    note: str


def slugify(text: str) -> str:
    """Return the text in lower case, without accents, words joined by hyphens."""
    return "-".join(_words(text))


def qpv(geography: str = "qpv2024") -> tuple[Qpv, ...]:
    """Return the QPV of Marseille of one geography, ordered by code."""
    return tuple(
        territory
        for territory in _all().values()
        if isinstance(territory, Qpv) and territory.geography == geography
    )


def sectors() -> tuple[Territory, ...]:
    """Return the four sectors of the convention."""
    return tuple(t for t in _all().values() if t.geography == "secteur")


def sector_members(code: str) -> tuple[Qpv, ...]:
    """Return the QPV of 2024 of a sector.

    The sector of a QPV is that of the arrondissement holding the largest part of its area.
    """
    return tuple(member for member in qpv() if member.sector == get(code).code)


def get(code: str) -> Territory:
    """Return the territory of this code.

    Raises
    ------
    InvalidCodeError
        If the text does not have the form of a code.
    UnknownTerritoryError
        If the code is well formed but belongs to no territory known here.
    """
    known = _all().get(code)
    if known is not None:
        return known
    if _IRIS_FORM.fullmatch(code):
        return Territory(code, "iris", f"IRIS {code}", code, code)
    if any(form.fullmatch(code) for form in _QPV_FORMS.values()):
        raise UnknownTerritoryError(
            f"Le code «\u00a0{code}\u00a0» n'est pas celui d'un quartier prioritaire de Marseille."
            f"{_closest_codes(code)}"
        )
    raise InvalidCodeError(
        f"«\u00a0{code}\u00a0» n'est pas un code de territoire. Formes attendues\u00a0: QN01303I "
        "(QPV 2024), QP013003 (QPV 2015), 13055, 13201 à 13216, 132010101 (IRIS)."
    )


def resolve(text: str, geography: str | None = None) -> Territory:
    """Return the territory that a code or a name designates.

    Names are compared without case, accents, punctuation or leading article, against the
    official names and the 160 forms met in the convention. A name shared by several
    geographies means the QPV of 2024, else that of 2015, else the sector.

    Parameters
    ----------
    text
        A code, an official name, or a form of ``data/territoires/noms.csv``.
    geography
        Restrict the answer to ``qpv2015``, ``qpv2024`` or ``secteur``.

    Raises
    ------
    UnknownTerritoryError
        If nothing matches, with the closest names; or if several quartiers of 2024 share it.
    """
    text = text.strip()
    if text in _all():
        return get(text)
    if re.fullmatch(r"Q[NP]\d{5,}\w*", text):
        return get(text)
    wanted = [geography] if geography else ["qpv2024", "qpv2015", "secteur"]
    exact, loose = _names()
    for candidates in (exact.get(text, {}), loose.get(match_key(text), {})):
        for kind in wanted:
            codes = candidates.get(kind, ())
            if len(codes) == 1:
                return get(codes[0])
        if geography and candidates.get(geography):
            names = ", ".join(get(code).name for code in candidates[geography])
            raise UnknownTerritoryError(
                f"«\u00a0{text}\u00a0» recouvre plusieurs quartiers de 2024\u00a0: {names}. "
                "Choisissez l'un d'eux."
            )
    raise UnknownTerritoryError(
        f"Aucun quartier ne s'appelle «\u00a0{text}\u00a0».{_closest_names(text)}"
    )


def match_key(text: str) -> str:
    """Return the form under which two spellings of a name are the same."""
    words = _words(text)
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def predecessors(code_2024: str) -> tuple[Passage, ...]:
    """Return the passages leading to a QPV of 2024, the main one first."""
    found = (p for p in _passages() if p.code_2024 == code_2024)
    return tuple(sorted(found, key=lambda p: p.nature == "transfert"))


def successors(code_2015: str) -> tuple[Passage, ...]:
    """Return the passages leaving a QPV of 2015."""
    return tuple(p for p in _passages() if p.code_2015 == code_2015)


@cache
def contours() -> gpd.GeoDataFrame:
    """Return the contours of the 41 QPV of 2024.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``code``, column ``geometry``, EPSG:4326, within about 2 m of the ANCT contours.
    """
    frame = gpd.read_file(_folder() / "qpv2024_marseille.geojson", engine="pyogrio")
    frame = frame.rename(columns={"code_qp": "code"})[["code", "geometry"]]
    return frame.set_index("code").sort_index()


@cache
def background(layer: str) -> gpd.GeoDataFrame:
    """Return a background layer in EPSG:4326; simplified, for drawing and never for measuring.

    Parameters
    ----------
    layer
        ``commune_13055``, ``communes_voisines`` or ``arrondissements_13055``.
    """
    frame = gpd.read_file(_folder() / f"{layer}.geojson", engine="pyogrio")
    return frame.to_crs("EPSG:4326") if frame.crs else frame.set_crs("EPSG:4326")


def area_ha(code: str) -> float:
    """Return the area of a QPV of 2024 in hectares, measured in Lambert 93."""
    return float(contours().loc[[code]].to_crs(METRIC_CRS).area.iloc[0] / 10_000)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", plain)


def _folder():
    return paths.data() / "territoires"


def _rows(name: str) -> list[dict[str, str]]:
    with open(_folder() / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _all() -> dict[str, Territory]:
    territories: list[Territory] = []
    for geography in ("qpv2024", "qpv2015"):
        for row in _rows(geography):
            territories.append(
                Qpv(
                    row["code"],
                    geography,
                    row["nom"],
                    row["nom"],
                    row["slug"],
                    tuple(row["communes"].split()),
                    tuple(row["arrondissements"].split()),
                    row.get("perimetre", ""),
                    row.get("secteur", ""),
                    row.get("secteur_note", ""),
                )
            )
    for row in _rows("secteurs"):
        territories.append(Territory(row["code"], "secteur", row["nom"], row["nom"], row["slug"]))
    for row in _rows("references"):
        slug = slugify(row["nom"])
        territories.append(
            Territory(row["code"], row["geographie"], row["nom"], row["nom_court"], slug)
        )
    return {territory.code: territory for territory in territories}


@cache
def _passages() -> tuple[Passage, ...]:
    return tuple(
        Passage(r["code_2015"], r["code_2024"], r["nature"], r["methode"], r["note"])
        for r in _rows("passage")
    )


@cache
def _names() -> tuple[dict, dict]:
    """Index the name forms, exactly and by match key: form -> geography -> codes."""
    exact: dict[str, dict[str, tuple[str, ...]]] = {}
    loose: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("noms"):
        codes = {
            "qpv2024": tuple(row["codes_2024"].split()),
            "qpv2015": tuple(row["codes_2015"].split())[:1],
            "secteur": tuple(row["secteur"].split()),
        }
        for index, key in ((exact, row["forme"]), (loose, match_key(row["forme"]))):
            entry = index.setdefault(key, {})
            for geography, found in codes.items():
                if found:
                    entry.setdefault(geography, found)
    return exact, loose


def _closest_codes(code: str) -> str:
    same_department = [known for known in _all() if known[:5] == code[:5]]
    found = difflib.get_close_matches(code, same_department, 3, 0.5)
    if not found:
        return ""
    return f" Codes proches\u00a0: {', '.join(f'{c} ({get(c).name})' for c in found)}."


def _closest_names(text: str) -> str:
    by_key = {match_key(member.name): member.name for member in (*qpv("qpv2015"), *qpv())}
    wanted = match_key(text)
    holding = [name for key, name in by_key.items() if len(wanted) > 2 and wanted in key]
    found = difflib.get_close_matches(wanted, by_key, 3, 0.4)
    names = list(dict.fromkeys([*holding, *(by_key[key] for key in found)]))[:3]
    return f" Noms proches\u00a0: {', '.join(names)}." if names else ""
