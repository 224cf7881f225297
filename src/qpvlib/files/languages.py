"""The languages of the easy-to-read pages: one file of ``data/falc`` each, checked complete.

French is the model: a language has the same keys, and each of its texts the same ``{words}``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from qpvlib import paths
from qpvlib.errors import CatalogueError, Problem
from qpvlib.typography import typeset

MODEL = "fr"
_WORD = re.compile(r"\{(\w+)\}")
_OWN_KEYS = "mots.liste"
"""Where a language chooses its keys: the difficult words are its own."""


@dataclass(frozen=True)
class Language:
    """The words of one language.

    Attributes
    ----------
    code, name, direction
        ``ar``, its name in itself, ``ltr`` or ``rtl``.
    words
        The file.
    """

    code: str
    name: str
    direction: str
    words: dict


@dataclass(frozen=True)
class Report:
    """What each language lacks: code -> problems, in French."""

    lacking: dict[str, tuple[str, ...]]

    def lines(self) -> tuple[str, ...]:
        """Return the lines to print."""
        return tuple(
            typeset(f"{code} : {fact}")
            for code, facts in self.lacking.items()
            for fact in facts or ("complète.",)
        )


@cache
def languages() -> dict[str, Language]:
    """Return the complete languages, French first.

    Raises
    ------
    CatalogueError
        With all that each language lacks.
    """
    problems = [
        Problem(fact, f"falc/{code}.yml") for code, facts in report().lacking.items()
        for fact in facts
    ]  # fmt: skip
    if problems:
        raise CatalogueError(problems)
    return {
        code: Language(code, words["langue"], words["sens"], words)
        for code, words in _read().items()
    }


def report() -> Report:
    """Return what each language lacks beside French."""
    read = _read()
    model = dict(_flat(read[MODEL]))
    return Report({code: tuple(_faults(dict(_flat(words)), model)) for code, words in read.items()})


def _read() -> dict[str, dict]:
    folder = paths.data() / "falc"
    codes = sorted((path.stem for path in folder.glob("*.yml")), key=lambda c: (c != MODEL, c))
    read = {code: yaml.safe_load((folder / f"{code}.yml").read_text("utf-8")) for code in codes}
    return {code: _typeset(words) if code == MODEL else words for code, words in read.items()}


def _faults(words: dict[str, object], model: dict[str, object]) -> Iterator[str]:
    for key in model.keys() - words.keys():
        yield f"« {key} » manque."
    for key in words.keys() - model.keys():
        yield f"« {key} » est de trop."
    for key in sorted(model.keys() & words.keys()):
        text, wanted = words[key], set(_WORD.findall(str(model[key])))
        if not str(text).strip() and key != "milliers":
            yield f"« {key} » est vide."
        elif set(_WORD.findall(str(text))) != wanted:
            said = (
                ", ".join(f"{{{word}}}" for word in sorted(wanted)) or "aucun mot entre accolades"
            )
            yield f"« {key} » doit contenir {said}."
    if words.get("sens") not in ("ltr", "rtl"):
        yield "« sens » vaut ltr ou rtl."


def _flat(tree: object, above: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(tree, dict) and above != _OWN_KEYS:
        for key, value in tree.items():
            yield from _flat(value, f"{above}.{key}" if above else str(key))
    else:
        yield above, tree


def _typeset(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _typeset(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_typeset(value) for value in tree]
    return typeset(tree) if isinstance(tree, str) else tree
