"""What « Mode d'emploi » quotes of the pages is on the pages, or the control names it."""

import re

import pytest

from qpvlib import paths
from qpvlib.edition import examples

HEAD = "<html><head><meta charset=utf-8></head>"
PORTRAIT = "<body><h2>En 5\u00a0chiffres</h2><p>au-dessus <b>du quartier</b> médian</p></body>"


@pytest.fixture
def book(tmp_path):
    """A book of one portrait, whose guide quotes some words of it."""
    (tmp_path / "book" / "portraits").mkdir(parents=True)
    (tmp_path / "book" / "portraits" / "fictif.html").write_text(HEAD + PORTRAIT, "utf-8")

    def guide(words, place="portraits"):
        text = f'<body><p><span class="a qpv-exemple-{place}">{words}</span></p></body>'
        (tmp_path / examples.PAGE).write_text(HEAD + text, "utf-8")
        return list(examples.faults(tmp_path, examples.PAGE))

    return guide


@pytest.mark.parametrize("words", ["En 5 chiffres", "Au-dessus du quartier médian"])
def test_words_of_the_pages_pass_however_they_are_marked_up(book, words):
    assert book(words) == []


@pytest.mark.parametrize(
    ("words", "place"), [("En bref", "portraits"), ("En 5 chiffres", "secteurs")]
)
def test_words_that_no_page_holds_are_named(book, words, place):
    assert book(words, place) == [f"« {words.casefold()} » n'est sur aucune page de « {place} »."]


def test_the_guide_quotes_the_pages_and_only_its_page_is_read(tmp_path):
    text = (paths.root() / "book" / "mode_emploi.md").read_text("utf-8")
    assert len(re.findall(r"\{\.qpv-exemple-", text)) >= 12
    assert list(examples.faults(tmp_path, "book/absente.html")) == []
