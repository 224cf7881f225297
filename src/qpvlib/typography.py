"""French typography, applied once, and the one way a text enters the source of a PDF."""

import re
from dataclasses import dataclass

WIDE, NARROW = "\u00a0", "\u202f"
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f]')
_RULES = (
    (re.compile(r"(?<=\S) (?=[:»%])"), WIDE),
    (re.compile(r"« (?=\S)"), f"«{WIDE}"),
    (re.compile(r"(?<=\S) (?=[;!?€])"), NARROW),
)

# What an apostrophe of a page may be written as, between a letter and what it elides before.
_STRAIGHT = re.compile(r"(?<=[^\W\d_])(?:'|&#39;|&#x27;|&apos;)(?=[\w«]|$)")
# Left as it is: what a reader copies or a browser runs, comments, and tags…
_KEPT = re.compile(
    r"(<(script|style|pre|code|kbd|samp|textarea)\b.*?</\2>|<!--.*?-->|<[^>]*>)",
    re.DOTALL | re.IGNORECASE,
)
# …but for their attributes that are read.
_READ = re.compile(r'(?<= )(?:alt|aria-label|content|data-choix|placeholder|title)="[^"]*"')


def apostrophes(page: str) -> str:
    """Return an HTML page with curly apostrophes in all that is read: text and attributes."""
    parts = _KEPT.split(page)
    for rank in range(0, len(parts), 3):
        parts[rank] = _STRAIGHT.sub("’", parts[rank])
        if rank + 1 < len(parts):
            kept, name = parts[rank + 1], parts[rank + 2]
            parts[rank + 1] = kept if name else _READ.sub(_curl, kept)
            parts[rank + 2] = ""
    return "".join(parts)


def _curl(attribute: re.Match[str]) -> str:
    return _STRAIGHT.sub("’", attribute[0])


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


@dataclass(frozen=True)
class Report:
    """What a command did, in sentences to print."""

    said: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the sentences, with their no-break spaces."""
        return tuple(typeset(line) for line in self.said)
