"""The book holds one page per quartier, sector, orientation and indicator, under a safe name."""

import pytest

from qpvlib import catalogue, territories
from qpvlib.edition import pages
from qpvlib.errors import InvalidCodeError, InvalidParameterError, UnknownTerritoryError


def test_one_page_per_territory_and_subject_with_its_own_title_and_file():
    found = pages.pages()
    assert len(pages.portraits()) == 41 and len(pages.sectors()) == 4
    assert [page.code for page in pages.indicators()] == list(catalogue.indicators())
    assert len(pages.orientations()) == 4 and len(pages.references()) == 6
    # the city and the page that opens the book
    others = len(catalogue.indicators()) + len(pages.follow_up()) + len(pages.evaluation())
    assert len(found) == 41 + 4 + 3 + 4 + 6 + others
    for attribute in ("title", "output"):
        assert len({getattr(page, attribute) for page in found}) == len(found)


def test_every_portrait_belongs_to_exactly_one_sector():
    by_sector = [page for sector in pages.sectors() for page in pages.portraits(sector.code)]
    assert sorted(page.code for page in by_sector) == [t.code for t in territories.qpv()]


def test_a_page_is_found_by_code_or_name():
    assert pages.page("QN01304I") == pages.page("La Viste")
    assert pages.page("13055").docname == "book/marseille"


def test_a_page_is_found_by_indicator_or_subject():
    card = pages.page("taux_pauvrete_60")
    assert card.docname == "book/indicateurs/taux-pauvrete-60"
    assert card.parameters == {"code": "taux_pauvrete_60"}
    assert pages.page("precarite").title == "Précarité"
    assert pages.page("controle_convention").docname == "book/controle-convention"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("../x", UnknownTerritoryError),
        ("QN99999Z", InvalidCodeError),
        ("QN99999I", UnknownTerritoryError),
        ("13201", InvalidParameterError),
    ],
)
def test_what_is_no_territory_of_the_book_never_becomes_a_path(text, error):
    with pytest.raises(error):
        pages.page(text)


def test_a_slug_that_would_leave_its_folder_is_refused():
    odd = territories.Territory("X", "qpv2024", "X", "X", "../x")
    with pytest.raises(InvalidCodeError, match="nom de fichier"):
        pages._page(odd, "X", "portrait_qpv", "book/portraits")
