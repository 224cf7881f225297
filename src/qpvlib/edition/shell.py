"""The papermill engine « qpv »: the cells of a notebook in an IPython shell of this process.

An entry point declared in ``pyproject.toml``: ``papermill --engine qpv`` finds it. papermill's own
engine starts a Jupyter kernel per notebook, which costs seconds before the first figure. Import
papermill before this module: papermill imports it while being imported.
"""

import base64
import sys
import traceback

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager
from traitlets.config import Config


class _Shell(InteractiveShell):
    """An IPython shell without screen, history or event loop."""

    def enable_gui(self, gui=None):
        """Do nothing: no window will be opened."""

    def init_sys_modules(self):
        """Leave ``__main__`` to the program that runs the notebook."""

    def showtraceback(self, *args, **kwargs):
        """Print nothing: what a cell raises is returned."""


class InProcessEngine(Engine):
    """Runs the cells in this process and stops at the first one that fails."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: object
    ) -> None:
        """Run every cell of code in order (papermill calls this)."""
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
        told = traceback.format_exception(failure)
        name = type(failure).__name__
        cell.outputs.append(new_output("error", ename=name, evalue=str(failure), traceback=told))
    return failure


def _encoded(data: dict[str, str | bytes]) -> dict[str, str]:
    """Return the data of an output as a notebook holds them: pictures in base64."""
    return {
        kind: base64.b64encode(content).decode() if isinstance(content, bytes) else content
        for kind, content in data.items()
    }
