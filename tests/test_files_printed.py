"""Two printed pages per portrait and sector: the store's numbers, the name on both pages."""

import io

import pytest

from qpvlib import territories
from qpvlib.edition import shipped
from qpvlib.files import pdf, printed
from qpvlib.numerals import number
from qpvlib.presentation.portrait import group
from qpvlib.reading import key_figures, portrait

LONGEST = max(territories.qpv(), key=lambda one: len(one.name))
FULL = max(territories.sectors(), key=lambda one: len(territories.sector_members(one.code)))


def flat(content: object) -> str:
    if isinstance(content, dict):
        return "\n".join(map(flat, content.values()))
    return "\n".join(map(flat, content)) if isinstance(content, (list, tuple)) else str(content)


@pytest.mark.parametrize("place", [LONGEST, FULL], ids=["longest name", "largest sector"])
def test_two_pages_each_with_the_name(place):
    pypdf = pytest.importorskip("pypdf", reason="pypdf absent")
    make = printed.sector if place.geography == "secteur" else printed.portrait
    content = make(place.code, portrait.store())
    pages = pypdf.PdfReader(io.BytesIO(pdf.compiled("page", content))).pages
    assert len(pages) == 2
    for page in pages:
        assert " ".join(place.name.split()[:3]) in page.extract_text().replace("\n", " ")


def test_the_figures_are_those_of_the_store():
    code, store = "QN01303I", portrait.store()
    content = printed.portrait(code, store)
    for one, line in zip(key_figures.five(code, store), content["chiffres"]["lignes"], strict=True):
        assert line["valeur"].startswith(number(one.observation.amount, one.indicator.decimales)
                                         .split(",")[0])  # fmt: skip
        assert str(one.observation.vintage) in line["marge"]


def test_every_number_printed_is_in_the_table_inside(tmp_path):
    content = printed.portrait(LONGEST.code, portrait.store())
    (tmp_path / f"{LONGEST.slug}.pdf").write_bytes(pdf.compiled("page", content))
    assert not [*shipped._untold(tmp_path)]
    emptied = content | {"donnees": content["donnees"].partition("\n")[0]}
    (tmp_path / f"{LONGEST.slug}.pdf").write_bytes(pdf.compiled("page", emptied))
    assert len([*shipped._untold(tmp_path)]) == 1


def test_a_secret_is_said_and_has_no_number(make_store):
    rows = [(one.code, "taux_emploi", 2020, 40.0) for one in territories.qpv()[1:]]
    store = make_store([(territories.qpv()[0].code, "taux_emploi", 2020, None), *rows])
    content = printed.portrait(territories.qpv()[0].code, store)
    line = next(one for one in content["chiffres"]["lignes"] if "emploi" in one["nom"])
    assert line["valeur"] == "secret statistique" and line["marge"] == ""
    assert "<circle" not in line["dessin"]["svg"]


def test_a_sector_draws_its_quartiers_of_one_year_only(make_store):
    members = territories.sector_members(FULL.code)
    rows = [(one.code, "taux_emploi", 2020, 40.0) for one in territories.qpv()]
    rows[0] = (members[0].code, "taux_emploi", 2019, 77.0)
    kept = {code: (code, name, year, value) for code, name, year, value in rows}
    content = printed.sector(FULL.code, make_store([*kept.values()]))
    line = next(one for one in content["chiffres"]["lignes"] if "emploi" in one["nom"])
    assert "77" not in line["valeur"]


def test_a_sector_prints_the_range_and_the_references_of_its_page():
    store = portrait.store()
    page = group.five(store, FULL, lambda _: "").words()
    for line in printed.sector(FULL.code, store)["chiffres"]["lignes"]:
        assert line["valeur"].replace("\u202f", " ") in page.replace("\u202f", " "), line["nom"]
