"""One cell of a register: what people type, turned into what is stored, or why it is refused."""

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from qpvlib import territories
from qpvlib.errors import CellError, Problem, QpvError
from qpvlib.evaluation.package import Field, choices

SIRET = r"\d{14}"
NOBODY = ("aucune", "aucun")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_PHONE = re.compile(
    r"(?<![\w/.-])(?:(?:\+|00)33[ .\u00a0\u202f-]*|0)[1-9](?:[ .\u00a0\u202f-]*\d\d){4}(?!\d)"
)
_PERSON = re.compile(r"\b(?:M\.|Mme|Mlle|Mr|Monsieur|Madame)[\s\u00a0]+[A-ZÀ-Ý][\w-]+")
_PRIVATE = {
    _MAIL: "il y a une adresse électronique",
    _PHONE: "il y a un numéro de téléphone",
    _PERSON: "il y a le nom d'une personne",
}
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_ARTICLES = {"integer": "un nombre entier", "number": "un nombre", "date": "une date"}


def convert(field: Field, cell: object, known: Callable[[str], dict[str, str]] = choices) -> object:
    """Return the value of a cell: text, int, float, date, bool, tuple of texts, or ``None``.

    An empty tuple is a written « aucune »; ``None`` is a cell left empty. ``known`` gives the
    closed lists.

    Raises
    ------
    CellError
        With the fact and the remedy; the caller knows the place.
    """
    if isinstance(cell, str):
        cell = cell.strip(" \t\r\n\u00a0\u202f")
    if cell is None or cell == "":
        if field.required:
            raise _refused("cette case est vide.", _remedy(field))
        return None
    if what := private(str(cell)):
        raise _refused(f"{what} dans cette case.", "Retirez-le : ce livre est public.")
    value = _READERS[field.type](field, cell)
    if isinstance(value, tuple):
        value = tuple(dict.fromkeys(_listed(field, item, known) for item in value))
    elif isinstance(value, str):
        value = _listed(field, value, known)
    _bounds(field, value)
    return value


def written(value: object) -> str:
    """Return a value as the CSV holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, tuple):
        return " ; ".join(value) or NOBODY[0]
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def private(text: str) -> str:
    """Return what a text says of a person; empty when it says nothing."""
    return next((what for pattern, what in _PRIVATE.items() if pattern.search(text)), "")


def _refused(fact: str, remedy: str) -> CellError:
    return CellError(Problem(fact, remedy=remedy))


def _text(field: Field, cell: object) -> str:
    if isinstance(cell, (dt.datetime, dt.date)):
        raise _refused("Excel y a mis une date.", "Mettez la colonne au format Texte.")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _SPACES.sub(" ", str(cell))
    if field.constraints.get("pattern") != SIRET:
        return text
    text = text.replace(" ", "")
    if not (re.fullmatch(SIRET, text) and _keyed(text)):
        fact = f"« {text} » n'est pas un SIRET : Excel l'a abîmé, ou sa clé est fausse."
        raise _refused(fact, "Mettez la colonne au format Texte, retapez ses quatorze chiffres.")
    return text


def _keyed(siret: str) -> bool:
    """Check the key: Luhn's, but for La Poste (356000000), whose digits add up to 5n."""
    if siret.startswith("356000000"):
        return sum(map(int, siret)) % 5 == 0
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(siret)))
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def _number(field: Field, cell: object) -> float:
    text = _SPACES.sub("", str(cell)).replace(",", ".").replace("−", "-")
    if isinstance(cell, bool) or not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", text):
        raise _expected(field, cell)
    value = float(text)
    if field.type != "integer":
        return value
    if not value.is_integer():
        raise _expected(field, cell)
    return int(value)


def _date(field: Field, cell: object) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = re.sub(r"[T ]00:00:00$", "", str(cell))
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        with suppress(ValueError):
            return dt.datetime.strptime(text, form).date()
    raise _expected(field, cell)


def _boolean(field: Field, cell: object) -> bool:
    word = str(cell).lower()
    if word not in ("oui", "true", "vrai", "non", "false", "faux"):
        raise _refused(f"« {cell} » n'est ni oui ni non.", "Écrivez oui ou non.")
    return word in ("oui", "true", "vrai")


def _list(field: Field, cell: object) -> tuple[str, ...]:
    items = tuple(item for part in re.split(r"[;\n]", _text(field, cell)) if (item := part.strip()))
    if any(item.lower() in NOBODY for item in items):
        if len(items) > 1:
            raise _refused("« aucune » est écrit à côté d'autre chose.", "Gardez l'un ou l'autre.")
        return ()
    return items


_READERS: dict[str, Callable[[Field, object], object]] = {
    "string": _text,
    "number": _number,
    "integer": _number,
    "date": _date,
    "boolean": _boolean,
    "list": _list,
}


def _listed(field: Field, text: str, known: Callable[[str], dict[str, str]]) -> str:
    """Return the value of a closed list that a text designates: itself, its label, « ID : … »."""
    allowed = field.constraints.get("enum")
    names = {str(one): str(one) for one in allowed} if isinstance(allowed, list) else {}
    if field.closed:
        names = known(field.closed)
    if not names or text in names:
        return text
    alike = _alike(tuple(names.items()))
    for form in (text, re.split(r"[\s\u00a0]:[\s\u00a0]", text)[0]):
        if (key := territories.slugify(form)) and key in alike:
            return alike[key]
    if field.closed in ("quartiers", "territoires"):
        try:
            if (code := territories.resolve(text).code) in names:
                return code
            fact, remedy = f"« {text} » n'est pas un quartier de 2024.", _remedy(field)
        except QpvError as error:
            fact, remedy = error.problems[0].fact, ""
        raise _refused(fact, remedy)
    shown = ", ".join(list(names)[:6]) + ("…" if len(names) > 6 else "")
    raise _refused(f"« {text} » n'est pas dans la liste.", f"Choix : {shown}.")


@cache
def _alike(names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Index a list by both forms of each of its values, without case, accents or punctuation."""
    labels = {territories.slugify(label): value for value, label in names}
    return labels | {territories.slugify(value): value for value, _ in names}


def _bounds(field: Field, value: Any) -> None:
    rules = field.constraints
    low, high = (_limit(rules.get(name), value) for name in ("minimum", "maximum"))
    if (low is not None and value < low) or (high is not None and value > high):
        among = f"entre {_shown(low)} et {_shown(high)}" if high is not None else f"au moins {low}"
        raise _refused(f"{_shown(value)} n'est pas permis.", f"Il faut {among}.")
    if isinstance(value, str):
        longest = rules.get("maxLength", 1000)
        if len(value) > longest:
            raise _refused(f"ce texte a {len(value)} caractères.", f"{longest} au plus.")
        if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
            raise _refused(f"« {value} » n'a pas la forme attendue.", _remedy(field))


def _limit(limit: Any, value: Any) -> Any:
    return dt.date.fromisoformat(limit) if limit and isinstance(value, dt.date) else limit


def _shown(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else written(value).replace(".", ",")


def _expected(field: Field, cell: object) -> CellError:
    return _refused(f"« {cell} » n'est pas {_ARTICLES[field.type]}.", _remedy(field))


def _remedy(field: Field) -> str:
    example = f" Exemple : {field.example}." if field.example else ""
    return f"{field.description}{example}"
