"""The pages of the evaluation quote the text, say what was received, show no empty table."""

import re
from html import unescape

import pytest

from evaluation_project import ROWS, SIRET, filled, project  # noqa: F401
from qpvlib import territories
from qpvlib.edition import rules
from qpvlib.evaluation import package, registers, residents
from qpvlib.presentation.evaluation import logic, pages, report, text
from qpvlib.presentation.evaluation.territory import lines
from qpvlib.reading import portrait
from qpvlib.reading.gaps import Gaps

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def deposits(project, tmp_path):  # noqa: F811
    registers.import_file(filled(tmp_path / "evaluation.xlsx", ROWS))


def said(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def test_empty_registers_say_what_was_received_and_show_no_table():
    assert "Reçu par ce livre : séances : rien." in said(text.received("seances"))
    for piece in (pages.unspoken, pages.answers, pages.grants, pages.rebates,
                  pages.residents_answers):  # fmt: skip
        assert piece() == ""
    assert text.rows("demandes", "Demandes", "demande") == ""
    assert "0 sur 41" in said(pages.without_project())
    assert "aucun état" in said(logic.states(portrait.store()))


def test_every_row_of_a_list_has_its_quotation_its_line_and_its_anchor():
    html = text.listing("engagements", "objet", {"Preuve": "verifiable_par"}, "organisation")
    assert html.count('class="qpv-citation"') == html.count("<li id=") == 333
    assert 'id="e-vdm-52"' in html and "(ligne 1115)" in html
    groups = {row["organisation"] for row in package.reference("engagements").values()}
    assert html.count("<details>") == 333 + len(groups)


def test_a_commitment_without_evidence_is_not_called_missed():
    html = said(pages.promised())
    assert "non tenu" not in html and not re.search(r"\b0 % ?(tenu|des)", html)
    assert html.count("aucune preuve déposée") >= 2 * 244
    assert "Ensemble aucune preuve déposée : 244 sur 333" in said(pages.promised_counts())


def test_suggested_indicators_are_said_in_words():
    assert "arrets_tc_300m" not in pages.promised()


@pytest.mark.usefixtures("deposits")
def test_what_was_deposited_is_what_is_printed():
    assert "tenu en partie (100 sur 229)" in said(pages.promised())
    assert "1 en 2025 pour 1 attendue" in said(pages.bodies())
    assert "Ville de Marseille 1, État" in said(pages.bodies())
    assert "Compte rendu (essai), document" in said(pages.promised())
    assert "La Viste 1 sur 2 20 jours" in said(pages.answers())
    assert "Ville de Marseille Lecture publique (essai), 2025 4 000 75 % 30 %" in said(
        pages.spending())  # fmt: skip
    assert "La Viste 8 000" in said(pages.grants())
    assert "dépensé plus qu'abattu" in said(pages.rebates())
    assert "sur-entretien 1 1 200 1 sur 1" in said(pages.rebates())
    assert "Bilan (essai) (Labo (essai), 2025)" in said(text.schemes())
    projects = text.rows("projets", "Projets", "quartier", "date_annexion", E=pages.complete)
    assert "La Viste 20/06/2025 3 sur 28 (11 %)" in said(projects)
    assert "rien n'a été reçu (40)" in said(pages.without_project())
    assert "en chemin : 1 sur 41 ; non mesurable" not in said(logic.states(portrait.store()))
    assert "O4.2 Places (essai) 10 (2024) 14 (2026) 4,0 (de 4,0 à 4,0)" in said(
        logic.declared(portrait.store()))  # fmt: skip
    assert "2,5 %" in said(logic.states(portrait.store()))
    assert "O1.1" not in said(pages.unspoken())


@pytest.mark.usefixtures("deposits")
def test_no_html_can_be_injected_by_a_register(tmp_path):
    rows = {"demandes": [ROWS["demandes"][1] | {"demande": "<script>x</script> (essai)"}]}
    registers.import_file(filled(tmp_path / "b.xlsx", ROWS | rows))
    html = text.rows("demandes", "Demandes", "demande")
    assert "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.usefixtures("deposits")
def test_five_lines_for_a_quartier_its_sector_and_the_city():
    for code, project_line in (("QN01304I", "oui"), ("nord-littoral", "1 sur"),
                               ("13055", "1 sur 41"), ("QN01303I", "non")):  # fmt: skip
        html = lines(code, "../evaluation")
        assert html.count("<li>") == 5 and project_line in said(html)
    assert "1 ; 1 sur 2" not in said(lines("QN01303I", "x"))
    assert "aucune ; 1 sur 2" in said(lines("QN01304I", "x"))


def test_the_framework_shows_every_objective_and_prints_only_what_it_hands_over():
    found = logic.beside(portrait.store())
    html = logic.framework(found)
    assert html.count("<h3>") == 17 and html.count("Pas d'indicateur") == 4
    assert any(isinstance(one, Gaps) for one in found.values())
    assert {item.geography for item in logic.figures(found) if not isinstance(item, Gaps)} <= {
        "qpv2024", ""}  # fmt: skip
    places = set(re.findall(r'data-territoire="([^"]+)"', html))
    assert places <= {one.code for one in territories.qpv()}


def test_the_invented_names_of_the_tests_are_those_that_a_page_may_not_show():
    names = [value for rows in ROWS.values() for row in rows for value in row.values()
             if isinstance(value, str) and " " in value and value[0].isupper()]  # fmt: skip
    real = {one.name for one in territories.qpv()} | {"Ville de Marseille"}
    free = [name for name in names if name not in real and not re.match(r"[A-Z]\d\d", name)]
    assert free and all(rules._FIXTURE.search(name) for name in free), free
    assert SIRET == "21130055300016"


@pytest.mark.usefixtures("deposits")
def test_residents_answers_say_of_whom_and_hide_what_is_too_small(tmp_path):
    path = tmp_path / "g.csv"
    lines = ("territoire,question,reponse,effectif", "La Viste,H04,oui,40", "La Viste,H04,non,4",
             "Saint Henri,H04,oui,10")  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")
    residents.count(path, "C1", "papier", "2025-03-01", "2025-03-31")
    html = said(pages.residents_answers())
    assert "La Viste, parmi les 44 personnes qui ont répondu 40 secret secret" in html
    assert "Saint Henri, trop peu de réponses secret secret secret" in html
    assert len(residents.questions()) == pages.question_base().count('scope="row"')


def test_the_report_says_what_is_missing_and_leaves_its_words_to_the_commission(project):  # noqa: F811
    before = said(report.report("intermédiaire", portrait.store()).decode())
    assert "Évaluation intermédiaire" in before and "244 sur 333" in before
    assert "Le texte de la commission" not in before and "Les subventions" not in before
    (package.folder() / "textes").mkdir()
    (package.folder() / "textes" / "1.md").write_text("Nous avons vu <b>cela</b> (essai).", "utf-8")
    after = report.report("finale", portrait.store()).decode()
    assert "Nous avons vu &lt;b&gt;" in after and "Évaluation finale" in said(after)


def test_the_inconsistencies_say_what_they_change():
    assert text.inconsistencies().count("Conséquence") == 46
