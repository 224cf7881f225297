"""What the study is: its seal, its track, its sources, what is missing and what departs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from qpvlib import clock
from qpvlib.catalogue import indicator
from qpvlib.followup import Study, draw, results, seal
from qpvlib.followup import series as series_module
from qpvlib.followup.plan import REGISTER, Outcome
from qpvlib.followup.study import deviations
from qpvlib.numerals import counted, number
from qpvlib.observations import SECRET, UNAVAILABLE, VALUE
from qpvlib.presentation.charts._style import BLUE, FOCUS, SMALL
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    caption,
    frame,
    interval,
    label,
    legend,
    listed,
    measured,
    probability,
    signed,
    source,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.sources.registry import sources
from qpvlib.territories import get
from qpvlib.typography import typeset


def ribbon(study: Study) -> Html:
    """Return what every page of the follow-up says first: its track and the seal."""
    amended = seal.of_kind(study.chain, seal.AMENDMENT)
    draws = seal.of_kind(study.chain, seal.DRAW)
    word = "Piste B" if study.track.causal else study.track.ribbon.capitalize()
    dates = f" Date fictive : {study.plan.start}." if study.plan.blank else ""
    reasons = " ".join(() if study.plan.blank else study.track.reasons)
    return prose(
        '<p class="qpv-alerte"><strong>{}.</strong> {}{} {} Protocole gelé le {}{}{}, empreinte du '
        "sceau : <code>{}</code></p>",
        word, study.nature, typeset(dates), typeset(reasons), clock.told(study.chain[0]["date"]),
        f", amendé le {clock.told(amended[-1]['date'])}" if amended else "",
        f" ; cibles tirées {len(draws)} fois" if len(draws) > 1 else "",
        Html("<wbr>").join(_cut(study.chain[-1]["empreinte"])),
    )  # fmt: skip


def _cut(text: str, step: int = 16) -> list[str]:
    """Cut a fingerprint where a narrow screen may break the line."""
    return [text[start : start + step] for start in range(0, len(text), step)]


_ACTS = {
    seal.FREEZE: "Gel", seal.AMENDMENT: "Avenant", seal.DRAW: "Tirage", seal.DEPOSIT: "Dépôt",
    seal.LIST: "Liste des tirages", seal.CHOICE: "Choix de la Ville",
}  # fmt: skip


def seal_table(study: Study) -> Table:
    """Return every act of the seal, each with its own text, version and fingerprint (T0)."""
    return Table(
        "Les actes du sceau, dans leur ordre",
        ("Acte", "Date", "Ce qu'il scelle", "Son empreinte"),
        tuple(
            (f"{act['numero']}. {_ACTS[act['acte']]}", clock.told(act["date"]), _sealed(act),
             _code(act["empreinte"]))
            for act in study.chain
        ),
    )  # fmt: skip


def _sealed(act: Mapping[str, Any]) -> Html:
    """Say what one act seals."""
    if act["acte"] in seal.TEXTUAL:
        told = prose("protocole version {}, empreinte {}", act["version"], _code(act["texte"]))
        if act["acte"] == seal.FREEZE:
            return told
        return prose("{} ; rubriques changées : {}. {}", told, ", ".join(act["changees"]),
                     typeset(act["motif"]))  # fmt: skip
    if act["acte"] == seal.DRAW:
        drawn = f"tirage {act['tire']} sur {number(act['acceptes'])}" if "tire" in act else (
            "ancienne règle, gardé dans suivi/premier_tirage")  # fmt: skip
        return prose("aléa : « {} » ; {}. {}", act["alea"], drawn, typeset(act["motif"]))
    if act["acte"] == seal.DEPOSIT:
        return prose("{} {}", act["depot"]["genre"], act["depot"]["numero"])
    if act["acte"] == seal.CHOICE:
        return prose("{} cibles choisies par la Ville, et leurs témoins", act["cibles"])
    return prose("{} tirages acceptés, numérotés", number(act["acceptes"]))


def frozen_table(study: Study) -> Html:
    """Return the verdicts as they stood before each amendment, beside those of today."""
    amended = [act for act in seal.of_kind(study.chain, seal.AMENDMENT) if act["avant"]]
    if not amended:
        return Html("")
    rows = []
    for outcome in study.plan.primary:
        for act in amended:
            old = act["avant"].get(outcome.indicator.id)
            if old:
                rows.append(
                    (outcome.indicator.libelle_court,
                     f"avant l'avenant du {clock.told(act['date'])}",
                     measured(old["ecart"], outcome), interval(old["bas"], old["haut"]),
                     probability(old["p"]), f"« {old['verdict']} »")
                )  # fmt: skip
        now = results.estimates(study).loc[outcome.indicator.id]
        said, ends, level = results.conclusion(study, outcome)
        rows.append(
            (outcome.indicator.libelle_court, "aujourd'hui", measured(now["value"], outcome),
            prose("{} (à {} %)", interval(*ends), number(100 * level)),
             probability(now["p"]), f"« {said} »")
        )  # fmt: skip
    changed = dict.fromkeys(name for act in amended for name in act["changees"])
    return Table(
        prose("Verdicts sous le texte d'avant chaque avenant, et aujourd'hui ; rubriques changées "
              "entre-temps : {}", ", ".join(changed)),
        ("Indicateur", "Texte", "Écart", "Intervalle", "p par tirage", "Verdict"),
        tuple(rows),
    ).html()  # fmt: skip


def _code(text: str) -> Html:
    return Html("<code>{}</code>").format(Html("<wbr>").join(_cut(text)))


def register_table(study: Study) -> Html:
    """Return the register of interventions (T1), or say why track B is closed."""
    if not study.track.causal:
        return prose(
            "<p>La piste B est fermée, et aucune phrase de ce chapitre n'attribue une évolution à "
            "une politique. {}</p>",
            typeset(" ".join(study.track.reasons)),
        )
    dated = [f"{get(code).name} : {year}" for code, year in study.track.starts.items()]
    return prose("<p>Première année d'intervention, d'après suivi/{} :</p>{}{}", REGISTER,
                 listed(dated), listed(study.track.reasons))  # fmt: skip


def vintages_table(study: Study) -> Table:
    """Return how many quartiers are published, by indicator and year (T2)."""
    years = sorted(study.series["millesime"].unique())
    rows = []
    for outcome in study.plan.outcomes:
        own = study.series[study.series["indicateur"] == outcome.indicator.id]
        counts = own.groupby(["millesime", "etat"]).size().unstack(fill_value=0)
        used = ", ".join(map(str, outcome.years))
        rows.append(
            (outcome.indicator.libelle_court, *(_published(counts, year) for year in years), used)
        )
    return Table(
        "Quartiers publiés par année, sur les 35 du périmètre 2015 (nd : non disponible ; s : "
        "secret ; vide : aucune source)",
        ("Indicateur", *map(str, years), "Fenêtre principale"),
        tuple(rows),
    )


def _published(counts: pd.DataFrame, year: int) -> str:
    if year not in counts.index:
        return ""
    row = counts.loc[year]
    absent = [
        f"{row[state]}\u00a0{short}"
        for state, short in ((UNAVAILABLE, "nd"), (SECRET, "s"))
        if row.get(state, 0)
    ]
    return ", ".join([str(row.get(VALUE, 0)), *absent])


def breaks_list(study: Study) -> Html:
    """Return the years at which the measure changes, and why."""
    broken = study.series[study.series["rupture"] != ""].groupby("millesime")["rupture"].first()
    return listed(f"{year} : {why}." for year, why in broken.items())


def datasets_list(study: Study) -> Html:
    """Return the files behind the series, with their fingerprints."""
    registry = sources()
    items = Html("").join(
        prose(
            "<li>{}, {} <small>(empreinte SHA-256 : <code>{}…</code>)</small></li>",
            registry[name].producteur,
            registry[name].jeu,
            registry[name].sha256[:12],
        )
        for name in sorted(study.series["source"].unique())
    )
    return Html('<ul class="qpv-sources">{}</ul>').format(items)


def overlap_table(study: Study) -> Table:
    """Return the figures that exist on both perimeters, side by side, never joined."""
    links = study.units.reset_index().set_index("territoire")["unite"]
    name = "taux_pauvrete_60"
    found = series_module.overlap(indicator(name), study.observations, links)
    passages = study.units["passage"]
    rows = []
    for nature, group in found.groupby(found["unite"].map(passages)):
        gaps = group["s24"] - group["s15"]
        rows.append(
            (
                nature.replace("modifie", "modifié"),
                str(len(group)),
                str(int((gaps.abs() < 1e-9).sum())),
                signed(gaps.median()),
                signed(gaps.min()),
                signed(gaps.max()),
            )
        )
    years = ", ".join(map(str, sorted(found["millesime"].unique())))
    return Table(
        prose("Taux de pauvreté publié sur les deux périmètres, {} : périmètre 2024 moins "
              "périmètre 2015, en points", years),
        ("Passage", "Quartiers", "Égaux", "Écart médian", "Le plus bas", "Le plus haut"),
        tuple(rows),
    )  # fmt: skip


def missing_map(study: Study, outcome: Outcome) -> Figure:
    """Return the map of what is published and masked, by quartier and year (F11)."""
    own = study.series[study.series["indicateur"] == outcome.indicator.id]
    codes = {VALUE: 0, UNAVAILABLE: 1, SECRET: 2}
    grid = own.assign(code=own["etat"].map(codes)).pivot(
        index="territoire", columns="millesime", values="code"
    )
    order = study.units.loc[grid.index].sort_values(["role", "groupe"]).index
    grid = grid.loc[order].fillna(1)
    drawing, axes = frame(5.2, left=0.2, bottom=0.06, top=0.1)
    for code, (colour, hatch) in enumerate(((BLUE, ""), ("#ffffff", "////"), (FOCUS, "xxxx"))):
        rows, columns = np.nonzero(grid.to_numpy() == code)
        axes.bar(columns, 0.86, 0.86, rows - 0.43, color=colour, hatch=hatch, lw=0.5,
                 edgecolor=INK, alpha=0.85)  # fmt: skip
    axes.set_ylim(len(grid) - 0.4, -0.6)
    axes.set_yticks([])
    roles = study.units.loc[grid.index, "role"]
    for role in dict.fromkeys(roles):
        inside = np.flatnonzero(roles == role)
        axes.text(-0.8, inside.mean(), f"{role}s" if role != draw.OUTSIDE else "autres",
                  size=SMALL, color=INK, ha="right", va="center")  # fmt: skip
        axes.axhline(inside.max() + 0.5, color=INK, lw=1)
    axes.set_xticks(range(len(grid.columns)), [f"{year % 100:02d}" for year in grid.columns])
    axes.spines[["left", "bottom"]].set_visible(False)
    legend(drawing, [
        Patch(facecolor=BLUE, edgecolor=INK, label="publié"),
        Patch(facecolor="#ffffff", edgecolor=INK, hatch="////", label="non disponible"),
        Patch(facecolor=FOCUS, edgecolor=INK, hatch="xxxx", label="secret"),
    ], 3)  # fmt: skip
    absent = own[own["etat"] != VALUE]
    last = own["millesime"].max()
    return Figure(
        drawing,
        caption(study, "{} : ce qui est publié, par quartier (lignes) et par année (colonnes).",
                outcome.indicator.libelle),
        prose("{} : {} et {}. En {}, il manque {} sur {}.", outcome.indicator.libelle,
              counted(len(own) - len(absent), "chiffre(s) publié(s)"),
              counted(len(absent), "absent(s)"), last,
              counted(int((absent["millesime"] == last).sum()), "quartier(s)"), len(grid)),
        Table(
            "Chiffres absents, par quartier",
            ("Quartier de 2015", "Rôle", "Années absentes"),
            tuple(
                (label(code), study.units.loc[code, "role"],
                 ", ".join(f"{row.millesime} ({row.etat.replace('_', ' ')})"
                           for row in rows.itertuples()))
                for code, rows in absent.groupby("territoire")
            ) or (("aucun", "", ""),),
        ),
        source(study, outcome, years=own["millesime"]),
    )  # fmt: skip


def attrition_table(study: Study, outcome: Outcome) -> Table:
    """Return the figures missing in each arm, by year."""
    years = sorted(study.series.loc[study.series["indicateur"] == outcome.indicator.id,
                                    "millesime"].unique())  # fmt: skip
    counts = study.panel(outcome, years=years, complete=False).attrition()
    rows = []
    for year in years:
        arms = [counts.loc[(year, arm)] for arm in (True, False)]
        rows.append((str(year), *(f"{int(arm['observed'])} sur {int(arm.sum())}" for arm in arms)))
    return Table(
        prose("{} : séries publiées, par année et par groupe", outcome.indicator.libelle),
        ("Année", "Cibles", "Témoins"),
        tuple(rows),
    )


def definition(study: Study, outcome: Outcome) -> Html:
    """Return what an outcome is, how it is compared and what would count as large."""
    entry = outcome.indicator
    scale = (
        "L'écart porte sur le logarithme, multiplié par 100 : il se lit comme un pourcentage."
        if outcome.logarithm
        else f"L'écart se lit en {outcome.unit}."
    )
    wanted = (
        f"Plus petit effet d'intérêt, fixé d'avance : {number(outcome.smallest)} {outcome.unit}."
        if outcome.smallest
        else "Indicateur secondaire : aucun plus petit effet d'intérêt n'est fixé."
    )
    return prose(
        "<p>{} {} {} Années comparées : {} ; {} : {}.</p>",
        entry.definition, typeset(scale), typeset(wanted), ", ".join(map(str, outcome.years)),
        "date fictive" if study.plan.blank else "première année après",
        ", ".join(map(str, sorted(study.starts.unique()))),
    )  # fmt: skip


def deviations_list(study: Study) -> Html:
    """Return what departs from the protocol or was not available (T9)."""
    return listed(deviations(study))


def expected(study: Study) -> Html:
    """Return the result announced before any computation."""
    return prose("<p>{}</p>", typeset(study.plan.wording(study.plan.content["nature"]["attendu"])))


def decision_list(study: Study) -> Html:
    """Return the rule of the verdicts."""
    return listed(f"« {word} » : {rule}." for word, rule in study.plan.verdicts().items())
