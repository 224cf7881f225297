"""The whole observatory in one archive: plain CSV, a dictionary, a Frictionless description."""

import dataclasses
import json

import pandas as pd

from qpvlib import __version__, catalogue, clock, face, territories
from qpvlib.files import columns
from qpvlib.observations import STATES
from qpvlib.sources import registry
from qpvlib.territories import Qpv, get
from qpvlib.typography import typeset

NAME = "observatoire-qpv-marseille"
_KEYS = {
    "observations": ["territoire", "indicateur", "modalite", "millesime"],
    "territoires": ["code"],
    "indicateurs": ["id"],
    "sources": ["id"],
    "passage": ["code_2015", "code_2024"],
}
_LINKS = {
    "observations": {"territoire": "territoires", "indicateur": "indicateurs", "source": "sources"},
}
_INDICATOR = [
    "id", "libelle", "en_clair", "definition", "numerateur", "denominateur", "univers", "unite",
    "decimales", "sens", "orientation", "nature", "source", "limites",
]  # fmt: skip
_SOURCE = [
    "id", "famille", "producteur", "jeu", "publication", "licence", "url", "page", "fichier",
    "sha256", "note",
]  # fmt: skip
_TEXTS = {"numerateur", "denominateur", "source"}
"""In the table of indicators these say in words what observations give as numbers and ids."""


def contents() -> dict[str, bytes]:
    """Return the files of the archive by name; same observatory, same bytes."""
    tables = _tables()
    description = _description(tables)
    found = {
        f"{name}.csv": table.to_csv(index=False, lineterminator="\n").encode()
        for name, table in tables.items()
    }
    found["datapackage.json"] = _json(description)
    found["dictionnaire.md"] = _dictionary(description).encode()
    return found


def _tables() -> dict[str, pd.DataFrame]:
    figures = face.figures()
    codes = sorted(figures["territoire"].unique())
    passages = [dataclasses.asdict(one) for one in territories.passages()]
    known = map(dataclasses.asdict, registry.sources().values())
    entries = map(dataclasses.asdict, catalogue.indicators().values())
    return {
        "observations": figures,
        "territoires": pd.DataFrame([_territory(code) for code in codes]),
        "indicateurs": pd.DataFrame(entries)[_INDICATOR],
        "sources": pd.DataFrame(known)[_SOURCE].astype({"publication": "Int64"}),
        "passage": pd.DataFrame(passages).rename(
            columns={"method": "methode", "doubtful": "doute"}
        ),
    }


def _territory(code: str) -> dict[str, str]:
    place = get(code)
    facts = {"code": code, "geographie": place.geography, "nom": place.name}
    if not isinstance(place, Qpv):
        return facts
    return facts | {
        "secteur": place.sector,
        "arrondissements": " ".join(place.arrondissements),
        "perimetre": place.perimeter if place.geography == "qpv2024" else "",
    }


def _description(tables: dict[str, pd.DataFrame]) -> dict:
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "title": "Observatoire des quartiers prioritaires de Marseille",
        "version": __version__,
        "created": f"{clock.edition().isoformat()}T00:00:00Z",
        "description": typeset("Licence de chaque fichier : colonne « licence » de sources.csv."),
        "resources": [_resource(name, table) for name, table in tables.items()],
    }


def _resource(name: str, table: pd.DataFrame) -> dict:
    schema: dict = {
        "fields": [_field(name, column, table) for column in table.columns],
        "primaryKey": _KEYS[name],
        "missingValues": [""],
    }
    if links := _LINKS.get(name):
        schema["foreignKeys"] = [
            {"fields": field, "reference": {"resource": to, "fields": _KEYS[to][0]}}
            for field, to in links.items()
        ]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(resource: str, name: str, table: pd.DataFrame) -> dict:
    told = columns.column(name)
    words = resource == "indicateurs" and name in _TEXTS
    found: dict = {
        "name": name,
        "type": "string" if words else told.type,
        "description": typeset(f"{name}, en mots") if words else told.text,
    }
    constraints: dict = {"required": True} if table[name].notna().all() else {}
    if found["type"] == "string" and (table[name].fillna("") == "").any():
        constraints = {}
    if name == "etat":
        constraints["enum"] = list(STATES)
    return found | ({"constraints": constraints} if constraints else {})


def _dictionary(description: dict) -> str:
    lines = [f"# {description['title']} : dictionnaire", ""]
    lines += [f"Édition du {clock.edition().isoformat()}, qpvlib {__version__}.", ""]
    lines += ["## États", ""]
    lines += [f"- `{name}` : {text}." for name, text in columns.states().items()]
    for resource in description["resources"]:
        lines += ["", f"## {resource['path']}", ""]
        lines += [
            f"- `{field['name']}` ({field['type']}) : {field['description']}."
            for field in resource["schema"]["fields"]
        ]
    return typeset("\n".join(lines)) + "\n"


def _json(content: dict) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
