"""What the figures of the follow-up share: captions, sources, signs, axes."""

from collections.abc import Callable, Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from qpvlib import __version__
from qpvlib.followup import Study
from qpvlib.followup.plan import Outcome
from qpvlib.numerals import number
from qpvlib.presentation.charts._style import GREY, SMALL, WIDTH
from qpvlib.presentation.figure import INK
from qpvlib.presentation.markup import Html, prose
from qpvlib.territories import get
from qpvlib.typography import typeset


def caption(study: Study, template: str, *items: str | int | Html) -> Html:
    """Return a caption that ends by saying what the draw and the study are."""
    return prose(f"{template} {{}}", *items, study.nature)


def source(study: Study, *outcomes: Outcome) -> Html:
    """Return the producers, the perimeter and the years of the figures behind a drawing."""
    outcomes = outcomes or study.plan.primary
    producers = dict.fromkeys(one.indicator.source for one in outcomes)
    years = sorted({year for one in outcomes for year in one.years})
    return prose(
        "Sources : {} ; périmètre 2015, {} à {} ; calculs qpvlib {}.",
        " ; ".join(producers), years[0], years[-1], __version__,
    )  # fmt: skip


def signed(value: float, decimals: int = 1) -> str:
    """Return a difference with its sign, or a dash when there is none."""
    if value != value:
        return "—"
    text = number(value, decimals)
    if not text.strip("−-0,"):
        return text.lstrip("−-")
    return f"+{text}" if value > 0 else text


def measured(value: float, outcome: Outcome, write: Callable = signed) -> str:
    """Return a number to one decimal and the unit of an outcome, which agrees with it."""
    unit = outcome.unit if abs(round(value, 1)) >= 2 else outcome.unit.removesuffix("s")
    return f"{write(value, 1)} {unit}"


def interval(low: float, high: float, decimals: int = 1) -> Html:
    """Return both ends of an interval."""
    return prose("de {} à {}", signed(low, decimals), signed(high, decimals))


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
