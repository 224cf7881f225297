"""Small drawings as SVG, alike in a page and in a PDF."""

import re
from collections.abc import Sequence
from functools import cache

from qpvlib import paths

WIDTH, HEIGHT = 300, 22
_INK, _LINE, _FOCUS, _CITY = "#1a1a1a", "#9a9a9a", "#d55e00", "#0b5fa5"
# A colour of the page, light or dark, and that of a light one.
_PAGE_COLOUR = re.compile(r"var\(--[\w-]+, ?([^()]+)\)")


def scale(
    here: Sequence[float],
    span: tuple[float, float] | None,
    median: float | None,
    city: float | None,
    top: float,
) -> str:
    """Return a scale from 0 to ``top``: the figures, the interval of the only one, two marks."""

    def x(value: float) -> float:
        return round(6 + (WIDTH - 12) * min(max(value / top if top else 0.0, 0.0), 1.0), 1)

    middle = HEIGHT / 2
    parts = [f'<path d="M6 {middle}H{WIDTH - 6}" stroke="{_LINE}" stroke-width="1.2"/>']
    if span:
        low, high = map(x, span)
        parts.append(f'<path d="M{low} {middle}H{high}" stroke="#f0a35e" stroke-width="6"/>')
    if median is not None:
        parts.append(f'<path d="M{x(median)} 2V{HEIGHT - 2}" stroke="{_INK}" stroke-width="2"/>')
    if city is not None:
        parts.append(f'<path d="M{x(city)} 4l6 7-6 7-6-7z" fill="{_CITY}"/>')
    parts += [
        f'<circle cx="{x(value)}" cy="{middle}" r="4.5" fill="{_FOCUS}" stroke="#fff"/>'
        for value in here
    ]
    return svg(WIDTH, HEIGHT, "".join(parts))


def svg(width: float, height: float, body: str) -> str:
    """Return a whole SVG document."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{body}</svg>'
    )


def whole(inline: str) -> str:
    """Return an SVG of a page as a document of its own, in the colours of a light page."""
    fixed = _PAGE_COLOUR.sub(r"\1", str(inline)).replace("currentColor", _INK)
    return fixed.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def ten(low: int, high: int) -> str:
    """Return ten small figures: ``low`` in colour, pale and dashed up to ``high``, then empty."""
    people = []
    for i in range(10):
        fill = _FOCUS if i < low else "#f6c7a0" if i < high else "#f3f3f3"
        dashed = ' stroke-dasharray="5 3"' if low <= i < high else ""
        people.append(
            f'<g transform="translate({6 + 30 * i} 0)" fill="{fill}" stroke="#222222" '
            f'stroke-width="2"{dashed}><circle cx="12" cy="13" r="9"/>'
            '<path d="M2 72V40a10 12 0 0 1 20 0v32z"/></g>'
        )
    return svg(306, 76, "".join(people))


@cache
def picture(name: str) -> str:
    """Return a drawing of ``data/falc/dessins``."""
    return (paths.data() / "falc" / "dessins" / f"{name}.svg").read_text("utf-8").strip()
