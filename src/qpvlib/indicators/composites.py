"""The composite indices: what they are made of, read from ``data/indices.yml``."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from qpvlib import catalogue, declared, paths
from qpvlib.errors import CatalogueError, Problem

_DIRECTIONS = ("plus", "moins")
_FIELDS = {"modele", "annee", "ecart", "composantes"}
_PART_FIELDS = {"poids", "sens", "fichier"}


@dataclass(frozen=True)
class Component:
    """A share that enters an index; ``file`` says, in French, which file gives it."""

    name: str
    weight: float
    rises: bool
    file: str


@dataclass(frozen=True)
class Composite:
    """One entry of ``data/indices.yml``.

    Attributes
    ----------
    name, model
        Id of the index, and of the one whose composition it takes up.
    dated_by
        The component whose year is that of the index.
    reach
        Years allowed between it and any other component.
    components
        All compulsory; the weights add up to 1.
    """

    name: str
    model: str
    dated_by: str
    reach: int
    components: tuple[Component, ...]

    @property
    def names(self) -> list[str]:
        """The ids of the components."""
        return [one.name for one in self.components]

    def oriented(self, shares: pd.DataFrame) -> np.ndarray:
        """Return the shares of :attr:`names`, counted so that the index rises with each."""
        rises = [one.rises for one in self.components]
        return np.where(rises, shares[self.names], 100 - shares[self.names])

    def value(self, shares: pd.DataFrame) -> pd.Series:
        """Return the index of each row of shares in percent; columns :attr:`names`, 0 to 100."""
        weights = [one.weight for one in self.components]
        return pd.Series(self.oriented(shares) @ weights, index=shares.index)


def composites() -> dict[str, Composite]:
    """Return the indices of ``data/indices.yml``, by id; see :func:`read`."""
    return read(paths.data() / "indices.yml")


@cache
def read(path: Path) -> dict[str, Composite]:
    """Read and check a declaration of indices.

    Raises
    ------
    CatalogueError
        If the file is not readable YAML; otherwise with every field that is missing, id that the
        catalogue lacks, component that is not a share in percent, weight that is not positive,
        direction or year that is not allowed.
    """
    try:
        entries = declared.read(path)
    except yaml.YAMLError:
        raise CatalogueError(Problem("ce fichier n'est pas un YAML lisible.", path.name)) from None
    problems = [
        Problem(f"{name} : {fact}", path.name)
        for name, entry in entries.items()
        for fact in _faults(name, entry)
    ]
    if problems:
        raise CatalogueError(problems)
    return {
        name: Composite(name, entry["modele"], entry["annee"], entry["ecart"], _components(entry))
        for name, entry in entries.items()
    }


def _components(entry: dict) -> tuple[Component, ...]:
    parts = entry["composantes"]
    total = sum(part["poids"] for part in parts.values())
    return tuple(
        Component(name, part["poids"] / total, part["sens"] == "plus", part["fichier"])
        for name, part in parts.items()
    )


def _faults(name: str, entry: dict) -> list[str]:
    """Say in French all that is wrong with one index."""
    gaps = [("cet indice", _FIELDS - set(entry))]
    parts, known = entry.get("composantes", {}), catalogue.indicators()
    gaps += [(f"la composante « {one} »", _PART_FIELDS - set(part)) for one, part in parts.items()]
    if facts := [f"{who} n'a pas : {', '.join(sorted(lacks))}." for who, lacks in gaps if lacks]:
        return facts
    unknown = [one for one in (name, entry["modele"], *parts) if one not in known]
    facts = [f"« {one} » n'est pas dans indicateurs.yml." for one in unknown]
    facts += [
        f"la composante « {one} » doit être une part en %."
        for one in parts
        if one in known and known[one].unite != "%"
    ]
    facts += [
        f"le poids de « {one} » doit être positif."
        for one, part in parts.items()
        if not part["poids"] > 0
    ]
    facts += [
        f"le sens de « {one} » doit être « plus » ou « moins »."
        for one, part in parts.items()
        if part["sens"] not in _DIRECTIONS
    ]
    if entry["annee"] not in parts:
        facts.append(f"« {entry['annee']} », qui donne l'année, n'est pas une composante.")
    if len(parts) < 2:
        facts.append("il faut au moins deux composantes.")
    return facts
