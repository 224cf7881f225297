"""The logical framework and the state of objectives: what the convention measures, and what not."""

from qpvlib import territories
from qpvlib.catalogue import indicator
from qpvlib.evaluation import objectives, package, registers
from qpvlib.numerals import number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation.evaluation.text import grid
from qpvlib.presentation.formats import CITY_GAP, data_tag, gap_tag, interval
from qpvlib.presentation.markup import Html, prose


def framework(store: Observations) -> Html:
    """Return each objective, its indicators, and where each quartier stands, or what is missing."""
    parts = []
    for name, names in objectives.expected().items():
        inside = [_baseline(one, store) for one in names]
        measured = sum(bool(store.vintages(one, "qpv2024")) for one in names)
        told = f"{measured} indicateurs sur {len(names)} mesurés" if names else "pas d'indicateur"
        parts.append(
            prose("<h3>{} {}</h3><p>{}.</p>{}\n", name, package.objectives()[name]["libelle"],
                  told.capitalize(), Html("").join(inside))
        )  # fmt: skip
    return Html("").join(parts)


def figures(store: Observations) -> list[Observation]:
    """Return the figures of quartiers that the framework prints."""
    names = dict.fromkeys(one for group in objectives.expected().values() for one in group)
    found = (store.get(name, place.code) for name in names for place in territories.qpv())
    return [one for one in found if one.source]


def states(store: Observations) -> Html:
    """Return the 17 objectives: how many quartiers are in each state, out of 41."""
    rows = registers.load()
    if not rows["projets"]:
        return prose("<p>Aucun projet de quartier n'a été reçu : il n'y a aucun état à donner.</p>")
    found = objectives.states(rows, store)
    places = [one.code for one in territories.qpv()]
    seen = [word for word in objectives.STATES if any(one.word == word for one in found.values())]
    titles = {name: f"{name} {row['libelle']}" for name, row in package.objectives().items()}
    counted = {name: objectives.count(found, places, name) for name in titles}
    lines = (
        (title, *(f"{counted[name][word]} sur {len(places)}" for word in seen))
        for name, title in titles.items()
    )
    measured = sum(one.change is not None for one in found.values())
    alarm = prose(
        "<p>Sans aucun changement réel, {} % des objectifs mesurés se liraient « en chemin » par "
        "hasard, soit {} sur {} ici. D'un objectif à plusieurs indicateurs, l'état mesuré le moins "
        "favorable est donné.</p>",
        number(objectives.FALSE_ALARM, 1),
        number(measured * objectives.FALSE_ALARM / 100),
        measured,
    )
    received = {row["quartier"] for row in rows["projets"]}
    each = (
        (one.name, *(found[one.code, name] for name in titles))
        for one in territories.qpv()
        if one.code in received
    )
    return Html("").join(
        [
            grid("Nombre de quartiers par état", " | ".join(["Objectif", *seen]), lines),
            alarm,
            grid("État par quartier", " | ".join(["Quartier", *titles]), each),
        ]
    )


def _baseline(name: str, store: Observations) -> Html:
    entry = indicator(name)
    found = [store.get(name, one.code) for one in territories.qpv()]
    published = [one for one in found if one.is_value]
    link = prose('<a href="../indicateurs/{}.html">{}</a>', name.replace("_", "-"), entry.libelle)
    if not published:
        return prose("<p>{} : aucun chiffre sur les quartiers de 2024.</p>", link)
    years = ", ".join(sorted({str(one.vintage) for one in published}))
    sizes = sorted(filter(None, map(objectives.detectable, published)))
    told = ""
    if sizes and entry.nature != "decompte":
        middle = number(sizes[len(sizes) // 2], max(1, entry.decimales))
        told = f" Plus petit changement visible, quartier médian : {middle}."
    heads = "Quartier | État initial | Écart à la ville"
    lines = ((territories.get(one.territory).name, *_cells(one, store)) for one in found)
    return prose(
        "<details><summary>{}, {} ({} quartiers sur {})</summary><p>{}.{}</p>{}</details>\n",
        entry.libelle, years, len(published), len(found), link, told,
        grid(f"{entry.libelle}, {years}", heads, lines),
    )  # fmt: skip


def _cells(figure: Observation, store: Observations) -> tuple[Html, Html | str]:
    entry = indicator(figure.indicator)
    shown = data_tag(figure, entry)
    if not figure.is_value:
        return shown, ""
    if within := interval(figure, entry):
        shown = Html("{} ({})").format(shown, within)
    gap = objectives.city_gap(figure, store)
    return shown, gap_tag(gap, entry, CITY_GAP) if gap else "pas de chiffre comparable"
