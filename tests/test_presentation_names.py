"""Names contract with their prepositions as French grammar asks."""

import pytest

from qpvlib.presentation import names
from qpvlib.territories import get, qpv, resolve


@pytest.mark.parametrize(
    ("name", "at", "of"),
    [
        ("La Viste", "à La Viste", "de La Viste"),
        ("Le Petit Séminaire", "au Petit Séminaire", "du Petit Séminaire"),
        ("Les Escourtines", "aux Escourtines", "des Escourtines"),
        ("Air Bel", "à Air Bel", "d'Air Bel"),
        ("Saint Henri", "à Saint Henri", "de Saint Henri"),
        ("Plan d'Aou Saint Antoine", "au Plan d'Aou", "du Plan d'Aou"),
        ("Caillols La Moularde", "aux Caillols", "des Caillols"),
    ],
)
def test_a_quartier(name, at, of):
    territory = resolve(name)
    assert names.at(territory).startswith(at)
    assert names.of(territory).startswith(of)
    assert names.the(territory) == name


@pytest.mark.parametrize(
    ("code", "at", "of", "to"),
    [
        ("13055", "à Marseille", "de Marseille", "à Marseille"),
        ("200054807", "dans la Métropole", "de la Métropole", "à la Métropole"),
        ("D13", "dans les Bouches", "des Bouches", "aux Bouches"),
        ("R93", "dans la région Prov", "de la région Prov", "à la région Prov"),
        ("FM", "en France", "de la France", "à la France"),
        ("13215", "dans le 15e arr", "du 15e arr", "au 15e arr"),
        ("centre", "dans le secteur Centre", "du secteur Centre", "au secteur Centre"),
        ("QPV2015-FRANCE", "dans les QPV de F", "des QPV de F", "aux QPV de F"),
        ("HORS-QPV2024-MARSEILLE", "à Marseille hors", "de Marseille hors", "à Marseille hors"),
    ],
)
def test_a_reference(code, at, of, to):
    territory = get(code)
    assert names.at(territory).startswith(at)
    assert names.of(territory).startswith(of)
    assert names.to(territory).startswith(to)


def test_no_article_is_left_uncontracted():
    for territory in (*qpv(), *qpv("qpv2015")):
        for text in (names.at(territory), names.of(territory)):
            assert not text.startswith(("à Le", "de Le", "à le", "de le", "de A", "de É"))
