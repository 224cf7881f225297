"""The computed pieces of the pages of the evaluation: states, counts, sums."""

import re
from collections.abc import Mapping

from qpvlib import territories
from qpvlib.catalogue import indicator, indicators
from qpvlib.evaluation import commitments, counts, objectives, package, registers
from qpvlib.evaluation.residents import questions
from qpvlib.evaluation.rules import Row, Rows, described
from qpvlib.numerals import counted, number
from qpvlib.observations import Observations
from qpvlib.presentation.evaluation import text
from qpvlib.presentation.formats import POOLED, data_tag
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Item
from qpvlib.reading import portrait
from qpvlib.typography import NARROW


def promised() -> Html:
    """Return every commitment by organisation, then orientation: what would show it, what does."""
    received = registers.load()
    found = {name: commitments.status(name, received) for name in package.reference("engagements")}
    pieces: dict[str, list[Html]] = {}
    field = package.tables()["preuves"].field
    for row in sorted(received["preuves"], key=lambda row: row["date"]):
        told = (
            text.shown(field(name), row[name]) for name in ("date", "nature", "reference", "lien")
        )
        pieces.setdefault(row["engagement"], []).append(Html(", ").join(told))
    return text.listing("engagements", "objet", lambda entry: {
        "Ce qui le montrerait": entry["verifiable_par"],
        "Quantité et date": commitments.measured(entry),
        "Orientation": entry["orientations"],
        "Suivi possible": _plain(entry["indicateur_suggere"]),
        "Pièces reçues": Html(f"{NARROW}; ").join(pieces.get(entry["id"], ())),
        "État": str(found[entry["id"]]),
    }, ("organisation", _orientation), lambda entry: found[entry["id"]].word)  # fmt: skip


def _orientation(entry: text.Entry) -> str:
    names = {one.split(".")[0] for one in entry["orientations"].split()}
    if len(names) > 1:
        return "Plusieurs orientations"
    (name,) = names
    known = package.reference("orientations").get(name)
    return f"{name} {known['libelle']}" if known else "Toutes les orientations"


def promised_counts() -> Html:
    """Return the commitments by organisation and by state, as counts."""
    received = registers.load()
    found: dict[str, list[str]] = {}
    for name, entry in package.reference("engagements").items():
        word = commitments.status(name, received).word
        for group in ("Ensemble", entry["organisation"]):
            found.setdefault(group, []).append(word)
    lines = ((who, {one: words.count(one) for one in commitments.STATES})
             for who, words in found.items())  # fmt: skip
    return text.tallies("Engagements par état, par organisation", lines)


def population(store: Observations) -> tuple[Html, list[Item]]:
    """Return the share of the city living in the quartiers, dated, and the figures it is made of.

    No source gives both for one year: the share is told for the years of the city that surround
    that of the quartiers.
    """
    entry = indicator("population_qpv")
    row = portrait.panorama(entry, store)
    if row is None or row.pooled is None:
        return Html(""), []
    inside, year = row.pooled, row.pooled.vintage or 0
    series = [one for one in store.series(entry.id, territories.CITY) if one.is_value]
    city = [*[o for o in series if (o.vintage or 0) <= year][-1:],
            *[o for o in series if (o.vintage or 0) > year][:1]]  # fmt: skip
    ends = sorted({number(100 * inside.amount / one.amount, 1) for one in city})
    told = prose(
        "<p>Pour comparer : les 41 quartiers comptent {} habitants en {}, et Marseille {}. C'est "
        "{} % de la ville. Les années diffèrent : c'est un repère, pour une dépense qui concerne "
        "toute la ville. Un quartier à cheval sur deux communes y est compté en entier.</p>",
        data_tag(inside, entry, POOLED), year,
        Html(", ").join(Html("{} en {}").format(data_tag(o, entry), o.vintage) for o in city),
        " à ".join(ends),
    )  # fmt: skip
    return told, [row, *city]


def spending() -> Html:
    """Return what was declared of ordinary policies: what is located, what is in QPV."""
    names, lines = package.choices("organisations"), []
    for row in registers.load()["depenses"]:
        located, inside = counts.spending(row)
        lines.append((
            names[row["organisation"]], f"{row['politique']}, {row['annee']}", number(row["total"]),
            "non renseigné" if located is None else f"{number(100 * located)} %",
            "pas de comparaison" if inside is None else f"{number(100 * inside)} %", row["source"],
        ))  # fmt: skip
    heads = "Organisation | Politique, année | Total (euros) | Localisable | Dont en QPV | Source"
    return text.grid("Dépenses de droit commun déclarées", heads, lines)


def bodies() -> Html:
    """Return the bodies of the convention and the answers to the City's four questions."""
    received = registers.load()
    found = {name: counts.body(name, received) for name in package.reference("instances")}
    names = package.choices("organisations")

    def present(shares: Mapping[str, counts.Share]) -> str:
        each = ", ".join(f"{names[party]} {share.count}" for party, share in shares.items())
        known = next(iter(shares.values()), counts.Share(0, 0))
        filled = f"sur {known.total} séances où elles sont renseignées ({known.unknown} sans)"
        return each and f"{each} ; {filled}"

    def facts(entry: text.Entry) -> dict[str, str]:
        one, said = found[entry["id"]], entry["frequence_texte"]
        told = {
            "Niveau": entry["niveau"],
            "Nombre attendu": entry["nombre_d_instances_attendues"],
            "Fréquence": f"non fixée (texte : {said})" if one.fixed is None
            else f"{one.fixed} par an ({said})",
            "Qui doit y être": entry["composition_attendue"],
            "Sujets attendus": entry["sujets_attendus"],
        }  # fmt: skip
        if not one.yearly:
            return told
        due = one.fixed and one.expected and counted(one.fixed * one.expected, "attendue(s)")
        return told | {
            "Instances ayant tenu une séance": str(one.set_up),
            "Séances reçues": ", ".join(
                f"{held} en {year}" + (f" pour {due}" if due else "")
                for year, held in one.yearly.items()
            ),
            "Présences": present(one.parties),
            "Séances traitant un objectif": str(one.subjects),
            "Séances avec des habitants": str(one.inhabitants),
        }

    def tag(entry: text.Entry) -> str:
        return "reçu" if found[entry["id"]].yearly else "rien reçu"

    return text.listing("instances", "nom", facts, tag=tag)


def unspoken() -> Html:
    """Return the objectives that no meeting received deals with."""
    received = registers.load()
    if not received["seances"]:
        return Html("")
    names = counts.unspoken(received)
    title = f"Objectifs dont aucune séance reçue ne parle : {len(names)} sur 17"
    return text.folded(
        title, text.bullets("{} {}", ((n, package.objectives()[n]["libelle"]) for n in names))
    )


def answers() -> Html:
    """Return what was asked and answered, by whom and when, territory by territory."""
    names, field = package.choices("organisations"), package.tables()["demandes"].field
    asked: dict[str, list[Row]] = {}
    for row in registers.load()["demandes"]:
        asked.setdefault(territories.get(row["territoire"]).name, []).append(row)
    groups = {}
    for place, requests in sorted(asked.items()):
        share, delay = counts.answers(requests)
        wait = "" if delay is None else f", en {counted(delay, 'jour(s)')} (délai médian)"
        groups[f"{place} : {share} ont une réponse{wait}"] = [
            (one["demande"], f"{one['partie']}, {one['date']:%d/%m/%Y}",
             f"{one['reponse']}, {names[one['organisation']]}, {one['date_reponse']:%d/%m/%Y}"
             if one["reponse"] else "aucune reçue", text.shown(field("lien"), one["lien"]))
            for one in sorted(requests, key=lambda one: one["date"])
        ]  # fmt: skip
    return text.grids("Demande | Par, le | Réponse | Document", groups)


def grants() -> Html:
    """Return the sums of grants received, by year, funder, objective and quartier."""
    found = registers.load()
    if not found["subventions"]:
        return Html("")
    by = {"annee": "Année", "nomAttribuant": "Financeur", "objectif": "Objectif",
          "quartiers": "Quartier"}  # fmt: skip
    parts = [
        text.grid(f"Subventions : {title.lower()}", f"{title} | Montant en euros",
             [(key, number(total)) for key, total in counts.grants(found, column).items()])
        for column, title in by.items()
    ]  # fmt: skip
    again = "<p>Subventions qui en suivent une, l'année d'avant, pour le même objet : {}.</p>"
    return Html("").join([*parts, prose(again, str(counts.renewed(found)))])


def rebates() -> Html:
    """Return what was abated and done against it, by landlord and by axis, and what to ask."""
    found = registers.load()
    lines = [
        (territories.get(place).name, f"{who}, {year}",
         "non déclaré" if abated is None else number(abated), number(spent),
         f"{done}, dont {shared} avec des habitants", " ; ".join(raised) or "rien")
        for who, place, year, abated, spent, done, shared, raised in counts.rebates(found)
    ]  # fmt: skip
    heads = "Quartier | Bailleur, année | Abattu (euros) | Dépensé (euros) | Actions | À vérifier"
    by_axis = [(axis, done, number(spent), shared) for axis, done, spent, shared
               in counts.axes(found)]  # fmt: skip
    return Html("").join([
        text.grid("Abattements et actions", heads, sorted(lines)),
        text.grid("Actions par axe", "Axe | Actions | Dépensé (euros) | Avec des habitants",
                  by_axis),
    ])  # fmt: skip


def rebate_actions(store: Observations) -> Html:
    """Return every action of the rebates, and the state of the indicator it cites."""
    found = registers.load()
    groups: dict[str, list[tuple[object, ...]]] = {}
    for row in found["actions_tfpb"]:
        what = ", ".join(filter(None, (row["action"], row["residence"])))
        spent = "non renseigné" if row["depense"] is None else number(row["depense"])
        groups.setdefault(territories.get(row["quartier"]).name, []).append(
            (what, row["annee"], row["axe"], spent, row["etat"], _effect(row, found, store))
        )
    heads = "Action | Année | Axe | Dépensé (euros) | État | Indicateur cité"
    return text.grids(heads, {f"{place} ({len(groups[place])})": groups[place]
                         for place in sorted(groups)})  # fmt: skip


def _effect(row: Row, found: Rows, store: Observations) -> str:
    entry = described(row["indicateur"], found)
    if entry is None:
        return "aucun"
    wanted = {"favorable": "hausse", "defavorable": "baisse"}.get(entry["sens"], "suivi")
    followed = row | {"porte_sur": "valeur", "sens": wanted, "cible": None}
    return f"{entry['libelle']} : {objectives.state(followed, found, store)}"


def projects() -> Html:
    """Return each project received, and what the text asks of it: present, absent, no object."""
    asked = {name: row["exigence"] for name, row in package.reference("projets_quartier").items()}
    aside, parts = ("quartier", "version", "presents", "sans_objet"), {}
    fields = [one for one in package.tables()["projets"].fields if one.name not in aside]
    for row in registers.load()["projets"]:
        there, without = set(row["presents"] or ()), set(row["sans_objet"] or ())
        told = [(field.title, text.shown(field, row[field.name])) for field in fields]
        told += [
            (label, f"{NARROW}; ".join(asked[one] for one in asked if one in names) or "aucune")
            for label, names in (("Exigences présentes", there), ("Exigences sans objet", without),
                                 ("Exigences absentes", asked.keys() - there - without))
        ]  # fmt: skip
        share = counts.Share(len(there), len(asked) - len(without))
        title = f"{territories.get(row['quartier']).name}, version {row['version']}"
        parts[title] = text.folded(f"{title}, exigences : {share}", text.bullets("{} : {}", told))
    return Html("").join(parts[title] for title in sorted(parts))


def without_project() -> Html:
    """Return how many projects were received, and for which quartiers none was."""
    received = {row["quartier"] for row in registers.load()["projets"]}
    missing = [one.name for one in territories.qpv() if one.code not in received]
    told = prose("<p>Projets reçus : {} sur 41.</p>", len(received))
    if not received or not missing:
        return told
    title = f"Quartiers dont rien n'a été reçu ({len(missing)})"
    return told + text.folded(title, prose("<p>{}.</p>", ", ".join(missing)))


def _plain(words: str) -> str:
    """Return a suggested indicator with the names of the catalogue instead of its identifiers."""
    known = indicators()
    name = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
    return name.sub(lambda m: known[m[0]].libelle if m[0] in known else m[0], words)


def residents_answers() -> Html:
    """Return what residents answered, question by question, by territory; never compared."""
    found: dict[str, dict[tuple[str, str], list[Row]]] = {}
    for row in registers.load()[package.ANSWERS]:
        key = (territories.get(row["territoire"]).name, row["campagne"])
        found.setdefault(row["question"], {}).setdefault(key, []).append(row)
    parts = []
    for name, groups in found.items():
        one = questions()[name]
        lines = []
        for (place, _), answered in sorted(groups.items()):
            said = {row["modalite"]: row["effectif"] for row in answered}
            size = next((row["repondants"] for row in answered if row["repondants"]), None)
            sizes = ("secret" if said[a] is None else said[a] for a in one["reponses"])
            when = f"{answered[0]['mode']}, {answered[0]['debut']:%m/%Y}"
            base = f"parmi les {size} personnes qui ont répondu" if size else "trop peu de réponses"
            lines.append((f"{place}, {base}", *sizes, when))
        heads = " | ".join(("Territoire", *one["reponses"], "Recueil"))
        parts.append(text.folded(one["texte"], text.grid(one["texte"], heads, lines)))
    return Html("").join(parts)


def question_base() -> Html:
    """Return the question base: both wordings, answers and objective of each."""
    lines = (
        (one["texte"], one["falc"], ", ".join(one["reponses"]), f"{name}, {one['objectif']}")
        for name, one in questions().items()
    )
    heads = "Question | Facile à lire | Réponses proposées | Identifiant, objectif"
    return text.folded("Lire les questions", text.grid("La base de questions", heads, lines))
