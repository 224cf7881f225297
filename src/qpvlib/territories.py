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
from qpvlib.errors import InvalidCodeError, InvalidParameterError, UnknownTerritoryError

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
SAME, DOUBTFUL = "identique", "a_verifier"

_QPV_FORM = re.compile(r"QP\d{6}|QN\d{5}[IMN]", re.ASCII)
_IRIS_FORM = re.compile(r"132(0[1-9]|1[0-6])\d{4}", re.ASCII)
_LOOKS_LIKE_CODE = re.compile(r"Q[NP]\d\w*|\d{9}", re.IGNORECASE)
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
    sector
        Code of its sector (2024 only).
    sector_note
        Why its sector may be disputed; empty for a clear case.
    """

    communes: tuple[str, ...]
    arrondissements: tuple[str, ...]
    sector: str = ""
    sector_note: str = ""

    @property
    def perimeter(self) -> str:
        """``identique``, ``a_verifier``, ``modifie`` or ``nouveau``: what its main passage says."""
        kinds = [passage.kind for passage in predecessors(self.code)[:1]] or ["nouveau"]
        return kinds[0] if kinds[0] in (SAME, DOUBTFUL, "nouveau") else "modifie"


@dataclass(frozen=True)
class Passage:
    """How a QPV of 2015 continues in a QPV of 2024, and how this is known.

    ``nature`` is ``identique``, ``modifie``, ``scission`` or ``transfert`` (a part only); it is
    told by the official letter, which the figures may contradict: ``doubtful``. ``note`` says why.
    """

    code_2015: str
    code_2024: str
    nature: str
    method: str
    doubtful: bool
    note: str

    @property
    def kind(self) -> str:
        """The nature, or :data:`DOUBTFUL` for a perimeter said to be the same that may not be."""
        return DOUBTFUL if self.doubtful else self.nature

    @property
    def same(self) -> bool:
        """Whether figures of 2015 hold for the quartier of 2024: the one place that decides."""
        return self.kind == SAME


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


def quartier(code: str) -> Qpv:
    """Return the QPV of this code.

    Raises
    ------
    InvalidParameterError
        If the territory is no QPV.
    """
    found = get(code)
    if not isinstance(found, Qpv):
        raise InvalidParameterError(f"{found.name} ({code}) n'est pas un quartier prioritaire.")
    return found


def sectors() -> tuple[Territory, ...]:
    """Return the four sectors of the convention."""
    return tuple(t for t in _all().values() if t.geography == "secteur")


def arrondissements() -> tuple[Territory, ...]:
    """Return the arrondissements of Marseille."""
    return tuple(t for t in _all().values() if t.geography == "arrondissement")


def sector_members(code: str) -> tuple[Qpv, ...]:
    """Return the QPV of 2024 of a sector.

    The convention draws its sectors on maps that its text does not carry. Here the sector of a
    QPV is that of the arrondissement holding the largest part of its area; where this may be
    disputed, :attr:`Qpv.sector_note` says why.
    """
    return tuple(member for member in qpv() if member.sector == get(code).code)


def find(code: str) -> Territory | None:
    """Return the territory of this code, if it has one here."""
    if _IRIS_FORM.fullmatch(code):
        return Territory(code, "iris", f"IRIS {code}", code, code)
    return _all().get(code)


def get(code: str) -> Territory:
    """Return the territory of this code.

    Raises
    ------
    InvalidCodeError
        If the text does not have the form of a code.
    UnknownTerritoryError
        If the code is well formed but belongs to no territory known here.
    """
    if (known := find(code)) is not None:
        return known
    if _QPV_FORM.fullmatch(code):
        raise UnknownTerritoryError(
            f"Le code « {code} » n'est pas celui d'un quartier prioritaire de Marseille."
            f"{_closest_codes(code)}"
        )
    raise InvalidCodeError(
        f"« {code} » n'est pas un code de territoire. Formes attendues : QN01303I "
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
    InvalidCodeError
        If the text looks like a code and is not one.
    UnknownTerritoryError
        If nothing matches, with the closest names; if several quartiers of 2024 share the name;
        if the convention does not say where the place is.
    """
    text = text.strip()
    if text in _all() or _LOOKS_LIKE_CODE.fullmatch(text):
        found = get(text if text in _all() else text.upper())
        if geography in (None, found.geography):
            return found
        raise UnknownTerritoryError(
            f"Le territoire « {found.name} » ({found.code}) n'appartient pas à la "
            f"géographie {geography}."
        )
    key = match_key(text)
    candidates = _names().get(key)
    for kind in (geography,) if geography else ("qpv2024", "qpv2015", "secteur"):
        codes = (candidates or {}).get(kind, ())
        if len(codes) == 1:
            return get(codes[0])
        if codes and geography:
            names = ", ".join(get(code).name for code in codes)
            raise UnknownTerritoryError(
                f"« {text} » recouvre plusieurs quartiers de 2024 : {names}. Choisissez l'un d'eux."
            )
    if candidates == {}:
        raise UnknownTerritoryError(
            f"La convention nomme « {text} » (copropriété) sans dire dans quel quartier "
            "prioritaire elle se trouve : son rattachement n'est pas établi."
        )
    raise UnknownTerritoryError(f"Aucun quartier ne s'appelle « {text} ».{_closest_names(key)}")


def match_key(text: str) -> str:
    """Return the form under which two spellings of a name are the same."""
    words = _words(text)
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def predecessors(code_2024: str) -> tuple[Passage, ...]:
    """Return the passages leading to a QPV of 2024, the main one first."""
    found = (p for p in passages() if p.code_2024 == code_2024)
    return tuple(sorted(found, key=lambda p: p.nature == "transfert"))


def successors(code_2015: str) -> tuple[Passage, ...]:
    """Return the passages leaving a QPV of 2015."""
    return tuple(p for p in passages() if p.code_2015 == code_2015)


def contours() -> gpd.GeoDataFrame:
    """Return the contours of the 41 QPV of 2024.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``code``, column ``geometry``, EPSG:4326, within about 2 m of the ANCT contours.
    """
    frame = background("qpv2024_marseille").rename(columns={"code_qp": "code"})
    return frame[["code", "geometry"]].set_index("code").sort_index()


def background(layer: str) -> gpd.GeoDataFrame:
    """Return a background layer in EPSG:4326; simplified, for drawing and never for measuring.

    Parameters
    ----------
    layer
        ``commune_13055``, ``communes_voisines`` or ``arrondissements_13055``.
    """
    return _layer(layer).copy()


def area_ha(code: str) -> float:
    """Return the area of a QPV of 2024 in hectares, measured in Lambert 93.

    Raises
    ------
    UnknownTerritoryError
        If the territory has no contour here (every geography but ``qpv2024``).
    """
    territory = get(code)
    if territory.geography != "qpv2024":
        raise UnknownTerritoryError(
            f"Le contour de « {territory.name} » ({code}) n'est pas connu : seuls "
            "les QPV de 2024 ont un contour ici."
        )
    return float(contours().loc[[code]].to_crs(METRIC_CRS).area.iloc[0] / 10_000)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", plain)


@cache
def members(geography: str) -> frozenset[str]:
    """Return the codes that a whole file of Marseille holds at this level: IRIS, QPV, city…"""
    if geography == "iris" and (_folder() / "iris.csv").is_file():
        return frozenset(row["iris"] for row in _rows("iris"))
    return frozenset(t.code for t in _all().values() if t.geography == geography)


def _folder():
    return paths.data() / "territoires"


@cache
def _layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(_folder() / f"{name}.geojson", engine="pyogrio")


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
                    row["nom_court"],
                    row["slug"],
                    tuple(row["communes"].split()),
                    tuple(row["arrondissements"].split()),
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
def passages() -> tuple[Passage, ...]:
    """Return every passage, in the order of ``passage.csv``."""
    return tuple(
        Passage(
            r["code_2015"], r["code_2024"], r["nature"], r["methode"], bool(r["doute"]), r["note"]
        )
        for r in _rows("passage")
    )


@cache
def _names() -> dict[str, dict[str, tuple[str, ...]]]:
    """Index the name forms: match key -> geography -> codes; empty for a place not located."""
    index: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("noms"):
        entry = index.setdefault(match_key(row["forme"]), {})
        for geography, codes in (
            ("qpv2024", row["codes_2024"].split()),
            ("qpv2015", row["codes_2015"].split()[:1]),  # the main predecessor comes first
            ("secteur", row["secteur"].split()),
        ):
            if codes:
                entry.setdefault(geography, tuple(codes))
    return index


def _closest_codes(code: str) -> str:
    """Name the three codes that differ from this one by the fewest characters."""
    alike = [known for known in _all() if known[:5] == code[:5]]
    alike.sort(key=lambda known: sum(a != b for a, b in zip(known, code, strict=True)))
    close = ", ".join(f"{known} ({get(known).name})" for known in alike[:3])
    return f" Codes proches : {close}." if close else ""


def _closest_names(key: str) -> str:
    by_key = {match_key(member.name): member.name for member in (*qpv("qpv2015"), *qpv())}
    holding = [other for other in by_key if len(key) > 2 and key in other]
    found = [*holding, *difflib.get_close_matches(key, by_key, 3, 0.4)]
    names = list(dict.fromkeys(by_key[other] for other in found))[:3]
    return f" Noms proches : {', '.join(names)}." if names else ""
