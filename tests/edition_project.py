"""A throw-away project for the tests of the edition: real territories, fictitious figures."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

REPOSITORY = Path(__file__).resolve().parents[1]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
FIGURE = """
from IPython.display import HTML, display
attributes = f'data-indicateur="taux_fictif" data-territoire="{code}" data-millesime="2021"'
display(HTML(f'<p>Le taux fictif est de <data class="qpv-chiffre" value="41.512" {attributes} '
             'data-modalite="ensemble" data-etat="valeur">41,5 %</data>.</p>'))
"""
TABLE = """
header = "territoire,indicateur,modalite,millesime,valeur,etat"
display({"text/csv": f"{header}\\n{code},taux_fictif,ensemble,2021,41.512,valeur\\n"}, raw=True)
"""


def template(*sources: str) -> nbformat.NotebookNode:
    """Return a template: a title, the parameters, a labelled chapter, then these cells."""
    return new_notebook(
        metadata=KERNEL,
        cells=[
            new_markdown_cell("# Gabarit\n\nVoir [en bref](#en-bref)."),
            new_code_cell('code = "QN01303I"', metadata={"tags": ["parameters"]}),
            new_markdown_cell("(en-bref)=\n## En bref"),
            *map(new_code_cell, sources),
        ],
    )


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project whose three templates print one fictitious figure and hand over its table."""
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    (tmp_path / "book").mkdir()
    for name in ("portrait_qpv", "portrait_secteur", "ville"):
        write_template(tmp_path, name, template(FIGURE, TABLE))
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    return tmp_path


def write_template(root: Path, name: str, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook among the templates and return its path."""
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path
