"""How a figure is said to who reads with difficulty: « 5 sur 10 », per month, and its doubt.

A figure whose two ends are said by the same number is « environ » that number; otherwise it is
« entre » both. Only a count known exactly is said without a doubt.
"""

from collections.abc import Callable
from dataclasses import dataclass

from qpvlib.observations import Observation

_ROUND_TO = 10
"""Euros a month."""


def _rounded(value: float) -> int:
    return int(value + 0.5)


FORMS: dict[str, Callable[[float], int]] = {
    "sur_dix": lambda share: _rounded(share / 10),
    "par_mois": lambda yearly: _ROUND_TO * _rounded(yearly / 12 / _ROUND_TO),
    "pour_dix": lambda ratio: _rounded(10 * ratio),
    "nombre": _rounded,
}
"""Name of a form -> what is said of a value in its unit (a percentage, euros a year…)."""


@dataclass(frozen=True)
class Said:
    """What is said of a figure.

    Attributes
    ----------
    form
        A key of :data:`FORMS`.
    number, low, high
        What is said of the value and of the ends of its interval.
    exact
        Whether nothing is rounded, and nothing is in doubt.
    """

    form: str
    number: int
    low: int
    high: int
    exact: bool

    @property
    def certain(self) -> bool:
        """Whether one number says the whole interval."""
        return self.low == self.high


def said(figure: Observation, form: str) -> Said:
    """Return what is said of a published figure; its interval unknown, the number alone."""
    say = FORMS[form]
    low = figure.amount if figure.low is None else figure.low
    high = figure.amount if figure.high is None else figure.high
    exact = form == "nombre" and figure.low is not None and low == high == figure.amount
    return Said(form, say(figure.amount), say(low), say(high), exact)
