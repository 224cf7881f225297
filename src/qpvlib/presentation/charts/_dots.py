"""The quartiers side by side: a labelled dot and its interval per quartier."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing

from qpvlib.catalogue import Indicator
from qpvlib.observations import Observation
from qpvlib.presentation import names
from qpvlib.presentation.charts._style import (
    BLUE,
    FOCUS,
    GREEN,
    GREY,
    SMALL,
    WIDTH,
    scale,
)
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.formats import bar_key, bounds, data_tag, interval, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table
from qpvlib.reading.aggregate import Spread
from qpvlib.territories import get

# Vertical lines of the references, told apart without colour.
LINES = (
    (BLUE, "-", "Trait vertical plein"),
    (GREEN, "--", "Tirets"),
    (GREY, ":", "Pointillés"),
)
# Longest line of a name, in characters; inches of a line of text.
LABEL, STEP = 26, 0.19


def dots(
    spread: Spread,
    indicator: Indicator,
    references: Sequence[Observation] = (),
    by: str = "nom",
) -> Figure:
    """Return one labelled row per quartier, with its interval; never a rank.

    Parameters
    ----------
    spread
        The quartiers of a sector, or of the city.
    references
        Three figures at most, drawn as vertical lines: the city, the QPV of France…
    by
        Order of the rows: ``nom`` or ``valeur`` (masked ones last).
    """
    rows = sorted(spread.observations, key=lambda o: names.sorting(get(o.territory)))
    if by == "valeur":
        rows.sort(key=lambda o: (not o.is_value, -(o.value or 0)))
    labels = [textwrap.wrap(get(o.territory).name, LABEL) for o in rows]
    known = [o for o in references if o.is_value]
    drawing = _dots_drawing(rows, labels, known, indicator)
    year = spread.observations[0].year
    return Figure(
        drawing,
        prose(
            "{}, {}{}. {}{}",
            indicator.libelle,
            year,
            ", quartiers de 2015" if spread.observations[0].geography == "qpv2015" else "",
            _margin_words(rows, indicator),
            Html("").join(
                prose(
                    " {} : {} ({} en {}).",
                    words, get(o.territory).short_name, value(o, indicator), o.year,
                )
                for o, (_, _, words) in zip(known, LINES, strict=False)
            ),
        ),
        _dots_finding(spread, indicator),
        Table(
            prose("{}, {}", indicator.libelle, year),
            ("Quartier", "Chiffre", "Marge"),
            tuple(
                (
                    get(o.territory).name,
                    data_tag(o, indicator),
                    interval(o, indicator),
                )
                for o in (*rows, *known)
            ),
        ),
        origins([*rows, *known]),
    )  # fmt: skip


def _dots_drawing(rows, labels, references, indicator: Indicator) -> Drawing:
    heights = [
        max(1 if o.is_value else 2, len(lines)) * STEP + 0.1
        for o, lines in zip(rows, labels, strict=True)
    ]
    height = sum(heights) + 0.35
    drawing = Drawing(figsize=(WIDTH, height))
    axes = drawing.add_axes((0.5, 0.3 / height, 0.36, 1 - 0.32 / height))
    axes.set_ylim(sum(heights), 0)
    top, lines_drawn = 0.0, []
    for observation, lines, room in zip(rows, labels, heights, strict=True):
        middle = top + room / 2
        for i, text in enumerate(lines):
            y = middle + (i - (len(lines) - 1) / 2) * STEP
            axes.text(-1.36, y, text, transform=axes.get_yaxis_transform(), size=SMALL, color=INK,
                      va="center")  # fmt: skip
        words = value(observation, indicator)
        # A state is written on two lines, and the row's own line stops before it.
        reach = 1.0 if observation.is_value else 0.8
        words = words if observation.is_value else "\n".join(words.split())
        lines_drawn.append(axes.axhline(middle, 0, reach, color=GREY, lw=0.5, alpha=0.5))
        if observation.is_value:
            if bar := bounds(observation, indicator):
                axes.plot(bar, [middle, middle], color=FOCUS, lw=2,
                          gid=f"qpv-barre={bar_key(observation)}")  # fmt: skip
            axes.scatter([observation.value], [middle], s=34, color=FOCUS, zorder=3)
        axes.text(1.38, middle, words, transform=axes.get_yaxis_transform(), size=SMALL, color=INK,
                  va="center", ha="right", weight="bold" if observation.is_value else "normal",
                  style="normal" if observation.is_value else "italic")  # fmt: skip
        top += room
    for reference, (colour, dashes, _) in zip(references, LINES, strict=False):
        axes.axvline(reference.value, color=colour, ls=dashes, lw=1.4, zorder=1)
    low, high = map(float, axes.get_xlim())
    axes.set_xlim(low, high)
    lines_drawn[0].set_gid(f"qpv-echelle={low!r}|{high!r}|")
    axes.set_yticks([])
    scale(axes.xaxis)
    axes.tick_params(colors=INK, labelsize=SMALL, length=3)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    return drawing


def _margin_words(rows: Sequence[Observation], indicator: Indicator) -> Html:
    if any(bounds(o, indicator) for o in rows):
        return prose("Trait horizontal : marge d'incertitude.")
    if indicator.nature == "enquete":
        return prose("Chiffre d'enquête, dont la marge n'est pas calculée.")
    return prose("Sans marge : ce n'est pas une enquête.")


def _dots_finding(spread: Spread, indicator: Indicator) -> Html:
    if not spread.published:
        return prose("Aucun chiffre publié.")
    low, high = spread.lowest, spread.highest
    return prose(
        "{} : de {} ({}) à {} ({}).", indicator.libelle, value(low, indicator),
        get(low.territory).name, value(high, indicator), get(high.territory).name,
    )  # fmt: skip
