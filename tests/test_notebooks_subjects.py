"""The notebooks of cards, orientations and references run, with and without figures to show."""

import csv
import io
import json
from pathlib import Path

import pytest
from lxml import html

from qpvlib.edition import engine, pages
from qpvlib.edition.finish import finish
from qpvlib.errors import EditionError
from qpvlib.presentation.formats import PUBLISHED

REPOSITORY = Path(__file__).resolve().parents[1]
WITH_FIGURES = {
    "taux_pauvrete_60": "quartiers masked, five sources",
    "population_qpv": "a count, without reference",
    "mobilite_services": "perimeters of 2015 and of 2024",
    "espace_public": "few indicators have figures",
    "poches_precarite": "IRIS alone",
    "comparer": "the 41 quartiers, and medians",
    "part_sans_diplome": "no drawing, figures of the city and its arrondissements",
}
WITHOUT = {
    "nb_homicides": "no source, no described format",
    "indicateurs": "a list",
    "sources": "a registry",
    "ce_qui_manque": "files to ask for",
    "controle_convention": "figures computed again",
}


@pytest.fixture(scope="module", params=[*WITH_FIGURES, *WITHOUT])
def page(request):
    one = pages.page(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        return one, finish(engine.execute(REPOSITORY / one.template, one.parameters), one)


def text(notebook: bytes) -> html.HtmlElement:
    outputs = (o for c in json.loads(notebook)["cells"] for o in c.get("outputs", ()))
    joined = "".join("".join(o.get("data", {}).get("text/html", "")) for o in outputs)
    return html.fragment_fromstring(joined, create_parent="div")


def test_a_page_prints_only_figures_of_its_file(page):
    one, finished = page
    printed = text(finished.notebook).xpath(".//data[contains(@class, 'qpv-chiffre')]")
    assert bool(printed) == (one.code in WITH_FIGURES)
    if not printed:
        return
    table = csv.DictReader(io.StringIO(finished.csv.decode("utf-8-sig")), delimiter=";")
    names = ("indicateur", "territoire", "millesime", "modalite")
    rows = {(*(r[n] for n in names), r["statistique"]): r["valeur"] for r in table}
    for tag in printed:
        key = (*(tag.get(f"data-{n}") for n in names), tag.get("data-statistique", PUBLISHED))
        assert float(rows[key].replace(",", ".")) == float(tag.get("value")), key


def test_a_page_has_its_title_accessible_tables_and_no_machine_word(page):
    one, finished = page
    first = json.loads(finished.notebook)["cells"][0]
    assert "".join(first["source"]).startswith(f"# {one.title}")
    content = text(finished.notebook)
    assert not {"nan", "None", "inf", "<NA>"} & set(content.text_content().split())
    for table in content.iter("table"):
        assert table.findtext("caption")
        assert {cell.get("scope") for cell in table.iter("th")} == {"col", "row"}


def test_an_unknown_indicator_is_refused_with_the_closest_ones():
    template = REPOSITORY / "notebooks" / "indicateur.ipynb"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        with pytest.raises(EditionError, match="taux_pauvrete_60"):
            engine.execute(template, {"code": "taux_pauvrete"})
