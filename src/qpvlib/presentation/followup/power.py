"""What the study can detect: tables, curve and notes, before any result."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from qpvlib.followup import Study, improvements, results, verdict, verdict_power
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREEN, GREY, SMALL, WIDTH, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    axes,
    caption,
    legend,
    measured,
    percent,
    probability,
    signed,
    source,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.typography import typeset


def _held(sizes: str) -> str:
    """Return « 8 et 16 » on one line."""
    return sizes.replace(" et ", "\u00a0et\u00a0")


def power_table(study: Study) -> Table:
    """Return the minimum detectable effects on the real series (T6)."""
    rows = []
    for row in results.detectable(study).itertuples():
        outcome = study.plan.outcome(row.indicateur)
        rows.append(
            (
                f"{outcome.indicator.libelle_court}, {_held(f'{row.cibles} et {row.temoins}')}",
                measured(row.ri, outcome, number),
                measured(row.cr2, outcome, number),
                measured(row.ri_holm, outcome, number),
                f"{number(outcome.smallest)} {outcome.unit}",
                prose("{} % et {} %", percent(row.size_ri), percent(row.size_cr1)),
            )
        )
    found = results.detectable(study)
    first, last = (study.plan.content["puissance"]["annees"][end] for end in (0, -1))
    return Table(
        prose("Plus petit écart détectable 8 fois sur 10 au seuil de 5 %, d'après {} séries "
              "complètes de {} à {}", found["series"].min(), first, last),
        ("Indicateur, cibles et témoins", "Par tirage", "CR2", "Par tirage, Holm",
         "Plus petit effet d'intérêt", "Rejets à tort : tirage et CR1"),
        tuple(rows),
    )  # fmt: skip


def verdict_power_table(study: Study) -> Table:
    """Return the effects at which each verdict is reached with the power wanted."""
    curves, wanted = verdict_power.recorded(study), study.plan.content["puissance"]["seuil"]
    rows = []
    if curves is not None:
        for (name, design), own in curves.groupby(["indicateur", "plan"], sort=False):
            outcome = study.plan.outcome(str(name))
            ends = [
                _reached(end, outcome)
                for words in (verdict.ESTABLISHED, BETTER)
                for end in verdict_power.reached(_cumulated(own), words, wanted)
            ]
            # Without any effect: how often a large one is rightly excluded.
            zero = own.set_index("effet").loc[0.0, verdict.EXCLUDED]
            rows.append((f"{outcome.indicator.libelle_court}, {_held(str(design))}", *ends,
                         prose("{} %", percent(zero))))  # fmt: skip
    draws = "" if curves is None else str(int(curves["tirages"].iloc[0]))
    return Table(
        prose("Écart à partir duquel la règle entière conclut {} fois sur 100, et part des tirages "
              "sans aucun effet où elle conclut à un « {} » ({} tirages fictifs par plan)",
              number(100 * wanted), verdict.EXCLUDED, draws),
        ("Indicateur, cibles et témoins", "« effet établi », en baisse", "en hausse",
         "« indice » au moins, en baisse", "en hausse", "« effet important exclu », sans effet"),
        tuple(rows) or (("à calculer : qpv suivi puissance", *[""] * 5),),
    )  # fmt: skip


BETTER = "indice ou mieux"


def _cumulated(curves: pd.DataFrame) -> pd.DataFrame:
    return curves.assign(**{BETTER: curves[verdict.ESTABLISHED] + curves[verdict.HINT]})


def _reached(value: float, outcome: Outcome) -> str:
    if not np.isfinite(value):
        return "plus que les effets essayés"
    return measured(value, outcome)


def verdict_power_curve(study: Study, outcome: Outcome) -> Figure | Html:
    """Return how often each verdict is reached, by effect and plan."""
    curves = verdict_power.recorded(study)
    if curves is None:
        return prose("<p>Courbe de puissance à calculer : qpv suivi puissance.</p>")
    sizes = results.sizes_here(study, outcome)
    plan = "{} et {}".format(*sizes)
    every = _cumulated(curves[curves["indicateur"] == outcome.indicator.id])
    wanted = study.plan.content["puissance"]["seuil"]
    drawing = Drawing(figsize=(WIDTH, 6.6))
    titles = {verdict.ESTABLISHED: f"« {verdict.ESTABLISHED} »", BETTER: "« indice » au moins",
              verdict.EXCLUDED: f"« {verdict.EXCLUDED} »"}  # fmt: skip
    styles = ((BLUE, "--"), (FOCUS, "-"), (GREEN, "-."), (GREY, ":"))
    for row, (name, title) in enumerate(titles.items()):
        made = axes(drawing, (0.14, 0.68 - 0.295 * row, 0.83, 0.2))
        for (colour, style), (_, own) in zip(styles, every.groupby("plan", sort=False),
                                             strict=False):  # fmt: skip
            made.plot(own["effet"], 100 * own[name], color=colour, ls=style, lw=2)
        made.axhline(100 * wanted, color=INK, lw=0.8, ls=(0, (2, 2)))
        made.set_ylim(0, 100)
        made.set_title(typeset(title), size=SMALL, color=INK, loc="left", pad=4)
        scale(made.xaxis)
        scale(made.yaxis)
    made.set_xlabel(f"effet ajouté aux cibles ({outcome.unit})", size=SMALL, color=INK)
    names = list(every["plan"].unique())
    legend(drawing, [
        Line2D([], [], color=colour, ls=style, lw=2, label=name)
        for (colour, style), name in zip(styles, names, strict=False)
    ])  # fmt: skip
    low, high = verdict_power.reached(every[every["plan"] == plan], verdict.ESTABLISHED, wanted)
    return Figure(
        drawing,
        caption(study, "{} : part des tirages fictifs (en %) où la règle conclut à chaque verdict, "
                "selon l'effet, par nombre de cibles et de témoins. « Choisies » : une liste "
                "quelconque de la Ville, témoins appariés, p du modèle ; la régression vers la "
                "moyenne s'y ajoute. Trait horizontal : {} %.", outcome.indicator.libelle,
                number(100 * wanted)),
        prose("Avec {} cibles et {} témoins, il faut {} ou {} pour conclure à un « {} » {} fois "
              "sur 100.", *sizes, _reached(low, outcome), _reached(high, outcome),
              verdict.ESTABLISHED, number(100 * wanted)),
        Table(
            "Part des tirages fictifs, par plan, effet et verdict",
            ("Cibles et témoins", "Effet", *titles.values()),
            tuple(
                (row["plan"], signed(row["effet"], 1),
                 *(prose("{} %", percent(row[name])) for name in titles))
                for _, row in every.iterrows()
            ),
        ),
        source(study, outcome),
    )  # fmt: skip


def improvements_table(study: Study, outcome: Outcome) -> Table:
    """Return what would let the study see a smaller effect."""
    found = improvements.table(study, outcome)
    base = found.iloc[0]

    def compared(value: float, reference: float) -> Html:
        if value != value:
            return prose("sans tirage")
        told = measured(value, outcome, number)
        if value == reference:
            return prose("{}", told)
        return prose("{} ({} %)", told, signed(100 * (value / reference - 1), 0))

    return Table(
        prose("{} : plus petit écart détectable {} fois sur 100, et ce qui le changerait",
              outcome.indicator.libelle,
              number(100 * study.plan.content["puissance"]["seuil"])),
        ("Changement", "Par tirage", "CR2", "Cibles et témoins"),
        tuple(
            (typeset(str(name)), compared(row["ri"], base["ri"]),
             compared(row["cr2"], base["cr2"]), f"{int(row['cibles'])} et {int(row['temoins'])}")
            for name, row in found.iterrows()
        ),
    )  # fmt: skip


def power_note(study: Study, outcome: Outcome) -> Html:
    """Return what this draw can see of one outcome, said before any result."""
    found = results.detectable_here(study, outcome)
    targets, controls = results.sizes_here(study, outcome)
    against = Html("")
    if outcome.smallest:
        against = prose(
            " C'est {} du plus petit effet d'intérêt ({} {}).",
            "au-dessus" if found.ri > outcome.smallest else "au-dessous",
            number(outcome.smallest),
            outcome.unit,
        )
    return prose(
        '<p class="qpv-alerte">Avant tout résultat : avec {} cibles et {} témoins, ces séries ne '
        "laissent voir huit fois sur dix qu'un écart d'au moins <strong>{}</strong>.{} Un écart "
        "plus petit passera le plus souvent inaperçu.</p>",
        targets, controls, measured(found.ri, outcome, number), against,
    )  # fmt: skip


def size_note(study: Study) -> Html:
    """Return how often the tests of this very draw err, and how many draws they refer to."""
    sizes = prose(" ; ").join(
        prose("{} : {} % par tirage, {} % par la régression (CR2)", one.indicator.libelle_court,
              percent(row["size"]), percent(row["size_cr2"]))
        for one in study.plan.primary
        for row in [results.estimates(study).loc[one.indicator.id]]
    )  # fmt: skip
    test = results.drawn_test(study, study.plan.primary[0])
    return prose(
        "<p>Sans aucun effet, le test à 5 % rejette à tort, mesuré sur les tirages possibles : {}. "
        "Le test par tirage compare le tirage à {} : {} possibles, {} acceptés par la règle "
        "d'équilibre et de secteurs. La plus petite p-valeur possible est de {}.</p>",
        sizes, "tous les autres" if test.exhaustive else "un échantillon des autres",
        number(study.design.count()), number(len(test.statistics)),
        probability(test.smallest_p) if test.smallest_p >= 0.001 else number(test.smallest_p, 4),
    )  # fmt: skip
