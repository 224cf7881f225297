"""Change over time: small charts of one perimeter and one way of measuring, with the margin."""

from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing

from qpvlib.catalogue import Indicator
from qpvlib.numerals import number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import names
from qpvlib.presentation.charts._style import FOCUS, GREY, SMALL, TEXT, scale
from qpvlib.presentation.figure import INK, Figure, inline_svg
from qpvlib.presentation.formats import bounds, data_tag, symbol, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import producers
from qpvlib.presentation.tables import Table, comparator
from qpvlib.reading.indicator import Reading
from qpvlib.territories import get
from qpvlib.typography import typeset

# From this value on, the scale needs more room.
LONG = 1000
# Room above the highest figure, as a share of it.
ROOM = 1.2


def trend(readings: Sequence[Reading], observations: Observations | None = None) -> Figure:
    """Return the change over time, a small chart per indicator, each from zero.

    Charts in percent share one scale, so that two slopes compare.

    Parameters
    ----------
    readings
        Their trend holds what is drawn: see :func:`qpvlib.reading.trends.steady`.
    observations
        The store, to add the line of the QPV of France where it is published.
    """
    tops = {r.indicator.id: _top(r, comparator(r, observations)) for r in readings}
    shared = [top for r in readings for top in [tops[r.indicator.id]] if _percent(r.indicator)]
    panels = Html("").join(
        _panel(
            r,
            comparator(r, observations),
            max(shared) if _percent(r.indicator) else tops[r.indicator.id],
        )
        for r in readings
    )
    first = readings[0].trend.published[0]
    france = any(comparator(r, observations) for r in readings)
    return Figure(
        Html('<div class="qpv-multiples">{}</div>').format(panels),
        prose(
            "Ce qui a changé {} : la bande est la marge d'erreur, l'échelle part de zéro.{}",
            names.at(get(first.territory)),
            typeset(" Ligne grise : QPV de France." if france else ""),
        ),
        _finding(readings[0]),
        _table(readings, observations),
        producers(o for r in readings for o in (*r.trend.published, *comparator(r, observations))),
    )


def _percent(entry: Indicator) -> bool:
    return entry.unite == "%"


def _top(reading: Reading, beside: Sequence[Observation]) -> float:
    ends = [o.amount for o in (*reading.trend.published, *beside)]
    ends += [o.high for o in reading.trend.published if o.high is not None]
    return ROOM * max(ends)


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


def _panel(reading: Reading, beside: Sequence[Observation], top: float) -> Html:
    """One small chart: the figures joined, over the band of their intervals."""
    entry, series = reading.indicator, reading.trend.published
    drawing = Drawing(figsize=(3.9, 2.15))
    left = 0.2 if top >= LONG else 0.13
    axes = drawing.add_axes((left, 0.13, 0.95 - left, 0.7))
    if beside:
        axes.plot([o.year for o in beside], [o.amount for o in beside], color=GREY, lw=1.4)
    years = [o.year for o in series]
    known = [(o.year, *ends) for o in series if (ends := bounds(o, entry))]
    if len(known) == len(series):
        low, high = ([ends[side] for _, *ends in known] for side in (0, 1))
        axes.fill_between(years, low, high, color=FOCUS, alpha=0.2, lw=0)
    axes.plot(years, [o.amount for o in series], color=FOCUS, lw=2, marker="o", markersize=5)
    for end, side in ((series[0], "left"), (series[-1], "right")):
        axes.annotate(
            number(end.amount, entry.decimales), (end.year, end.amount), (0, 8),
            textcoords="offset points", ha=side, size=SMALL, color=INK, weight="bold",
        )  # fmt: skip
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_xticks(sorted({years[0], years[-1]}))
    axes.xaxis.set_major_formatter(lambda year, _: str(round(year)))
    axes.set_ylim(0, top)
    scale(axes.yaxis)
    axes.tick_params(colors=INK, labelsize=SMALL, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    unit = symbol(entry).strip() or entry.unite
    title = entry.libelle_court
    if unit.casefold() not in title.casefold():
        title += f" ({unit})"
    drawing.text(0.02, 0.92, title, size=TEXT, color=INK, weight="bold")
    return inline_svg(drawing, _finding(reading))


def _table(drawn: Sequence[Reading], observations: Observations | None) -> Table:
    series: list[tuple[str, Reading, Sequence[Observation]]] = []
    for reading in drawn:
        series.append((reading.indicator.libelle, reading, reading.trend.published))
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
