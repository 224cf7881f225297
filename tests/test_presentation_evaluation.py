"""The pages of the evaluation quote the text, say what was received, show no empty table."""

import io
import re
from html import unescape

import lxml.html
import pypdf
import pytest

from evaluation_project import ROWS, SIRET, filled, project  # noqa: F401
from qpvlib import territories
from qpvlib.edition import rules
from qpvlib.evaluation import package, registers, residents
from qpvlib.presentation.evaluation import logic, pages, places, report, text
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
    html = text.listing("engagements", "objet", {"Preuve": "verifiable_par"},
                        ("organisation",))  # fmt: skip
    assert html.count('class="qpv-citation"') == html.count("<li id=") == 333
    assert 'id="e-vdm-52"' in html and "(ligne 1115)" in html
    groups = {row["organisation"] for row in package.reference("engagements").values()}
    assert html.count("<details>") == 333 + len(groups)


def test_commitments_come_by_organisation_then_by_orientation():
    tree = lxml.html.fromstring(pages.promised())
    assert tree.get("class") == "qpv-filtrable"
    city, name = "Ville de Marseille", "E-VDM-52"
    entry = package.reference("engagements")[name]
    (item,) = tree.xpath(f"//li[@id='{name.lower()}']")
    inner, outer = (
        re.sub(r"\s+", " ", fold.find("summary").text_content())
        for fold in item.iterancestors("details")
    )
    assert entry["organisation"] == city and entry["orientations"] == "O4.2"
    assert outer == f"{city} (92)" and inner.startswith("O4 Soutenir l'épanouissement")
    every = [one for one in package.reference("engagements").values() if one["organisation"] == city
             and {part[:2] for part in one["orientations"].split()} == {"O4"}]  # fmt: skip
    assert inner.endswith(f"({len(every)})")
    heads = [re.sub(r" \(\d+\)$", "", said(f.find("summary").text_content()).strip())
             for f in tree.xpath("//details[details]/details")]  # fmt: skip
    assert {"Plusieurs orientations", "Toutes les orientations"} < {*heads}
    assert len(tree.xpath("//details[details]/details//ul[@class='qpv-engagements']/li")) == 333


def test_a_commitment_without_evidence_is_not_called_missed():
    html = said(pages.promised())
    assert "non tenu" not in html and not re.search(r"\b0 % ?(tenu|des)", html)
    assert html.count("aucune preuve déposée") >= 2 * 244
    assert "Ensemble : aucune preuve déposée, 244 sur 333" in said(pages.promised_counts())


def test_suggested_indicators_are_said_in_words():
    assert "arrets_tc_300m" not in pages.promised()


@pytest.mark.usefixtures("deposits")
def test_what_was_deposited_is_what_is_printed():
    assert "tenu en partie (100 sur 229)" in said(pages.promised())
    assert "1 en 2025 pour 1 attendue" in said(pages.bodies())
    assert "Ville de Marseille 1, État" in said(pages.bodies())
    assert "Compte rendu (essai), document" in said(pages.promised())
    assert "La Viste : 1 sur 2 ont une réponse, en 20 jours" in said(pages.answers())
    assert "acceptée, Métropole Aix-Marseille-Provence, 21/02/2025" in said(pages.answers())
    assert "Ville de Marseille Lecture publique (essai), 2025 4 000 75 % 30 %" in said(
        pages.spending())  # fmt: skip
    assert "La Viste 8 000" in said(pages.grants())
    assert "dépensé plus qu'abattu" in said(pages.rebates())
    assert "sur-entretien 1 1 200 1 sur 1" in said(pages.rebates())
    assert "Bilan (essai) (Labo (essai), 2025)" in said(text.schemes())
    one = said(pages.projects())
    assert "La Viste, version 1, exigences : 3 sur 28 (11 %)" in one
    assert "Date d’annexion : 20/06/2025" in one and "Participants comptés : 120" in one
    asked = package.reference("projets_quartier")
    there, gone = one.split("Exigences présentes")[1].split("Exigences absentes")
    assert said(asked["Q08"]["exigence"]) in there and said(asked["Q02"]["exigence"]) in gone
    assert "rien n'a été reçu (40)" in said(pages.without_project())
    assert ": en chemin, 1 sur 41 ; aucun projet reçu, 40 sur 41" in said(
        logic.states(portrait.store())
    )
    assert "La Viste, objectifs déclarés : 1 sur 17" in said(logic.declared(portrait.store()))
    assert logic.declared(portrait.store()).count("aucun déclaré") == 16
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
    answered = "Séances reçues : aucune ; demandes ayant une réponse : {}."
    assert answered.format("aucune") in said(lines("QN01303I", "x"))
    assert answered.format("1 sur 2") in said(lines("QN01304I", "x"))


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
    store = portrait.store()
    before = said(report.report("intermédiaire", store)[".html"].decode())
    assert "Évaluation intermédiaire" in before and "244 sur 333" in before
    for told in ("Quartiers sans projet reçu : 41 sur 41", "Instances sans séance reçue : 39 sur",
                 "Qui sont les signataires ?"):  # fmt: skip
        assert told in before
    assert "Le texte de la commission" not in before and "Les subventions" not in before
    (package.folder() / "textes").mkdir()
    (package.folder() / "textes" / "1.md").write_text("# Avis\n\nVu <b>cela</b> (essai).", "utf-8")
    after = report.report("finale", store)
    html = after[".html"].decode()
    assert "<h3>Avis</h3>" in html and "Vu &lt;b&gt;" in html and "Évaluation finale" in said(html)
    assert report.report("finale", store) == after


@pytest.mark.usefixtures("deposits")
def test_the_report_says_the_same_in_html_and_in_pdf():
    made = report.report("finale", portrait.store())
    read = pypdf.PdfReader(io.BytesIO(made[".pdf"]))
    footless = (re.sub(r"\d+ / \d+\s*$", "", one.extract_text()) for one in read.pages)
    printed = re.sub(r"\s+", "", "".join(footless))
    tree = lxml.html.fromstring(made[".html"])
    cells = [cell.text_content() for cell in tree.iter("h2", "h3", "li", "td", "th")]
    assert len(cells) > 100
    for cell in cells:
        words = re.sub(r"\s+", "", cell)
        assert words in printed or words in printed.replace("-", ""), cell


def test_the_map_counts_the_places_of_each_quartier(tmp_path):
    assert places.directory() == "" and places.directory(participation=True) == ""
    point = territories.contours().loc["QN01304I", "geometry"].representative_point()
    card = ROWS["annuaire"][0] | {"longitude": point.x, "latitude": point.y}
    other = card | {"id": "AN-2", "nom": "Local (essai)", "participation": "P02",
                    "verifie_le": "2024-01-01"}  # fmt: skip
    registers.import_file(filled(tmp_path / "b.xlsx", {"annuaire": [card, other]}))
    html = places.directory()
    assert "<title>La Viste : 1 à 2</title>" in html.replace("\u00a0", " ")
    assert "<summary>La Viste (2)</summary>" in html and "dedans" in html
    assert '<span class="qpv-etat">01/01/2024' in html and "0 quartier" not in html
    only = places.directory(participation=True)
    assert "Local (essai)" in only and "Centre social (essai)" not in only


def test_the_share_of_the_city_is_dated_and_bounded_by_its_two_years():
    html, figures = pages.population(portrait.store())
    sizes = [float(size) for size in re.findall(r'<data[^>]* value="([\d.]+)"', html)]
    inside, *city = sizes
    store = portrait.store()
    assert inside == sum(store.get("population_qpv", q.code).amount for q in territories.qpv())
    assert [one.amount for one in figures[1:]] == city and len(city) == 2
    years = [one.vintage for one in figures[1:]]
    assert years[0] <= figures[0].pooled.vintage < years[1]
    low, high = sorted(100 * inside / one for one in city)
    assert f"{low:.1f} à {high:.1f} % de la ville".replace(".", ",") in said(html)


def test_the_inconsistencies_say_what_they_change():
    html = text.listing("incoherences", "constat", {"Effet": "consequence_pour_l_evaluation"})
    assert html.count("Effet") == html.count("<li id=") == 46
