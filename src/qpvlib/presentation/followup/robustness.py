"""What resists: every specification listed in advance, each target left out, the neighbours."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from qpvlib.followup import Study, readings, results
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREY, SMALL, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup import inference
from qpvlib.presentation.followup._common import (
    bar_key,
    bars,
    caption,
    frame,
    interval,
    label,
    legend,
    listed,
    marked,
    measured,
    probability,
    signed,
    source,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.territories import predecessors

OPTIONS = {
    "fenetre": "Fenêtre",
    "covid": "2020 et 2021",
    "estimateur": "Estimateur",
    "poids": "Poids",
    "distance": "Témoins écartés à moins de",
    "perimetre": "Périmètres",
}


def _choices(study: Study, outcome: Outcome) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield each option of the protocol, each of its choices in words, and its specifications."""
    table = readings.curve(study, outcome).table
    rules = study.plan.content["robustesse"]
    listed = dict(zip(OPTIONS, ("fenetres", "annees_covid", "estimateurs", "poids", "distances",
                                "perimetres"), strict=True))  # fmt: skip
    for column, name in listed.items():
        for choice in rules[name]:
            told = f"{number(choice)} m" if column == "distance" else str(choice)
            yield column, told, table[table[column] == choice]


def options_table(study: Study, outcome: Outcome) -> Table:
    """Return the estimates of all specifications, by option (T8)."""
    rows = []
    for column, told, group in _choices(study, outcome):
        known = group["value"].dropna()
        ends = (known.median(), known.min(), known.max()) if len(known) else (np.nan,) * 3
        rows.append((prose("{} : {}", OPTIONS[column], told), *map(signed, ends),
                     f"{len(known)} sur {len(group)}"))  # fmt: skip
    return Table(
        prose("{} : écart selon chaque choix, en {}, toutes spécifications fixées d'avance",
              outcome.indicator.libelle, outcome.unit),
        ("Choix", "Médian", "Le plus bas", "Le plus haut", "Estimées"),
        tuple(rows),
    )  # fmt: skip


def flips_list(study: Study, outcome: Outcome) -> Html:
    """Say in words which choices turn the sign of the median specification, and what they mean."""
    drawn, said, turned = study.drawn, [], False
    controls = int((~drawn["cible"]).sum())
    same = np.array([predecessors(code)[0].same for code in drawn["territoire"]])
    left = " ; ".join(
        f"{int((~drawn.loc[readings.apart(study, d), 'cible']).sum())} témoins sur {controls} à "
        f"plus de {number(d)} m"
        for d in study.plan.content["robustesse"]["distances"]
        if d
    )
    meanings = {
        "poids": "« quartier » dit ce qui arrive aux territoires, « population » aux habitants, "
        "et quelques grands quartiers y pèsent le plus",
        "distance": f"écarter les témoins proches en change la composition ({left})",
        "perimetre": f"« identiques » ne garde que les quartiers au contour inchangé, "
        f"{int((same & drawn['cible']).sum())} cibles sur {int(drawn['cible'].sum())}",
    }
    options: dict[str, dict[str, float]] = {}
    for column, told, group in _choices(study, outcome):
        options.setdefault(column, {})[told] = round(group["value"].median(), 1)
    for column, medians in options.items():
        signs = {np.sign(median) for median in medians.values() if median}
        turned = turned or len(signs) > 1
        if len(signs) < 2 and column not in meanings:
            continue
        shown = " ; ".join(f"{told} : {signed(median)}" for told, median in medians.items())
        verb = "change de signe" if len(signs) > 1 else "garde son signe"
        meaning = f" ; {meanings[column]}" if column in meanings else ""
        said.append(f"{OPTIONS[column]} : l'écart médian {verb} ({shown}){meaning}.")
    closing = "Un écart dont le signe dépend d'un choix ne se lit pas." if turned else (
        "Aucun choix pris seul ne change le signe de l'écart médian.")  # fmt: skip
    main = results.estimates(study).loc[outcome.indicator.id, "value"]
    return listed([*said, f"{closing} Écart principal, en {outcome.unit} : {signed(main)}."])


def curve(study: Study, outcome: Outcome) -> Figure:
    """Return the specification curve (F9)."""
    found = readings.curve(study, outcome)
    known = found.table.dropna(subset=["value"])
    main = results.estimates(study).loc[outcome.indicator.id, "value"]
    ranks = np.arange(len(known))
    windows = study.plan.content["robustesse"]["fenetres"].values()
    excluded = (known["low"] > 0) | (known["high"] < 0)
    drawing, made = frame(3.2, left=0.14, bottom=0.16, top=0.12)
    made.fill_between(ranks, known["low"], known["high"], color=GREY, alpha=0.3, lw=0)
    made.plot(ranks, known["value"], color=BLUE, lw=2.4)
    # A few specifications keep so few quartiers that their interval would flatten the others.
    reach = 4 * known["value"].abs().max()
    made.set_ylim(-reach, reach)
    made.axhline(0, color=INK, lw=0.8)
    made.axhline(main, color=FOCUS, lw=1.4, ls=(0, (4, 3)))
    scale(made.xaxis)
    scale(made.yaxis)
    made.set_xlabel("spécifications, de la plus basse à la plus haute", size=SMALL, color=INK)
    legend(drawing, [
        Line2D([], [], color=BLUE, lw=2.4, label="écart"),
        Line2D([], [], color=GREY, lw=7, alpha=0.3, label="intervalle à 95\u00a0%"),
        Line2D([], [], color=FOCUS, lw=1.4, ls=(0, (4, 3)), label="principale"),
    ], 3)  # fmt: skip
    refused = found.table.loc[found.table["refused"] != "", "refused"].str.split(r"[(:]").str[0]
    reasons = refused.str.strip().value_counts()
    return Figure(
        drawing,
        caption(study,
                "{} : {} spécifications estimées sur {} fixées d'avance, en {} ; les intervalles "
                "les plus larges sortent du cadre.",
                outcome.indicator.libelle, len(known), found.run, outcome.unit),
        prose("{} % des spécifications ont le signe de l'estimation principale. L'intervalle "
              "exclut zéro dans {} sur {}.", number(100 * found.same_sign(main)),
              int(excluded.sum()), len(known)),
        Table(
            "Spécifications estimées et refusées",
            ("Issue", "Nombre"),
            (("estimées", str(len(known))),
             *((prose("refusées : {}", reason), str(count))
               for reason, count in reasons.items())),
        ),
        source(study, outcome, years={year for window in windows for year in window}),
    )  # fmt: skip


def left_out(study: Study, outcome: Outcome) -> Figure:
    """Return the main estimate without each target in turn (F10)."""
    found = readings.without_each(study, outcome).sort_values("value")
    main = results.estimates(study).loc[outcome.indicator.id, "value"]
    drawing, made = frame(0.7 + 0.3 * len(found), left=0.42, bottom=0.14, top=0.03)
    places = np.arange(len(found))
    keys = [bar_key(outcome, str(code)) for code in found.index]
    bars(made, places, found, keys, across=True)
    made.plot(found["value"], places, color=BLUE, lw=0, marker="o", markersize=6)
    made.axvline(0, color=INK, lw=0.8)
    made.axvline(main, color=FOCUS, lw=1.4, ls=(0, (4, 3)))
    made.set_yticks(places, [_short(label(code)) for code in found.index])
    scale(made.xaxis)
    marked(made, across=True)
    made.set_xlabel(f"écart sans ce quartier ({outcome.unit})", size=SMALL, color=INK)
    same = int((np.sign(found["value"]) == np.sign(main)).sum())
    return Figure(
        drawing,
        caption(study, "{} : estimation principale sans chaque cible, tour à tour.",
                outcome.indicator.libelle),
        prose("Sans l'une des cibles, l'écart va de {} à {}. Il garde son signe {} fois sur {}.",
              signed(found["value"].min()), measured(found["value"].max(), outcome), same,
              len(found)),
        Table(
            "Écart sans chaque cible",
            ("Cible retirée", "Écart", "Intervalle à 95\u00a0%", "p CR2"),
            tuple(
                (label(code), signed(row["value"]), interval(row["low"], row["high"], key=key),
                 probability(row["p"]))
                for (code, row), key in zip(found.iterrows(), keys, strict=True)
            ),
        ),
        source(study, outcome),
    )  # fmt: skip


def _short(text: str, most: int = 20) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def beside_table(study: Study, outcome: Outcome) -> Table:
    """Return the second readings: synthetic difference, earlier date, neighbours, masked years."""
    rows = [
        (name, signed(found.value) if found else "—",
         interval(found.low, found.high) if found and found.low == found.low else "—", note)
        for name, found, note in readings.second_readings(study, outcome)
    ]  # fmt: skip
    return Table(
        prose("{} : secondes lectures, en {}", outcome.indicator.libelle, outcome.unit),
        ("Lecture", "Écart", "Intervalle à 95\u00a0%", "Remarque"),
        tuple(rows),
    )


def moran_note(study: Study, outcome: Outcome) -> Html:
    """Return whether alike changes are neighbours."""
    found = readings.neighbourhood(study, outcome)
    return prose(
        "<p>Autocorrélation spatiale des évolutions (indice de Moran, quatre plus proches "
        "voisins) : {}, p = {}.</p>",
        number(found.index, 2), probability(found.p),
    )  # fmt: skip


def details(study: Study, outcome: Outcome) -> None:
    """Show what the protocol asks beside the estimate: all of it for a primary outcome only."""
    inference.event(study, outcome).show()
    if not outcome.primary:
        prose(
            "<p>Indicateur secondaire : le protocole ne prévoit ni courbe de spécifications ni "
            "verdict.</p>"
        ).show()
        return
    inference.pre_trend_note(study, outcome).show()
    inference.honest(study, outcome).show()
    curve(study, outcome).show()
    options_table(study, outcome).folded().show()
    beside_table(study, outcome).folded().show()
    moran_note(study, outcome).show()
