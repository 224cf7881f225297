"""Change over time: small charts of one perimeter, breaks and masked years marked."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from qpvlib.catalogue import Indicator
from qpvlib.numerals import number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import names
from qpvlib.presentation.charts._style import FOCUS, GREY, SMALL, TEXT, scale
from qpvlib.presentation.figure import INK, Figure, inline_svg
from qpvlib.presentation.formats import data_tag, symbol, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table, comparator
from qpvlib.reading.indicator import Reading
from qpvlib.reading.trends import Trend
from qpvlib.territories import get
from qpvlib.typography import typeset

# From this value on, the scale needs more room.
LONG = 1000


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
    panels = Html("").join(_panel(r, comparator(r, observations)) for r in drawn)
    return Figure(
        Html('<div class="qpv-multiples">{}</div>').format(panels),
        _caption(drawn, observations),
        _finding(drawn[0]),
        _trend_table(drawn, observations),
        origins(o for r in drawn for o in (*r.trend.observations, *comparator(r, observations))),
    )


def _caption(drawn: list[Reading], observations: Observations | None) -> Html:
    breaks = {year: why for r in drawn for year, why in r.trend.breaks.items()}
    reasons = " ; ".join(f"{year}, {why}" for year, why in sorted(breaks.items()))
    marks = {
        " Hachures : année non publiée.": any(
            not o.is_value for r in drawn for o in r.trend.observations
        ),
        f" Traits pointillés, la mesure change : {reasons}.": bool(breaks),
        " Ligne grise : QPV de France.": any(comparator(r, observations) for r in drawn),
    }
    return prose(
        "Évolution {}, périmètre 2015.{}",
        names.at(get(drawn[0].trend.observations[0].territory)),
        typeset("".join(text for text, present in marks.items() if present)),
    )


def _finding(reading: Reading) -> Html:
    entry, start, end = reading.indicator, reading.trend.published[0], reading.trend.published[-1]
    return prose(
        "{} : {} en {}, {} en {}.",
        entry.libelle,
        value(start, entry),
        start.year,
        value(end, entry),
        end.year,
    )


def _panel(reading: Reading, comparator: Sequence[Observation]) -> Html:
    """One small chart: points joined inside a way of measuring, never across a break."""
    entry, series = reading.indicator, reading.trend
    drawing = Drawing(figsize=(3.9, 2.15))
    left = 0.2 if max(o.amount for o in series.published) >= LONG else 0.13
    axes = drawing.add_axes((left, 0.13, 0.95 - left, 0.7))
    if comparator:
        years = [o.year for o in comparator]
        axes.plot(years, [o.amount for o in comparator], color=GREY, lw=1.4, ls="-")
    for part in _segments(series):
        years, values = [o.year for o in part], [o.amount for o in part]
        axes.plot(years, values, color=FOCUS, lw=2, marker="o", markersize=5)
    for observation in series.observations:
        if not observation.is_value:
            axes.axvspan(observation.year - 0.4, observation.year + 0.4, facecolor="none",
                         edgecolor=GREY, hatch="////", lw=0)  # fmt: skip
    for year in series.breaks:
        axes.axvline(year - 0.5, color=GREY, lw=1, ls=(0, (3, 3)))
    _label_ends(axes, series.published, entry)
    first, last = series.observations[0].year, series.observations[-1].year
    axes.set_xlim(first - 0.6, last + 0.6)
    axes.set_xticks(sorted({first, last}))
    axes.xaxis.set_major_formatter(lambda year, _: str(round(year)))
    scale(axes.yaxis)
    axes.margins(y=0.25)
    axes.tick_params(colors=INK, labelsize=SMALL, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    unit = symbol(entry).strip() or entry.unite
    title = entry.libelle_court
    if unit.casefold() not in title.casefold():
        title += f" ({unit})"
    drawing.text(0.02, 0.92, title, size=TEXT, color=INK, weight="bold")
    return inline_svg(drawing, _finding(reading))


def _label_ends(axes: Axes, published: Sequence[Observation], entry: Indicator) -> None:
    """Write the first and last figures, each on the side that the line leaves free."""
    ends = (published[0], published[1], "left"), (published[-1], published[-2], "right")
    for end, beside, side in ends:
        away, held = (-8, "top") if beside.amount > end.amount else (8, "baseline")
        axes.annotate(
            number(end.value, entry.decimales), (end.vintage, end.value), (0, away),
            textcoords="offset points", ha=side, va=held, size=SMALL, color=INK, weight="bold",
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


def _trend_table(drawn: list[Reading], observations: Observations | None) -> Table:
    series: list[tuple[str, Reading, Sequence[Observation]]] = []
    for reading in drawn:
        series.append((reading.indicator.libelle, reading, reading.trend.observations))
        other = comparator(reading, observations)
        if other:
            series.append((f"{reading.indicator.libelle}, QPV de France", reading, other))
    years = sorted({o.year for _, _, rows in series for o in rows})
    return Table(
        "Les chiffres par année",
        ("Indicateur", *map(str, years)),
        tuple((title, *_by_year(reading, rows, years)) for title, reading, rows in series),
    )


def _by_year(reading: Reading, rows: Sequence[Observation], years: list[int]) -> list[Html]:
    found = {o.vintage: data_tag(o, reading.indicator) for o in rows}
    return [found.get(year, Html("")) for year in years]
