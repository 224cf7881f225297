"""The picture that goes with a shared link: the 41 quartiers on the outline of the city."""

import io

import matplotlib.style
from matplotlib.figure import Figure

from qpvlib.territories import METRIC_CRS, background, contours

SEA, LAND, INK, QUARTIER = "#dbe6ee", "#f4f1ea", "#333333", "#d55e00"
NAME = "partage.png"
WIDTH, HEIGHT = 1200, 630
"""Pixels, of the form that social networks ask for."""


def picture(title: str) -> bytes:
    """Return the card as PNG, the same bytes for the same title.

    Parameters
    ----------
    title
        Name of the book.
    """
    # Whatever style the charts of the book have set.
    with matplotlib.style.context("default"):
        return _drawn(title)


def _drawn(title: str) -> bytes:
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=SEA)
    axes = figure.add_axes((0.45, 0.02, 0.54, 0.96))
    axes.set_axis_off()
    background("commune_13055").to_crs(METRIC_CRS).plot(ax=axes, color=LAND, edgecolor=INK)
    contours().to_crs(METRIC_CRS).plot(ax=axes, color=QUARTIER)
    figure.text(0.05, 0.62, _lines(title), fontsize=34, color=INK, va="center", weight="bold")
    figure.text(0.05, 0.2, "41 portraits, chiffres officiels", fontsize=22, color=INK)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _lines(title: str, longest: int = 20) -> str:
    lines = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) >= longest and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
