"""The logical framework and the state of objectives: what the convention measures, and what not."""

from qpvlib import territories
from qpvlib.catalogue import indicator
from qpvlib.evaluation import objectives, package, registers
from qpvlib.evaluation.rules import Row, described
from qpvlib.numerals import counted, number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation.evaluation.text import grid, grids, tallies
from qpvlib.presentation.formats import CITY_GAP, MEDIAN_GAP, data_tag, gap_tag, interval, state
from qpvlib.presentation.markup import Html, prose
from qpvlib.reading import portrait
from qpvlib.reading.gaps import Gaps, gaps

Beside = dict[str, Gaps | tuple[Observation, ...]]
"""Indicator -> its quartiers of 2024 beside the city (or the median quartier), or what is known."""


def beside(store: Observations) -> Beside:
    """Return where the quartiers stand, for each indicator that an objective has."""
    found: Beside = {}
    for name in dict.fromkeys(one for group in objectives.expected().values() for one in group):
        row = portrait.panorama(indicator(name), store)
        if row and row.spread.observations[0].geography == "qpv2024":
            found[name] = gaps(row)
        else:
            every = (store.get(name, place.code) for place in territories.qpv())
            found[name] = tuple(one for one in every if one.source)
    return found


def figures(found: Beside) -> list[Gaps | Observation]:
    """Return what the framework prints, for its sources and its CSV."""
    listed = ([one] if isinstance(one, Gaps) else one for one in found.values())
    return [item for items in listed for item in items]


def framework(found: Beside) -> Html:
    """Return each objective, its indicators, and where each quartier stands, or what is missing."""
    parts, told = [], set()
    for name, names in objectives.expected().items():
        title = f"{name} {package.objectives()[name]['libelle']}"
        parts.append(prose("<h3>{}</h3>", title))
        if not names:
            parts.append(prose("<p>Pas d'indicateur.</p>"))
        for one in names:
            parts.append(_indicator(one, found[one], one in told))
            told.add(one)
    return Html("\n").join(parts)


def states(store: Observations) -> Html:
    """Return the objectives of the projects by state, as counts: objective, orientation, sector."""
    rows = registers.load()
    if not rows["projets"]:
        return prose("<p>Aucun projet de quartier n'a été reçu : il n'y a aucun état à donner.</p>")
    found = objectives.states(rows, store)
    every = [one.code for one in territories.qpv()]
    levels = package.reference("orientations").items()
    by_objective = [
        (f"{name} {row['libelle']}", objectives.count(found, every, name))
        for name, row in levels if row["niveau"] in ("orientation", "objectif")
    ]  # fmt: skip
    by_sector = [
        (one.name, objectives.count(found, (q.code for q in territories.sector_members(one.code))))
        for one in territories.sectors()
    ]
    measured = sum(one.change is not None for one in found.values())
    alarm = prose(
        "<p>Sans aucun changement réel, {} % des objectifs mesurés se liraient « en chemin » par "
        "hasard, soit {} sur {} ici. D'un objectif à plusieurs indicateurs, l'état mesuré le moins "
        "favorable est donné.</p>",
        number(objectives.FALSE_ALARM, 1),
        number(measured * objectives.FALSE_ALARM / 100, 1),
        measured,
    )
    counts = tallies("Objectifs de quartiers par état, par orientation et objectif", by_objective)
    return counts + tallies("Objectifs de quartiers par état, par secteur", by_sector) + alarm


def declared(store: Observations) -> Html:
    """Return, quartier by quartier, each objective declared: figures, change, target and state."""
    rows, every = registers.load(), package.objectives()
    found: dict[str, list[tuple[object, ...]]] = {
        territories.get(project["quartier"]).name: [] for project in rows["projets"]
    }
    for row, seen in objectives.judged(rows, store):
        found[territories.get(row["quartier"]).name].append(
            (row["objectif"], _subject(row), _told(seen.baseline), _told(seen.current),
             _change(seen), _target(row), seen)
        )  # fmt: skip
    tables = {}
    for place, lines in sorted(found.items()):
        told = {line[0] for line in lines}
        bare = [(name, "aucun déclaré", "", "", "", "", objectives.UNMEASURED)
                for name in every if name not in told]  # fmt: skip
        tables[f"{place}, objectifs déclarés : {len(told)} sur {len(every)}"] = [*lines, *bare]
    heads = "Objectif | Indicateur | État initial | Aujourd'hui | Changement | Cible | État"
    return grids(heads, tables)


def _subject(row: Row) -> str:
    label = (described(row["indicateur"], registers.load()) or row)["libelle"]
    return label if row["porte_sur"] == "valeur" else f"{label} : {row['porte_sur']}"


def _told(figure: Observation | None) -> str:
    if figure is None:
        return "aucun chiffre"
    said = number(figure.amount, figure.amount % 1 > 0) if figure.is_value else state(figure)
    return f"{said} ({figure.vintage})"


def _change(found: objectives.State) -> str:
    ends = [number(one, 1) for one in (found.change, found.low, found.high) if one is not None]
    return "{} (de {} à {})".format(*ends) if ends else "non mesuré"


def _target(row: Row) -> str:
    if row["cible"] is None:
        return "suivi"
    return f"{row['sens']}, {number(row['cible'], row['cible'] % 1 > 0)} en {row['annee_cible']}"


def _indicator(name: str, found: Gaps | tuple[Observation, ...], told: bool) -> Html:
    entry = indicator(name)
    link = prose('<a href="../indicateurs/{}.html">{}</a>', name.replace("_", "-"), entry.libelle)
    rows = [(g.observation, g.figure) for g in found.rows] if isinstance(found, Gaps) else [
        (one, None) for one in found
    ]  # fmt: skip
    published = [one for one, _ in rows if one.is_value]
    if not published or told:
        why = "chiffres donnés plus haut" if told else "aucun chiffre sur les quartiers de 2024"
        return prose("<p>{} : {}.</p>", link, why)
    years = ", ".join(sorted({str(one.vintage) for one in published}))
    sizes = sorted(filter(None, map(objectives.detectable, published)))
    seen = ""
    if sizes and entry.nature != "decompte":
        middle = number(sizes[len(sizes) // 2], max(1, entry.decimales))
        seen = f" Plus petit changement visible, quartier médian : {middle}."
    city = isinstance(found, Gaps) and found.beside_city
    heads = f"Quartier | État initial | Écart {'à la ville' if city else 'au quartier médian'}"
    statistic = CITY_GAP if city else MEDIAN_GAP
    lines = (
        (territories.get(one.territory).name, _within(one),
         gap_tag(gap, entry, statistic) if gap else "")
        for one, gap in rows
    )  # fmt: skip
    return prose(
        "<details><summary>{}, {} ({} sur 41)</summary><p>{}.{}</p>{}</details>",
        entry.libelle, years, counted(len(published), "quartier(s)"), link, seen,
        grid(f"{entry.libelle}, {years}", heads, lines),
    )  # fmt: skip


def _within(figure: Observation) -> Html:
    entry = indicator(figure.indicator)
    shown, within = data_tag(figure, entry), interval(figure, entry)
    return Html("{} ({})").format(shown, within) if within else shown
