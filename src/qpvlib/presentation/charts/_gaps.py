"""Small multiples of gaps: a dot and its interval per quartier, sector after sector.

The names would not hold in so small a chart: each dot carries its own as a title, and the table
under it says everything. Nothing is ranked: the order is that of the sectors and of the names.
"""

from qpvlib.presentation.charts._style import BLUE, FOCUS, GREY
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.formats import (
    CITY_GAP,
    MEDIAN,
    MEDIAN_GAP,
    bar_key,
    bounds,
    data_tag,
    gap_tag,
    signed,
    state,
    value,
)
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table, reference
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR
from qpvlib.reading.gaps import Gap, Gaps
from qpvlib.territories import Territory, get

VERDICTS = {
    ABOVE: "au-dessus",
    BELOW: "en dessous",
    SIMILAR: "comparable",
    INDISTINCT: "écart non distinguable",
}
# Drawings keep a white ground, on a dark page too.
PAPER = "#ffffff"
# Units of the drawing: its width, the margins of the scale, heights of a row and of a title.
WIDTH, LEFT, RIGHT = 340, 24, 316
ROW, TITLE, TOP, BOTTOM = 7, 17, 20, 18


def gaps(found: Gaps) -> Figure:
    """Return the gap of every quartier with one reference, as dots with their intervals."""
    entry, first = found.panorama.indicator, found.panorama.spread.observations[0]
    finding = _finding(found)
    perimeter = first.geography.removeprefix("qpv")
    return Figure(
        _drawing(found, finding),
        prose(
            "<strong>{}</strong>, {}, périmètres {}. Trait vertical : {} ({}{}). {}",
            entry.libelle,
            first.year,
            perimeter,
            "Marseille" if found.beside_city else "quartier médian",
            value(found.reference, entry),
            f" en {found.reference.vintage}" if found.reference.vintage != first.vintage else "",
            finding,
        ),
        finding,
        Table(
            prose("{}, {} : écart de chaque quartier", entry.libelle, first.year),
            ("Quartier", "Chiffre", _head(found), "Lecture"),
            tuple(
                (_name(gap, sector), *_cells(gap, found))
                for sector, rows in found.sectors
                for gap in rows
            ),
        ),
        origins([*found.panorama.spread.observations, found.reference]),
    )


def _name(gap: Gap, sector: Territory) -> Html:
    name = get(gap.observation.territory).name
    return Html("{} <small>{}</small>").format(name, sector.name)


def _head(found: Gaps) -> Html:
    entry = found.panorama.indicator
    if found.beside_city:
        city = reference(found.reference, found.panorama.spread.observations[0], entry)
        return prose("Écart avec Marseille ({})", city)
    return prose("Écart avec la médiane ({})", data_tag(found.reference, entry, MEDIAN))


def _cells(gap: Gap, found: Gaps) -> tuple[Html | str, ...]:
    entry = found.panorama.indicator
    figure = data_tag(gap.observation, entry)
    if gap.figure is None:
        return figure, "", ""
    distance = gap_tag(gap.figure, entry, _statistic(found))
    return figure, distance, VERDICTS[gap.comparison.verdict]


def _statistic(found: Gaps) -> str:
    return CITY_GAP if found.beside_city else MEDIAN_GAP


def _ends(gap: Gap, found: Gaps) -> tuple[float, float]:
    """The interval of a gap; a point where it is nothing but the rounding of the figure."""
    figure = gap.figure
    if figure is None:
        raise ValueError(f"{gap.observation.territory}: no gap to draw.")
    return bounds(figure, found.panorama.indicator) or (figure.amount, figure.amount)


def _finding(found: Gaps) -> Html:
    masked = sum(not gap.observation.is_value for gap in found.rows)
    return prose(
        "Quartiers au-dessus : {} ; en dessous : {} ; écart faible ou non distinguable : {}{}.",
        found.count(ABOVE),
        found.count(BELOW),
        found.count(SIMILAR, INDISTINCT),
        prose(" ; sans chiffre publié : {}", masked) if masked else "",
    )


def _drawing(found: Gaps, finding: Html) -> Html:
    entry = found.panorama.indicator
    ends = [end for gap in found.rows if gap.figure for end in _ends(gap, found)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    reach = (high - low) or 1.0

    def x(number: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (number - low) / reach, 1)

    marks, y = [], TOP
    for sector, rows in found.sectors:
        marks.append(_text(0, y + TITLE - 6, sector.name, "start"))
        y += TITLE
        for gap in rows:
            marks.append(_mark(gap, found, x, y + ROW / 2))
            y += ROW
    zero = Html(
        '<path data-echelle="{}|{}" d="M{} {}H{}"/>'
        '<path d="M{} {}V{}" stroke="{}" stroke-width="1.5"/>'
    ).format(low, low + reach, LEFT, TOP, RIGHT, x(0), TOP - 4, y + 2, BLUE)
    edges = [
        _text(LEFT if side == "start" else RIGHT, y + BOTTOM - 5, signed(end, entry), side)
        for end, side in ((low, "start"), (high, "end"))
        if end
    ]
    reference = "Marseille" if found.beside_city else "médiane"
    middle = min(max(x(0), 40), WIDTH - 40)
    return Html(
        '<svg class="qpv-dessin" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
    ).format(
        WIDTH,
        y + BOTTOM,
        prose("{} : {}", entry.libelle, finding),
        zero + _text(middle, TOP - 8, reference, "middle"),
        Html("").join([*marks, *edges]),
    )


def _mark(gap: Gap, found: Gaps, x, y: float) -> Html:
    """A full dot where the gap is sure, a hollow one where it is not, a cross without figure."""
    entry, name = found.panorama.indicator, get(gap.observation.territory).name
    if gap.figure is None:
        title = prose("{} : {}", name, state(gap.observation) or "marge inconnue")
        return Html('<g><title>{}</title><path d="M{} {}l4 4m0 -4l-4 4" stroke="{}"/></g>').format(
            title, LEFT - 20, y - 2, GREY
        )
    figure = gap.figure
    sure = gap.comparison.verdict in (ABOVE, BELOW)
    colour = FOCUS if sure else GREY
    low, high = _ends(gap, found)
    bar = bar_key(figure, _statistic(found)) if bounds(figure, entry) else None
    title = prose(
        "{} : {}, {}", name, signed(figure.amount, entry), VERDICTS[gap.comparison.verdict]
    )
    return Html(
        '<g stroke="{}"><title>{}</title><path{} d="M{} {}H{}" stroke-width="1.2"/>'
        '<circle cx="{}" cy="{}" r="2.6" fill="{}"/></g>'
    ).format(
        colour, title, attributes(data_barre=bar), x(low), y, x(high), x(figure.value), y,
        colour if sure else PAPER,
    )  # fmt: skip


def _text(x: float, y: float, text: str, anchor: str) -> Html:
    return Html(
        '<text x="{}" y="{}" text-anchor="{}" font-size="11" fill="currentColor" stroke="{}" '
        'stroke-width="3" paint-order="stroke">{}</text>'
    ).format(x, y, anchor, PAPER, text)
