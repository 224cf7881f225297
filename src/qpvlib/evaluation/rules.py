"""Rules between columns, rows and registers: what one cell alone cannot show."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from qpvlib import catalogue
from qpvlib.errors import Problem
from qpvlib.evaluation.package import reference, tables

Row = dict[str, Any]
"""A row of a register: values by column; under ``""`` its line in the file it comes from."""
Rows = dict[str, list[Row]]

_SHELTERS = ("victime", "refuge", "hébergement d'urgence", "foyer d'accueil", "violences faites")


def broken(rows: Rows, places: Mapping[str, str]) -> list[Problem]:
    """Return what breaks a rule, in the registers that come from these files.

    Parameters
    ----------
    rows
        Sound rows of every register.
    places
        Register -> how its file, or its sheet, is named.
    """
    problems = []
    for name, check in _CHECKS.items():
        if name not in places:
            continue
        for row in rows[name]:
            for column, fact, remedy in check(row, rows):
                title = tables()[name].field(column).title
                line = row[""] if isinstance(row[""], int) else None
                problems.append(Problem(fact, places[name], line, title, remedy))
    return problems


def warnings(rows: Rows) -> Iterator[str]:
    """Yield what is allowed and yet worth a second look."""
    twice = defaultdict(list)
    for row in rows["subventions"]:
        key = (row["idBeneficiaire"], row["montant"], row["dateConvention"], row["objet"])
        twice[key].append(row)
    for same in twice.values():
        if len(same) > 1:
            said = ", ".join(str(row["referenceDecision"]) for row in same)
            yield (
                f"subventions : même bénéficiaire, même objet, même montant, même jour ({said}) : "
                "doublon possible."
            )


Fault = tuple[str, str, str]


def _project(row: Row, rows: Rows) -> Iterator[Fault]:
    if _both(row, "presents", "sans_objet") and set(row["presents"]) & set(row["sans_objet"]):
        yield "sans_objet", "une exigence est à la fois présente et sans objet.", "Choisissez."
    if _both(row, "date_orientations", "date_annexion") and (
        row["date_annexion"] < row["date_orientations"]
    ):
        yield "date_annexion", "l'annexion précède les orientations.", "Vérifiez les deux dates."


def _objective(row: Row, rows: Rows) -> Iterator[Fault]:
    name = row["indicateur"]
    local = name.startswith("local_")
    measure = next((m for m in rows["mesures"] if m["indicateur"] == name), None) if local else None
    if measure:
        wanted, unit = measure["sens"], measure["unite"]
    elif name in catalogue.indicators():
        entry = catalogue.indicator(name)
        wanted, unit = entry.sens, entry.unite
    else:
        remedy = "Prenez un identifiant de la page Indicateurs, ou déclarez-le dans « mesures »."
        yield "indicateur", f"l'indicateur « {name} » n'existe pas.", remedy
        return
    if not any(p["quartier"] == row["quartier"] for p in rows["projets"]):
        yield "quartier", "ce quartier n'a pas de projet dans « projets ».", "Ajoutez-y une ligne."
    followed = row["sens"] == "suivi"
    for column in ("cible", "annee_cible"):
        if followed != (row[column] is None):
            fact = "un suivi n'a pas de cible." if followed else "cette cible est incomplète."
            yield column, fact, "Videz la case." if followed else "Il faut une valeur et une année."
    against = {"favorable": "baisse", "defavorable": "hausse"}
    if row["sens"] == against.get(wanted):
        remedy = "Vérifiez le sens voulu, ou choisissez « suivi »."
        yield "sens", f"cet indicateur est dit {wanted} : ce sens va contre le catalogue.", remedy
    target = row["cible"]
    share = unit == "%" and row["porte_sur"] == "valeur"
    if share and target is not None and not 0 <= target <= 100:
        yield "cible", "un pourcentage est compris entre 0 et 100.", "Vérifiez la cible."


def _measure(row: Row, rows: Rows) -> Iterator[Fault]:
    if (row["etat"] == "valeur") != (row["valeur"] is not None):
        yield "valeur", "l'état et la valeur se contredisent.", "Une valeur, ou un autre état."
    first = next(m for m in rows["mesures"] if m["indicateur"] == row["indicateur"])
    for column in ("libelle", "unite", "sens", "nature"):
        if row[column] != first[column]:
            fact = f"le même indicateur a un autre « {column} » ligne {first['']}."
            yield column, fact, "Écrivez-les de la même façon."


def _evidence(row: Row, rows: Rows) -> Iterator[Fault]:
    if row["verificateur"] is not None and row["verificateur"] == row["deposant"]:
        yield (
            "verificateur",
            "celle qui dépose ne peut pas vérifier.",
            "Une autre organisation, ou vide.",
        )
    if row["nature"] == "avenant" and row["quantite"] is None:
        yield "quantite", "un avenant donne la quantité nouvelle.", "Écrivez-la."


def _spending(row: Row, rows: Rows) -> Iterator[Fault]:
    for small, large in (("localisable", "total"), ("en_qpv", "localisable")):
        if row[small] is not None and (row[large] is None or row[small] > row[large]):
            title = tables()["depenses"].field(large).title.lower()
            yield (
                small,
                f"ce montant dépasse « {title} », ou celui-ci est vide.",
                "Vérifiez les deux.",
            )


def _grant(row: Row, rows: Rows) -> Iterator[Fault]:
    for column in ("idAttribuant", "idBeneficiaire"):
        if not _siret(str(row[column])):
            remedy = "Recopiez-le, dans une case au format Texte."
            yield column, f"« {row[column]} » n'est pas un SIRET : sa clé est fausse.", remedy
    if row["dateConvention"].year > row["annee"] + 1:
        yield (
            "dateConvention",
            "la convention est postérieure de plus d'un an à l'année.",
            "Vérifiez.",
        )


def _request(row: Row, rows: Rows) -> Iterator[Fault]:
    given = {row[c] is not None for c in ("reponse", "organisation", "date_reponse")}
    if len(given) > 1:
        remedy = "Les trois cases, ou aucune : la réponse, qui répond, et quand."
        yield "reponse", "cette réponse est incomplète.", remedy
    if row["date_reponse"] is not None and row["date_reponse"] < row["date"]:
        yield "date_reponse", "la réponse précède la demande.", "Vérifiez les deux dates."


def _structure(row: Row, rows: Rows) -> Iterator[Fault]:
    if (row["longitude"] is None) != (row["latitude"] is None):
        yield "latitude", "il manque une des deux coordonnées.", "Les deux, ou aucune."
    if row["longitude"] is None and not row["quartiers"]:
        yield "quartiers", "ni coordonnées ni quartier.", "Il faut l'un ou l'autre."
    name = str(row["nom"]).lower()
    if any(word in name for word in _SHELTERS):
        yield "nom", "ce lieu protège des personnes : il n'est jamais publié.", "Retirez la ligne."


def _both(row: Row, *columns: str) -> bool:
    return all(row[column] is not None for column in columns)


def _siret(text: str) -> bool:
    """Check the key of a SIRET: Luhn's, but for La Poste (356000000), whose digits add up to 5n."""
    if not (text.isdigit() and len(text) == 14):
        return False
    if text.startswith("356000000"):
        return sum(map(int, text)) % 5 == 0
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(text)))
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def promisers(engagement: str) -> set[str]:
    """Return the organisations that a commitment binds, by their identifiers."""
    words = reference("engagements")[engagement]["organisation"]
    named = {"Métropole": "S01", "Ville": "S02", "État": "S03", "ailleurs": "S07",
             "Commission": "I21"}  # fmt: skip
    found = {code for word, code in named.items() if word in words}
    return found | ({"S01", "S02", "S03"} if "Signataires" in words else set())


_CHECKS: dict[str, Callable[[Row, Rows], Iterator[Fault]]] = {
    "projets": _project,
    "objectifs": _objective,
    "mesures": _measure,
    "preuves": _evidence,
    "depenses": _spending,
    "subventions": _grant,
    "demandes": _request,
    "annuaire": _structure,
}
