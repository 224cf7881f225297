"""What a number counts agrees with it: the French plural begins at two."""

import pytest

from qpvlib.numerals import agreed, counted


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0 ligne"),
        (1, 0, "1 ligne"),
        (2, 0, "2 lignes"),
        (1.94, 1, "1,9 ligne"),
        (1.96, 1, "2,0 lignes"),
        (-1.5, 1, "−1,5 ligne"),
        (1234, 0, "1\u202f234 lignes"),
    ],
)
def test_a_count_and_its_noun_agree_as_printed(value, decimals, text):
    assert counted(value, "ligne(s)", decimals) == text


def test_every_word_of_a_phrase_agrees():
    assert agreed(1, "quartier(s) publié(s) par l'Insee") == "quartier publié par l'Insee"
    assert agreed(2, "million(s) d'euros") == "millions d'euros"
    assert agreed(2, " fois") == " fois"
