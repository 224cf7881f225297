"""Every page with a table has a place of its own for it."""

import pytest

from qpvlib.edition import pages
from qpvlib.files import places


def test_no_two_pages_share_a_table():
    names = [places.table(page.docname) for page in pages.pages()]
    assert len({*names}) == len(names)


@pytest.mark.parametrize(
    ("docname", "place"),
    [
        ("book/portraits/la-viste", "donnees/la-viste.csv"),
        ("book/secteurs/nord-littoral", "donnees/nord-littoral.csv"),
        ("book/marseille", "donnees/marseille.csv"),
        ("book/suivi/la-viste", "donnees/suivi/la-viste.csv"),
        ("book/indicateurs/gini", "donnees/indicateurs/gini.csv"),
    ],
)
def test_known_places(docname, place):
    assert places.table(docname) == place
    assert (places.territory(docname) is None) == ("/" in place.removeprefix("donnees/"))
