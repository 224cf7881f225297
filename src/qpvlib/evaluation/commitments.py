"""What a commitment has become, read from its evidence only."""

import datetime as dt
from collections import defaultdict

from qpvlib.evaluation.package import reference
from qpvlib.evaluation.rules import Row, Rows, Verdict, promisers
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


def status(name: str, rows: Rows) -> Verdict:
    """Return the state of a commitment."""
    entry = reference("engagements")[name]
    if reason := unjudged(entry):
        return Verdict(NO_VERDICT, reason)
    pieces = [
        piece
        for piece in rows["preuves"]
        if piece["engagement"] == name and piece["nature"] not in _RAISES_NOTHING
    ]
    counted = sorted(filter(verified, pieces), key=lambda p: (p["date"], p["id"]))
    if not counted:
        return Verdict(UNVERIFIED if pieces else NONE)
    changed = [p["quantite"] for p in counted if p["nature"] == "avenant"]
    promised = changed[-1] if changed else float(entry["quantite_nombre"] or 0)
    document = entry["unite"].startswith(_DOCUMENTS)
    done = [p for p in counted if p["nature"] != "avenant" and (document or p["nature"] in _DONE)]
    if not done:
        return Verdict(DECIDED)
    if not promised:
        return Verdict(COUNTED, str(len(done)))
    return (_yearly if entry["par_an"] else _reached)(done, promised, entry)


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


def _yearly(done: list[Row], promised: float, entry: dict[str, str]) -> Verdict:
    sums: dict[int, float] = defaultdict(float)
    for piece in done:
        sums[piece["date"].year] += _amount(piece, promised, entry["unite"])
    kept = [str(year) for year, total in sorted(sums.items()) if total >= promised]
    short = [f"{number(t)} sur {number(promised)} en {y}" for y, t in sorted(sums.items())
             if t < promised]  # fmt: skip
    if not kept:
        return Verdict(PARTLY, ", ".join(short))
    return Verdict(KEPT, ", ".join([f"pour {', '.join(kept)}", *short]))


def _reached(done: list[Row], promised: float, entry: dict[str, str]) -> Verdict:
    total = 0.0
    for piece in done:
        total += _amount(piece, promised, entry["unite"])
        if total >= promised:
            late = entry["date_limite"]
            after = bool(late) and piece["date"] > dt.date.fromisoformat(late)
            return Verdict(LATE if after else KEPT, f"{piece['date']:%d/%m/%Y}")
    told = f"{number(total)} sur {number(promised)}"
    return Verdict(PARTLY, told) if total else Verdict(DECIDED)
