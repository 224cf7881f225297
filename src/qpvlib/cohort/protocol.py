"""The frozen protocol: canonical form, fingerprint, seal, amendments, seed and track."""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from qpvlib.errors import ProtocolError

RIBBON = "exploratoire"


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


def seed(protocol: Mapping, public_randomness: str) -> int:
    """Return the seed of the lottery: sha256(canonical protocol, public randomness) as an integer.

    Parameters
    ----------
    protocol
        The protocol as frozen, before any amendment.
    public_randomness
        A text nobody could know when the protocol was frozen, announced in advance (a draw of
        the national lottery of a given date).

    Raises
    ------
    ProtocolError
        When the public randomness is empty.
    """
    if not public_randomness.strip():
        raise ProtocolError(
            "L'aléa public est vide. Indiquez le tirage annoncé à l'avance, par exemple les "
            "numéros d'un loto daté."
        )
    text = unicodedata.normalize("NFC", public_randomness.strip())
    return int(hashlib.sha256(canonical(protocol) + text.encode()).hexdigest(), 16)


def load(path: Path) -> dict:
    """Read a protocol in YAML.

    Raises
    ------
    ProtocolError
        When the file is absent or is not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProtocolError(f"Le protocole {path} est introuvable.") from error
    except yaml.YAMLError as error:
        raise ProtocolError(f"Le protocole {path} n'est pas un fichier YAML lisible.") from error
    if not isinstance(content, dict):
        raise ProtocolError(f"Le protocole {path} doit être une liste de rubriques nommées.")
    return content


def _sealed(seal: Mapping) -> dict:
    """Return the seal with the fingerprint of everything else in it."""
    body = {key: value for key, value in seal.items() if key != "empreinte"}
    return {**body, "empreinte": fingerprint(body)}


def freeze(protocol: Mapping, indicators: Any, *, commit: str, date: str) -> dict:
    """Seal a protocol before the draw.

    Parameters
    ----------
    protocol
        Content of the protocol, by section.
    indicators
        Content of the indicator dictionary.
    commit
        Version of the code.
    date
        ISO date of the freeze.

    Returns
    -------
    dict
        The seal, to be written as JSON; ``empreinte`` is what every page prints.
    """
    return _sealed(
        {
            "date": _iso(date),
            "protocole": fingerprint(protocol),
            "rubriques": {name: fingerprint(section) for name, section in protocol.items()},
            "indicateurs": fingerprint(indicators),
            "commit": commit,
            "alea_public": None,
            "graine": None,
            "cohorte": None,
            "amendements": [],
        }
    )


def record_draw(seal: Mapping, protocol: Mapping, public_randomness: str, cohort: Any) -> dict:
    """Add the draw to a seal: public randomness, seed and cohort.

    Raises
    ------
    ProtocolError
        When a draw is already recorded or the protocol has changed.
    """
    verify(seal, protocol)
    if seal["graine"] is not None:
        raise ProtocolError(
            "Un tirage est déjà enregistré dans ce sceau\u00a0: un second tirage n'est pas permis."
        )
    return _sealed(
        {
            **seal,
            "alea_public": public_randomness,
            "graine": str(seed(protocol, public_randomness)),
            "cohorte": fingerprint(cohort),
        }
    )


def amend(seal: Mapping, protocol: Mapping, *, date: str, reason: str) -> dict:
    """Add a dated amendment; the frozen text stays in the seal and is never rewritten.

    Parameters
    ----------
    seal
        The current seal.
    protocol
        The protocol after the change.
    date, reason
        ISO date, not before the previous one, and why.

    Raises
    ------
    ProtocolError
        Without a reason, with an earlier date, or when nothing changed.
    """
    _check_integrity(seal)
    previous = seal["amendements"][-1] if seal["amendements"] else seal
    problems = []
    if not reason.strip():
        problems.append("Un avenant doit dire pourquoi le protocole change.")
    if _iso(date) < previous["date"]:
        problems.append(f"L'avenant du {date} précède le gel ou l'avenant du {previous['date']}.")
    changed = _changed(_sections(seal), protocol)
    if not changed:
        problems.append("Le protocole n'a pas changé\u00a0: il n'y a pas d'avenant à enregistrer.")
    if problems:
        raise ProtocolError(problems)
    amendment = {
        "date": _iso(date),
        "motif": reason,
        "protocole": fingerprint(protocol),
        "rubriques": {name: fingerprint(section) for name, section in protocol.items()},
        "rubriques_changees": changed,
        "sceau_precedent": seal["empreinte"],
    }
    return _sealed({**seal, "amendements": [*seal["amendements"], amendment]})


def verify(
    seal: Mapping,
    protocol: Mapping,
    *,
    seed: int | None = None,
    cohort: Any = None,
    indicators: Any = None,
    commit: str | None = None,
) -> None:
    """Refuse anything that departs from the seal.

    Parameters
    ----------
    seal
        The seal.
    protocol
        The protocol in use.
    seed, cohort, indicators, commit
        What is about to be used; those not given are not compared.

    Raises
    ------
    ProtocolError
        With every difference.
    """
    _check_integrity(seal)
    problems = []
    changed = _changed(_sections(seal), protocol)
    if changed:
        problems.append(
            f"Le protocole a été modifié depuis son gel du {seal['date']} (rubriques\u00a0: "
            f"{', '.join(changed)}). Rétablissez-le, ou enregistrez un avenant daté."
        )
    if seed is not None and str(seed) != str(seal["graine"]):
        problems.append(
            "La graine n'est pas celle du tirage enregistré. Reprenez la graine du sceau\u00a0: "
            "elle découle du protocole gelé et de l'aléa public."
        )
    for name, content in (("cohorte", cohort), ("indicateurs", indicators)):
        if content is not None and fingerprint(content) != seal[name]:
            problems.append(f"La rubrique «\u00a0{name}\u00a0» n'est pas celle qui a été scellée.")
    if commit is not None and commit != seal["commit"]:
        problems.append(
            f"Le code a changé depuis le gel ({seal['commit'][:10]}, maintenant {commit[:10]})."
        )
    if problems:
        raise ProtocolError(problems)


def _check_integrity(seal: Mapping) -> None:
    if _sealed(seal)["empreinte"] != seal.get("empreinte"):
        raise ProtocolError(
            "Le sceau a été modifié à la main\u00a0: son empreinte ne correspond plus à son "
            "contenu. Reprenez la version enregistrée."
        )


def _sections(seal: Mapping) -> Mapping[str, str]:
    return (seal["amendements"][-1] if seal["amendements"] else seal)["rubriques"]


def _changed(sections: Mapping[str, str], protocol: Mapping) -> list[str]:
    current = {name: fingerprint(section) for name, section in protocol.items()}
    return sorted(name for name in {*sections, *current} if sections.get(name) != current.get(name))


def _iso(date: str) -> str:
    try:
        return dt.date.fromisoformat(str(date)).isoformat()
    except ValueError as error:
        raise ProtocolError(
            f"«\u00a0{date}\u00a0» n'est pas une date (attendu\u00a0: 2026-01-31)."
        ) from error


@dataclass(frozen=True)
class Track:
    """What the study may say: A describes, B estimates effects.

    Attributes
    ----------
    causal
        True on track B: causal sentences are allowed.
    ribbon
        Word printed across the estimates of track A, blank on track B.
    reasons
        French sentences: why track B is closed.
    """

    causal: bool
    ribbon: str
    reasons: tuple[str, ...]


def track(
    seal: Mapping | None, protocol: Mapping, register: pd.DataFrame | None, targets: list
) -> Track:
    """Decide the track from the seal and the treatment register.

    Parameters
    ----------
    seal, protocol
        The seal, None when nothing was frozen, and the protocol in use.
    register
        Columns ``territoire`` and ``debut`` (date of the extra intervention).
    targets
        The target territories.
    """
    reasons = []
    if seal is None:
        reasons.append("Le protocole n'est pas gelé.")
    else:
        try:
            verify(seal, protocol)
        except ProtocolError as error:
            reasons += [str(problem) for problem in error.problems]
    if register is None or register.empty:
        reasons.append("Il n'y a pas de registre daté des interventions.")
    else:
        dated = set(register.loc[register["debut"].notna(), "territoire"])
        undated = [str(target) for target in targets if target not in dated]
        if undated:
            reasons.append(f"Intervention sans date pour\u00a0: {', '.join(undated)}.")
    return Track(not reasons, RIBBON if reasons else "", tuple(reasons))
