"""A language is complete beside French, or is refused with all that it lacks."""

import copy

import pytest

from qpvlib.errors import CatalogueError
from qpvlib.files import languages


@pytest.fixture
def words(monkeypatch):
    read = copy.deepcopy(languages._read())
    monkeypatch.setattr(languages, "_read", lambda: read)
    languages.languages.cache_clear()
    yield read
    languages.languages.cache_clear()


def test_the_languages_of_the_repository_are_complete():
    assert not any(languages.report().lacking.values())
    assert next(iter(languages.languages())) == "fr"
    assert {"ar", "en"} <= {*languages.languages()}
    assert languages.languages()["ar"].direction == "rtl"


def test_all_that_lacks_is_told_at_once(words):
    del words["en"]["ecoles"]["titre"]
    words["en"]["annee"] = "This year."
    words["ar"]["sens"] = "droite"
    words["ar"]["menu"] = " "
    words["ar"]["de_trop"] = "x"
    report = "\n".join(languages.report().lines())
    assert "fr\u00a0: complète." in report
    for fact in (
        "« ecoles.titre » manque",
        "« annee » doit contenir {annee}",
        "« sens » vaut ltr ou rtl",
        "« menu » est vide",
        "« de_trop » est de trop",
    ):
        assert fact.replace("« ", "«\u00a0").replace(" »", "\u00a0»") in report
    with pytest.raises(CatalogueError) as raised:
        languages.languages()
    assert len(raised.value.problems) == 5


def test_the_difficult_words_are_those_of_each_language(words):
    words["en"]["mots"]["liste"]["Mayor"] = "The mayor leads the city."
    assert not languages.report().lacking["en"]
