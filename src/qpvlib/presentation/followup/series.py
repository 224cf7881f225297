"""What the series show: trajectories in raw levels, synthetic controls and their placebos."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from qpvlib.errors import InvalidParameterError
from qpvlib.followup import Study, readings
from qpvlib.followup import series as series_module
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.observations import Observation
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREEN, GREY, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.followup._common import (
    caption,
    frame,
    label,
    legend,
    measured,
    probability,
    signed,
    source,
    years_axis,
)
from qpvlib.presentation.formats import data_tag, symbol
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import files
from qpvlib.presentation.tables import Table
from qpvlib.territories import CITY, get, predecessors

# What is drawn of each group: colour, style of the line, width.
_STYLES = {
    "cibles": (FOCUS, "-", 2.6),
    "témoins": (BLUE, "--", 2.6),
    "Marseille": (GREEN, ":", 2.2),
}


def raw(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the published figures of the draw, by quartier and year, without any change."""
    rows = study.series[
        (study.series["indicateur"] == outcome.indicator.id)
        & study.series["territoire"].isin(study.drawn.index)
    ]
    return rows.pivot(index="territoire", columns="millesime", values="valeur")


def trajectories(study: Study, outcome: Outcome) -> Figure:
    """Return targets, controls and the city in raw levels (F4).

    Means are over the quartiers published in every year drawn, so that none changes for a
    masked figure; the years are those where nearly all are published.
    """
    wide = raw(study, outcome)
    years = [year for year in wide if wide[year].notna().mean() > 0.9]
    wide = wide[years].dropna()
    arm = study.drawn.loc[wide.index, "cible"]
    lines = {"cibles": wide[arm].mean(), "témoins": wide[~arm].mean()}
    city: list[Observation] = []
    if not outcome.indicator.additif:
        city = [
            study.observations.get(outcome.indicator.id, CITY, vintage=int(year)) for year in years
        ]
        published = {o.vintage: o.value for o in city if o.is_value}
        if published:
            lines["Marseille"] = pd.Series(published)
    drawing, made = frame(3.4, left=0.17, bottom=0.1, top=0.17)
    for code, row in wide.iterrows():
        made.plot(years, row, color=FOCUS if arm[code] else BLUE, lw=0.6, alpha=0.35)
    for name, line in lines.items():
        colour, style, width = _STYLES[name]
        made.plot(line.index, line, color=colour, ls=style, lw=width, marker="o", markersize=3)
    _start(made, study)
    years_axis(made, years)
    scale(made.yaxis)
    legend(drawing, [
        Line2D([], [], color=_STYLES[name][0], ls=_STYLES[name][1], lw=2.4, label=name)
        for name in lines
    ], 3)  # fmt: skip
    entry = outcome.indicator
    decimals = entry.decimales
    gaps = lines["cibles"] - lines["témoins"]
    return Figure(
        drawing,
        caption(study,
                "{} ({}) : moyennes de {} cibles et de {} témoins, sans ajustement ; un trait fin "
                "par quartier, trait vertical à la date comparée ({}).",
                entry.libelle, symbol(entry).strip() or entry.unite, int(arm.sum()),
                int((~arm).sum()), study.plan.start),
        prose("Écart moyen entre cibles et témoins : {} en {} et {} en {}, avant tout ajustement.",
              signed(gaps.iloc[0], decimals), years[0], signed(gaps.iloc[-1], decimals), years[-1]),
        Table(
            "Moyennes simples des quartiers publiés chaque année",
            ("Groupe", *map(str, years)),
            tuple(
                (name, *(number(line[year], decimals) if year in line.index else "" for year in
                         years))
                for name, line in lines.items()
            ),
        ),
        source(study, outcome, years=years, units=wide.index)
        + (prose(" Ville entière. {}.", files((o.source, o.vintage) for o in city if o.is_value))
           if "Marseille" in lines else Html("")),
    )  # fmt: skip


def _start(made, study: Study) -> None:
    made.axvline(study.plan.start - 0.5, color=INK, lw=1, ls=(0, (2, 2)))


@dataclass(frozen=True)
class Target:
    """One target of the draw and its controls.

    Attributes
    ----------
    study
        The follow-up.
    code
        QPV of 2024.
    unit
        QPV of 2015 that gives its series.
    companions
        QPV of 2015 of its controls.
    """

    study: Study
    code: str
    unit: str
    companions: tuple[str, ...]

    def note(self) -> Html:
        """Return who this target is, with its controls and the perimeter of its series."""
        drawn, study = self.study.units.loc[self.unit], self.study
        others = " ; ".join(
            get(study.units.loc[code, "territoire"]).name for code in self.companions
        )
        nature = {
            "identique": "son périmètre n'a pas changé",
            "a_verifier": "son périmètre, inchangé selon son code, est à vérifier",
            "modifie": "son périmètre a changé en 2024, la série décrit l'ancien",
            "scission": "l'ancien quartier a été scindé, la série décrit l'ensemble",
        }[predecessors(self.code)[0].kind]
        return prose(
            "<p>{} est une cible du tirage (triplet {}). Témoins tirés avec : {}. "
            "Série du quartier de 2015 « {} » : {}.</p>",
            get(self.code).name, drawn["groupe"], others, get(self.unit).name, nature,
        )  # fmt: skip

    def trajectories(self, outcome: Outcome) -> Figure:
        """Return the target and its controls in raw levels, with the other quartiers in grey."""
        study, entry = self.study, outcome.indicator
        rows = study.series[study.series["indicateur"] == entry.id]
        wide = rows.pivot(index="territoire", columns="millesime", values="valeur")
        own = [self.unit, *self.companions]
        years = list(wide.columns)
        drawing, made = frame(3.6, left=0.17, bottom=0.1, top=0.24)
        for _, row in wide.drop(index=own).iterrows():
            made.plot(years, row, color=GREY, lw=0.5, alpha=0.5)
        styles = ((FOCUS, "-", "o"), (BLUE, "--", "s"), (GREEN, ":", "^"))
        handles = []
        for code, (colour, line, marker) in zip(own, styles, strict=False):
            handles += made.plot(years, wide.loc[code], color=colour, ls=line, lw=2.2,
                                 marker=marker, markersize=4, label=label(code)[:40])  # fmt: skip
        handles.append(Line2D([], [], color=GREY, lw=1, label="autres quartiers"))
        _start(made, study)
        years_axis(made, years)
        scale(made.yaxis)
        legend(drawing, handles, 1)
        known = wide.loc[self.unit].dropna()
        return Figure(
            drawing,
            caption(study, "{} ({}), {} à {}, sans ajustement ; trait vertical à la date comparée.",
                    entry.libelle, symbol(entry).strip() or entry.unite, years[0], years[-1]),
            prose("{} : {} en {}, {} en {}. Les témoins sont tracés à côté.",
                  label(self.unit), number(known.iloc[0], entry.decimales), known.index[0],
                  number(known.iloc[-1], entry.decimales), known.index[-1]),
            Table(
                prose("{} par année, quartiers de 2015", entry.libelle),
                ("Quartier", *map(str, years)),
                tuple(
                    (get(code).name, *(data_tag(self._figure(outcome, code, year), entry)
                                       for year in years))
                    for code in own
                ),
            ),
            source(study, outcome, years=years),
        )  # fmt: skip

    def _figure(self, outcome: Outcome, code: str, year: int) -> Observation:
        return self.study.observations.get(outcome.indicator.id, code, vintage=int(year))

    def download(self) -> "Panel":
        """Return the series of the target and its controls for download."""
        return download(self.study, [self.unit, *self.companions])

    def gaps(self, outcome: Outcome) -> Figure:
        """Return the gap to the synthetic control, with the placebos of all donors (F8)."""
        study = self.study
        control, placebos = readings.synthetic(study, outcome, self.unit)
        years = list(control.gaps.index)
        drawing, made = frame(3.2, left=0.14, bottom=0.1, top=0.1)
        for code in placebos.gaps.columns.drop(self.unit):
            made.plot(years, placebos.gaps[code], color=GREY, lw=0.6, alpha=0.6)
        made.plot(years, control.gaps, color=FOCUS, lw=2.4, marker="o", markersize=4)
        made.axhline(0, color=INK, lw=0.8)
        _start(made, study)
        years_axis(made, years)
        scale(made.yaxis)
        legend(drawing, [
            Line2D([], [], color=FOCUS, lw=2.4, marker="o", label="ce quartier"),
            Line2D([], [], color=GREY, lw=1, label="placebos : les autres quartiers"),
        ])  # fmt: skip
        before = np.sqrt(control.mspe[0])
        used = control.weights[control.weights >= 0.01]
        rank = int((placebos.table["ratio"] >= control.ratio).sum())
        return Figure(
            drawing,
            caption(study,
                    "{} : écart au contrôle synthétique ({}), en {} ; en gris, le même calcul pour "
                    "chaque donneur.", outcome.indicator.libelle, label(self.unit), outcome.unit),
            prose("Écart moyen depuis {} : {}, rang {} sur {} (p = {}, au mieux {}). Écart "
                  "ordinaire avant la date : {}.",
                  study.plan.start, measured(control.effect, outcome), rank,
                  len(placebos.table), probability(placebos.p),
                  probability(placebos.smallest_p), number(before, 1)),
            Table(
                "Composition du contrôle synthétique",
                ("Donneur (quartier de 2015)", "Poids"),
                tuple(
                    (label(code), f"{number(100 * weight)}\u00a0%")
                    for code, weight in used.items()
                ),
            ),
            source(study, outcome, years=years, units=[self.unit, *control.weights.index]),
        )  # fmt: skip


def target(study: Study, code: str) -> Target:
    """Return a target of the draw.

    Parameters
    ----------
    study
        The follow-up.
    code
        QPV of 2024.

    Raises
    ------
    InvalidParameterError
        When this quartier is not a target.
    """
    if code not in study.targets.index:
        raise InvalidParameterError(f"{code} n'est pas une cible du tirage enregistré.")
    row = study.targets.loc[code]
    group = study.drawn[study.drawn["groupe"] == row["groupe"]]
    return Target(study, code, row["unite"], tuple(group.index[~group["cible"]]))


@dataclass(frozen=True)
class Panel:
    """A table handed over by a page; the edition writes it and links to it."""

    text: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/csv": self.text}


def download(study: Study, units: list[str] | None = None, name: str | None = None) -> Panel:
    """Return the series of a page for download: all of them, some units or one outcome.

    Parameters
    ----------
    study
        The follow-up.
    units
        QPV of 2015 kept; all when None.
    name
        Indicator kept; all when None.
    """
    rows = study.series
    if units is not None:
        rows = rows[rows["territoire"].isin(units)]
    if name is not None:
        rows = rows[rows["indicateur"] == name]
    rows = rows.assign(role=rows["territoire"].map(study.units["role"]))
    return Panel(series_module.to_csv(rows).decode())
