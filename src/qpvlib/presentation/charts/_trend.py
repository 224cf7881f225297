"""Change over time: small charts of one perimeter, breaks and masked years marked."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from qpvlib.catalogue import Indicator
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import names
from qpvlib.presentation.charts._style import FOCUS, GREY, SMALL, TEXT, scale, sources
from qpvlib.presentation.figure import INK, Figure, inline_svg
from qpvlib.presentation.formats import data_tag, number, symbol, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.reading import Reading
from qpvlib.territories import get
from qpvlib.trends import Trend


def trend(readings: Sequence[Reading], observations: Observations | None = None) -> Figure | Html:
    """Return the change over time, a small chart per indicator, within one perimeter.

    Parameters
    ----------
    readings
        Those whose series has fewer than two figures are left out.
    observations
        The store, to add the line of the QPV of France where it is published.
    """
    drawn = [r for r in readings if r.trend.drawable]
    if not drawn:
        return prose("<p>Aucune évolution ne peut être montrée pour ce quartier.</p>")
    panels = Html("").join(_panel(r, _comparator(r, observations)) for r in drawn)
    breaks = {year: why for r in drawn for year, why in r.trend.breaks.items()}
    where = names.at(get(drawn[0].trend.observations[0].territory))
    reasons = " ; ".join(f"{year}, {why}" for year, why in sorted(breaks.items()))
    first, last = drawn[0].trend.published[0], drawn[0].trend.published[-1]
    entry = drawn[0].indicator
    return Figure(
        Html('<div class="qpv-multiples">{}</div>').format(panels),
        prose(
            "Évolution {}, périmètre 2015. Hachures : année non publiée.{}{}",
            where,
            f" Traits pointillés, la mesure change : {reasons}." if breaks else "",
            " Ligne grise : QPV de France." if any(_comparator(r, observations) for r in drawn)
            else "",
        ),
        prose(
            "{} : {} en {}, {} en {}.",
            entry.libelle, value(first, entry), first.vintage, value(last, entry), last.vintage,
        ),
        _trend_table(drawn),
        sources(r.indicator for r in drawn),
    )  # fmt: skip


def _panel(reading: Reading, comparator: Sequence[Observation]) -> Html:
    """One small chart: points joined inside a way of measuring, never across a break."""
    entry, series = reading.indicator, reading.trend
    drawing = Drawing(figsize=(3.9, 2.15))
    axes = drawing.add_axes([0.13, 0.13, 0.82, 0.7])
    if comparator:
        years = [o.vintage for o in comparator]
        axes.plot(years, [o.value for o in comparator], color=GREY, lw=1.4, ls="-")
    for part in _segments(series):
        years, values = [o.vintage for o in part], [o.value for o in part]
        axes.plot(years, values, color=FOCUS, lw=2, marker="o", markersize=5)
    for observation in series.observations:
        if not observation.is_value:
            axes.axvspan(observation.vintage - 0.4, observation.vintage + 0.4, facecolor="none",
                         edgecolor=GREY, hatch="////", lw=0)  # fmt: skip
    for year in series.breaks:
        axes.axvline(year - 0.5, color=GREY, lw=1, ls=(0, (3, 3)))
    _label_ends(axes, series.published, entry)
    first, last = series.observations[0].vintage, series.observations[-1].vintage
    axes.set_xlim(first - 0.6, last + 0.6)
    axes.set_xticks(sorted({first, last}))
    axes.xaxis.set_major_formatter(lambda year, _: str(round(year)))
    scale(axes.yaxis)
    axes.margins(y=0.25)
    axes.tick_params(colors=INK, labelsize=SMALL, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    unit = symbol(entry).strip() or entry.unite
    drawing.text(0.02, 0.92, f"{entry.libelle_court} ({unit})", size=TEXT, color=INK, weight="bold")
    start, end = series.published[0], series.published[-1]
    return inline_svg(
        drawing,
        prose(
            "{} : {} en {}, {} en {}.", entry.libelle, value(start, entry), start.vintage,
            value(end, entry), end.vintage,
        ),
    )  # fmt: skip


def _label_ends(axes: Axes, published: Sequence[Observation], entry: Indicator) -> None:
    for observation, side in ((published[0], "left"), (published[-1], "right")):
        axes.annotate(
            number(observation.value, entry.decimales), (observation.vintage, observation.value),
            (0, 8), textcoords="offset points", ha=side, size=SMALL, color=INK, weight="bold",
        )  # fmt: skip


def _segments(series: Trend) -> list[list[Observation]]:
    """The published figures, cut at the breaks and at the years that are not published."""
    parts: list[list[Observation]] = [[]]
    for observation in series.observations:
        if observation.vintage in series.breaks or not observation.is_value:
            parts.append([])
        if observation.is_value:
            parts[-1].append(observation)
    return [part for part in parts if part]


def _comparator(reading: Reading, observations: Observations | None) -> list[Observation]:
    if observations is None:
        return []
    years = {o.vintage for o in reading.trend.observations}
    rows = observations.series(reading.indicator.id, "QPV2015-FRANCE")
    return [o for o in rows if o.is_value and o.vintage in years]


def _trend_table(drawn: list[Reading]) -> Table:
    years = sorted({o.vintage for r in drawn for o in r.trend.observations})
    rows = []
    for reading in drawn:
        found = {o.vintage: o for o in reading.trend.observations}
        rows.append(
            (
                reading.indicator.libelle,
                *(
                    data_tag(found[year], reading.indicator) if year in found else ""
                    for year in years
                ),
            )
        )
    return Table("Les chiffres par année", ("Indicateur", *map(str, years)), tuple(rows))
