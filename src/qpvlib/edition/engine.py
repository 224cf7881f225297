"""Running a notebook: papermill, behind one function so that it can be replaced.

:mod:`qpvlib.edition.publish` gives each notebook a process of its own, forked from one that has
already imported everything; :mod:`qpvlib.edition.shell` runs its cells there, without a kernel.
"""

import logging
from pathlib import Path

import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from qpvlib import errors


def execute(template: Path, parameters: dict[str, str]) -> NotebookNode:
    """Run a notebook with these parameters and return it with its outputs.

    Parameters
    ----------
    template
        Notebook with one cell tagged ``parameters``.
    parameters
        Values replacing those of that cell.

    Raises
    ------
    EditionError
        If a cell fails, or warns on the standard error: its rank and the reason.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        notebook = papermill.execute_notebook(
            template, None, parameters, engine_name="qpv", progress_bar=False
        )
    except PapermillExecutionError as error:
        known = getattr(errors, error.ename, None)
        reason = error.evalue if known else f"{error.ename} ({error.evalue})"
        raise errors.EditionError(_failure(template, error.cell_index, reason)) from None
    for rank, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise errors.EditionError(_failure(template, rank, output.text.strip()))
    return notebook


def _failure(template: Path, rank: int, reason: str) -> str:
    return f"la cellule {rank + 1} de {template.name} a échoué : {reason}"
