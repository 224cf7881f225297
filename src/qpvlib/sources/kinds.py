"""What every declared kind of official file says of itself, whatever reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qpvlib.errors import Problem, SourceError
from qpvlib.sources.registry import Source

_FRENCH = {
    "label": "libelle",
    "producer": "producteur",
    "dataset": "jeu",
    "identifier": "identifiant",
    "licence": "licence",
    "rank": "rang",
}


@dataclass(frozen=True)
class Kind:
    """The head of an entry of ``data/familles.yml``, ``lieux.yml`` or ``depots.yml``.

    Attributes
    ----------
    name
        Key of the entry.
    label
        What a message calls it.
    producer, dataset, licence, rank
        As in :class:`qpvlib.sources.registry.Source`.
    identifier
        Pattern of the identifiers of its sources.
    """

    name: str
    label: str
    producer: str
    dataset: str
    identifier: str
    licence: str
    rank: int

    def source(
        self,
        identifier: str,
        year: int | None,
        geography: str,
        blocks: dict[str, dict],
        file: str,
        digest: str,
    ) -> Source:
        """Return the entry of the registry for a file of this kind."""
        return Source(
            identifier, self.name, self.producer, self.dataset, year, geography, blocks, "",
            self.licence, file, digest, self.rank,
        )  # fmt: skip


def head(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a :class:`Kind`, read from its entry."""
    return {"name": name, **{field: entry[word] for field, word in _FRENCH.items()}}


def lacking(kind: Kind, columns: Iterable[str], file: str) -> SourceError:
    """Return the error of a file that was recognised and lacks these columns."""
    fact = "fichier reconnu (« {} ») mais la colonne {} manque."
    remedy = "Reprenez le fichier complet du producteur."
    return SourceError(
        Problem(fact.format(kind.label, column), file, 1, column, remedy) for column in columns
    )
