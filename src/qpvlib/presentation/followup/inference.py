"""What the draw can see, then what it sees: power first, estimates, inference by drawing."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from qpvlib.followup import Study, results
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREY, SMALL, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    bar_key,
    bars,
    caption,
    frame,
    interval,
    legend,
    marked,
    measured,
    percent,
    probability,
    signed,
    source,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table


def estimates_table(study: Study, *names: str) -> Table:
    """Return the main estimates (T7); of some indicators only when named."""
    rows = []
    for outcome, row in _estimates(study, names):
        said, ends, level = results.conclusion(study, outcome)
        rows.append(
            (
                outcome.indicator.libelle_court,
                measured(row["value"], outcome),
                prose("{} (à {} %)", interval(*ends), number(100 * level)),
                probability(row["p"]),
                prose("{} %", percent(row["size"])),
                probability(row["adjusted"]),
                probability(row["p_romano_wolf"]),
                prose("« {} »", said) if outcome.primary else said,
                str(int(row["units"])),
            )
        )
    return Table(
        prose("Écart entre cibles et témoins depuis {}, à niveau antérieur égal, centré sur la "
              "moyenne des tirages possibles ; l'intervalle est celui du verdict. {}",
              ", ".join(map(str, sorted(study.starts.unique()))), study.nature),
        ("Indicateur", "Écart", "Intervalle", "p par tirage",
         "Rejets à tort du test à 5\u00a0%", "p corrigé", "Romano-Wolf", "Verdict de la règle",
         "Quartiers"),
        tuple(rows),
    )  # fmt: skip


def centring_table(study: Study) -> Table:
    """Return how far the rules of the draw move the regression, and what is taken away."""
    rows = []
    for outcome in study.plan.primary:
        raw = results.estimates(study).loc[outcome.indicator.id, "raw"]
        shifts = [signed(shift, 2) for shift in results.centring(study, outcome).values()]
        rows.append((f"{outcome.indicator.libelle_court} ({outcome.unit})", *shifts,
                     signed(raw, 2)))  # fmt: skip
    return Table(
        "Écart moyen de la régression sur tous les tirages possibles, sans aucun effet : ce que "
        "les règles du tirage déplacent, et que l'écart centré retire",
        ("Indicateur", "Sans règle", "Secteurs seuls", "Équilibre seul", "Les deux",
         "Écart non centré"),
        tuple(rows),
    )  # fmt: skip


def people_table(study: Study, *names: str) -> Table:
    """Return the gap of the inhabitants, each quartier counting by its population."""
    rows = []
    for outcome, row in _estimates(study, names):
        turned = np.sign(row["weighted"]) != np.sign(row["value"])
        rows.append(
            (outcome.indicator.libelle_court, measured(row["value"], outcome),
             measured(row["weighted"], outcome),
             interval(row["low_weighted"], row["high_weighted"]),
             probability(row["p_weighted"]), "oui" if turned else "non")
        )  # fmt: skip
    return Table(
        prose("Le même écart pour les habitants (poids : population de 2013), par tirage, "
              "intervalle à 95 %"),
        ("Indicateur", "Par quartier", "Par habitant", "Intervalle", "p par tirage",
         "Le signe change"),
        tuple(rows),
    )  # fmt: skip


def tests_table(study: Study) -> Table:
    """Return every test and interval of the chapter, counted."""
    counts = results.tests_run(study)
    rows = [(name[0].upper() + name[1:], str(count)) for name, count in counts.items()]
    return Table(
        prose("Tests et intervalles calculés : {} en tout, dont {} décident",
              number(sum(counts.values())), len(study.plan.primary)),
        ("Nature", "Nombre"), tuple(rows),
    )  # fmt: skip


def beside_table(study: Study, *names: str) -> Table:
    """Return the same gaps by the other estimators of the protocol."""
    rows = [
        (
            outcome.indicator.libelle_court,
            measured(row["raw"], outcome),
            probability(row["p_cr2"]),
            prose("{} %", percent(row["size_cr2"])),
            number(row["df"], 1),
            probability(row["p_wild"]),
            signed(row["did"]),
            probability(row["p_did"]),
        )
        for outcome, row in _estimates(study, names)
    ]
    return Table(
        "Les mêmes écarts par d'autres voies, non centrés",
        ("Indicateur", "ANCOVA", "p CR2", "Rejets à tort du test à 5\u00a0%",
         "Degrés de liberté", "p bootstrap (Webb)", "Double différence", "p CR2"),
        tuple(rows),
    )  # fmt: skip


def _estimates(study: Study, names: tuple[str, ...]) -> Iterator[tuple[Outcome, pd.Series]]:
    for name, row in results.estimates(study).iterrows():
        if not names or name in names:
            yield study.plan.outcome(name), row


def index_note(study: Study) -> Html:
    """Return the single global test, over a standardised index of the primary outcomes."""
    row = results.index_test(study).table.iloc[0]
    hint = study.plan.rule.hint
    low = [
        study.plan.outcome(name).indicator.libelle_court
        for name, found in results.estimates(study).iterrows()
        if found["p"] < hint
    ]
    alarms = prose(" Aucun indicateur n'a un p sous {} %.", number(100 * hint))
    if low:
        alarms = prose(" p sous {} % pour : {}.", number(100 * hint), ", ".join(low))
        if study.plan.blank:
            alarms += prose(" Comme aucune intervention n'existe, ce sont des fausses alertes du "
                            "hasard, attendues quand on fait plusieurs tests.")  # fmt: skip
    return prose(
        "<p>Question unique, indice standardisé des indicateurs principaux : écart de {} "
        "écart-type, p = {}.{}</p>",
        signed(row["centred"], 2), probability(row["p"]), alarms,
    )  # fmt: skip


def histogram(study: Study, outcome: Outcome) -> Figure:
    """Return where the real draw falls among all the draws that were possible (F6)."""
    test = results.drawn_test(study, outcome)
    row = test.table.iloc[0]
    values = test.statistics[:, 0]
    counts, edges = np.histogram(values[np.isfinite(values)], bins=24)
    drawing, made = frame(2.8, left=0.14, bottom=0.18, top=0.12)
    made.bar(edges[:-1], counts, np.diff(edges), align="edge", color=GREY, alpha=0.7, lw=0)
    made.axvline(row["statistic"], color=FOCUS, lw=2.4)
    made.set_xlabel("statistique t de chaque tirage possible", size=SMALL, color=INK)
    scale(made.xaxis)
    scale(made.yaxis)
    legend(drawing, [
        Line2D([], [], color=FOCUS, lw=2.4, label="le tirage retenu"),
        Line2D([], [], color=GREY, lw=6, alpha=0.7, label="les autres"),
    ])  # fmt: skip
    return Figure(
        drawing,
        caption(study,
                "{} : le tirage parmi les {} qui étaient possibles.", outcome.indicator.libelle,
                number(len(values))),
        prose("{} % des tirages possibles donnent un écart au moins aussi grand : p = {}.",
              number(100 * row["p"]), probability(row["p"])),
        Table(
            "Nombre de tirages par valeur de la statistique",
            ("Statistique t", "Tirages"),
            tuple(
                (interval(low, high, 2), number(int(count)))
                for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
            ),
        ),
        source(study, outcome),
    )  # fmt: skip


def event(study: Study, outcome: Outcome) -> Figure:
    """Return the gap of each year with the last one before the date, with its band (F5)."""
    path = results.path(study, outcome)
    table, band = path.table, path.band()
    drawing, made = frame(3.0, left=0.14, bottom=0.18, top=0.12)
    years = table.index + study.plan.start
    made.fill_between(band.index + study.plan.start, band["low"], band["high"], color=BLUE,
                      alpha=0.15, lw=0)  # fmt: skip
    keys = [bar_key(outcome, "cibles", year) for year in years]
    drawn = table["low"].notna().to_numpy()
    bars(made, years[drawn], table[drawn], np.array(keys)[drawn])
    made.plot(years, table["estimate"], color=BLUE, lw=0, marker="o", markersize=6)
    made.axhline(0, color=INK, lw=0.8)
    made.axvline(study.plan.start - 0.5, color=INK, lw=1, ls=(0, (2, 2)))
    made.set_xticks(list(years))
    scale(made.yaxis)
    marked(made)
    made.set_xlabel("année", size=SMALL, color=INK)
    legend(drawing, [
        Line2D([], [], color=BLUE, lw=2, marker="o", label="écart, intervalle à 95\u00a0%"),
        Line2D([], [], color=BLUE, lw=7, alpha=0.15, label="bande simultanée"),
    ])  # fmt: skip
    outside = int(((band["low"] > 0) | (band["high"] < 0)).sum())
    last = study.plan.start - 1
    return Figure(
        drawing,
        caption(study, "{} : écart entre cibles et témoins chaque année, par rapport à {}, en {}.",
                outcome.indicator.libelle, last, outcome.unit),
        prose("La bande contient zéro pour {} années sur {}. Le plus grand écart est de {}.",
              len(band) - outside, len(band),
              measured(table["estimate"].loc[table["estimate"].abs().idxmax()], outcome)),
        Table(
            "Écart par année",
            ("Année", "Écart", "Intervalle à 95\u00a0%", "Bande", "p CR2"),
            tuple(
                (str(year), signed(row["estimate"]),
                 interval(row["low"], row["high"], key=key) if time in band.index else "référence",
                 interval(*band.loc[time]) if time in band.index else "",
                 probability(row["p"]) if time in band.index else "")
                for (time, row), year, key in zip(table.iterrows(), years, keys, strict=True)
            ),
        ),
        source(study, outcome),
    )  # fmt: skip


def pre_trend_note(study: Study, outcome: Outcome) -> Html:
    """Return the test of the years before, with its power."""
    found = results.pre_trend(study, outcome)
    size = results.staggered_size(study, outcome)
    dealt = Html("") if size is None else prose(
        " Les dates diffèrent : redistribuées au hasard entre ces quartiers, elles font rejeter à "
        "tort le test à 5 % de l'écart moyen dans {} % des cas.", percent(size))  # fmt: skip
    return prose(
        "<p>Années antérieures : p = {}. Ce test ne verrait une dérive de {} par an, qui "
        "atteint le plus petit effet d'intérêt en trois ans, que {} fois sur 100. Il ne décide "
        "donc de rien.{}</p>",
        probability(found.p), measured(found.slope, outcome, number), number(100 * found.power),
        dealt,
    )  # fmt: skip


def honest(study: Study, outcome: Outcome) -> Figure:
    """Return the intervals that resist a change of slope between the groups (F7)."""
    found = results.honest(study, outcome)
    main = results.estimates(study).loc[outcome.indicator.id]
    drawing, made = frame(2.6, left=0.14, bottom=0.22, top=0.04)
    places = range(len(found))
    keys = [bar_key(outcome, "pente", bound) for bound in found.index]
    bars(made, places, found, keys)
    made.axhline(0, color=INK, lw=0.8)
    made.set_xticks(list(places), [number(bound, 2) for bound in found.index])
    made.set_xlim(-0.6, len(found) - 0.4)
    scale(made.yaxis)
    marked(made)
    made.set_xlabel(f"changement de pente permis (M, {outcome.unit} par an)", size=SMALL, color=INK)
    holds = bool(((found["low"] > 0) | (found["high"] < 0)).iloc[-1])
    return Figure(
        drawing,
        caption(study,
                "{} : intervalle à 95 % quand la différence de pente entre groupes peut changer "
                "de M chaque année.", outcome.indicator.libelle),
        prose("Au plus grand changement de pente observé avant la date ({}), l'intervalle {} zéro.",
              number(found.index[-1], 2), "exclut" if holds else "contient"),
        Table(
            "Intervalles robustes",
            ("Ce qui est permis (M, puis Mbar)", "Intervalle à 95\u00a0%"),
            (
                ("estimation principale", interval(main["low"], main["high"])),
                *((prose("changement de pente, M = {}", number(bound, 2)),
                   interval(row["low"], row["high"], key=key))
                  for (bound, row), key in zip(found.iterrows(), keys, strict=True)),
                *((prose("amplitude relative, Mbar = {}", number(bound, 1)),
                   interval(row["low"], row["high"]))
                  for bound, row in results.relative(study, outcome).iterrows()),
            ),
        ),
        source(study, outcome),
    )  # fmt: skip
