"""How the quartiers are spread over the values of one indicator, drawn by seaborn."""

from itertools import pairwise

import numpy as np
import seaborn
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from qpvlib.numerals import counted, number
from qpvlib.observations import Observation
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREY, SMALL, WIDTH, scale
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.formats import symbol, value
from qpvlib.presentation.markup import prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table
from qpvlib.reading.gaps import Gaps

# Classes of a histogram at most, with round ends.
CLASSES = 9


def distribution(found: Gaps) -> Figure:
    """Return the histogram of the published quartiers, a tick for each, and their reference."""
    panorama, entry = found.panorama, found.panorama.indicator
    values = [o.amount for o in panorama.spread.published]
    edges = _edges(values, entry.decimales == 0)
    counts, _ = np.histogram(values, edges)
    most = int(counts.argmax())
    first = panorama.spread.observations[0]
    ends = [(value(low, entry), value(high, entry)) for low, high in pairwise(map(float, edges))]
    name = "Marseille" if found.beside_city else "quartier médian"
    return Figure(
        _drawing(values, edges, found.reference, name),
        prose(
            "Répartition des quartiers de {} en {}{} : leur nombre par valeur, et un tiret pour "
            "chacun.{}",
            first.geography[-4:], first.year,
            f", {unit}" if (unit := symbol(entry).strip()) else "",
            prose(" Trait vertical : {}.", name) if found.reference else "",
        ),
        prose(
            "{} de {} à {}, la classe la plus nombreuse. Au total, {} sur {}.",
            counted(int(counts[most]), "quartier(s)"), *ends[most],
            counted(len(values), "quartier(s) publié(s)"), len(panorama.spread.observations),
        ),
        Table(
            "Nombre de quartiers par valeur",
            ("Valeur", "Quartiers"),
            tuple(
                (prose("de {} à {}", *pair), number(int(count)))
                for pair, count in zip(ends, counts, strict=True)
            ),
        ),
        origins(panorama.spread.published),
    )  # fmt: skip


def _edges(values: list[float], whole: bool) -> np.ndarray:
    """Round ends of classes that hold every value; ``whole`` numbers are not cut in two."""
    low, high = min(values), max(values)
    if low == high:
        return np.array([low - 0.5, high + 0.5])
    ticks = np.asarray(MaxNLocator(CLASSES, integer=whole).tick_values(low, high))
    step = ticks[1] - ticks[0]
    return ticks[(ticks > low - step) & (ticks < high + step)]


def _drawing(
    values: list[float], edges: np.ndarray, reference: Observation | None, name: str
) -> Drawing:
    drawing = Drawing(figsize=(WIDTH, 2.1))
    axes = drawing.add_axes((0.09, 0.2, 0.88, 0.66))
    seaborn.histplot(x=values, bins=list(edges), ax=axes, color=BLUE, alpha=0.35, edgecolor=BLUE)
    seaborn.rugplot(x=values, ax=axes, color=INK, height=0.07, lw=1)
    if reference is not None:
        axes.axvline(reference.amount, color=FOCUS, lw=1.8)
        low, high = axes.get_xlim()
        right = reference.amount > (low + high) / 2
        side, away = ("right", -4) if right else ("left", 4)
        axes.annotate(
            name, (reference.amount, 1), (away, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha=side, size=SMALL, color=INK,
        )  # fmt: skip
    axes.set(xlabel="", ylabel="")
    scale(axes.xaxis)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(colors=INK, labelsize=SMALL, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    return drawing
