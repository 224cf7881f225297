"""The quartiers side by side: a named row each, its gap drawn between its name and its number.

The drawing is one column of the table: what is drawn stands beside what is written, names are
text and links, and nothing shrinks with the screen. Lengths are percentages of that column.
"""

from collections.abc import Callable

from qpvlib.presentation.formats import (
    CITY_GAP,
    MEDIAN,
    MEDIAN_GAP,
    bar_key,
    bounds,
    data_tag,
    gap_tag,
    interval,
)
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.presentation.tables import reference
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR
from qpvlib.reading.gaps import Gap, Gaps
from qpvlib.territories import Qpv, get, quartier, successors

VERDICTS = {
    ABOVE: "au-dessus",
    BELOW: "en dessous",
    SIMILAR: "comparable",
    INDISTINCT: "écart non distinguable",
}
# Ends of the scale, in hundredths of the width; units of height of a row.
LEFT, RIGHT, ROW = 5, 95, 24


def gaps(found: Gaps, link: Callable[[str], str]) -> Html:
    """Return one row per quartier: its name, its gap with the reference, drawn, and its figure.

    Parameters
    ----------
    found
        The quartiers beside their reference; without one, only figures are written.
    link
        Code of a quartier of 2024 -> address of its portrait.
    """
    entry, first = found.panorama.indicator, found.panorama.spread.observations[0]
    drawn = found.reference is not None
    x, scale = _scale(found)
    marks = [_mark(gap, found, x) for gap in found.rows] if drawn else [Html("")] * len(found.rows)
    rows = Html("\n").join(
        Html('<tr><th scope="row">{}</th>{}<td>{}</td></tr>').format(
            _name(gap.observation.territory, link), mark, _figure(gap, found)
        )
        for gap, mark in zip(found.rows, marks, strict=True)
    )
    return Html(
        '<div class="qpv-table qpv-ecarts" role="group" tabindex="0" aria-label="{0}">'
        "<table{1}><caption>{0}</caption><thead><tr>"
        '<th scope="col">Quartier</th>{2}<th scope="col">Chiffre</th></tr></thead>'
        "<tbody>{3}</tbody></table></div>"
    ).format(
        prose("{}, {}, quartiers de {}", entry.libelle, first.year, first.geography[-4:]),
        attributes(style=f"--zero:{x(0)}%" if drawn else None),
        _head(found, x(0), scale) if drawn else "",
        rows,
    )


def finding(found: Gaps) -> Html:
    """Return how many quartiers are above, below or beyond telling, or why none is compared."""
    entry = found.panorama.indicator
    masked = sum(not gap.observation.is_value for gap in found.rows)
    words = " ; sans chiffre publié cette année-là sur ces limites : {}"
    rest = prose(words, masked) if masked else Html("")
    if found.reference is None:
        why = (
            "ce nombre dit la taille du quartier" if entry.size else "le quartier médian est à zéro"
        )
        return prose("Pas de comparaison possible : {}{}.", why, rest)
    return prose(
        "Quartiers au-dessus {} : {} ; en dessous : {} ; écart faible ou non distinguable : {}{}.",
        "de Marseille" if found.beside_city else "du quartier médian",
        found.count(ABOVE),
        found.count(BELOW),
        found.count(SIMILAR, INDISTINCT),
        rest,
    )


def beside(found: Gaps) -> Html:
    """Return the figure of the reference and what it is: ``Marseille : 26 %``."""
    entry, first = found.panorama.indicator, found.panorama.spread.observations[0]
    if found.reference is None:
        return Html("")
    if found.beside_city:
        return prose("Marseille : {}", reference(found.reference, first, entry))
    return prose("Quartier médian : {}", data_tag(found.reference, entry, MEDIAN))


def _name(code: str, link: Callable[[str], str]) -> Html:
    """The name of a quartier and the way to its portrait, or to those it became."""
    place = get(code)
    heirs = [quartier(p.code_2024) for p in successors(code)] or [quartier(code)]
    if len(heirs) == 1:
        return _anchor(heirs[0], place.name, link)
    became = Html(", ").join(_anchor(heir, heir.short_name, link) for heir in heirs)
    return prose("{} <small>devenu {}</small>", place.name, became)


def _anchor(place: Qpv, name: str, link: Callable[[str], str]) -> Html:
    return Html('<a href="{}">{}</a>').format(link(place.code), name)


def _figure(gap: Gap, found: Gaps) -> Html:
    entry = found.panorama.indicator
    shown = data_tag(gap.observation, entry)
    if gap.figure:
        return shown + Html("<small>{}</small>").format(
            gap_tag(gap.figure, entry, _statistic(found))
        )
    within = interval(gap.observation, entry)
    return shown + Html("<small>{}</small>").format(within) if within else shown


def _statistic(found: Gaps) -> str:
    return CITY_GAP if found.beside_city else MEDIAN_GAP


def _ends(gap: Gap, found: Gaps) -> tuple[float, float]:
    """The interval of a gap; a point where it is nothing but the rounding of the figure."""
    figure = gap.figure
    if figure is None:
        raise ValueError(f"{gap.observation.territory}: no gap to draw.")
    return bounds(figure, found.panorama.indicator) or (figure.amount, figure.amount)


def _scale(found: Gaps) -> tuple[Callable[[float], float], tuple[float, float]]:
    """From a gap to its place; the gaps at both ends of the scale, which holds zero."""
    ends = [end for gap in found.rows if gap.figure for end in _ends(gap, found)]
    low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
    high = high if high > low else low + 1

    def x(number: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (number - low) / (high - low), 2)

    return x, (low, high)


def _head(found: Gaps, zero: float, scale: tuple[float, float]) -> Html:
    """The head of the drawn column: its scale, and the name of the line at zero."""
    name = "Marseille" if found.beside_city else "médian"
    anchor = "start" if zero < 30 else "end" if zero > 70 else "middle"
    return Html(
        '<th scope="col" class="qpv-rang"><svg role="img" aria-label="{}" height="{}">'
        '<line class="qpv-axe" data-echelle="{}|{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>'
        '<text x="{}%" y="{}" text-anchor="{}">{}</text></svg></th>'
    ).format(
        prose("Écart avec {}", "Marseille" if found.beside_city else "le quartier médian"), ROW,
        *scale, LEFT, ROW / 2, RIGHT, ROW / 2, zero, ROW - 6, anchor, name,
    )  # fmt: skip


def _mark(gap: Gap, found: Gaps, x: Callable[[float], float]) -> Html:
    """A full dot where the gap is sure, a hollow one where it is not, nothing without a gap."""
    figure = gap.figure
    if figure is None:
        return Html('<td class="qpv-rang"></td>')
    sure = gap.comparison.verdict in (ABOVE, BELOW)
    low, high = _ends(gap, found)
    drawn = bounds(figure, found.panorama.indicator) is not None
    bar = Html('<line data-barre="{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>').format(
        bar_key(figure, _statistic(found)), x(low), ROW / 2, x(high), ROW / 2
    )
    return Html(
        '<td class="qpv-rang"><svg role="img" aria-label="{}" height="{}"{}>{}'
        '<circle cx="{}%" cy="{}" r="4.5"/></svg></td>'
    ).format(
        VERDICTS[gap.comparison.verdict], ROW, attributes(class_="qpv-net" if sure else None),
        bar if drawn else "", x(figure.amount), ROW / 2,
    )  # fmt: skip
