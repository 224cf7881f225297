"""What is said of a figure keeps its doubt: « environ » one number, or « entre » two."""

import pytest

from qpvlib.files.said import Said, said
from qpvlib.observations import Observation


def figure(value, low=None, high=None) -> Observation:
    return Observation("X", "qpv2024", "x", "ensemble", 2020, value, None, None, low, high,
                       "valeur", "s")  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "form", "expected"),
    [
        (figure(41.0, 36.0, 46.2), "sur_dix", (4, 4, 5)),
        (figure(45.1, 45.05, 45.15), "sur_dix", (5, 5, 5)),
        (figure(45.0, 45.0, 45.0), "sur_dix", (5, 5, 5)),  # a half goes up, as a reader rounds
        (figure(15820.0, 15815.0, 15825.0), "par_mois", (1320, 1320, 1320)),
        (figure(2.2, 1.6, 3.0), "pour_dix", (22, 16, 30)),
        (figure(24.0, 22.0, 25.0), "nombre", (24, 22, 25)),
        (figure(24.0), "nombre", (24, 24, 24)),
    ],
)
def test_known_figures(shown, form, expected):
    found = said(shown, form)
    assert (found.number, found.low, found.high) == expected
    assert found.certain == (expected[1] == expected[2])


def test_only_a_count_known_exactly_is_exact():
    assert said(figure(12.0, 12.0, 12.0), "nombre") == Said("nombre", 12, 12, 12, True)
    assert not said(figure(12.0), "nombre").exact
    assert not said(figure(40.0, 40.0, 40.0), "sur_dix").exact
