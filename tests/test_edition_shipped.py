"""Every form in which figures leave is read back, and no secret leaves in any."""

import json

import pandas as pd
import pytest

from qpvlib.edition import shipped

KEY = 'data-indicateur="taux_fictif" data-territoire="QN01303I" data-modalite="ensemble"'
FIGURE = f'<data {KEY} data-millesime="2021" data-etat="{{}}" value="{{}}">x</data>'
HEAD = "territoire;indicateur;modalite;millesime;statistique;valeur;numerateur;denominateur;etat\n"
ROW = "QN01303I;taux_fictif;ensemble;2021;{};{};{};;{}\n"
STORED = pd.DataFrame(
    [("QN01303I", "taux_fictif", "ensemble", 2021, "secret")],
    columns=["territoire", "indicateur", "modalite", "millesime", "etat"],
)


@pytest.fixture
def book(tmp_path):
    """Build a book of these files."""

    def put(name="livre", **files):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file.replace("_", ".")).write_text(text, "utf-8")
        return folder

    return put


def notebook(text):
    return json.dumps({"cells": [{"outputs": [{"data": {"text/html": [text]}}]}]})


def told(folder):
    return [str(problem) for problem in shipped.faults(folder, STORED)]


FORMS = {
    "page_html": FIGURE.format("valeur", "41.5"),
    "carnet_ipynb": notebook(FIGURE.format("valeur", "41.5")),
    "table_csv": HEAD + ROW.format("valeur", "41,5", "", "valeur"),
    "parts_csv": HEAD + ROW.format("valeur", "", "12", "secret"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(book, form):
    (problem,) = told(book(**{form: FORMS[form]}))
    assert form.replace("_", ".") in problem
    assert "QN01303I" in problem and "est secret" in problem


def test_a_secret_told_as_such_is_no_fault_nor_is_another_statistic(book):
    table = HEAD + ROW.format("valeur", "", "", "secret") + ROW.format("mediane", "3", "", "valeur")
    assert told(book(page_html=FIGURE.format("secret", ""), table_csv=table)) == []


def test_other_tables_and_inert_files_hold_no_figure(book):
    folder = book(sources_csv="source;fichier\nx;y\n", feuille_css="a{}", page_html="<p>1</p>")
    assert told(folder) == [] and shipped.figures(folder).empty


@pytest.mark.parametrize(
    "name", ["chiffres_xlsx", "chiffres_json", "tout_zip", "page_pdf", "qpv_gpkg"]
)
def test_a_form_that_nobody_reads_back_is_refused(book, name):
    (problem,) = told(book(**{name: "PK"}))
    assert name.replace("_", ".") in problem and "qpvlib.edition.shipped" in problem


@pytest.mark.parametrize("masked_first", [True, False])
def test_what_an_edition_masks_does_not_come_from_the_other(book, masked_first):
    given = book("une", page_html=FIGURE.format("valeur", "41.5"))
    masked = book("autre", page_html=FIGURE.format("secret", ""))
    pair = (masked, given) if masked_first else (given, masked)
    (problem,) = shipped.across(*pair)
    assert "secret dans l'autre édition" in str(problem)
    assert [*shipped.across(given, given)] == []
