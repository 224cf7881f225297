"""The registry of official files, as tables and as a file."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from qpvlib.presentation.formats import years
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.sources.registry import Source
from qpvlib.typography import typeset

PERIMETERS = {
    "qpv2015": "QPV 2015",
    "qpv2024": "QPV 2024",
    "iris": "IRIS",
    "communes": "communes",
    "epci": "intercommunalités",
    "departements": "départements",
    "regions": "régions",
    "france": "France",
    "mixte": "plusieurs",
    "etablissements": "établissements",
}
BLOCKS = {
    "arrondissements": "arrondissements",
    "calcul": "calcul de qpvlib",
    "cnaf": "Cnaf",
    "cnam": "Cnam",
    "detail": "base des équipements",
    "drees": "Drees",
    "etablissements": "établissements",
    "filosofi": "Filosofi",
    "licences": "licences sportives",
    "lieux": "lieux",
    "pe": "France Travail",
    "population": "population",
    "rp": "recensement",
    "rpls": "RPLS",
    "ssmsi": "SSMSI",
}
HEADS = ("Fichier", "Publication", "Années décrites", "Périmètre", "Empreinte SHA-256")
COLUMNS = (
    "source", "famille", "producteur", "jeu", "publication", "perimetre", "bloc", "millesime",
    "connu", "preuve", "fichier", "sha256", "url", "page", "licence", "note", "confirmation",
)  # fmt: skip


@dataclass(frozen=True)
class Download:
    """The registry, handed over as a CSV file, a line per file and block of columns."""

    registry: Mapping[str, Source]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        for source in self.registry.values():
            for block, vintage in source.blocs.items():
                writer.writerow(_line(source, block, vintage))
        return {"text/csv": "\ufeff" + out.getvalue()}


def by_producer(registry: Mapping[str, Source]) -> Html:
    """Return a title per producer, and a table per dataset under it."""
    ordered = sorted(registry.values(), key=lambda s: (s.producteur, s.jeu, s.id))
    return Html("\n").join(
        prose("<h3>{}</h3>\n", producer) + Html("\n").join(_datasets(rows))
        for producer, rows in groupby(ordered, key=lambda s: s.producteur)
    )


def _datasets(rows: Iterable[Source]) -> Iterable[Html]:
    for dataset, files in groupby(rows, key=lambda s: s.jeu):
        found = tuple(files)
        licences = " ; ".join(dict.fromkeys(source.licence for source in found))
        table = Table(dataset, HEADS, tuple(map(_row, found))).html()
        yield table + prose('<p class="qpv-source">Licence : {}.</p>', licences) + _remarks(found)


def _row(source: Source) -> tuple[Html | str, ...]:
    address = source.url or source.page
    name = Html("<code>{}</code>").format(source.fichier)
    return (
        Html('<a href="{}">{}</a>').format(address, name) if address else name,
        str(source.publication or ""),
        prose(" ; ").join(_vintage(*block) for block in source.blocs.items()),
        PERIMETERS.get(source.perimetre, source.perimetre),
        Html('<code class="qpv-empreinte">{}</code>').format(source.sha256),
    )


def _vintage(block: str, vintage: dict) -> Html:
    return prose("{} : {} ({})", BLOCKS.get(block, block), _years(vintage), vintage["connu"])


def _years(vintage: dict) -> str:
    found = vintage["millesime"]
    return years(found if isinstance(found, list) else [found])


def _remarks(files: Iterable[Source]) -> Html:
    """Return the notes and the evidence of the vintages, each said once."""
    notes = dict.fromkeys(source.note for source in files if source.note)
    proofs = dict.fromkeys(
        prose("Année ({}) : {}", BLOCKS.get(block, block), typeset(vintage["preuve"]))
        for source in files
        for block, vintage in source.blocs.items()
        if vintage.get("preuve")
    )
    confirmed = [
        prose("Chiffres inhabituels de {}, confirmés : {}", source.fichier, source.confirmation)
        for source in files
        if source.confirmation
    ]
    items = [*map(typeset, notes), *proofs, *confirmed]
    if not items:
        return Html("")
    lines = Html("").join(Html("<li>{}</li>\n").format(item) for item in items)
    return prose("<details><summary>Ce qu'il faut savoir</summary><ul>{}</ul></details>", lines)


def _line(source: Source, block: str, vintage: dict) -> tuple[object, ...]:
    return (
        source.id, source.famille, source.producteur, source.jeu, source.publication or "",
        source.perimetre, block, _years(vintage), vintage["connu"], vintage.get("preuve", ""),
        source.fichier, source.sha256, source.url, source.page, source.licence, source.note,
        source.confirmation,
    )  # fmt: skip
