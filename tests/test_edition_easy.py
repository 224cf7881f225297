"""The control reads the easy-to-read pages again: a changed number or notice is a defect."""

import pytest

from qpvlib.edition import easy
from qpvlib.files import falc
from qpvlib.reading import portrait

NAME = "falc/ar/saint-henri.html"


@pytest.fixture(scope="module")
def text() -> str:
    return dict(falc.pages(portrait.store()))[NAME].decode()


@pytest.fixture
def faults(tmp_path):
    """Return what is wrong with a text, as the page of this name."""

    def read(text: str, name: str = NAME) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return "\n".join(easy.faults(tmp_path, name))

    return read


def test_a_made_page_is_sound_and_another_page_is_left_alone(text, faults):
    assert faults(text) == ""
    assert faults("<p>x</p>", "book/portraits/la-viste.html") == ""
    assert (easy.language(NAME), easy.language("index.html")) == ("ar", "fr")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('dir="rtl"', 'dir="ltr"', "sens d'écriture"),
        ("Traduction non relue", "Traduction", "sa traduction n'a pas été relue"),
        ('data-millesime="2021"', 'data-millesime="1999"', "aucun chiffre publié"),
        (">4</data>", ">5</data>", "ne dit pas 37"),
        (">25</data>", ">26</data>", "ne dit pas 25"),
        ('data-forme="sur_dix"', 'data-forme="nombre"', "ne dit pas 37"),
        (">2</data>", ">3</data>", "écoles, et 2 noms"),
        ('data-territoire="QN01303I"', 'data-territoire="QN01304I"', "n'est pas le quartier"),
        ('role="img"', "", "n'est pas décrit"),
        ("falc-chiffre", "autre", "aucun chiffre n'est signé"),
    ],
)
def test_each_change_is_a_defect(text, faults, old, new, reason):
    assert old in text
    assert reason in faults(text.replace(old, new))
