"""What the figures of the follow-up share: captions, sources, signs, axes."""

from collections.abc import Callable, Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from qpvlib import __version__
from qpvlib.followup import Study
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import BLUE, GREY, SMALL, WIDTH
from qpvlib.presentation.figure import INK
from qpvlib.presentation.formats import FOLLOWED, raw
from qpvlib.presentation.formats import years as years_in_words
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.presentation.origins import files
from qpvlib.territories import get
from qpvlib.typography import typeset


def caption(study: Study, template: str, *items: str | int | Html) -> Html:
    """Return a caption that ends by saying what the draw and the study are."""
    return prose(f"{template} {{}}", *items, study.nature)


def source(
    study: Study, *outcomes: Outcome, years: Iterable[int] = (), units: Iterable[str] | None = None
) -> Html:
    """Return the files of the published figures behind a drawing, their perimeter and years.

    Parameters
    ----------
    study, outcomes
        What is drawn; the primary outcomes by default.
    years, units
        Vintages drawn, those of the main window by default, and QPV of 2015 drawn, by default all.
    """
    rows = study.series.dropna(subset=["valeur"])
    if units is not None:
        rows = rows[rows["territoire"].isin(list(units))]
    kept = pd.concat(
        rows[(rows["indicateur"] == one.indicator.id)
             & rows["millesime"].isin([*years] or one.years)]
        for one in outcomes or study.plan.primary
    ).sort_values("millesime", kind="stable")  # fmt: skip
    told = files(zip(kept["source"], kept["millesime"], strict=True))
    spans = years_in_words(kept["millesime"])
    return prose("{} ; périmètre 2015, années {} ; calculs qpvlib {}.", told, spans, __version__)


def signed(value: float, decimals: int = 1) -> str:
    """Return a difference with its sign, or a dash when there is none."""
    if value != value:
        return "—"
    rounded = round(value, decimals) + 0.0  # never « −0,0 »
    text = number(rounded, decimals)
    return f"+{text}" if rounded > 0 else text


def measured(value: float, outcome: Outcome, write: Callable = signed) -> str:
    """Return a number to one decimal and the unit of an outcome, which agrees with it."""
    unit = outcome.unit if abs(round(value, 1)) >= 2 else outcome.unit.removesuffix("s")
    return f"{write(value, 1)} {unit}"


def interval(low: float, high: float, decimals: int = 1, key: str = "") -> Html:
    """Return both ends of an interval; with the key of its bar where one is drawn."""
    text = prose("de {} à {}", signed(low, decimals), signed(high, decimals))
    if not key:
        return text
    names = ("indicateur", "territoire", "millesime", "modalite", "statistique")
    told = {f"data_{name}": fact for name, fact in zip(names, key.split("|"), strict=True)}
    return Html('<span class="qpv-marge" data-bas="{}" data-haut="{}"{}>{}</span>').format(
        raw(low), raw(high), attributes(**told), text
    )


def bar_key(outcome: Outcome, what: str, time: float | str = "") -> str:
    """Return what a drawn interval says of itself, for the control of the book."""
    return "|".join((outcome.indicator.id, what, str(time), "", FOLLOWED))


def bars(
    made: Axes, places: Iterable, table: pd.DataFrame, keys: Iterable[str], *, across: bool = False
) -> None:
    """Draw the intervals ``low`` to ``high`` of a table and mark them for the control.

    Parameters
    ----------
    made, places
        Axes, and where each interval stands on the other one.
    table, keys
        Intervals, and the key of each, as :func:`interval` writes it.
    across
        Whether they lie along the horizontal axis.
    """
    for place, low, high, key in zip(places, table["low"], table["high"], keys, strict=True):
        line = [(place, place), (low, high)]
        made.plot(*(line[::-1] if across else line), color=BLUE, lw=2.4, solid_capstyle="butt",
                  gid=f"qpv-barre={key}")  # fmt: skip


def marked(made: Axes, *, across: bool = False) -> None:
    """Fix the limits of the axis that intervals lie along, and mark it with them."""
    limits = made.set_xlim(made.get_xlim()) if across else made.set_ylim(made.get_ylim())
    low, high = map(float, limits)
    made.spines["bottom" if across else "left"].set_gid(f"qpv-echelle={low!r}|{high!r}|")


def probability(p: float) -> str:
    """Return a p-value to three decimals, never as zero."""
    return "< 0,001" if p < 0.001 else number(p, 3)


def label(code: str) -> str:
    """Return the short name of a territory."""
    return get(code).short_name


def listed(sentences: Iterable[str]) -> Html:
    """Return sentences as a list, with their no-break spaces."""
    items = Html("").join(Html("<li>{}</li>").format(typeset(text)) for text in sentences)
    return Html("<ul>{}</ul>").format(items)


def frame(height: float, left: float = 0.14, bottom: float = 0.16, top: float = 0.03):
    """Return a drawing of the common width and its axes, in the colours of the page."""
    drawing = Drawing(figsize=(WIDTH, height))
    return drawing, axes(drawing, (left, bottom, 0.97 - left, 1 - bottom - top))


def axes(drawing: Drawing, box: tuple[float, float, float, float]) -> Axes:
    """Return axes in a box of the drawing, in the colours of the page."""
    made = drawing.add_axes(box)
    made.tick_params(colors=INK, labelsize=SMALL, length=3)
    made.spines[["top", "right"]].set_visible(False)
    made.spines[["left", "bottom"]].set_color(GREY)
    return made


def years_axis(made: Axes, years: list[int]) -> None:
    """Write every other year under the axes."""
    made.set_xticks(years[:: 2 if len(years) > 5 else 1])
    made.xaxis.set_major_formatter(lambda year, _: str(round(year)))


def legend(drawing: Drawing, handles: list, columns: int = 2) -> None:
    """Write a legend in the upper left corner of the drawing."""
    drawing.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncol=columns, frameon=False,
        fontsize=SMALL, labelcolor=INK, handletextpad=0.5, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip


def percent(share: float) -> str:
    return number(100 * share, 1)
