"""A finished page has its title, hidden code, alternative texts, own labels, and stable bytes."""

import dataclasses
import json

import pytest
from markdown_it import MarkdownIt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from edition_project import FIGURE, TABLE, project, template, write_template  # noqa: F401
from qpvlib.edition import pages
from qpvlib.edition.engine import execute
from qpvlib.edition.finish import finish
from qpvlib.errors import EditionError

PAGE = pages.page("QN01304I")


def finished_cells(notebook) -> list[dict]:
    return json.loads(finish(notebook, PAGE).notebook)["cells"]


def test_two_runs_give_the_same_bytes_without_time_or_place(project):  # noqa: F811
    path = write_template(project, "essai", template(FIGURE, TABLE))
    first, second = (finish(execute(path, PAGE.parameters), PAGE) for _ in range(2))
    assert first == second
    for trace in (b"papermill", str(project).encode(), b"start_time", b"object at 0x"):
        assert trace not in first.notebook


def test_title_labels_and_references_are_those_of_the_territory():
    cells = finished_cells(template())
    assert cells[0]["source"] == ["# La Viste\n", "\n", "Voir [en bref](#en-bref-qn01304i)."]
    assert cells[2]["source"][0] == "(en-bref-qn01304i)=\n"


def test_code_is_hidden_and_parameters_are_removed():
    cells = [cell for cell in finished_cells(template("1")) if cell["cell_type"] == "code"]
    assert [cell["metadata"]["tags"] for cell in cells] == [["remove-cell"], ["remove-input"]]


def test_the_alternative_text_goes_where_the_book_reads_it():
    image = new_output("display_data", data={"image/png": "AA==", "text/plain": "<Figure>"})
    image.metadata["image/png"] = {"alt": "Le taux monte."}
    cell = new_code_cell("", outputs=[image], metadata={"mystnb": {"figure": {"name": "taux"}}})
    notebook = new_notebook(cells=[new_markdown_cell("# x\n\n{ref}`taux`"), cell])
    text, done = finished_cells(notebook)
    settings = done["metadata"]["mystnb"]
    assert settings == {"figure": {"name": "taux-qn01304i"}, "image": {"alt": "Le taux monte."}}
    assert text["source"][-1] == "{ref}`taux-qn01304i`"
    assert list(done["outputs"][0]["data"]) == ["image/png"]


def test_the_table_handed_over_becomes_a_file_and_a_link(project):  # noqa: F811
    path = write_template(project, "essai", template(FIGURE, TABLE))
    finished = finish(execute(path, PAGE.parameters), PAGE)
    row = finished.csv.decode().splitlines()[1]
    assert row == "QN01304I,taux_fictif,ensemble,2021,41.512,valeur"
    *_, handed, link = json.loads(finished.notebook)["cells"]
    assert handed["outputs"] == [] and "../../donnees/la-viste.csv" in "".join(link["source"])
    assert finish(template(), PAGE).csv is None


def test_an_object_that_is_a_table_leaves_no_trace_of_its_plain_form():
    table = new_output("display_data", data={"text/csv": "a\n", "text/plain": "<x at 0x1>"})
    notebook = template("1")
    notebook.cells[-1].outputs = [table]
    assert b"0x1" not in finish(notebook, PAGE).notebook


def test_a_notebook_without_title_or_with_two_tables_is_refused():
    with pytest.raises(EditionError, match="titre"):
        finish(new_notebook(cells=[new_markdown_cell("texte")]), PAGE)
    table = new_output("display_data", data={"text/csv": "a\n"})
    twice = template()
    twice.cells[1].outputs = [table, table]
    with pytest.raises(EditionError, match="plusieurs fichiers CSV"):
        finish(twice, PAGE)


@pytest.mark.parametrize(
    "name", ["La Viste <img src=x onerror=alert(1)>", "[lien](https://x)", "*gras* `code` {ref}`a`"]
)
def test_a_name_is_never_markup(name):
    page = dataclasses.replace(PAGE, title=name)
    source = json.loads(finish(template(), page).notebook)["cells"][0]["source"][0]
    tokens = MarkdownIt("commonmark").parse(source)[1].children
    assert [token.type for token in tokens] == ["text"] and tokens[0].content == name


def test_a_cell_that_begins_like_a_formula_is_defused_and_a_number_is_not():
    text = "source;fichier;valeur\na;=HYPERLINK(1);-12,5\nb;@x;-3\nc;-x;+1\n"
    cell = new_code_cell("", outputs=[new_output("display_data", data={"text/csv": text})])
    done = finish(new_notebook(cells=[new_markdown_cell("# x"), cell]), PAGE).csv.decode()
    assert done.splitlines()[1:] == ["a;'=HYPERLINK(1);-12,5", "b;'@x;-3", "c;'-x;'+1"]
