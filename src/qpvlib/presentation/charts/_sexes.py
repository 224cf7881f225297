"""Women beside men or everyone: two marks and their intervals per indicator, from zero."""

from collections.abc import Sequence
from functools import partial

from qpvlib.catalogue import Indicator
from qpvlib.observations import Observation
from qpvlib.presentation import names
from qpvlib.presentation.charts._gaps import VERDICTS
from qpvlib.presentation.charts._style import BLUE, FOCUS, GREEN, GREY
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.formats import bar_key, bounds, data_tag, interval, value
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.presentation.origins import producers
from qpvlib.presentation.placement import distance, measured
from qpvlib.presentation.tables import Table
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR
from qpvlib.reading.sexes import Pair
from qpvlib.territories import get

# Units of the drawing: its width, the ends of the scale, the column of the figures.
WIDTH, LEFT, RIGHT, COLUMN = 340, 6, 206, 222
LEGEND, ROW = 22, 48
# Heights in a row: its title, then each mark.
TITLE, FIRST, SECOND = 13, 24, 38
# What a row says of women: the words of the table, short enough for the column.
SHORT = VERDICTS | {INDISTINCT: "non distinguable"}
# Marks told apart without colour: a full dot, a hollow diamond, a hollow square.
WOMEN = Html('<circle cx="{0}" cy="{1}" r="4.5" fill="{2}"/>')
ALL_MARK = Html('<path d="M{0} {1}m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z" fill="#fff" stroke="{2}"/>')
MEN = Html('<path d="M{0} {1}m-4.5 -4.5h9v9h-9z" fill="#fff" stroke="{2}"/>')


def sexes(pairs: Sequence[Pair]) -> Figure:
    """Return one row per indicator: the figure of women, and that of men or of everyone.

    Rows of one unit share a scale that starts at zero; a figure that is not published is said in
    words, without a mark.
    """
    finding = _finding(pairs)
    places = dict.fromkeys(get(pair.women.territory) for pair in pairs)
    where = ", ".join(f"{place.name}, périmètre {names.perimeter_year(place)}" for place in places)
    nested = not all(pair.beside_men for pair in pairs)
    return Figure(
        _drawing(pairs, finding),
        prose(
            "Les femmes et {}, avec leur marge ({}). Chaque ligne part de zéro.{}",
            "l'ensemble" if nested else "les hommes",
            where,
            prose(
                " L'ensemble réunit femmes et hommes : sans chiffre des hommes dans la source, "
                "l'écart est mesuré avec lui ; l'écart avec les hommes est plus grand."
            )
            if nested
            else "",
        ),
        finding,
        Table(
            "Femmes, hommes et ensemble",
            ("Indicateur", "Année", "Femmes", "Marge", "Autre chiffre", "Marge", "Écart",
             "Lecture"),
            tuple(_row(pair) for pair in pairs),
        ),
        producers(one for pair in pairs for one in (pair.women, pair.other)),
    )  # fmt: skip


def _finding(pairs: Sequence[Pair]) -> Html:
    verdicts = [pair.comparison.verdict for pair in pairs]
    unclear = sum(verdicts.count(verdict) for verdict in (SIMILAR, INDISTINCT))
    lacking = len(pairs) - unclear - verdicts.count(ABOVE) - verdicts.count(BELOW)
    return prose(
        "Indicateurs où les femmes sont au-dessus : {} ; en dessous : {} ; écart faible ou non "
        "distinguable : {}{}.",
        verdicts.count(ABOVE),
        verdicts.count(BELOW),
        unclear,
        prose(" ; sans écart calculé : {}", lacking) if lacking else "",
    )


def _row(pair: Pair) -> tuple[Html | str, ...]:
    entry, other = pair.indicator, pair.other
    who = "hommes" if pair.beside_men else "ensemble"
    return (
        measured(pair, entry.libelle),
        str(pair.women.vintage),
        data_tag(pair.women, entry),
        interval(pair.women, entry),
        Html("{} <small>({})</small>").format(data_tag(other, entry), who),
        interval(pair.other, entry),
        distance(pair),
        VERDICTS.get(pair.comparison.verdict, ""),
    )


def _drawing(pairs: Sequence[Pair], finding: Html) -> Html:
    tops = _tops(pairs)
    marks = [_legend(pairs)]
    for rank, pair in enumerate(pairs):
        entry, y, top = pair.indicator, LEGEND + ROW * rank, tops[pair.indicator.unite]
        x = partial(_x, top)
        year = pair.women.vintage
        shape = (MEN, GREEN) if pair.beside_men else (ALL_MARK, BLUE)
        marks += [
            _text(0, y + TITLE, f"{entry.libelle_court}, {year}"),
            _text(WIDTH, y + TITLE, SHORT.get(pair.comparison.verdict, ""), anchor="end"),
            Html(
                '<g stroke="{}" stroke-width=".6"><path d="M{} {}v26"/>'
                '<path data-echelle="0|{}" d="M{} {}H{}"/></g>'
            ).format(GREY, LEFT, y + FIRST - 6, top, LEFT, y + SECOND + 6, RIGHT),
            _mark(pair.women, (WOMEN, FOCUS), x, y + FIRST, entry),
            _mark(pair.other, shape, x, y + SECOND, entry),
        ]
    return Html(
        '<svg class="qpv-dessin qpv-etroit" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, LEGEND + ROW * len(pairs) + 2, finding, Html("").join(marks))


def _tops(pairs: Sequence[Pair]) -> dict[str, float]:
    """The end of the scale of each unit, which starts at zero: the highest end of an interval."""
    tops: dict[str, float] = {}
    for pair in pairs:
        ends = [_ends(one, pair.indicator)[1] for one in (pair.women, pair.other)]
        tops[pair.indicator.unite] = max(tops.get(pair.indicator.unite, 0), *ends)
    return {unit: top or 1 for unit, top in tops.items()}


def _x(top: float, number: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * number / top, 1)


def _ends(figure: Observation, entry: Indicator) -> tuple[float, float]:
    """The bar of a figure, the figure itself without one; zero for one that is not published."""
    if not figure.is_value:
        return 0.0, 0.0
    return bounds(figure, entry) or (figure.amount, figure.amount)


def _mark(figure: Observation, mark: tuple[Html, str], x, y: float, entry: Indicator) -> Html:
    """The interval and the mark, and the figure in its column; words alone without a figure."""
    shape, colour = mark
    published = figure.is_value
    style = {"weight": "bold"} if published else {"style": "italic"}
    words = _text(COLUMN, y + 4, value(figure, entry), **style)
    if not published:
        return words
    low, high = (x(end) for end in _ends(figure, entry))
    bar = attributes(data_barre=bar_key(figure) if bounds(figure, entry) else None)
    line = Html('<path{} d="M{} {}H{}" stroke="{}" stroke-width="2"/>').format(
        bar, low, y, high, colour
    )
    return line + shape.format(x(figure.amount), y, colour) + words


def _legend(pairs: Sequence[Pair]) -> Html:
    shown = [(WOMEN, FOCUS, "femmes")]
    if not all(pair.beside_men for pair in pairs):
        shown.append((ALL_MARK, BLUE, "ensemble"))
    if any(pair.beside_men for pair in pairs):
        shown.append((MEN, GREEN, "hommes"))
    return Html("").join(
        shape.format(LEFT + 90 * rank, 9, colour) + _text(LEFT + 12 + 90 * rank, 13, label)
        for rank, (shape, colour, label) in enumerate(shown)
    )


def _text(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    weight: str = "normal",
    style: str = "normal",
) -> Html:
    return Html(
        '<text x="{}" y="{}" text-anchor="{}" font-size="12" font-weight="{}" font-style="{}" '
        'fill="currentColor">{}</text>'
    ).format(x, y, anchor, weight, style, text)
