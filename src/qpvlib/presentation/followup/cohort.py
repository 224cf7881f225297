"""Who is followed: typology, roles, triplets and their likeness before the date."""

import textwrap
from collections.abc import Callable

import numpy as np
import pandas as pd
import seaborn
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from scipy.cluster.hierarchy import dendrogram

from qpvlib.catalogue import indicator
from qpvlib.cohort import balance as balancing
from qpvlib.cohort.typology import Typology, v_tests
from qpvlib.followup import Study, draw
from qpvlib.numerals import number
from qpvlib.presentation import maps
from qpvlib.presentation.basemap import city_frame, mark, outlines
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREEN, GREY, SMALL, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    caption,
    frame,
    label,
    legend,
    signed,
    source,
)
from qpvlib.presentation.formats import years
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import files
from qpvlib.presentation.tables import Table
from qpvlib.territories import get

COLOURS = {draw.TARGET: FOCUS, draw.CONTROL: "#56b4e9", draw.OUTSIDE: "#c9c4b8"}
# Limits of the v-tests that have a colour, and the colours: lower, the same (the page), higher.
_LIMITS = (-4, -2, 2, 4)
_SHADES = ("#56b4e9", "#b5dcf4", "#ffffff", "#f6d28c", "#e69f00")
# Keeps a word legible over the points.
_HALO = (withStroke(linewidth=2.5, foreground="white"),)
_MARKERS = ("o", "s", "^", "D", "v", "P")
Classes = tuple[Typology, float, pd.DataFrame]


def classes(study: Study) -> Classes:
    """Return the typology, its likeness without masked inputs, and its inputs."""
    return draw.classes(study.plan, study.observations)


def typology_note(found: Classes) -> Html:
    """Return how solid the classes are, in words."""
    types, likeness, _ = found
    masked = types.imputed.sum()
    replaced = " ; ".join(f"{_name(name)} : {count}" for name, count in masked.items() if count)
    return prose(
        "<p>{} classes de {} quartiers, d'après {} axes ({} % de la variance). Stabilité (indice "
        "de Rand ajusté moyen sur 200 rééchantillons) : {}, {}. Valeurs masquées remplacées par la "
        "médiane, pour la typologie seulement : {}. Sans le taux de pauvreté, l'indice de Rand "
        "avec ces classes est de {}.</p>",
        types.classes.nunique(),
        ", ".join(map(str, types.classes.value_counts().sort_index())),
        types.axes,
        number(100 * types.components.shares.iloc[: types.axes].sum()),
        number(types.stability, 2),
        "sous le seuil de 0,6 : typologie fragile"
        if types.fragile
        else "au-dessus du seuil de 0,6",
        replaced,
        number(likeness, 2),
    )


def profile(study: Study, found: Classes) -> Figure:
    """Return what sets each class apart (T3): v-tests on published values only."""
    types, _, table = found
    tests = v_tests(table, types.classes)
    wide = tests.pivot(index="variable", columns="classe", values="v").loc[table.columns]
    shades = np.digitize(wide, _LIMITS)
    drawing, made = frame(0.55 + 0.3 * len(wide), left=0.56, bottom=0.02, top=0.1)
    seaborn.heatmap(
        pd.DataFrame(shades, wide.index, wide.columns), ax=made, cmap=ListedColormap(_SHADES),
        vmin=0, vmax=len(_SHADES) - 1, cbar=False, linewidths=1, linecolor=GREY,
    )  # fmt: skip
    for (row, column), v in np.ndenumerate(wide.to_numpy()):
        clear = shades[row, column] == len(_SHADES) // 2
        made.text(column + 0.5, row + 0.5, signed(v), size=SMALL, ha="center", va="center",
                  color=INK if clear else "#111111")  # fmt: skip
    made.set(xlabel="", ylabel="")
    made.set_yticklabels([_name(name) for name in wide.index], rotation=0)
    made.set_xticklabels([f"cl. {name}" for name in wide.columns], rotation=0)
    made.xaxis.tick_top()
    made.tick_params(length=0)
    strong = tests.loc[tests["v"].abs().idxmax()]
    return Figure(
        drawing,
        caption(study, "Ce qui distingue chaque classe : valeur-test, en couleur à partir de 2 en "
                "valeur absolue, plus vive à partir de 4 ; ocre, plus haut que l'ensemble ; bleu, "
                "plus bas."),
        prose("La classe {} se distingue le plus, par « {} » : valeur-test de {}.",
              strong["classe"], _name(strong["variable"]), signed(strong["v"])),
        Table(
            "Ce qui distingue chaque classe (valeur-test d'au moins 2 en valeur absolue)",
            ("Classe", "Variable", "Moyenne de la classe", "Moyenne d'ensemble", "Valeur-test"),
            tuple(
                (f"Classe {row.classe}", _name(row.variable), _plain(row.variable, row.in_class),
                 _plain(row.variable, row.overall), signed(row.v))
                for row in tests.itertuples()
                if abs(row.v) >= 2
            ),
        ),
        _inputs(study),
    )  # fmt: skip


def _name(variable: str) -> str:
    if variable == "population_qpv":
        return "Population (log)"
    if variable == "log_population":
        return "Population (log), 2020"
    name, _, year = variable.partition(" ")
    return f"{indicator(name).libelle_court}{', ' + year if year else ''}"


def _plain(variable: str, value: float) -> str:
    if variable == "population_qpv":
        return number(value, 2)
    return number(value, indicator(variable).decimales)


def _inputs(study: Study) -> Html:
    """Return the files of the figures that the typology reads."""
    names, codes = study.plan.content["typologie"]["variables"], study.cohort.index
    figures = [study.observations.get(name, code) for name in names for code in codes]
    found = [figure for figure in figures if figure.is_value]
    return prose("{} ; périmètre 2024, années {} ; calculs qpvlib.",
                 files((figure.source, figure.year) for figure in found),
                 years(figure.year for figure in found))  # fmt: skip


def plane(study: Study, found: Classes) -> Figure:
    """Return the first plane of the ACP: quartiers by class, variables as arrows (F2)."""
    types, _, _ = found
    analysis = types.components
    points, arrows = analysis.individuals, analysis.variables
    drawing, made = frame(4.4, left=0.07, bottom=0.09, top=0.1)
    ranks = sorted(types.classes.unique())
    seaborn.scatterplot(
        x=points["axe 1"], y=points["axe 2"], hue=types.classes, style=types.classes, ax=made,
        palette=dict(zip(ranks, _palette(types), strict=True)), s=40, linewidth=0, legend=False,
        markers=dict(zip(ranks, _MARKERS, strict=False)),
    )  # fmt: skip
    reach = points[["axe 1", "axe 2"]].abs().max().max() * 0.8
    for name, row in arrows.iterrows():
        x, y = reach * row["axe 1"], reach * row["axe 2"]
        made.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": INK, "lw": 1})
        made.text(x * 1.08, y * 1.08, textwrap.fill(indicator(name).libelle_court, 14), size=SMALL,
                  color=INK, ha="left" if x > 0 else "right", va="bottom" if y > 0 else "top",
                  path_effects=_HALO)  # fmt: skip
    made.axhline(0, color=GREY, lw=0.6)
    made.axvline(0, color=GREY, lw=0.6)
    made.margins(0.36, 0.2)
    made.set_xticks([])
    made.set_yticks([])
    shares = [number(100 * share) for share in analysis.shares[:2]]
    made.set_xlabel(f"axe 1 ({shares[0]}\u00a0%)", size=SMALL, color=INK)
    made.set_ylabel(f"axe 2 ({shares[1]}\u00a0%)", size=SMALL, color=INK)
    legend(drawing, [
        Line2D([], [], color=colour, marker=marker, lw=0, label=f"classe {rank}")
        for rank, (colour, marker) in enumerate(zip(_palette(types), _MARKERS, strict=False), 1)
    ], 4)  # fmt: skip
    first = arrows["axe 1"].abs().idxmax()
    shape = analysis.contributions
    return Figure(
        drawing,
        caption(study, "Les 41 quartiers de 2024 sur le premier plan de l'analyse en composantes "
                "principales ; les flèches sont les variables actives."),
        prose("Le premier axe porte {} % de la variance et suit surtout « {} ». Les classes se "
              "suivent le long de cet axe.", shares[0], indicator(first).libelle_court),
        Table(
            "Variables actives : corrélation, contribution et qualité (cos²) sur les deux axes",
            ("Variable", "Axe 1", "Contribution 1", "cos² 1", "Axe 2", "Contribution 2", "cos² 2"),
            tuple(
                (
                    _name(name),
                    *(
                        text
                        for axis in ("axe 1", "axe 2")
                        for text in (
                            signed(arrows.loc[name, axis], 2),
                            f"{number(100 * shape.loc[name, axis])}\u00a0%",
                            number(analysis.cos2.loc[name, axis], 2),
                        )
                    ),
                )
                for name in arrows.index
            ),
        ),
        _inputs(study),
    )  # fmt: skip


def tree(study: Study, found: Classes) -> Figure:
    """Return the dendrogram of the classification (F2)."""
    types, _, _ = found
    shown = dendrogram(types.tree, no_plot=True)
    drawing, made = frame(2.6, bottom=0.06)
    for xs, ys in zip(shown["icoord"], shown["dcoord"], strict=True):
        made.plot(xs, ys, color=BLUE, lw=1)
    groups = types.classes.nunique()
    cut = (types.heights[groups - 2] + types.heights[groups - 1]) / 2
    made.axhline(cut, color=FOCUS, lw=1.2, ls=(0, (4, 3)))
    made.set_xticks([])
    made.set_ylabel("hauteur de fusion", size=SMALL, color=INK)
    scale(made.yaxis)
    return Figure(
        drawing,
        caption(study,
                "Arbre de Ward des 41 quartiers ; le trait en tirets coupe l'arbre en {} classes, "
                "ensuite consolidées.", groups),
        prose("L'arbre se coupe en {} classes, à l'endroit où la hauteur de fusion chute le plus.",
              groups),
        Table(
            "La classe de chaque quartier de 2024",
            ("Quartier", "Classe", "Valeur masquée remplacée"),
            tuple(
                (get(code).name, str(types.classes[code]),
                 ", ".join(_name(name) for name in types.imputed if types.imputed.loc[code, name]))
                for code in types.classes.index
            ),
        ),
        _inputs(study),
    )  # fmt: skip


def _palette(types: Typology) -> list[str]:
    return [BLUE, GREEN, "#cc79a7", FOCUS, GREY, "#e69f00"][: types.classes.nunique()]


def roles_map(study: Study, link: Callable[[str], str]) -> Figure:
    """Return the map of targets, controls and others, with the ring of 300 m (F1)."""
    shapes, ground = outlines(), city_frame()
    reach = study.plan.content["selection"]["distance_metres"]
    around = [
        mark(ground, shapes[code].buffer(reach), "none", dashed=True, stroke=FOCUS)
        for code in study.targets.index
    ]
    cohort = study.cohort
    sizes = cohort["role"].value_counts()
    alt = prose(
        "{} quartiers cibles, {} témoins et {} hors tirage. Chaque secteur a au moins une cible.",
        sizes[draw.TARGET], sizes[draw.CONTROL], sizes[draw.OUTSIDE],
    )  # fmt: skip
    fills = {code: (COLOURS[role], role) for code, role in cohort["role"].items()}
    return Figure(
        maps.painted(fills, link, alt, around),
        caption(study,
                "Cibles, témoins et quartiers hors tirage ; tirets : {} m autour des cibles.",
                reach),
        alt,
        Table(
            "Rôles par secteur",
            ("Secteur", "Cibles", "Témoins", "Hors tirage"),
            tuple(
                (get(sector).name, *(str(int((group["role"] == role).sum())) for role in COLOURS))
                for sector, group in cohort.groupby("secteur")
            ),
        ),
        "Contours : ANCT, 2024 ; calculs qpvlib.",
    )  # fmt: skip


def cohort_table(study: Study, link: Callable[[str], str]) -> Table:
    """Return the 41 quartiers with their role and its reason (T4)."""
    order = study.cohort.assign(rank=study.cohort["groupe"].where(study.cohort["groupe"] != "",
                                                                  "z"))  # fmt: skip
    rows = []
    for code, row in order.sort_values(["rank", "role"], kind="stable").iterrows():
        former = ""
        if row["unite"]:
            former = f"{label(row['unite'])} ({row['passage'].replace('modifie', 'modifié')})"
        reason = row["motif"] or ("tiré au sort dans son triplet" if row["role"] == draw.TARGET
                                  else "même triplet que la cible")  # fmt: skip
        name = get(code).name
        if row["role"] == draw.TARGET:
            name = Html('<a href="{}">{}</a>').format(link(code), name)
        chance = study.chances.get(code, 0.0)
        rows.append((name, row["role"], row["groupe"], str(row["classe"]), _chance(chance), former,
                     reason))  # fmt: skip
    return Table(
        prose("La cohorte. {}", study.nature),
        ("Quartier de 2024", "Rôle", "Triplet", "Classe", "Chance d'être cible", "Série de 2015",
         "Motif"),
        tuple(rows),
    )  # fmt: skip


def _chance(share: float) -> str:
    return number(100 * share, 0 if share in (0, 1) else 1) + "\u00a0%"


def chances_note(study: Study) -> Html:
    """Return which quartiers were certain to be targets, and which no accepted draw names."""
    chances = study.chances
    certain, never = chances.index[chances == 1], chances.index[chances == 0]
    others = chances[(chances > 0) & (chances < 1)]
    return prose(
        "<p>La chance d'être cible est la part des tirages acceptés qui désignent le quartier. "
        "Cibles certaines : {}. Quartiers des triplets que rien ne pouvait désigner : {}. Les {} "
        "autres ont entre {} et {} chances sur 100. Un quartier hors tirage n'en a aucune.</p>",
        _names(certain), _names(never), len(others), number(100 * others.min(), 1),
        number(100 * others.max(), 1),
    )  # fmt: skip


def _names(codes: pd.Index) -> str:
    return ", ".join(get(code).name for code in codes) or "aucun quartier"


def love(study: Study) -> Figure:
    """Return the balance of targets and controls on what was known before (F3, T5)."""
    drawn = study.drawn.reset_index().set_index("territoire")
    table = draw.covariates(study.plan, study.observations, drawn["unite"])
    weights = _weights(drawn)
    found = balancing.balance(table, drawn["cible"], weights, scale="pooled")
    drawing, made = frame(0.9 + 0.34 * len(found), left=0.46, bottom=0.14, top=0.1)
    order = found["smd"].abs().sort_values(ascending=False, kind="stable").index
    rows = {name: rank for rank, name in enumerate(order)}
    for moment, marker, colour in (("smd", "o", GREY), ("smd_matched", "D", FOCUS)):
        own = found.loc[order, moment].abs()
        made.scatter(own, range(len(own)), marker=marker, color=colour, s=38, lw=0)
    for limit, style in ((balancing.GOOD, ":"), (balancing.ACCEPTABLE, "--")):
        made.axvline(limit, color=INK, lw=1, ls=style)
    made.set_yticks(list(rows.values()), [_name(name) for name in rows])
    made.set_ylim(len(rows) - 0.5, -0.5)
    made.set_xlim(left=0)
    scale(made.xaxis)
    made.set_xlabel("différence standardisée", size=SMALL, color=INK)
    legend(drawing, [
        Line2D([], [], color=GREY, marker="o", lw=0, label="témoins à égalité"),
        Line2D([], [], color=FOCUS, marker="D", lw=0, label="triplets à égalité"),
    ])  # fmt: skip
    worst = found["smd_matched"].abs()
    beyond = int((worst >= balancing.ACCEPTABLE).sum())
    return Figure(
        drawing,
        caption(study, "Ressemblance des cibles et des témoins avant la date : seuils de 0,10 "
                "(pointillés) et de 0,25 (tirets)."),
        prose("La plus grande différence standardisée est de {}. {} variables sur {} dépassent le "
              "seuil de 0,25.", number(worst.max(), 2), beyond, len(found)),
        Table(
            "Équilibre des cibles et des témoins",
            ("Variable", "Cibles", "Témoins", "Différence standardisée", "Rapport des variances",
             "Lecture"),
            tuple(
                (_name(name), number(row["treated"], 2), number(row["control_matched"], 2),
                 signed(row["smd_matched"], 2), number(row["variance_ratio_matched"], 2),
                 row["verdict"])
                for name, row in found.iterrows()
            ),
        ),
        source(study, years=study.plan.content["selection"]["annees"]),
    )  # fmt: skip


def _weights(drawn: pd.DataFrame) -> pd.Series:
    """Return one per target, and one shared by the controls of each group."""
    controls = drawn.groupby("groupe")["cible"].transform(lambda cible: (~cible).sum())
    return pd.Series(np.where(drawn["cible"], 1.0, 1.0 / controls), index=drawn.index)
