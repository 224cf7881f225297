"""What a step of the follow-up refuses: a date, a draw or a seal that does not hold."""

import datetime as dt
import subprocess
from collections.abc import Mapping

from qpvlib import paths
from qpvlib.errors import ProtocolError
from qpvlib.followup import draw, plan, seal
from qpvlib.followup.plan import Plan
from qpvlib.followup.study import DEMONSTRATION


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the fingerprint of each file."""
    return {name: draw.digest(content) for name, content in files.items()}


def check_draw(
    found: Plan, chain: seal.Chain, public_randomness: str, day: str, reason: str | None
) -> None:
    """Refuse a draw that the chain of acts does not allow."""
    announced = found.content["graine"]["date"]
    if public_randomness != DEMONSTRATION:
        if announced == plan.TO_FIX:
            raise ProtocolError(
                "Le protocole n'annonce ni la source ni la date de l'aléa public (graine). "
                "Fixez-les par un avenant, avant cette date."
            )
        first = seal.iso(announced)
        if day < first or seal.in_force(chain)["date"] >= first:
            raise ProtocolError(
                f"L'aléa public est annoncé pour le {first} : le protocole se gèle avant cette "
                "date, et le tirage se fait à partir d'elle."
            )
    draws = seal.of_kind(chain, seal.DRAW)
    if not draws:
        return
    since = [act for act in chain[draws[-1]["numero"] :] if act["acte"] == seal.AMENDMENT]
    if not any({"selection", "typologie", "unites"} & {*act["changees"]} for act in since):
        raise ProtocolError(
            "Un tirage est déjà enregistré dans ce sceau : un second tirage sous les mêmes règles "
            "n'est pas permis."
        )
    if not (reason or "").strip():
        raise ProtocolError("Dites pourquoi le sort décide une nouvelle fois, avec --motif.")


def check_date(date: str) -> str:
    """Return a date that an act may have.

    Raises
    ------
    ProtocolError
        In the future, or before the code it would seal: a freeze is not back-dated.
    """
    day = seal.iso(date)
    if day > dt.date.today().isoformat():
        raise ProtocolError(f"Le {day} est dans l'avenir : un acte porte la date de son jour.")
    written = git("log", "-1", "--format=%cs")
    if written and day < written:
        raise ProtocolError(
            f"Le {day} précède le code qui serait scellé (commit du {written}) : un acte ne "
            "s'antidate pas."
        )
    return day


def refuse_lost_seal() -> None:
    """Refuse a draw that the chain of acts does not allow."""
    """Refuse to freeze anew where a seal existed.

    Raises
    ------
    ProtocolError
        When the cohort, a copy of a text or the history of the project says so.
    """
    folder = plan.folder()
    traces = [path.name for path in (folder / plan.COHORT, folder / plan.TEXTS) if path.exists()]
    if git("log", "-1", "--format=%h", "--", str(folder / plan.SEAL)):
        traces.append("l'historique du dépôt")
    if traces:
        raise ProtocolError(
            f"Un sceau a existé ({', '.join(traces)}) et manque : rétablissez-le. Un protocole "
            "gelé s'amende, il ne se gèle pas une seconde fois."
        )


def git(*words: str) -> str:
    """Return what git answers about the project, blank where there is no git."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=paths.root(), capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
