"""The rows of some arrondissements, taken once out of a detail file of all France."""

import threading
from pathlib import Path

import duckdb
from tqdm import tqdm

from qpvlib.errors import damaged
from qpvlib.indicators.microdata import literals, relation


def excerpt(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    arrondissements: tuple[str, ...],
    folder: Path,
) -> Path:
    """Copy the rows of some arrondissements to a smaller file of the same name and format.

    A bar shows the progress on a terminal.

    Parameters
    ----------
    connection
        See :func:`qpvlib.indicators.microdata.engine`.
    path
        Detail file, with a column ``ARM``.
    arrondissements
        Values of ``ARM`` to keep.
    folder
        Where the copy goes.

    Raises
    ------
    SourceError
        If a row is damaged or cut short, as at the end of an incomplete download.
    """
    target = folder / path.name
    text = path.suffix.lower() != ".parquet"
    query = (
        f"COPY (SELECT * FROM {relation(path)} WHERE ARM IN ({literals(arrondissements)})) "
        f"TO {literals([target])} "
        + ("(FORMAT csv, DELIMITER ';', HEADER)" if text else "(FORMAT parquet)")
    )
    try:
        _watched(connection, query, path.name)
    except duckdb.Error as error:
        raise damaged(path.name) from error
    return target


def _watched(connection: duckdb.DuckDBPyConnection, query: str, label: str) -> None:
    """Run a long query, and show on a terminal how far it is."""
    failures: list[duckdb.Error] = []

    def run() -> None:
        try:
            connection.execute(query)
        except duckdb.Error as error:
            failures.append(error)

    worker = threading.Thread(target=run)
    worker.start()
    try:
        with tqdm(total=100, desc=label, unit="%", disable=None, delay=1) as bar:
            while worker.is_alive():
                worker.join(0.2)
                bar.update(max(int(connection.query_progress()) - bar.n, 0))
    except BaseException:  # an interruption must not leave the query running
        connection.interrupt()
        worker.join()
        raise
    if failures:
        raise failures[0]
