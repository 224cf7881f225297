"""Every dress of an official table gives the same cells."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpvlib.errors import SourceError
from qpvlib.sources import cells, tables

ROWS = [["CODGEO", "LIBGEO", "TP60"], ["QP013901", "Élan fictif", "9 280,5"]]


def csv(separator=";", ending="\r\n", trailing="", quote=""):
    lines = (separator.join(f"{quote}{c}{quote}" for c in row) + trailing for row in ROWS)
    return ending.join(lines) + ending


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Titre du classeur"], ["Champ"], [], *ROWS]:
        sheet.append(row)
    book.create_sheet("Documentation").append(["Des mots"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        csv().encode(),
        csv(ending="\n").encode("utf-8-sig"),
        csv().encode("cp1252"),
        csv(quote='"').encode(),
        csv(trailing=";;;;").encode(),
        csv(separator=",", quote='"').encode(),
        csv().replace("TP60", " TP60 ").encode(),
        ("\r\n" + csv() + ";;\r\n").encode(),
        ('Titre;;\r\n;;\r\n"Champ ;\r\nà dire";;\r\n' + csv()).encode(),
        workbook(),
    ],
    ids=[
        "crlf",
        "bom",
        "cp1252",
        "guillemets",
        "excel",
        "virgule",
        "espaces",
        "vides",
        "titres",
        "xlsx",
    ],
)
def test_the_same_cells_come_out(tmp_path, content):
    path = tmp_path / "table"
    path.write_bytes(content)
    (table,) = tables.read(path)
    assert table.columns == tuple(ROWS[0])
    assert table.rows == (tuple(ROWS[1]),)
    assert table.problems == ()


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv() + "\r\nQP013902;B;1\r\nQP013903;C\r\n", newline="")
    (table,) = tables.read(path)
    assert table.lines == (2, 4)
    assert [problem.line for problem in table.problems] == [5]


def test_a_damaged_workbook_is_said_in_words(tmp_path):
    path = tmp_path / "classeur.xlsx"
    path.write_bytes(workbook()[:400])
    with pytest.raises(SourceError, match="tronqué"):
        tables.read(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9\u00a0280", 9280),
        ("1\u202f427,5", 1427.5),
        ("-18,3", -18.3),
        ("\u22122", -2),
        ("15820.0", 15820),
        ("  2", 2),
        ("", None),
        ("ns", None),
        (".", None),
    ],
)
def test_numbers_of_both_sides_of_the_channel(text, expected):
    assert cells.number(text) == expected


@given(st.integers(-(10**9), 10**9), st.sampled_from(["", " ", "\u00a0", "\u202f"]))
def test_any_way_of_grouping_thousands_reads_the_same(value, space):
    assert cells.number(f"{value:,}".replace(",", space) + ",50") == value + (
        0.5 if value >= 0 else -0.5
    )


@pytest.mark.parametrize("text", ["1,2,3", "12 ans", "n.d.", "1e5", "--"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError):
        cells.number(text)


def test_each_marker_keeps_its_own_state():
    states = {text: cells.marker(text) for text in ("s", "so", "ns", "nd", "NA", ".", "", "12")}
    assert states == {
        "s": "secret",
        "so": "sans_objet",
        "ns": "non_disponible",
        "nd": "non_disponible",
        "NA": "non_disponible",
        ".": "non_disponible",
        "": None,
        "12": None,
    }


def test_the_same_fault_on_every_line_is_told_once(tmp_path):
    path = tmp_path / "virgules.csv"
    path.write_bytes(b"CODGEO,A,B\n" + b"QP013003,1,5,2,5\n" * 50)
    (table,) = tables.read(path)
    assert len(table.problems) == 1
    assert "aucune ligne n'a les 3 cellules" in str(table.problems[0])


def test_a_formula_without_its_value_is_no_secret(tmp_path):
    """A library writes formulas without computing them: the cell reads as blank."""
    book = openpyxl.Workbook()
    for row in (["CODGEO", "DISP_MED_A18"], ["QP013003", "=14000+250"], ["QP013005", None]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceError, match=r"=14000\+250\W+n'a pas de valeur") as refusal:
        tables.read(tmp_path / "a.xlsx")
    assert refusal.value.problems[0].line == 2


def test_the_formula_of_the_sample_is_refused(shared):
    with pytest.raises(SourceError, match="n'a pas de valeur enregistrée"):
        tables.read(shared / "data" / "essais" / "formule_sans_valeur.xlsx")


def test_a_workbook_that_would_swell_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(SourceError, match="grossirait plus de 200 fois"):
        tables.read(path)


@pytest.mark.parametrize("place", [3, 6_000])
def test_nulls_are_found_anywhere(tmp_path, place):
    text = (csv() * 200).encode()
    (tmp_path / "a.csv").write_bytes(text[:place] + b"\x00" + text[place:])
    with pytest.raises(SourceError, match="octets nuls") as refusal:
        tables.read(tmp_path / "a.csv")
    assert refusal.value.problems[0].line == text[:place].count(b"\n") + 1
