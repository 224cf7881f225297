"""The computed pieces of the pages of the evaluation: states, counts, sums."""

import re

from qpvlib import territories
from qpvlib.catalogue import indicators
from qpvlib.evaluation import commitments, counts, package, registers
from qpvlib.evaluation.residents import questions
from qpvlib.evaluation.rules import Row
from qpvlib.numerals import number
from qpvlib.presentation.evaluation.text import Entry, Said, grid, listing
from qpvlib.presentation.markup import Html, prose


def promised() -> Html:
    """Return every commitment by organisation: what would show it, and what shows it."""
    rows = registers.load()
    found = {name: commitments.status(name, rows) for name in package.reference("engagements")}
    facts: dict[str, Said] = {
        "Ce qui le montrerait": "verifiable_par",
        "Quantité et date": commitments.measured,
        "Orientation": "orientations",
        "Suivi possible": lambda entry: _plain(entry["indicateur_suggere"]),
        "Preuves reçues": lambda entry: str(found[entry["id"]].pieces or ""),
        "État": lambda entry: str(found[entry["id"]]),
    }
    tag: Said = lambda entry: found[entry["id"]].word  # noqa: E731
    return listing("engagements", "objet", facts, "organisation", tag)


def promised_counts() -> Html:
    """Return the commitments by organisation and by state, as counts."""
    rows = registers.load()
    found: dict[str, list[str]] = {}
    for name, entry in package.reference("engagements").items():
        found.setdefault(entry["organisation"], []).append(commitments.status(name, rows).word)
    found["Ensemble"] = [word for words in found.values() for word in words]
    seen = sorted(set(found["Ensemble"]))
    lines = [(who, len(words), *map(words.count, seen)) for who, words in found.items()]
    caption = "Nombre d'engagements par organisation et par état"
    return grid(caption, " | ".join(("Organisation", "Engagements", *seen)), lines)


def bodies() -> Html:
    """Return the bodies of the convention and the answers to the City's four questions."""
    rows = registers.load()
    found = {name: counts.body(name, rows) for name in package.reference("instances")}
    names = package.choices("organisations")

    def frequency(entry: Entry) -> str:
        fixed = found[entry["id"]].fixed
        said = entry["frequence_texte"]
        return f"non fixée (texte : {said})" if fixed is None else f"{fixed} par an ({said})"

    def held(entry: Entry) -> str:
        one = found[entry["id"]]
        due = f" sur {one.fixed * one.expected}" if one.fixed and one.expected else ""
        return ", ".join(f"{count}{due} en {year}" for year, count in one.yearly.items())

    def told(entry: Entry, what: str) -> str:
        one = found[entry["id"]]
        return str(getattr(one, what)) if one.yearly else ""

    facts: dict[str, Said] = {
        "Niveau": "niveau",
        "Nombre attendu": "nombre_d_instances_attendues",
        "Fréquence": frequency,
        "Qui doit y être": "composition_attendue",
        "Sujets attendus": "sujets_attendus",
        "Instances ayant tenu une séance": lambda entry: told(entry, "set_up"),
        "Séances reçues": held,
        "Présences": lambda entry: ", ".join(
            f"{names[party]} {share}"
            for party, share in found[entry["id"]].parties.items()
            if found[entry["id"]].yearly
        ),
        "Séances traitant un objectif": lambda entry: told(entry, "subjects"),
        "Séances avec des habitants": lambda entry: told(entry, "inhabitants"),
    }
    tag: Said = lambda entry: "reçu" if found[entry["id"]].yearly else "rien reçu"  # noqa: E731
    return listing("instances", "nom", facts, tag=tag)


def unspoken() -> Html:
    """Return the objectives that no meeting received deals with."""
    rows = registers.load()
    if not rows["seances"]:
        return Html("")
    names = counts.unspoken(rows)
    said = ", ".join(f"{name} ({package.objectives()[name]['libelle']})" for name in names)
    return prose("<p>Objectifs dont aucune séance reçue ne parle : {}.</p>", said or "aucun")


def answers() -> Html:
    """Return what was asked and answered, by territory."""
    asked = registers.load()["demandes"]
    lines = []
    for place in sorted({row["territoire"] for row in asked}):
        share, delay = counts.answers(row for row in asked if row["territoire"] == place)
        wait = "sans objet" if delay is None else f"{delay} jours"
        lines.append((territories.get(place).name, share, wait))
    return grid("Réponses reçues par territoire", "Territoire | Répondues | Délai médian", lines)


def located(row: Row) -> str:
    """Return the share of a spending that is located."""
    share, _ = counts.spending(row)
    return "non renseigné" if share is None else f"{number(100 * share)} %"


def inside(row: Row) -> str:
    """Return the share in QPV of what is located, where it may be compared."""
    _, share = counts.spending(row)
    return "pas de comparaison" if share is None else f"{number(100 * share)} %"


def grants() -> Html:
    """Return the sums of grants received, by year, funder, objective and quartier."""
    found = registers.load()
    if not found["subventions"]:
        return Html("")
    by = {"annee": "Année", "nomAttribuant": "Financeur", "objectif": "Objectif",
          "quartiers": "Quartier"}  # fmt: skip
    parts = [
        grid(f"Subventions : {title.lower()}", f"{title} | Montant en euros",
             [(key, number(total)) for key, total in counts.grants(found, column).items()])
        for column, title in by.items()
    ]  # fmt: skip
    again = "<p>Subventions qui en suivent une, l'année d'avant, pour le même objet : {}.</p>"
    return Html("").join([*parts, prose(again, str(counts.renewed(found)))])


def rebates() -> Html:
    """Return what was abated and done against it, and what deserves a question."""
    found = counts.rebates(registers.load())
    lines = [
        (who, territories.get(place).name, year, "non déclaré" if abated is None else
         number(abated), number(spent), done, shared, " ; ".join(raised) or "rien")
        for who, place, year, abated, spent, done, shared, raised in found
    ]  # fmt: skip
    heads = "Bailleur | Quartier | Année | Abattu (euros) | Dépensé (euros) | Actions"
    return grid("Abattements et actions", f"{heads} | Avec habitants | À vérifier", lines)


def around(row: Row) -> str:
    """Return the names of the quartiers that a structure serves."""
    return ", ".join(territories.get(code).name for code in counts.around(row)) or "hors quartiers"


def complete(row: Row) -> str:
    """Return how many of the requirements of the text a project answers."""
    due = len(package.reference("projets_quartier")) - len(row["sans_objet"] or ())
    return str(counts.Share(len(row["presents"] or ()), due))


def without_project() -> Html:
    """Return how many projects were received, and for which quartiers none was."""
    received = {row["quartier"] for row in registers.load()["projets"]}
    missing = [one.name for one in territories.qpv() if one.code not in received]
    told = prose("<p>Projets reçus : {} sur 41.</p>", len(received))
    folded = "<details><summary>Quartiers dont rien n'a été reçu ({})</summary>{}</details>"
    return told + prose(folded, len(missing), ", ".join(missing)) if received and missing else told


def _plain(text: str) -> str:
    """Return a suggested indicator with the names of the catalogue instead of its identifiers."""
    known = indicators()
    name = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
    return name.sub(lambda m: known[m[0]].libelle if m[0] in known else m[0], text)


def residents_answers() -> Html:
    """Return what residents answered, question by question, by territory; never compared."""
    found: dict[str, dict[tuple[str, str], list[Row]]] = {}
    for row in registers.load()[package.ANSWERS]:
        key = (row["territoire"], row["campagne"])
        found.setdefault(row["question"], {}).setdefault(key, []).append(row)
    parts = []
    for name, groups in found.items():
        one = questions()[name]
        lines = []
        for (place, _), rows in groups.items():
            said = {row["modalite"]: row["effectif"] for row in rows}
            size = next((row["repondants"] for row in rows if row["repondants"]), None)
            told = f"parmi les {size} personnes qui ont répondu" if size else "trop peu de réponses"
            counts_ = ("secret" if said[a] is None else said[a] for a in one["reponses"])
            when = f"{rows[0]['mode']}, {rows[0]['debut']:%m/%Y}"
            lines.append((territories.get(place).name, told, *counts_, when))
        heads = " | ".join(("Territoire", "Base", *one["reponses"], "Recueil"))
        parts.append(grid(one["texte"], heads, lines))
    return Html("").join(parts)


def question_base() -> Html:
    """Return the question base: both wordings, answers and objective of each."""
    lines = (
        (name, one["texte"], one["falc"], ", ".join(one["reponses"]), one["objectif"])
        for name, one in questions().items()
    )
    heads = "Question | Rédaction | Facile à lire | Réponses proposées | Objectif"
    return grid("La base de questions", heads, lines)
