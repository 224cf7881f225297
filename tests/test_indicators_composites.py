"""The declared indices have equal weights and their own names; a broken declaration is refused."""

import pytest

from qpvlib import catalogue, paths
from qpvlib.errors import CatalogueError
from qpvlib.indicators.composites import composites, read


def test_the_declared_indices_have_equal_weights_and_their_own_names():
    for name, composite in composites().items():
        assert [part.weight for part in composite.components] == pytest.approx(
            [1 / len(composite.names)] * len(composite.names)
        )
        assert catalogue.indicator(name).libelle != catalogue.indicator(composite.model).libelle
        assert composite.dated_by in composite.names


def test_a_broken_declaration_is_refused_with_all_its_faults(tmp_path):
    text = (paths.data() / "indices.yml").read_text("utf-8")
    part = "    part_immigres:\n      poids: 1\n      sens: plus"
    assert part in text and "annee: part_70_plus" in text
    spoilt_text = text.replace(part, "    revenu_median:\n      poids: 0\n      sens: haut", 1)
    spoilt_text = spoilt_text.replace("annee: part_70_plus", "annee: absente", 1)
    spoilt_text = spoilt_text.replace("modele: indice_rupture", "modele: rupture", 1)
    path = tmp_path / "indices.yml"
    path.write_text(spoilt_text, "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read(path)
    text = str(caught.value)
    assert len(caught.value.problems) == 5
    for word in ("rupture_numerique", "être une part", "poids", "sens", "absente"):
        assert word in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  ecart: 2\n", "", ["cet indice n'a pas", "ecart"]),
        ("      sens: plus\n", "", ["la composante", "n'a pas", "sens"]),
        ("composantes:", "composantes: [", ["YAML"]),
    ],
)
def test_a_declaration_that_lacks_something_is_told(tmp_path, old, new, words):
    path = tmp_path / "indices.yml"
    path.write_text((paths.data() / "indices.yml").read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read(path)
    assert all(word in str(caught.value) for word in words)
