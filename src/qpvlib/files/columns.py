"""What each column of a file says, and how a figure is said easily: ``data/fichiers.yml``."""

from dataclasses import dataclass
from functools import cache

import yaml

from qpvlib import paths
from qpvlib.errors import CatalogueError, Problem
from qpvlib.typography import typeset

_FILE = "fichiers.yml"


@dataclass(frozen=True)
class Column:
    """A column: its name, its type (Frictionless), what it says in French."""

    name: str
    type: str
    text: str


def column(name: str) -> Column:
    """Return one column.

    Raises
    ------
    CatalogueError
        If ``data/fichiers.yml`` does not describe it.
    """
    entry = _read()["colonnes"].get(name)
    if entry is None:
        raise CatalogueError(Problem(f"la colonne « {name} » n'y est pas décrite.", _FILE))
    return Column(name, entry["type"], typeset(entry["texte"]))


def states() -> dict[str, str]:
    """Return what each of the four states means."""
    return {name: typeset(text) for name, text in _read()["etats"].items()}


def falc() -> dict[str, dict[str, str]]:
    """Return indicator -> ``forme`` and ``dessin``, on the easy-to-read pages."""
    return _read()["falc"]


@cache
def _read() -> dict[str, dict]:
    return yaml.safe_load((paths.data() / _FILE).read_text("utf-8"))
