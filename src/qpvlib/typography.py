"""French typography, applied once, and the one way a text enters the source of a PDF."""

import re

WIDE, NARROW = "\u00a0", "\u202f"
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f]')
_RULES = (
    (re.compile(r"(?<=\S) (?=[:»%])"), WIDE),
    (re.compile(r"« (?=\S)"), f"«{WIDE}"),
    (re.compile(r"(?<=\S) (?=[;!?€])"), NARROW),
)


def typeset(text: str) -> str:
    """Return the sentence with its no-break spaces: wide before ``: » %``, narrow before ``; ! ?``.

    Only plain spaces already written are replaced; nothing is inserted.
    """
    for pattern, space in _RULES:
        text = pattern.sub(space, text)
    return text


def typst_string(text: str) -> str:
    """Return a text as a string of Typst: whatever it holds, nothing in it is markup or code."""
    return '"' + _SPECIAL.sub(lambda found: rf"\u{{{ord(found[0]):x}}}", text) + '"'
