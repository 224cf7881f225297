"""Rules between columns and rows: the kinds that ``qpv:regles`` of the package names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qpvlib import catalogue
from qpvlib.errors import Problem
from qpvlib.evaluation.package import Table, reference, tables

Row = dict[str, Any]
"""A row of a register: values by column; under ``""`` its line in the file it comes from."""
Rows = dict[str, list[Row]]
RECORDS = (".json", ".parquet")
"""Files of records: they have no lines."""
Fault = tuple[str, str, str]
"""Column, fact, remedy."""


@dataclass(frozen=True)
class Verdict:
    """A state in a word, and what makes it precise."""

    word: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.word} ({self.reason})" if self.reason else self.word


def broken(rows: Rows, places: Mapping[str, str]) -> list[Problem]:
    """Return what breaks a rule, in the registers whose file or sheet is named in ``places``."""
    problems = []
    for name, place in places.items():
        table = tables()[name]
        first: dict[object, Row] = {}
        for row in rows[name]:
            faults = [one for rule in table.rules if (one := _fault(row, table, first, *rule))]
            if "indicateur" in row and name != "mesures":
                faults += _indicator(row, rows)
            problems += [
                Problem(fact, place, row[""], table.field(column).title, remedy, unit(place))
                for column, fact, remedy in faults
            ]
    return problems


def unit(place: str) -> str:
    """Return what is counted in a file: its lines or its records."""
    return "enregistrement" if place.lower().endswith(RECORDS) else "ligne"


def warnings(rows: Rows) -> Iterator[str]:
    """Yield what is allowed and yet worth a second look."""
    twice = defaultdict(list)
    for row in rows["subventions"]:
        key = (row["idBeneficiaire"], row["montant"], row["dateConvention"], row["objet"])
        twice[key].append(row["referenceDecision"])
    for same in twice.values():
        if len(same) > 1:
            said = ", ".join(same)
            yield f"subventions : doublon possible, tout y est pareil sauf la référence ({said})."


def promisers(engagement: str) -> set[str]:
    """Return the organisations that a commitment binds, by their identifiers."""
    words = reference("engagements")[engagement]["organisation"]
    named = {"Métropole": "S01", "Ville": "S02", "État": "S03", "ailleurs": "S07",
             "Commission": "I21"}  # fmt: skip
    found = {code for word, code in named.items() if word in words}
    return found | ({"S01", "S02", "S03"} if "Signataires" in words else set())


def _fault(row: Row, table: Table, first: dict[Any, Row], kind: str, *names: str) -> Fault | None:
    """Return how a row breaks one declared rule; ``first`` holds the first row of each key."""
    said = {name: f"« {table.field(name).title} »" for name in names if name in row}
    one, other = names[0], names[-1] if names[-1] in row else names[-2]
    left, right = row[one], row[other]
    full = None not in (left, right)
    if kind == "ordre" and full and right < left:
        return other, f"cette date précède {said[one]}.", "Vérifiez les deux."
    if kind == "plafond" and left is not None and (right is None or left > right):
        return one, f"ce montant dépasse {said[other]}, ou celui-ci est vide.", "Vérifiez les deux."
    if kind == "ensemble" and len({row[name] is None for name in names}) > 1:
        return one, f"{', '.join(said.values())} vont ensemble.", "Toutes les cases, ou aucune."
    if kind == "un_parmi" and left is None and not right:
        return other, f"il n'y a ni {said[one]}, ni {said[other]}.", "Il faut l'un ou l'autre."
    if kind == "differents" and full and left == right:
        return other, f"c'est la même valeur que {said[one]}.", "Une autre, ou une case vide."
    if kind == "disjoints" and full and (both := sorted({*left} & {*right})):
        return other, f"{', '.join(both)} est aussi dans {said[one]}.", "Choisissez."
    if kind in ("vide_si", "rempli_si_et_seulement_si", "rempli_si"):
        wanted, empty = (left == names[1]) != (kind == "vide_si"), right is None
        if wanted == empty and (empty or kind != "rempli_si"):
            fact = "il manque une valeur" if empty else "cette case doit être vide"
            return other, f"{fact}, d'après {said[one]}.", "Changez l'une ou l'autre."
    if kind == "constants":
        model = first.setdefault(left, row)
        for name in names:
            if row[name] != model[name]:
                fact = f"la ligne {model['']} l'écrit autrement, pour le même {said[one]}."
                return name, fact, "Écrivez-les de la même façon."
    return None


def _indicator(row: Row, rows: Rows) -> Iterator[Fault]:
    """Yield what is wrong with the indicator that a row cites, and with the target put on it."""
    name = row["indicateur"]
    entry = described(name, rows)
    if entry is None and name is not None:
        remedy = "Prenez un identifiant de la page Indicateurs, ou déclarez-le dans « mesures »."
        yield "indicateur", f"l'indicateur « {name} » n'existe pas.", remedy
    elif entry and "objectif" in row:
        yield from _objective(row, rows, entry)


def described(name: str | None, rows: Rows) -> Mapping[str, Any] | None:
    """Return what declares an indicator, a local measure or the catalogue; ``None`` without."""
    local = next((one for one in rows["mesures"] if one["indicateur"] == name), None)
    known = catalogue.indicators().get(name or "")
    return local or (vars(known) if known else None)


def _objective(row: Row, rows: Rows, entry: Mapping[str, Any]) -> Iterator[Fault]:
    wanted, unit = entry["sens"], entry["unite"]
    if not any(project["quartier"] == row["quartier"] for project in rows["projets"]):
        yield "quartier", "ce quartier n'a pas de projet dans « projets ».", "Ajoutez-y une ligne."
    if row["sens"] == {"favorable": "baisse", "defavorable": "hausse"}.get(wanted):
        remedy = "Vérifiez le sens voulu, ou choisissez « suivi »."
        yield "sens", f"cet indicateur est dit {wanted} : ce sens va contre le catalogue.", remedy
    share = unit == "%" and row["porte_sur"] == "valeur" and row["cible"] is not None
    if share and not 0 <= row["cible"] <= 100:
        yield "cible", "un pourcentage est compris entre 0 et 100.", "Vérifiez la cible."
