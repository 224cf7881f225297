"""What a commitment has become, read from its evidence only."""

import datetime as dt
from dataclasses import dataclass

from qpvlib.evaluation.package import reference
from qpvlib.evaluation.rules import Row, Rows, promisers
from qpvlib.numerals import number

NONE, UNVERIFIED, DECIDED, PARTLY, KEPT, LATE, COUNTED, NO_VERDICT = (
    "aucune preuve déposée",
    "preuve déposée, non vérifiée",
    "décidé",
    "tenu en partie",
    "tenu",
    "tenu après la date",
    "réalisations vérifiées, sans quantité promise",
    "sans verdict",
)
STATES = (KEPT, LATE, PARTLY, COUNTED, DECIDED, UNVERIFIED, NONE, NO_VERDICT)
_RAISES_NOTHING = ("communiqué de presse", "autre")
_DONE = ("compte administratif", "réception", "ouverture", "compte rendu", "rapport")
# Where the document is what was promised, deciding it is doing it.
_DOCUMENTS = ("protocole", "convention", "schéma", "agenda", "marché", "base")


@dataclass(frozen=True)
class Status:
    """The state of a commitment, what makes it precise, and how many pieces were received."""

    word: str
    detail: str = ""
    pieces: int = 0

    def __str__(self) -> str:
        return f"{self.word} ({self.detail})" if self.detail else self.word


def status(name: str, rows: Rows) -> Status:
    """Return the state of a commitment.

    Parameters
    ----------
    name
        Its identifier.
    rows
        The registers.
    """
    entry = reference("engagements")[name]
    pieces = [
        piece
        for piece in rows["preuves"]
        if piece["engagement"] == name and piece["nature"] not in _RAISES_NOTHING
    ]
    if reason := unjudged(entry):
        return Status(NO_VERDICT, reason, len(pieces))
    if not pieces:
        return Status(NONE)
    counted = sorted((p for p in pieces if verified(p)), key=lambda p: (p["date"], p["id"]))
    if not counted:
        return Status(UNVERIFIED, pieces=len(pieces))
    changed = [p["quantite"] for p in counted if p["nature"] == "avenant"]
    promised = changed[-1] if changed else float(entry["quantite_nombre"] or 0)
    document = entry["unite"].startswith(_DOCUMENTS)
    done = [p for p in counted if p["nature"] != "avenant" and (document or p["nature"] in _DONE)]
    if not done:
        return Status(DECIDED, pieces=len(pieces))
    if not promised:
        return Status(COUNTED, str(len(done)), len(pieces))
    if entry["par_an"]:
        return _yearly(done, promised, entry["unite"], len(pieces))
    return _reached(done, promised, entry, len(pieces))


def unjudged(entry: dict[str, str]) -> str:
    """Return why a commitment gets no verdict, whatever its evidence; empty when it may get one."""
    if entry["registre"] != "ferme":
        return entry["registre"]
    if "base non donnée" in entry["quantite"]:
        return "doublement sans base"
    return "plafond" if "au plus" in entry["quantite"] else ""


def verified(piece: Row) -> bool:
    """Return whether a piece counts: public, and checked by neither depositor nor promiser."""
    checker = piece["verificateur"]
    outside = checker not in {None, piece["deposant"], *promisers(piece["engagement"])}
    return bool(piece["lien"]) and outside


def measured(entry: dict[str, str]) -> str:
    """Return the quantity and the date of a commitment in words."""
    quantity = "" if entry["quantite"].startswith("non précisée") else entry["quantite"]
    if quantity and entry["unite"]:
        quantity = f"{quantity} ({entry['unite']})"
    date = "" if entry["echeance"] in ("", "non précisée") else entry["echeance"]
    if not quantity and not date:
        return "sans quantité ni date"
    return f"{quantity or 'sans quantité'} ; {date or 'sans date'}"


def _amount(piece: Row, promised: float, unit: str) -> float:
    if unit.startswith("euros") and piece["quantite"] is None:
        return piece["montant"] or 0
    return (promised == 1) if piece["quantite"] is None else piece["quantite"]


def _yearly(done: list[Row], promised: float, unit: str, pieces: int) -> Status:
    sums: dict[int, float] = {}
    for piece in done:
        year = piece["date"].year
        sums[year] = sums.get(year, 0) + _amount(piece, promised, unit)
    kept = [str(year) for year, total in sorted(sums.items()) if total >= promised]
    short = [f"{number(t)} sur {number(promised)} en {y}" for y, t in sorted(sums.items())
             if t < promised]  # fmt: skip
    if not kept:
        return Status(PARTLY, ", ".join(short), pieces)
    return Status(KEPT, ", ".join([f"pour {', '.join(kept)}", *short]), pieces)


def _reached(done: list[Row], promised: float, entry: dict[str, str], pieces: int) -> Status:
    total = 0.0
    for piece in done:
        total += _amount(piece, promised, entry["unite"])
        if total >= promised:
            late = entry["date_limite"]
            after = bool(late) and piece["date"] > dt.date.fromisoformat(late)
            return Status(LATE if after else KEPT, f"{piece['date']:%d/%m/%Y}", pieces)
    if not total:
        return Status(DECIDED, pieces=pieces)
    return Status(PARTLY, f"{number(total)} sur {number(promised)}", pieces)
