"""Running a notebook: papermill, behind one function so that it can be replaced.

papermill's own engine starts a Jupyter kernel per notebook, which costs more than four seconds
before the first figure. The engine registered here runs the cells in an IPython shell of the
current process; :mod:`qpvlib.edition.publish` gives each notebook a process of its own, forked
from one that has already imported everything.
"""

import base64
import logging
import sys
from pathlib import Path

import papermill
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

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


class _Shell(InteractiveShell):
    """An IPython shell without screen, history or event loop."""

    def enable_gui(self, gui=None):
        """Do nothing: no window will be opened."""

    def init_sys_modules(self):
        """Leave ``__main__`` to the program that runs the notebook."""

    def showtraceback(self, *args, **kwargs):
        """Print nothing: what a cell raises is returned."""


class _InProcessEngine(Engine):
    """Runs the cells in this process and stops at the first one that fails."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: object
    ) -> None:
        if _Shell.initialized():
            _Shell.instance().reset(new_session=False)
        shell = _Shell.instance(config=Config(HistoryManager={"enabled": False}))
        shell.enable_matplotlib("inline")
        for rank, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type == "code":
                nb_man.cell_start(cell, rank)
                failure = _run(shell, cell)
                nb_man.cell_complete(cell, rank)
                if failure:
                    nb_man.cell_exception(cell, rank)
                    return


def _run(shell: InteractiveShell, cell: NotebookNode) -> BaseException | None:
    """Run one cell, write its outputs as a kernel would, return what it raised."""
    with capture_output() as captured:
        shell.display_trap.hook = sys.displayhook  # the one that captures
        result = shell.run_cell(cell.source)
    streams = {"stdout": captured.stdout, "stderr": captured.stderr}
    cell.outputs = [
        new_output("stream", name=name, text=text) for name, text in streams.items() if text
    ]
    cell.outputs += [
        new_output("display_data", data=_encoded(rich.data), metadata=rich.metadata or {})
        for rich in captured.outputs
    ]
    failure = result.error_before_exec or result.error_in_exec
    if failure:
        cell.outputs.append(
            new_output("error", ename=type(failure).__name__, evalue=str(failure), traceback=[])
        )
    return failure


def _encoded(data: dict[str, str | bytes]) -> dict[str, str]:
    """Return the data of an output as a notebook holds them: pictures in base64."""
    return {
        kind: base64.b64encode(content).decode() if isinstance(content, bytes) else content
        for kind, content in data.items()
    }


papermill_engines.register("qpv", _InProcessEngine)
