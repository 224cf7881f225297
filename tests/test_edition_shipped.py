"""Every form in which figures leave is read back, and no secret leaves in any."""

import json
import sqlite3
import zipfile
from contextlib import closing

import openpyxl
import pandas as pd
import pytest
import typst

from qpvlib.catalogue import Indicator
from qpvlib.edition import shipped

KEY = 'data-indicateur="taux_fictif" data-territoire="QN01303I" data-modalite="ensemble"'
FIGURE = f'<data {KEY} data-millesime="2021" data-etat="{{}}" value="{{}}">x</data>'
HEAD = "territoire;indicateur;modalite;millesime;statistique;valeur;numerateur;denominateur;etat\n"
ROW = "QN01303I;taux_fictif;ensemble;2021;{};{};{};;{}\n"
NAMES = ["territoire", "indicateur", "modalite", "millesime", "valeur", "etat"]
STORED = pd.DataFrame(
    [
        ("QN01303I", "taux_fictif", "ensemble", 2021, None, "secret"),
        ("QN01304I", "taux_fictif", "ensemble", 2021, 12.5, "valeur"),
    ],
    columns=NAMES,
)
ENTRY = ("QN01303I", "taux_fictif", "ensemble", 2021)


@pytest.fixture
def book(tmp_path):
    """Build a book of these files."""

    def put(name="livre", **files):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            (folder / file.replace("_", ".")).write_bytes(content)
        return folder

    return put


def notebook(text):
    return json.dumps({"cells": [{"outputs": [{"data": {"text/html": [text]}}]}]})


def told(folder):
    return [str(problem) for problem in shipped.faults(folder, STORED)]


def saved(tmp_path, fill, name):
    """Return the bytes that a function writes to a path."""
    path = tmp_path / name
    fill(path)
    return path.read_bytes()


def workbook(path, *rows):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("chiffres")
    for row in rows:
        sheet.append(row)
    book.save(path)


def geopackage(path, value):
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        base.execute("INSERT INTO gpkg_contents VALUES ('quartiers')")
        base.execute("CREATE TABLE quartiers (code TEXT, taux_fictif REAL, taux_fictif_etat TEXT)")
        base.execute("INSERT INTO quartiers VALUES ('QN01303I', ?, 'secret')", [value])


def archive(path, **members):
    with zipfile.ZipFile(path, "w") as zipped:
        for name, text in members.items():
            zipped.writestr(name.replace("_", "."), text)


KEYED = dict(zip(NAMES, (*ENTRY, 41.5, "valeur"), strict=True))
FORMS = {
    "page_html": FIGURE.format("valeur", "41.5"),
    "donnees_html": f'<script type="application/json">{json.dumps([KEYED])}</script>',
    "chiffres_json": json.dumps(
        {"territoire": ENTRY[0], "chiffres": [{k: KEYED[k] for k in NAMES[1:]}]}
    ),
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


@pytest.mark.parametrize("column", ["valeur", "denominateur", "borne_haute"])
def test_a_secret_is_found_in_a_workbook_under_its_titles(book, tmp_path, column):
    def fill(path):
        head = [*NAMES[:4], column, "etat"]
        workbook(path, ["Un titre"], [], head, [*ENTRY, 41.5, "secret"])

    (problem,) = told(book(chiffres_xlsx=saved(tmp_path, fill, "w.xlsx")))
    assert "chiffres.xlsx" in problem and "est secret" in problem


@pytest.fixture
def wide(monkeypatch):
    """Let the columns of a table be named after an indicator."""
    monkeypatch.setattr(shipped, "indicators", lambda: {"taux_fictif": Indicator})


@pytest.mark.parametrize(("value", "count"), [(41.5, 1), (None, 0)])
def test_a_layer_gives_what_is_published_and_nothing_else(book, tmp_path, wide, value, count):
    layer = saved(tmp_path, lambda path: geopackage(path, value), "q.gpkg")
    facts = {"code": "QN01303I", "taux_fictif": value}
    shapes = json.dumps({"features": [{"properties": facts}, {"properties": PUBLIC}]})
    table = pd.DataFrame([facts, PUBLIC]).to_csv(index=False)
    found = told(book(q_gpkg=layer, q_geojson=shapes, q_csv=table))
    assert len(found) == 3 * count and all("n'est publié nulle part" in line for line in found)


PUBLIC = {"code": "QN01304I", "taux_fictif": 12.5}


def test_an_archive_is_read_member_by_member(book, tmp_path):
    def fill(path):
        inside = saved(tmp_path, lambda p: archive(p, page_html=FORMS["page_html"]), "i.zip")
        archive(path, parts_csv=FORMS["parts_csv"], carnets_zip=inside, photo_heic="x")

    found = told(book(tout_zip=saved(tmp_path, fill, "w.zip")))
    assert sorted(line.split()[0] for line in found) == [
        "tout.zip/carnets.zip/page.html",
        "tout.zip/parts.csv",
        "tout.zip/photo.heic",
    ]


def test_a_pdf_tells_no_more_than_its_page(book):
    def pdf(text):
        return typst.compile(f'#set document(title: "Essai")\n{text}'.encode())

    page = '<meta charset="utf-8">' + "<p>28,4 % en 2021, 1 240 € et 31,5 %</p><p>12 personnes</p>"
    sound = pdf("28,4 % ; 28 % en 2021 ; 1 240 € ; 32 % ; de 0 à 100 % ; 17 pages")
    assert told(book("un", quartier_html=page, quartier_pdf=sound)) == []
    (problem,) = told(book("deux", quartier_html=page, quartier_pdf=pdf("41,5 % et 28,4 %")))
    assert "quartier.pdf" in problem and problem.endswith(": 41,5.")


def test_the_table_inside_a_pdf_tells_its_numbers_and_no_secret(book):
    def pdf(row):
        table = json.dumps(HEAD + row, ensure_ascii=False)
        return typst.compile(
            f'#set document(title: "Essai")\n41,5 %\n#pdf.attach("t.csv", bytes({table}))'.encode()
        )

    other = ROW.replace("QN01303I", "QN01304I").format("valeur", "41.52", "", "valeur")
    assert told(book("un", quartier_pdf=pdf(other))) == []
    (problem,) = told(book("deux", quartier_pdf=pdf(ROW.format("valeur", "41.5", "", "valeur"))))
    assert "quartier.pdf" in problem and "est secret" in problem
    masked = pdf(ROW.format("valeur", "", "", "secret"))
    (problem,) = told(book("trois", quartier_pdf=masked))
    assert problem.endswith(": 41,5.")


def test_a_form_that_nobody_reads_back_is_refused(book):
    (problem,) = told(book(chiffres_ods="PK"))
    assert "chiffres.ods" in problem and "qpvlib.edition.shipped" in problem


@pytest.mark.parametrize("masked_first", [True, False])
def test_what_an_edition_masks_does_not_come_from_the_other(book, masked_first):
    given = book("une", page_html=FIGURE.format("valeur", "41.5"))
    masked = book("autre", page_html=FIGURE.format("secret", ""))
    pair = (masked, given) if masked_first else (given, masked)
    (problem,) = shipped.across(*pair)
    assert "secret dans l'autre édition" in str(problem)
    assert [*shipped.across(given, given)] == []
