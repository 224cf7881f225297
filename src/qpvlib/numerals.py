"""Numbers as they are written in French."""

import decimal
from functools import lru_cache

from babel.numbers import format_decimal

_HALF_UP = decimal.Context(rounding=decimal.ROUND_HALF_UP)


@lru_cache(maxsize=4096)
def number(value: float, decimals: int = 0) -> str:
    """Return a number in French: decimal comma, narrow no-break thousands, true minus sign.

    A half is rounded away from zero, as a reader would.
    """
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    with decimal.localcontext(_HALF_UP):
        text = format_decimal(value, pattern, locale="fr")
    return text.replace("-", "−")


def plain(value: float) -> str:
    """Return a number in French with all its digits and nothing more: ``39,1``, ``14180``."""
    return f"{value:.12g}".replace(".", ",").replace("-", "−")


def agreed(value: float, text: str) -> str:
    """Return the words that follow a number, ``(s)`` made a plural, which begins at two."""
    return text.replace("(s)", "s" if abs(value) >= 2 else "")


def counted(value: float, noun: str, decimals: int = 0) -> str:
    """Return a number and what it counts: ``counted(1, "ligne(s)")`` is « 1 ligne »."""
    return f"{number(value, decimals)} {agreed(round(value, decimals), noun)}"
