"""The seal: a chain of dated acts, each holding the fingerprint of the one before.

An act is a freeze (``gel``), an amendment (``avenant``), the list of the draws that are possible
(``liste``), a draw (``tirage``), targets that the City chose (``choix``) or an outside deposit
(``depot``). What was written cannot change,
be reordered or be removed in the middle without the chain saying so; the end of the chain is held
by the deposits, which live elsewhere.
"""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qpvlib.errors import ProtocolError

FREEZE, AMENDMENT, LIST, DRAW, DEPOSIT = "gel", "avenant", "liste", "tirage", "depot"
CHOICE = "choix"
TEXTUAL = (FREEZE, AMENDMENT)
# What an act of text seals beside the headings of the protocol, and how a change is told.
BESIDE = {"indicateurs": "définition des indicateurs", "registre": "registre des interventions"}
_FIRST = "0" * 64
Chain = tuple[Mapping[str, Any], ...]


def _plain(value: Any) -> Any:
    """Return the value with text in NFC and dates in ISO form."""
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise ProtocolError(f"Les clés du protocole doivent être du texte\u00a0: {wrong[0]!r}.")
        return {unicodedata.normalize("NFC", key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise ProtocolError(f"Le protocole contient une valeur non prévue\u00a0: {value!r}.")


def canonical(content: Any) -> bytes:
    """Return the canonical JSON of a content: sorted keys, no spaces, UTF-8, NFC.

    Raises
    ------
    ProtocolError
        When the content holds something else than text, numbers, dates, lists and mappings.
    """
    try:
        text = json.dumps(
            _plain(content),
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
            allow_nan=False,
        )
    except ValueError as error:
        raise ProtocolError("Le protocole contient un nombre infini ou indéfini.") from error
    return text.encode()


def fingerprint(content: Any) -> str:
    """Return the sha256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def seed(text: str, public_randomness: str) -> str:
    """Return the seed of the lottery, as anyone finds it: sha256 of « FINGERPRINT RANDOMNESS ».

    Parameters
    ----------
    text
        Fingerprint of the protocol in force.
    public_randomness
        A text nobody could know when the protocol was frozen, announced in advance (a draw of
        the national lottery of a given date).

    Raises
    ------
    ProtocolError
        When the public randomness is empty.
    """
    told = unicodedata.normalize("NFC", public_randomness.strip())
    if not told:
        raise ProtocolError(
            "L'aléa public est vide. Indiquez le tirage annoncé à l'avance, par exemple les "
            "numéros d'un loto daté."
        )
    return hashlib.sha256(f"{text} {told}".encode()).hexdigest()


def of_kind(chain: Chain, *kinds: str) -> list[Mapping[str, Any]]:
    """Return the acts of some kinds, oldest first."""
    return [act for act in chain if act["acte"] in kinds]


def in_force(chain: Chain) -> Mapping[str, Any]:
    """Return the last act that sealed a text."""
    return of_kind(chain, *TEXTUAL)[-1]


def added(chain: Chain, kind: str, date: str, content: Mapping[str, Any]) -> Chain:
    """Return the chain with one more act.

    Parameters
    ----------
    chain
        The acts so far; empty before the freeze.
    kind, date
        Kind of the act and its ISO date, not before that of the previous one.
    content
        What it seals.

    Raises
    ------
    ProtocolError
        With a date that is none, or that precedes the previous act.
    """
    verify(chain)
    day = iso(date)
    if chain and day < chain[-1]["date"]:
        raise ProtocolError(f"L'acte du {day} précède celui du {chain[-1]['date']}.")
    act = {
        **_plain(content),
        "acte": kind,
        "numero": len(chain) + 1,
        "date": day,
        "precedent": chain[-1]["empreinte"] if chain else _FIRST,
    }
    return (*chain, {**act, "empreinte": fingerprint(act)})


def verify(chain: Chain) -> None:
    """Refuse a chain in which an act was changed, moved, added or removed.

    Raises
    ------
    ProtocolError
        Naming every act that does not fit.
    """
    problems, previous, day = [], _FIRST, ""
    for place, act in enumerate(chain, 1):
        body = {name: value for name, value in act.items() if name != "empreinte"}
        name = f"L'acte {place} du sceau ({act.get('acte')} du {act.get('date')})"
        if fingerprint(body) != act.get("empreinte"):
            problems.append(
                f"{name} a été modifié à la main\u00a0: son empreinte ne correspond plus à son "
                "contenu. Reprenez la version enregistrée."
            )
        if act.get("precedent") != previous or act.get("numero") != place:
            problems.append(f"{name} ne suit pas celui d'avant\u00a0: un acte a été ôté ou refait.")
        if act.get("date", "") < day:
            problems.append(f"{name} porte une date antérieure à l'acte d'avant.")
        previous, day = act.get("empreinte", ""), act.get("date", "")
    if problems:
        raise ProtocolError(problems)


def sections(protocol: Mapping) -> dict[str, str]:
    """Return the fingerprint of each heading."""
    return {name: fingerprint(section) for name, section in protocol.items()}


def changed(before: Mapping[str, Any], protocol: Mapping, beside: Mapping[str, Any]) -> list[str]:
    """Return the headings that differ from a sealed text, and what differs beside it."""
    old, new = before["rubriques"], sections(protocol)
    found = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return found + [BESIDE[name] for name in BESIDE if before.get(name) != beside[name]]


def require(chain: Chain, protocol: Mapping) -> None:
    """Refuse a protocol that is not the text in force.

    Raises
    ------
    ProtocolError
        Naming the headings that changed.
    """
    last = in_force(chain)
    names = changed(last, protocol, last)
    if names:
        raise ProtocolError(
            f"Le protocole a été modifié depuis l'acte du {last['date']} (rubriques\u00a0: "
            f"{', '.join(names)}). Rétablissez-le, ou enregistrez un avenant daté."
        )


def modules(folders: Iterable[Path]) -> dict[str, str]:
    """Return the fingerprint of each module of some folders: what computed, commit or not."""
    return {
        f"{folder.name}/{path.name}": hashlib.sha256(path.read_text("utf-8").encode()).hexdigest()[
            :16
        ]
        for folder in folders
        for path in sorted(folder.glob("*.py"))
    }


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> Sequence[str]:
    """Return the names whose fingerprint changed, came or went."""
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def iso(date: str) -> str:
    """Return an ISO date.

    Raises
    ------
    ProtocolError
        When the text is no date.
    """
    try:
        return dt.date.fromisoformat(str(date)).isoformat()
    except ValueError as error:
        raise ProtocolError(
            f"«\u00a0{date}\u00a0» n'est pas une date (attendu\u00a0: 2026-01-31)."
        ) from error
