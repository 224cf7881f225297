"""Residents: closed questions, counts only, nothing that gives someone away."""

import io
import itertools
from collections import Counter

import openpyxl
import pandas as pd
import pypdf
import pytest
from lxml import etree
from pyxform import xls2xform

from evaluation_project import project  # noqa: F401
from qpvlib import disclosure
from qpvlib.errors import SourceError
from qpvlib.evaluation import package, registers, residents
from qpvlib.evaluation.residents import WHOLE, count, published, questions
from qpvlib.presentation import printed
from qpvlib.territories import slugify
from qpvlib.typography import typeset

HERE = "QN01304I"
CAMPAIGN = ("C1 (essai)", "papier", "2025-03-01", "2025-03-31")


def answers(*sizes, name="H04"):
    return Counter({(HERE, name, a): n for a, n in zip(questions()[name]["reponses"], sizes,
                                                      strict=True)})  # fmt: skip


def test_the_base_is_closed_french_and_covers_the_objectives():
    base = questions()
    assert 20 <= len(base) <= 40
    assert {one["objectif"] for one in base.values()} == set(package.objectives())
    for one in base.values():
        assert one["texte"] != one["falc"] and len(one["falc"].split()) <= 18
        assert 3 <= len(one["reponses"]) <= 5 and one["reponses"][-1] == "je ne sais pas"
        assert typeset(one["texte"]).count("?") <= 1


def test_the_form_holds_every_question_and_is_the_same_twice(tmp_path):
    assert residents.xlsform() == residents.xlsform()
    (tmp_path / "q.xlsx").write_bytes(residents.xlsform())
    book = openpyxl.load_workbook(tmp_path / "q.xlsx")
    names = [row[1] for row in book["survey"].iter_rows(min_row=2, values_only=True)]
    assert names == ["territoire", *questions()]
    listed = {row[0] for row in book["choices"].iter_rows(min_row=2, values_only=True)}
    assert listed == {"territoires", *questions()}


def test_the_form_is_one_that_odk_takes(tmp_path):
    (tmp_path / "q.xlsx").write_bytes(residents.xlsform())
    made = xls2xform.convert(str(tmp_path / "q.xlsx"), validate=False)
    assert not made.warnings
    form = etree.fromstring(made.xform.encode())
    labels = {one.text for one in form.iter("{*}value", "{*}label", "{*}hint")}
    for one in questions().values():
        assert {one["texte"], one["falc"], *one["reponses"]} <= labels
    assert len(list(form.iter("{*}select1"))) == len(questions()) + 1


def test_the_paper_sheet_asks_every_question_and_is_a_tagged_pdf():
    sheet = printed.compiled(residents.TITLE, residents.sheet())
    assert sheet == printed.compiled(residents.TITLE, residents.sheet())
    read = pypdf.PdfReader(io.BytesIO(sheet))
    said = "".join("".join(page.extract_text() for page in read.pages).split())
    said = said.replace("’", "'")
    for name, one in questions().items():
        assert "".join(typeset(one["falc"]).split()) + name in said
    assert said.count("jenesaispas") == len(questions()) and len(read.pages) == 2
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((6, 4, 0), [None, None, None, None]),  # ten answers
        ((20, 15, 9), [20, 15, 9, 44]),
        ((30, 9, 5), [30, 9, 5, 44]),
        ((30, 10, 4), [30, None, None, 44]),  # the second one goes with the smallest
        ((40, 2, 2), [40, None, None, 44]),
    ],
)
def test_thresholds_and_the_second_cell(sizes, shown):
    found = published(answers(*sizes))
    assert list(found.values()) == shown


def test_no_total_gives_a_masked_cell_away():
    """Sixty-four splits in three answers, zeros included: the attack finds nothing."""
    for sizes in itertools.product((0, 4, 7, 15), repeat=3):
        found = published(answers(*sizes))
        members = disclosure.membership(
            {HERE: [HERE]}, {a: [a] for a in questions()["H04"]["reponses"]}
            | {WHOLE: questions()["H04"]["reponses"]})  # fmt: skip
        cells = pd.Series([found[HERE, "H04", a] for _, a in members.index], members.index, float)
        if cells.notna().any():
            assert disclosure.attack(cells, members).empty, sizes


def written(path, lines):
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.usefixtures("project")
def test_three_hundred_answers_are_counted_whatever_the_tool(tmp_path):
    base = questions()["H04"]["reponses"]
    given = [base[0]] * 20 + [base[1]] * 15 + [base[2]] * 9
    kobo = ["start;territoire;groupe/H04;groupe/H01"] + [
        f"x;La Viste;{slugify(one)};" for one in given]  # fmt: skip
    grid = ["territoire,question,reponse,effectif",
            *(f"{HERE},H04,{one},{given.count(one)}" for one in base)]  # fmt: skip
    words = [f'territoire;"{questions()["H04"]["texte"]}"', *(f"{HERE};{one}" for one in given)]
    for lines in (kobo, grid, words):
        count(written(tmp_path / "reponses.csv", lines), "C1", *CAMPAIGN[1:])
        stored = (package.folder() / "reponses.csv").read_bytes()
        rows = registers.load()["reponses"]
        assert [(r["modalite"], r["effectif"], r["repondants"]) for r in sorted(
            rows, key=lambda r: -r["effectif"])] == [
            (base[0], 20, 44), (base[1], 15, 44), (base[2], 9, 44)]  # fmt: skip
    count(tmp_path / "reponses.csv", "C1", *CAMPAIGN[1:])
    assert (package.folder() / "reponses.csv").read_bytes() == stored
    count(tmp_path / "reponses.csv", "C2", *CAMPAIGN[1:])
    assert len(registers.load()["reponses"]) == 6


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("heads", "answer"),
    [
        ("SubmissionDate,groupe-territoire,groupe-H04,meta-instanceID,KEY,couleur", slugify),
        ("start,groupe/H01,groupe/territoire,_id,_uuid,groupe/H04", slugify),
        ("_uuid,Groupe/{where},Groupe/{text}", str),
        ("id,submitdate,lastpage,startlanguage,territoire,H04,H01", str),
        ("id,submitdate,territoire,H04", "A{}".format),
        ("id,submitdate,territoire. {where},H04. {text}", "AO{:02}".format),
        ("id,created_at,user_status,1. {where},2. {text}", str),
    ],
)
def test_the_export_of_each_declared_tool_gives_the_same_counts(tmp_path, heads, answer):
    one = questions()["H04"]
    heads = [h.format(where=residents.WHERE, text=one["texte"]) for h in heads.split(",")]
    lines = [";".join(heads)]
    for rank, size in enumerate((20, 15, 9)):
        coded = answer(rank + 1) if answer not in (str, slugify) else answer(one["reponses"][rank])
        cells = {head: "" for head in heads}
        for head in heads:
            if "quartier habitez" in head or head.endswith("territoire"):
                cells[head] = "La Viste"
            elif "H04" in head or one["texte"] in head:
                cells[head] = coded
            elif head in ("KEY", "_uuid", "meta-instanceID"):
                cells[head] = "uuid:0612 de 2 fois deux"  # the tool's own: never looked at
        lines += [";".join(cells.values())] * size
    told = count(written(tmp_path / "reponses.csv", lines), "C1", *CAMPAIGN[1:]).lines()
    assert sorted(r["effectif"] for r in registers.load()["reponses"]) == [9, 15, 20]
    assert any("couleur" in line for line in told) == ("couleur" in heads)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["territoire;Nom;H04", "La Viste;x;oui"], "« Nom » peut désigner une personne"),
        (["territoire;Adresse IP;H04", "La Viste;x;oui"], "peut désigner une personne"),
        (["territoire;SubmitterName;H04", "La Viste;x;oui"], "peut désigner une personne"),
        (["territoire;adresse e-mail;H04", "La Viste;x;oui"], "peut désigner une personne"),
        (["territoire;H04;H04 [Autre]", "La Viste;oui;x"], "peut désigner une personne"),
        (["territoire;H04;couleur", "La Viste;oui;mon voisin crie"], "contient du texte libre"),
        (["territoire;H04;couleur", "La Viste;oui;voisin@exemple.fr"], "coordonnées"),
        (["id;submitdate;ipaddr;territoire;H04", "1;x;1.2.3.4;La Viste;A1"], "« ipaddr » peut"),
        (["id;user_status;IP Hash;1. H04;territoire", "1;x;y;oui;La Viste"], "« IP Hash » peut"),
        (["KEY;SubmitterID;territoire;H04", "x;7;La Viste;oui"], "« SubmitterID » peut"),
        (["territoire;H04", "12 rue du voisin;oui"], "ligne 2, colonne territoire"),
        (["territoire;H04", "La Viste;mon voisin du 3e"], "ligne 2, colonne H04"),
        (["territoire;H04", "Atlantide;oui"], "ligne 2"),
        (["quartier;H04", "La Viste;oui"], "« territoire » manque"),
        (["territoire;couleur", "La Viste;bleu"], "aucune question reconnue"),
        (["territoire,question,reponse,effectif", "La Viste,H04,oui,beaucoup"], "effectif manque"),
    ],
)
def test_identity_and_free_text_are_refused_without_being_repeated(tmp_path, lines, told):
    before = (package.folder() / "reponses.csv").read_bytes()
    with pytest.raises(SourceError) as raised:
        count(written(tmp_path / "reponses.csv", lines), "C1", *CAMPAIGN[1:])
    said = str(raised.value).replace("\u00a0", " ")
    assert told in said and "voisin" not in said
    assert (package.folder() / "reponses.csv").read_bytes() == before
