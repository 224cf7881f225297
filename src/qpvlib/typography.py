"""French typography, applied once, so that no message has to spell its no-break spaces."""

import re

WIDE, NARROW = "\u00a0", "\u202f"
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
