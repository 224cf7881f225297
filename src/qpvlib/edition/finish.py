"""Turning an executed notebook into a page: same figures in, same bytes out.

A page may hand a table over for download by displaying it with the type ``text/csv``: the table
becomes a file beside the page, and a link to it closes the page.
"""

import re
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from qpvlib.edition.pages import Page
from qpvlib.errors import EditionError
from qpvlib.files import places

CSV = "text/csv"
_HIDDEN = {"parameters", "injected-parameters"}
_TITLE = re.compile(r"^# .*$", re.MULTILINE)
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#&|$~]")
# What a spreadsheet would run: a cell that begins like a formula, a negative number apart.
_FORMULA = re.compile(r'(^|;"?)(?=[=+@\t]|-(?![\d,.]))', re.MULTILINE)
_LABELS = re.compile(r"^\(([\w-]+)\)=\s*$|^:name:\s+([\w-]+)\s*$", re.MULTILINE)
_RICH = (CSV, "text/html", "text/markdown", "image/png", "image/svg+xml")


@dataclass(frozen=True)
class Finished:
    """The files of one page: a notebook, and the table it offers for download if any."""

    notebook: bytes
    csv: bytes | None


def finish(notebook: NotebookNode, page: Page) -> Finished:
    """Return the files of a page.

    The title goes into the first Markdown cell that has one; code and parameters are hidden;
    alternative texts go where MyST-NB reads them; labels carry the territory's code; whatever
    changes from one run to the next is removed.

    Parameters
    ----------
    notebook
        As returned by :func:`qpvlib.edition.engine.execute`; left unchanged.
    page
        The page it becomes.

    Raises
    ------
    EditionError
        If no Markdown cell has a level-one heading, or two tables are handed over.
    """
    cells = [nbformat.from_dict(cell) for cell in notebook.cells]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    for output in outputs:
        if any(kind in output.get("data", ()) for kind in _RICH):
            # The plain form of a rich object is its address in memory.
            output.data.pop("text/plain", None)
    tables = [output.data.pop(CSV) for output in outputs if CSV in output.get("data", ())]
    if len(tables) > 1:
        raise EditionError("le carnet propose plusieurs fichiers CSV au téléchargement.")
    _write_title(cells, page.title)
    _suffix_labels(cells, page.code.lower())
    finished = [_finish_code(cell) if cell.cell_type == "code" else cell for cell in cells]
    if tables:
        finished.append(new_markdown_cell(_download(page)))
    for rank, cell in enumerate(finished):
        cell.id = f"cellule-{rank + 1:02}"
        cell.metadata.pop("papermill", None)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    result = nbformat.v4.new_notebook(
        cells=finished, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    table = _FORMULA.sub(r"\1'", tables[0]).encode() if tables else None
    return Finished((nbformat.writes(result) + "\n").encode(), table)


def _write_title(cells: list[NotebookNode], title: str) -> None:
    for cell in cells:
        if cell.cell_type == "markdown" and _TITLE.search(cell.source):
            # A name is never Markdown nor HTML.
            cell.source = _TITLE.sub(
                lambda _: "# " + _MARKUP.sub(r"\\\g<0>", title), cell.source, count=1
            )
            return
    raise EditionError("le carnet n'a pas de titre de premier niveau dans une cellule Markdown.")


def _suffix_labels(cells: list[NotebookNode], suffix: str) -> None:
    """Make the labels of this notebook, and its own references to them, unique in the book."""
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    labels = {first or second for cell in texts for first, second in _LABELS.findall(cell.source)}
    figures = [
        settings["figure"]
        for cell in cells
        if (settings := cell.metadata.get("mystnb")) and "name" in settings.get("figure", {})
    ]
    labels |= {figure["name"] for figure in figures}
    for label in labels:
        whole = re.compile(rf"(?<=[(`<#\s]){re.escape(label)}(?=[)`>\s]|$)")
        for cell in texts:
            cell.source = whole.sub(f"{label}-{suffix}", cell.source)
    for figure in figures:
        figure["name"] = f"{figure['name']}-{suffix}"


def _finish_code(cell: NotebookNode) -> NotebookNode:
    tags = set(cell.metadata.get("tags", ()))
    tags = {"remove-cell"} if tags & _HIDDEN else tags | {"remove-input"}
    metadata = {"tags": sorted(tags)}
    settings = cell.metadata.get("mystnb", {})
    alts = [alt for output in cell.outputs if (alt := _alt(output))]
    if alts:
        settings = settings | {"image": settings.get("image", {}) | {"alt": " ".join(alts)}}
    if settings:
        metadata["mystnb"] = settings
    cell.metadata = nbformat.from_dict(metadata)
    cell.execution_count = None
    for output in cell.outputs:
        if "execution_count" in output:
            output.execution_count = None
    # What is not shown is not shipped.
    shown = () if "remove-cell" in tags else cell.outputs
    cell.outputs = [output for output in shown if output.get("data", True)]
    return cell


def _alt(output: NotebookNode) -> str:
    """Return the alternative text that an image carries in its metadata, by type or not."""
    if "image/png" not in output.get("data", ()):
        return ""
    metadata = output.metadata
    return metadata.get("image/png", {}).get("alt") or metadata.get("alt", "")


def _download(page: Page) -> str:
    up = "../" * page.docname.count("/")
    forms = {"csv": "tableur français, CSV"}
    if places.territory(page.docname):
        forms |= {"xlsx": "classeur Excel", "json": "JSON, avec les sources"}
    lines = [
        f'- <a class="download" href="{up}{places.table(page.docname, suffix)}" download>'
        f"Les chiffres de cette page ({said})</a>\n"
        for suffix, said in forms.items()
    ]
    whole = (
        f'- <a href="{up}{places.WHOLE}" download>Tout l’observatoire (ZIP, avec son '
        "dictionnaire)</a>\n"
        f'- <a href="{up}{places.NOTEBOOKS}" download>Les carnets qui produisent les pages '
        "(Jupyter)</a>\n"
    )
    return "## Télécharger\n\n" + "".join(lines) + whole
