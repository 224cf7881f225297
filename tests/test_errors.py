"""A message states the fact, the place and the remedy, and all problems are told at once."""

import inspect

import pytest

from qpvlib import errors
from qpvlib.errors import Problem, QpvError

EXCEPTIONS = [
    value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, QpvError)
]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem("le fichier est vide."), "le fichier est vide."),
        (Problem("vide.", "a.csv"), "a.csv\u00a0: vide."),
        (
            Problem("valeur négative.", "a.csv", 3, "valeur", "Corrigez la ligne."),
            "a.csv, ligne 3, colonne valeur\u00a0: valeur négative. Corrigez la ligne.",
        ),
        (Problem("vide.", remedy="Remplissez-le."), "vide. Remplissez-le."),
    ],
)
def test_a_problem_reads_as_a_sentence(problem, sentence):
    assert str(problem) == sentence


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_error_takes_one_or_many_problems(kind):
    assert str(kind("Une phrase.")) == "Une phrase."
    one = kind(Problem("Une phrase.", "a.csv"))
    assert one.problems == (Problem("Une phrase.", "a.csv"),)
    many = kind(fact for fact in ("Un.", Problem("Deux.")))
    assert many.problems == (Problem("Un."), Problem("Deux."))
    assert str(many) == "Un.\nDeux."


def test_every_error_is_described():
    assert len(EXCEPTIONS) > 10
    assert all(kind.__doc__ for kind in EXCEPTIONS)
