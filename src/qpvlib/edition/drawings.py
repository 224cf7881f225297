"""Checking that a drawn bar shows the interval that is written.

A drawing marks its scales (``data-echelle``, the values at both ends of a line) and its bars
(``data-barre``, the figure whose interval it shows). The ends of each bar are measured on the
scale before it, and set against the interval written in the table of the same figure
(``<span class="qpv-marge" data-bas data-haut>``).
"""

import re
from collections.abc import Iterator

from lxml import html

from qpvlib.presentation.formats import FOLLOWED, PUBLISHED

# Units of the drawing that rounding its coordinates may move an end.
TOLERANCE = 0.2
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_KEY = ("indicateur", "territoire", "millesime", "modalite")


def faults(page: html.HtmlElement) -> Iterator[str]:
    """Yield, in French, each bar that is not the interval written, and each one that lacks."""
    for figure in page.xpath("//figure[.//*[@data-echelle]]"):
        written = dict(_written(figure))
        drawn = {}
        for key, low, high, step in _drawn(figure):
            drawn[key] = (low, high)
            if key not in written:
                yield f"barre dessinée sans marge écrite : {key}."
            elif any(abs(a - b) > step for a, b in zip(drawn[key], written[key], strict=True)):
                yield (
                    f"la barre de {key} va de {low:.2f} à {high:.2f}, la marge écrite de "
                    f"{written[key][0]:.2f} à {written[key][1]:.2f}."
                )
        shown = {key.rpartition("|")[2] for key in drawn or written}
        for key in sorted(written.keys() - drawn.keys()):
            # References are lines, and the gap of a pair of bars is theirs.
            own = key.split("|")[1].startswith(("QN", "QP")) or key.endswith(f"|{FOLLOWED}")
            if own and key.rpartition("|")[2] in shown:
                yield f"marge écrite sans barre dessinée : {key}."


def _written(figure: html.HtmlElement) -> Iterator[tuple[str, tuple[float, float]]]:
    for margin in figure.xpath(".//*[contains(@class, 'qpv-marge')]"):
        facts = [margin.get(f"data-{name}") for name in _KEY]
        facts.append(margin.get("data-statistique", PUBLISHED))
        yield "|".join(facts), (float(margin.get("data-bas")), float(margin.get("data-haut")))


def _drawn(figure: html.HtmlElement) -> Iterator[tuple[str, float, float, float]]:
    """Yield the figure of each bar, the values at its ends, and the value of the tolerance.

    The scale of a bar is the one drawn at its height, the last one before it, or the first.
    """
    scales: dict[float, tuple[float, float, float]] = {}
    for element in figure.xpath(".//*[@data-echelle]"):
        left, height, right = _line(element)
        low, high = map(float, element.get("data-echelle").split("|")[:2])
        scales[height] = left, low, (high - low) / (right - left)
    last = next(iter(scales.values()))
    for element in figure.xpath(".//*[@data-echelle or @data-barre]"):
        left, height, right = _line(element)
        last = scales.get(height, last)
        if key := element.get("data-barre"):
            start, low, unit = last
            ends = (low + (x - start) * unit for x in (left, right))
            yield key, *ends, TOLERANCE * abs(unit)


def _line(element: html.HtmlElement) -> tuple[float, float, float]:
    """Both ends and the height of a line, a path « M x y L x y » or « M x y H x », or a ``line``.

    Turned when it is upright.
    """
    line = element.xpath("descendant-or-self::*[@d or @x1]")[0]
    path = line.get("d") or " ".join(line.get(name) for name in ("x1", "y1", "x2"))
    left, height, right, *end = (float(number) for number in _NUMBER.findall(path)[:4])
    upright = left == right and bool(end)
    return (height, left, end[0]) if upright else (left, height, right)
