"""Every name under which someone may look for a quartier, and the quartiers it leads to.

Official names, the forms met in the convention, arrondissements and their postcodes, the 111
quartiers of the city, IRIS, schools, and the places of :mod:`qpvlib.gazetteer`. Two spellings
that differ by accents, articles or punctuation are one name.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from qpvlib import gazetteer, paths, schools, territories
from qpvlib.territories import match_key

OFFICIAL, FORM = "quartier prioritaire", "nom lu dans la convention"
CODE = "code officiel"
SECTOR, ARRONDISSEMENT = "secteur", "code postal"
CITY_QUARTIER, IRIS, SCHOOL = "quartier de la ville", "quartier statistique de l’Insee", "école"
SHARE = 0.1
"""Share of the inhabitants of an IRIS below which its name does not lead to a quartier."""
_NO_NAME = "cite_educative"
"""A form that names a scheme, not the sector it is in."""
_ACRONYM = re.compile(r" \([a-z]{2,6}\)")


@dataclass(frozen=True)
class Name:
    """One name.

    Attributes
    ----------
    label, kind
        As printed, and what it names.
    targets
        Code of a quartier of 2024 or of a sector -> whether the place is in it, at least in part;
        else it is within :data:`qpvlib.gazetteer.NEAR` metres. The most fitting first.
    """

    label: str
    kind: str
    targets: dict[str, bool]


@cache
def names() -> tuple[Name, ...]:
    """Return every name once per kind, the most official kinds first."""
    found: dict[tuple[str, str], Name] = {}
    for name in (*_official(), *_forms(), *_arrondissements(), *_areas(), *_points()):
        key = (match_key(name.label), "" if name.kind in (OFFICIAL, FORM) else name.kind)
        known = found.setdefault(key, name)
        for code, inside in name.targets.items():
            known.targets[code] = inside or known.targets.get(code, False)
    return tuple(found.values())


def inside(code: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of these kinds that lead into a quartier, for its page."""
    return tuple(n.label for n in names() if n.kind in kinds and n.targets.get(code))


def _official() -> Iterator[Name]:
    for member in territories.qpv():
        yield Name(member.name, OFFICIAL, {member.code: True})
        yield Name(member.code, CODE, {member.code: True})
    for sector in territories.sectors():
        yield Name(sector.name, SECTOR, {sector.code: True})


def _forms() -> Iterator[Name]:
    with open(paths.data() / "territoires" / "noms.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes = row["codes_2024"].split() or row["secteur"].split()
            kind = SECTOR if row["secteur"] and not row["codes_2024"] else FORM
            if codes and row["nature"] != _NO_NAME:
                yield Name(row["forme"], kind, dict.fromkeys(codes, True))


def _arrondissements() -> Iterator[Name]:
    for one in territories.arrondissements():
        members = [m for m in territories.qpv() if one.code in m.arrondissements]
        members.sort(key=lambda m: (m.arrondissements.index(one.code), m.slug))
        if members:
            label = f"{one.short_name}, {one.code.replace('132', '130', 1)}"
            yield Name(label, ARRONDISSEMENT, {m.code: True for m in members})


def _areas() -> Iterator[Name]:
    folder = paths.data() / "territoires"
    city = pd.read_csv(folder / gazetteer.CITY_QUARTIERS)
    iris = pd.read_csv(folder / "iris.csv", dtype={"iris": str})
    weights = pd.read_csv(folder / "poids_iris_qpv2024.csv", dtype={"iris": str})
    lived = weights[weights["part"] >= SHARE].merge(iris, on="iris")
    for kind, frame, size in ((CITY_QUARTIER, city, "hectares"), (IRIS, lived, "population")):
        for row in frame.sort_values(size, ascending=False, kind="stable").itertuples():
            yield Name(row.nom, kind, {row.territoire: True})


def _points() -> Iterator[Name]:
    spots = schools.places().to_crs("EPSG:4326")
    listed = pd.DataFrame({"nom": spots.index.map(schools.names()), "nature": SCHOOL})
    listed = listed.assign(longitude=spots.x.to_numpy(), latitude=spots.y.to_numpy())
    places = gazetteer.places()
    places = places.assign(nom=[schools.spelling(_ACRONYM.sub("", n)) for n in places["nom"]])
    for frame in (gazetteer.leading(listed), places):
        for row in frame.sort_values(["distance", "nom"], kind="stable").itertuples():
            yield Name(row.nom, row.nature, {row.territoire: row.distance == 0})
