"""The verdict follows the thresholds of the protocol, and nothing else."""

import pytest

from qpvlib.followup import verdict as sens

RULE = sens.Rule(established=0.05, hint=0.10, stable=0.8, equivalence=0.05)


@pytest.mark.parametrize(
    ("value", "p", "adjusted", "honest", "share", "excluded", "expected"),
    [
        (-5, 0.001, 0.005, (-8, -1), 0.9, (-7, -3), "effet établi"),
        (-5, 0.001, 0.005, (-8, 1), 0.9, (-7, -3), "indice"),
        (-5, 0.001, 0.005, None, 0.9, (-7, -3), "indice"),
        (-5, 0.001, 0.06, (-8, -1), 0.9, (-7, -3), "indice"),
        (-5, 0.001, 0.005, (-8, -1), 0.7, (-7, -3), "indice"),
        (2, 0.001, 0.005, (-4, -1), 0.9, (1, 3), "indice"),
        (0.1, 0.8, 1.0, (-1, 1), 0.6, (-0.7, 0.9), "effet important exclu"),
        (-1, 0.5, 1.0, (-6, 4), 0.6, (-3.5, 1.5), "non concluant"),
    ],
)
def test_the_verdict_follows_its_rule(value, p, adjusted, honest, share, excluded, expected):
    """An interval of the other sign is not robust: +2 with (-4; -1) was « effet établi »."""
    known = {"p": p, "p_adjusted": adjusted, "honest": honest, "same_sign": share}
    assert sens.verdict(value, RULE, excluded=excluded, smallest=2.0, **known) == expected


def test_the_thresholds_are_those_of_the_rule():
    strict = sens.Rule(established=0.001, hint=0.01, stable=1.0, equivalence=0.05)
    known = {"honest": (1, 3), "same_sign": 0.9, "excluded": (1, 3), "smallest": 2.0}
    assert sens.verdict(2, RULE, p=0.02, p_adjusted=0.04, **known) == "effet établi"
    assert sens.verdict(2, strict, p=0.02, p_adjusted=0.04, **known) == "non concluant"
