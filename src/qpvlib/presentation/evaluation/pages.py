"""The computed pieces of the pages of the evaluation: states, counts, sums."""

import datetime as dt
import re

from qpvlib import territories
from qpvlib.catalogue import indicators
from qpvlib.evaluation import commitments, counts, package, registers
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


def requests() -> Html:
    """Return what was asked and answered, by territory."""
    rows = registers.load()["demandes"]
    lines = []
    for place in sorted({row["territoire"] for row in rows}):
        share, delay = counts.answers(row for row in rows if row["territoire"] == place)
        wait = "sans objet" if delay is None else f"{delay} jours"
        lines.append((territories.get(place).name, share, wait))
    names = package.choices("organisations")
    every = [
        (row["id"], territories.get(row["territoire"]).name, row["demande"], row["partie"],
         _day(row["date"]), row["reponse"] or "aucune réponse reçue",
         names.get(row["organisation"], ""), _day(row["date_reponse"]))
        for row in rows
    ]  # fmt: skip
    heads = "Demande | Territoire | Quoi | Par | Le | Réponse | De | Le"
    return grid(
        "Réponses reçues par territoire", "Territoire | Répondues | Délai médian", lines
    ) + (grid("Chaque demande", heads, every))


def spending() -> Html:
    """Return the ordinary spending declared, what of it is located, and what of that is in QPV."""
    names, lines = package.choices("organisations"), []
    for row in registers.load()["depenses"]:
        located, inside = counts.spending(row)
        lines.append(
            (names[row["organisation"]], row["politique"], row["annee"], _euros(row["total"]),
             "non renseigné" if located is None else f"{number(100 * located)} %",
             "pas de comparaison" if inside is None else f"{number(100 * inside)} %", row["source"])
        )  # fmt: skip
    heads = "Organisation | Politique | Année | Total | Localisable | En QPV | Source"
    return grid("Dépenses de droit commun déclarées", heads, lines)


def grants() -> Html:
    """Return the sums of grants received, by year, funder, objective and quartier."""
    rows = registers.load()
    if not rows["subventions"]:
        return Html("")
    by = {"annee": "Année", "nomAttribuant": "Financeur", "objectif": "Objectif",
          "quartiers": "Quartier"}  # fmt: skip
    parts = [
        grid(f"Subventions : {title.lower()}", f"{title} | Montant",
             [(key, _euros(total)) for key, total in counts.grants(rows, column).items()])
        for column, title in by.items()
    ]  # fmt: skip
    again = "<p>Subventions qui en suivent une, l'année d'avant, pour le même objet : {}.</p>"
    return Html("").join([*parts, prose(again, str(counts.renewed(rows)))])


def posts() -> Html:
    """Return the posts that programme 147 pays for, of the whole contract."""
    lines = [
        (row["dispositif"], row["annee"], row["postes"], _euros(float(row["montant"])))
        for row in package.reference("moyens").values()
    ]
    caption = "Postes du programme 147, contrat de ville CV049 (source : ANCT)"
    return grid(caption, "Dispositif | Année | Postes | Montant théorique", lines)


def rebates() -> Html:
    """Return what was abated and done against it, and what deserves a question."""
    lines = [
        (one.landlord, territories.get(one.quartier).name, one.year,
         "non déclaré" if one.abated is None else _euros(one.abated), _euros(one.spent),
         one.actions, one.with_residents, " ; ".join(one.alerts) or "rien")
        for one in counts.rebates(registers.load())
    ]  # fmt: skip
    heads = "Bailleur | Quartier | Année | Abattu | Dépensé | Actions | Avec habitants | À vérifier"
    return grid("Abattements et actions", heads, lines)


def places() -> Html:
    """Return the structures open to the public, by quartier, and how fresh each card is."""
    spaces = package.choices("participation")
    lines = [
        (row["nom"], row["type"], spaces.get(row["participation"], ""), row["adresse"] or "",
         ", ".join(territories.get(code).name for code in counts.around(row)),
         counts.freshness(row))
        for row in registers.load()["annuaire"]
    ]  # fmt: skip
    heads = "Structure | Type | Participation | Adresse | Quartiers | Vérification"
    return grid("Lieux ouverts au public", heads, lines)


def projects() -> Html:
    """Return the projects received: when, and how complete the last version is."""
    last = {row["quartier"]: row for row in registers.load()["projets"]}
    if not last:
        return prose("<p>Projets reçus : 0 sur 41. Ils s'afficheront ici au premier dépôt.</p>")
    due = len(package.reference("projets_quartier"))
    lines = [
        (territories.get(code).name, f"version {row['version']}", _day(row["date_annexion"]),
         counts.Share(len(row["presents"] or ()), due - len(row["sans_objet"] or ())),
         "non renseigné" if row["concertations"] is None else row["concertations"],
         prose('<a href="{}">texte</a>', row["lien"]) if row["lien"] else "")
        for code, row in last.items()
    ]  # fmt: skip
    missing = [one.name for one in territories.qpv() if one.code not in last]
    heads = "Quartier | Projet | Annexé le | Exigences présentes | Concertations | Lien"
    told = "<p>Projets reçus : {} sur 41. Rien reçu pour : {}.</p>"
    return grid("Projets de quartier reçus", heads, lines) + prose(
        told, len(last), ", ".join(missing) or "aucun autre quartier"
    )


def _day(date: dt.date | None) -> str:
    return f"{date:%d/%m/%Y}" if date else "non renseigné"


def _plain(text: str) -> str:
    """Return a suggested indicator with the names of the catalogue instead of its identifiers."""
    known = indicators()
    name = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
    return name.sub(lambda m: known[m[0]].libelle if m[0] in known else m[0], text)


def _euros(amount: float) -> str:
    return f"{number(amount)} €"
