"""A category says in words what it counts, and on whom a figure about it is computed."""

import pytest

from qpvlib import categories
from qpvlib.categories import EXHAUSTIVE, category
from qpvlib.errors import CatalogueError
from qpvlib.observations import ALL


@pytest.fixture
def described(tmp_path, monkeypatch):
    """Describe the categories of a fictitious project."""

    def write(text: str) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "indicateurs.yml").touch()
        (tmp_path / "data" / "modalites.yml").write_text(text, "utf-8")
        monkeypatch.setenv("QPV_RACINE", str(tmp_path))
        categories._categories.cache_clear()

    yield write
    categories._categories.cache_clear()


def test_a_group_its_measure_and_its_field_are_read_from_the_file():
    women = category("precaires_femmes")
    assert (women.group, women.measure, women.field) == ("femmes", "precaires", ALL)
    assert category("parc_social").field == EXHAUSTIVE
    assert category("moins_25_ans").field == ""  # on whom a survey would compute it is not said
    assert category(ALL).field == ALL


def test_a_category_without_words_or_wrongly_described_is_refused(described):
    with pytest.raises(CatalogueError, match=r"modalites\.yml"):
        category("inconnue")
    described("a: {groupe: femmes}\nb: {libelle: b, groupe: x}\nc: {libelle: c, champ: x}\n")
    with pytest.raises(CatalogueError) as caught:
        category("a")
    assert len(caught.value.problems) == 3
