"""Detailed official files, too large or too fine to be kept: only figures leave them.

A file is recognised before anything else is read, by its content. Only the lines of Marseille
enter the calculation, and none is stored.
"""

import duckdb
import pandas as pd

from qpvlib.deposits import annuaire, bpe, census, finess, gtfs, on_foot, sirene
from qpvlib.deposits.deposit import Deposit
from qpvlib.errors import damaged
from qpvlib.sources.registry import Source

_READERS = {
    "annuaire": annuaire.read,
    "bpe": bpe.read,
    "bpe-decomptes": bpe.read_counts,
    "finess": finess.read,
    "finess-stock": finess.read,
    "gtfs": gtfs.read,
    "osm": on_foot.read,
    "sirene": sirene.read,
    "rp-individus": census.read,
    "rp-logements": census.read,
}


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Return the sources that a detailed file gives, each with its observations.

    A file that only serves others gives none, and a note says what it is for.

    Raises
    ------
    QpvError
        As the reader of its format says, or if the file is damaged.
    """
    if deposit.format.purpose:
        deposit.notes.append(f"{deposit.path.name} : {deposit.format.purpose}")
        return []
    try:
        return _READERS[deposit.format.name](deposit)
    except duckdb.Error:
        raise damaged(deposit.path.name) from None
