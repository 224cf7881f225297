"""A quartier among the others: one row per indicator, each with its own scale."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from qpvlib.catalogue import THEMES
from qpvlib.observations import Observation
from qpvlib.presentation.charts._style import (
    BAND,
    BLUE,
    FOCUS,
    GREEN,
    GREY,
    SMALL,
    TEXT,
    WIDTH,
)
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.formats import bar_key, bounds, data_tag, interval, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import producers
from qpvlib.presentation.placement import marseille
from qpvlib.presentation.tables import Table, reference
from qpvlib.reading import compare
from qpvlib.reading.indicator import Reading
from qpvlib.territories import CITY, get

# Shares of the width left empty on both sides; inches of a row and of the legend.
LEFT, RIGHT = 0.03, 0.97
ROW, LEGEND = 0.7, 0.8
# Characters of a line that the names of the two extremes share with their figures.
NAMES = 45


def strip(drawn: Sequence[Reading]) -> Figure:
    """Return one row per indicator: this quartier among those of Marseille, and its references.

    Each row has its own scale, from the lowest to the highest of what it shows, and names the
    quartiers that are the lowest and the highest.

    Parameters
    ----------
    drawn
        Readings that have a figure and other quartiers beside it.
    """
    height = LEGEND + ROW * len(drawn)
    drawing = Drawing(figsize=(WIDTH, height))
    axes = _bare(drawing, height, len(drawn))
    for row, reading in enumerate(drawn):
        _strip_row(axes, row, reading)
    _legend(drawing, {marker for r in drawn for _, marker, _ in _witnesses(r)})
    return Figure(
        drawing,
        prose(
            "Un point par quartier prioritaire de Marseille, même année et même périmètre. Chaque "
            "ligne a sa propre échelle ; le plus bas et le plus haut sont nommés.",
        ),
        _strip_finding(drawn),
        _strip_table(drawn),
        producers(o for r in drawn for o in _shown(r)),
    )


def _strip_row(axes: Axes, row: int, reading: Reading) -> None:
    entry, figure = reading.indicator, reading.observation
    group = marseille(reading)[0].group
    sector = next(
        (c.spread for c in reading.comparisons if c.spread and c.reference.geography == "secteur"),
        None,
    )
    marks = _witnesses(reading)
    bar = bounds(figure, entry)
    shown = [o.amount for o in (*group.published, *(o for o, *_ in marks), figure)]
    shown += bar or ()
    low, high = min(shown), max(shown)
    reach = (high - low) or 1.0

    def x(number: float) -> float:
        return (number - low) / reach

    line = row + 0.48
    scale = f"qpv-echelle={low!r}|{high!r}|"
    axes.plot([0, 1], [line, line], color=GREY, lw=0.6, alpha=0.6, gid=scale)
    if sector and len(sector.published) > 1:
        band = [x(sector.lowest.amount), x(sector.highest.amount)]
        axes.plot(band, [line, line], color=BAND, lw=7, alpha=0.5, solid_capstyle="butt")
    others = [x(o.amount) for o in group.published if o.territory != figure.territory]
    axes.scatter(others, [line] * len(others), s=16, color=GREY, alpha=0.65, lw=0)
    for other, marker, colour in marks:
        axes.scatter([x(other.amount)], [line], s=46, marker=marker, facecolor="white",
                     edgecolor=colour, lw=1.8, zorder=4)  # fmt: skip
    if bar:
        axes.plot([x(end) for end in bar], [line, line], color=FOCUS, lw=2.6, zorder=5,
                  gid=f"qpv-barre={bar_key(figure)}")  # fmt: skip
    axes.scatter([x(figure.amount)], [line], s=64, color=FOCUS, zorder=6, lw=0)
    year = f", {figure.year}, estimation" if reading.estimated else f", {figure.year}"
    axes.text(0, row + 0.24, f"{entry.libelle_court}{year}", size=TEXT, color=INK)
    axes.text(1, row + 0.24, value(figure, entry), size=TEXT, color=INK, ha="right", weight="bold")
    ends = (group.lowest, group.highest)
    names = [get(end.territory).short_name for end in ends]
    room = NAMES - sum(len(value(end, entry)) for end in ends)
    for place, (end, name) in enumerate(zip(ends, names, strict=True)):
        most = max(room // 2, room - len(names[1 - place]))
        name = name if len(name) <= most else f"{name[: most - 1].rstrip()}…"
        axes.text(place, row + 0.8, f"{name} {value(end, entry)}", size=SMALL, color=INK,
                  ha=("left", "right")[place], alpha=0.8)  # fmt: skip


def _witnesses(reading: Reading) -> list[tuple[Observation, str, str]]:
    """The city and the QPV of France, with their marks; counts have none."""
    if reading.indicator.additif:
        return []
    found = []
    for comparison in reading.comparisons:
        other, code = comparison.observation, comparison.reference.code
        if other is not None and other.is_value:
            if code == CITY:
                found.append((other, "D", BLUE))
            elif code.endswith("-FRANCE"):
                found.append((other, "^", GREEN))
    return found


def _shown(reading: Reading) -> list[Observation]:
    group = marseille(reading)[0].group
    return [reading.observation, *group.published, *(o for o, *_ in _witnesses(reading))]


def _legend(drawing: Drawing, markers: set[str]) -> None:
    def mark(marker, colour, label, **how):
        return Line2D([], [], marker=marker, color=colour, lw=0, label=label, **how)

    hollow = {"markerfacecolor": "white", "markeredgewidth": 1.8, "markersize": 6.5}
    handles = [
        Line2D([], [], marker="o", color=FOCUS, lw=2.6, markersize=8, label="ce quartier, marge"),
        mark("o", GREY, "autres QPV de Marseille", markersize=4, alpha=0.65),
        Line2D([], [], color=BAND, lw=7, alpha=0.5, label="son secteur"),
        *(
            mark(marker, colour, label, **hollow)
            for marker, colour, label in (
                ("D", BLUE, "Marseille"),
                ("^", GREEN, "QPV de France"),
            )
            if marker in markers
        ),
    ]
    drawing.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncol=2, frameon=False,
        fontsize=SMALL, labelcolor=INK, handletextpad=0.5, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip


def _bare(drawing: Drawing, height: float, rows: int) -> Axes:
    """Axes without a frame: one unit high per row, from the top."""
    axes = drawing.add_axes((LEFT, 0, RIGHT - LEFT, 1 - LEGEND / height))
    axes.set_ylim(rows, 0)
    axes.set_xlim(-0.015, 1.015)
    axes.axis("off")
    return axes


def _strip_finding(drawn: Sequence[Reading]) -> Html:
    """Where the quartier stands, counted over the rows."""
    verdicts = [marseille(r)[0].verdict for r in drawn]
    above, below = verdicts.count(compare.ABOVE), verdicts.count(compare.BELOW)
    return prose(
        "{} : sur {} indicateurs, {} est au-dessus de la médiane des QPV de Marseille pour {} et "
        "en dessous pour {}. Pour les autres, l'écart est faible ou ne se distingue pas.",
        THEMES[drawn[0].indicator.orientation], len(drawn), drawn[0].territory.name, above, below,
    )  # fmt: skip


def _strip_table(drawn: Sequence[Reading]) -> Table:
    return Table(
        "Les chiffres du graphique",
        ("Indicateur", "Quartier", "Marge", "Année", "QPV de Marseille", "Marseille",
         "QPV de France"),
        tuple(
            (
                r.indicator.libelle,
                data_tag(r.observation, r.indicator),
                interval(r.observation, r.indicator),
                str(r.observation.vintage),
                prose(
                    "de {} à {}",
                    data_tag(marseille(r)[0].group.lowest, r.indicator),
                    data_tag(marseille(r)[0].group.highest, r.indicator),
                ),
                *(
                    Html("").join(
                        reference(o, r.observation, r.indicator)
                        for o, marker, _ in _witnesses(r)
                        if marker == kind
                    )
                    for kind in "D^"
                ),
            )
            for r in drawn
        ),
    )  # fmt: skip
