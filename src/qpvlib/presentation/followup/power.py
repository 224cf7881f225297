"""What the study can detect: tables, curve and notes, before any result."""

import numpy as np
from matplotlib.lines import Line2D

from qpvlib.followup import Study, results, verdict, verdict_power
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREY, SMALL, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    caption,
    frame,
    legend,
    measured,
    percent,
    probability,
    signed,
    source,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table


def power_table(study: Study) -> Table:
    """Return the minimum detectable effects on the real series (T6)."""
    rows = []
    for row in results.detectable(study).itertuples():
        outcome = study.plan.outcome(row.indicateur)
        rows.append(
            (
                outcome.indicator.libelle_court,
                f"{row.cibles} et {row.temoins}",
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
        ("Indicateur", "Cibles et témoins", "Par tirage", "CR2", "Par tirage, Holm",
         "Plus petit effet d'intérêt", "Rejets à tort : tirage et CR1"),
        tuple(rows),
    )  # fmt: skip


def verdict_power_table(study: Study) -> Table:
    """Return the effect at which each verdict is reached with the power wanted."""
    curves, wanted = verdict_power.recorded(study), study.plan.content["puissance"]["seuil"]
    rows = []
    if curves is not None:
        for (name, design), own in curves.groupby(["indicateur", "plan"], sort=False):
            outcome = study.plan.outcome(str(name))
            low, high = verdict_power.reached(own, verdict.ESTABLISHED, wanted)
            # Without any effect: how often a large one is rightly excluded.
            zero = own.set_index("effet").loc[0.0]
            rows.append(
                (outcome.indicator.libelle_court, str(design), _reached(low, outcome),
                 _reached(high, outcome), f"{percent(zero[verdict.EXCLUDED])}\u00a0%",
                 f"{percent(zero[verdict.HINT])}\u00a0%", str(int(own["tirages"].iloc[0])))
            )  # fmt: skip
    return Table(
        prose("Écart à partir duquel la règle entière conclut à un « {} » {} fois sur 100, et "
              "verdicts sans aucun effet", verdict.ESTABLISHED, number(100 * wanted)),
        ("Indicateur", "Cibles et témoins", "En baisse", "En hausse",
         "« effet important exclu » sans effet", "« indice » sans effet", "Tirages fictifs"),
        tuple(rows) or (("à calculer : qpv suivi puissance", *[""] * 6),),
    )  # fmt: skip


def _reached(value: float, outcome: Outcome) -> str:
    if not np.isfinite(value):
        return "plus que les effets essayés"
    return measured(value, outcome)


def verdict_power_curve(study: Study, outcome: Outcome) -> Figure | Html:
    """Return how often each verdict is reached, by effect, for the plan in use."""
    curves = verdict_power.recorded(study)
    if curves is None:
        return prose("<p>Courbe de puissance à calculer : qpv suivi puissance.</p>")
    plan = "{} et {}".format(*results.sizes_here(study, outcome))
    every = curves[curves["indicateur"] == outcome.indicator.id]
    drawing, made = frame(3.0, left=0.14, bottom=0.18, top=0.12)
    handles = []
    for colour, (name, own) in zip((BLUE, FOCUS, GREY), every.groupby("plan", sort=False),
                                   strict=False):  # fmt: skip
        width = 2.4 if name == plan else 1.2
        made.plot(own["effet"], 100 * own[verdict.ESTABLISHED], color=colour, lw=width)
        handles.append(Line2D([], [], color=colour, lw=width, label=f"{name} témoins"))
    wanted = 100 * study.plan.content["puissance"]["seuil"]
    made.axhline(wanted, color=INK, lw=0.8, ls=(0, (2, 2)))
    made.set_ylim(0, 100)
    scale(made.xaxis)
    scale(made.yaxis)
    made.set_xlabel(f"effet ajouté aux cibles ({outcome.unit})", size=SMALL, color=INK)
    legend(drawing, handles, 3)
    low, high = verdict_power.reached(every[every["plan"] == plan], verdict.ESTABLISHED,
                                      wanted / 100)  # fmt: skip
    return Figure(
        drawing,
        caption(study, "{} : part des tirages fictifs (en %) où la règle conclut à un « {} », "
                "selon l'effet.", outcome.indicator.libelle, verdict.ESTABLISHED),
        prose("Avec {} témoins, il faut {} ou {} pour conclure {} fois sur 100.", plan,
              _reached(low, outcome), _reached(high, outcome), number(wanted)),
        Table(
            "Part des tirages fictifs, par effet",
            ("Effet", *(f"{name} témoins" for name in every["plan"].unique())),
            tuple(
                (signed(effect, 1), *(f"{percent(share)}\u00a0%" for share in
                                      own[verdict.ESTABLISHED]))
                for effect, own in every.groupby("effet")
            ),
        ),
        source(study, outcome),
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
    """Return how often the test of this very draw errs, and how many draws it refers to."""
    sizes = prose(" ; ").join(
        prose("{} : {} %", one.indicator.libelle_court, percent(results.real_size(study, one)))
        for one in study.plan.primary
    )
    test = results.drawn_test(study, study.plan.primary[0])
    return prose(
        "<p>Sur {} tirages fictifs suivant la même règle, le test à 5 % rejette à tort : {}. Il "
        "compare le tirage à {} : {} possibles, {} acceptés par la règle d'équilibre et de "
        "secteurs. La plus petite p-valeur possible est de {}.</p>",
        number(results.REPETITIONS), sizes,
        "tous les autres" if test.exhaustive else "un échantillon des autres",
        number(study.design.count()), number(len(test.statistics)),
        probability(test.smallest_p) if test.smallest_p >= 0.001 else number(test.smallest_p, 4),
    )  # fmt: skip
