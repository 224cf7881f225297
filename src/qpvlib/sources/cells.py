"""What one cell of an official file says: a number, or why there is none."""

import re

from qpvlib.observations import NOT_APPLICABLE, SECRET, UNAVAILABLE

MARKERS = {
    "s": SECRET,
    "so": NOT_APPLICABLE,
    "ns": UNAVAILABLE,
    "nd": UNAVAILABLE,
    "na": UNAVAILABLE,
    ".": UNAVAILABLE,
}
_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2009\u202f"))
_NUMBER = re.compile("[+-]?[0-9]+(?:[.,][0-9]+)?")  # of no other script


def number(text: str) -> float | None:
    """Return the number of a cell, ``None`` for a blank or a marker.

    Accepts a decimal comma or point and every space used between thousands.

    Raises
    ------
    ValueError
        For any other text.
    """
    plain = text.translate(_SPACES).replace("\u2212", "-")
    if not plain or plain.lower() in MARKERS:
        return None
    if not _NUMBER.fullmatch(plain):
        raise ValueError(text)
    return float(plain.replace(",", "."))


def marker(text: str) -> str | None:
    """Return the state that a marker stands for, ``None`` for any other text."""
    return MARKERS.get(text.strip().lower())


def decimals(text: str) -> int:
    """Return how many decimals are printed."""
    plain = text.strip().replace(",", ".")
    return len(plain.partition(".")[2])


def decimal_mark(text: str) -> str:
    """Return the decimal mark of a number, empty for a whole one."""
    return "," if "," in text else "." if "." in text else ""
