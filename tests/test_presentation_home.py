"""The home page says its numbers and findings from the store, and nothing of an empty line."""

import json

import pytest
from lxml import html

from edition_project import REPOSITORY
from qpvlib.edition import engine, pages
from qpvlib.edition.finish import finish
from qpvlib.presentation import home
from qpvlib.reading import portrait
from qpvlib.territories import qpv

POVERTY, PEOPLE = home.POVERTY, home.PEOPLE


def plain(html) -> str:
    return html.striptags().replace("\u00a0", " ").replace("\u202f", " ")


def poverty(city: float | None):
    rows = [(one.code, POVERTY, 2021, 40.5 + rank) for rank, one in enumerate(qpv())]
    return [*rows[:-1], (qpv()[-1].code, POVERTY, 2021, None), ("13055", POVERTY, 2021, city)]


def test_three_numbers_name_their_years_and_what_is_published(make_store):
    people = [(one.code, PEOPLE, 2020, 1000.0) for one in qpv()]
    text = plain(home.three_numbers(make_store([*people, *poverty(26.0)])))
    assert "41 000 habitants dans 41 quartiers prioritaires, 2020" in text
    assert "de 40,5 % à 79,5 % de pauvreté selon le quartier, 2021 (40 sur 41 publiés)" in text
    assert "26,0 % de pauvreté à Marseille, 2021" in text


def test_a_city_without_a_figure_is_left_out(make_store):
    text = plain(home.three_numbers(make_store(poverty(None))))
    assert "Marseille" not in text and "habitants" not in text


def test_a_finding_is_beside_the_city_where_it_has_a_figure(make_store):
    themes = portrait.panoramas(make_store(poverty(26.0)))
    text = plain(home.findings(themes, "o"))
    assert "Taux de pauvreté" in text and "au-dessus de Marseille" in text and "sur 40." in text
    assert 'href="o/precarite.html"' in home.findings(themes, "o")
    text = plain(home.findings(portrait.panoramas(make_store(poverty(None))), "o"))
    assert "de 40,5 %" in text and "quartier médian" in text and "Marseille" not in text


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("author: ''\n", []),
        ("author: ''\nrepository: {url: ''}\nhtml: {}\n", []),
        ("author: Agence fictive\n", ["Auteur : Agence fictive."]),
        ("html: {extra: {contact: observatoire@exemple.fr}}\n", ["mailto:observatoire@exemple.fr"]),
        ("repository: {url: 'https://exemple.fr/depot'}\n", ["https://exemple.fr/depot"]),
    ],
)
def test_an_empty_line_of_the_configuration_is_absent(monkeypatch, tmp_path, config, words):
    (tmp_path / "_config.yml").write_text(config, "utf-8")
    monkeypatch.setattr(home.paths, "root", lambda: tmp_path)
    text = str(home.contact())
    assert all(word in text.replace("\u00a0", " ") for word in words) and bool(text) == bool(words)


def test_the_page_runs_and_leads_everywhere(monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    one = pages.home()
    made = finish(engine.execute(REPOSITORY / one.template, one.parameters), one)
    outputs = [o for c in json.loads(made.notebook)["cells"] for o in c.get("outputs", ())]
    shown = html.fragment_fromstring(
        "".join("".join(o["data"].get("text/html", "")) for o in outputs), create_parent="div"
    )
    assert shown.xpath(".//form[@hidden]//input[@role='combobox']")  # a script shows it
    links = set(shown.xpath(".//a/@href"))
    assert {f"{page.docname}.html" for page in (*pages.portraits(), *pages.sectors())} <= links
    assert {f"{page.docname}.html" for page in pages.orientations()} <= links
    assert len(shown.xpath(".//ul[@class='qpv-trois']/li")) == 3
    assert not {"nan", "None"} & set(shown.text_content().split())
    # The stops are under a licence that asks to be named wherever they are shown.
    assert "ODbL" in shown.xpath("string(.//p[contains(., 'Noms et contours')])")
