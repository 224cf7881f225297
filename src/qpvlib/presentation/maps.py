"""Maps as inline SVG: a shape, a link and a title per quartier; no script, no outside host."""

import hashlib
from collections.abc import Callable, Iterable, Mapping

from qpvlib.catalogue import Indicator
from qpvlib.observations import SECRET, Observation
from qpvlib.presentation.basemap import (
    INK,
    city_map,
    ordinal,
    quartier_mark,
)
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.formats import data_tag, state, value
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table
from qpvlib.reading.aggregate import Spread
from qpvlib.territories import Qpv, get, predecessors, qpv, sectors

OTHER = "#c9c4b8"
SECTOR_COLOURS = ("#56b4e9", "#e69f00", "#cc79a7", "#009e73")
# ColorBrewer YlGnBu, safe for colour-blind readers; the darker, the higher.
CLASSES = {
    1: ("#41b6c4",),
    2: ("#a1dab4", "#225ea8"),
    3: ("#c7e9b4", "#41b6c4", "#225ea8"),
    4: ("#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"),
    5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
}
# A class holds at least this many quartiers on average.
CLASS_SIZE = 4


def atlas(
    spread: Spread | None,
    indicator: Indicator | None,
    link: Callable[[str], str],
    shared: bool = False,
) -> Figure:
    """Return the map of the 41 quartiers, each leading to its page.

    Parameters
    ----------
    spread, indicator
        What to paint; without them, the sectors. A figure of 2015 is painted on the quartiers
        that come from its perimeter, with a dashed outline unless the perimeter is the same.
    link
        Code of a quartier -> address of its page, relative to the page of the map.
    shared
        Whether the outlines are those of :func:`qpvlib.presentation.basemap.common`, and the
        names beside the map are the keyboard's way to the portraits.
    """
    if spread is None or indicator is None:
        return _sector_atlas(link)
    shown = {q: found for q in qpv() if (found := _figure_of(q, spread))}
    key = "c" + hashlib.sha256(repr((indicator.id, spread)).encode()).hexdigest()[:8]
    edges = class_edges([o.amount for o in spread.published])
    marks = [_hatches(key)]
    for q in qpv():
        if q not in shown:
            shape = quartier_mark(q.code, OTHER, shared=shared)
            marks.append(_linked(shape, q.name, link(q.code), not shared))
            continue
        figure, same = shown[q]
        note = "" if same else prose(" (périmètre 2015 : {})", get(figure.territory).name)
        shape = quartier_mark(q.code, _fill(figure, edges, key), not same, shared)
        title = prose("{} : {}{}", q.name, value(figure, indicator), note)
        marks.append(_linked(shape, title, link(q.code), not shared))
    year = spread.observations[0].year
    alt = _finding(spread, indicator, year)
    return Figure(
        city_map(marks, alt, "group", shared)
        + _legend(_entries(spread, shown, indicator, edges, key)),
        prose("{} par quartier prioritaire, {}.", indicator.libelle, year),
        alt,
        Table(
            prose("{}, {}", indicator.libelle, year),
            ("Quartier", "Chiffre", "Périmètre"),
            tuple(
                (
                    _anchor(link(q.code), q.name),
                    data_tag(figure, indicator),
                    _perimeter(figure, same),
                )
                for q, (figure, same) in shown.items()
            ),
        ),
        origins(spread.observations) + prose(" Contours : ANCT, 2024."),
    )


def class_edges(values: list[float], most: int = 5) -> list[float]:
    """Return the lowest value of each class, with as many quartiers as ties allow.

    A lowest value that fills a class by itself, zero most often, is one: what is above it is
    classed apart.

    Parameters
    ----------
    values
        One per quartier, from the lowest.
    most
        Classes at most.
    """
    if not values:
        return []
    count = max(1, min(most, len(values) // CLASS_SIZE))
    edges = [values[len(values) * i // count] for i in range(count)]
    above = [value for value in values if value > values[0]]
    alone = len(values) - len(above) >= CLASS_SIZE and edges[min(1, count - 1)] == values[0]
    if above and alone and most > 1:
        return [values[0], *class_edges(above, most - 1)]
    return sorted(set(edges))


def painted(
    classes: Mapping[str, tuple[str, str]],
    link: Callable[[str], str],
    alt: str,
    under: Iterable[Html] = (),
) -> Html:
    """Return the map of the 41 quartiers in a few classes, with its legend.

    Parameters
    ----------
    classes
        Code of each quartier -> colour and name of its class.
    link
        Code of a quartier -> address of its page, relative to the page of the map.
    alt
        What the map shows.
    under
        Marks drawn under the quartiers.
    """
    marks = [
        _linked(
            quartier_mark(q.code, classes[q.code][0]),
            prose("{} : {}", q.name, classes[q.code][1]),
            link(q.code),
        )
        for q in qpv()
    ]
    entries = dict.fromkeys(classes[q.code] for q in qpv())
    return city_map([*under, *marks], alt, "group") + _legend(
        _swatch(colour) + name for colour, name in sorted(entries, key=lambda entry: entry[1])
    )


def _sector_atlas(link: Callable[[str], str]) -> Figure:
    colours = dict(zip((s.code for s in sectors()), SECTOR_COLOURS, strict=True))
    alt = prose("{} quartiers prioritaires à Marseille, en quatre secteurs.", len(qpv()))
    return Figure(
        painted({q.code: (colours[q.sector], get(q.sector).name) for q in qpv()}, link, alt),
        "Les quartiers prioritaires de Marseille en 2024, par secteur. Chaque quartier mène à son "
        "portrait.",
        alt,
        Table(
            "Les quartiers prioritaires de 2024",
            ("Quartier", "Secteur", "Arrondissements"),
            tuple(
                (_anchor(link(q.code), q.name), get(q.sector).name, _arrondissements(q))
                for q in qpv()
            ),
        ),
        "ANCT, contours des quartiers prioritaires 2024.",
    )


def _figure_of(territory: Qpv, spread: Spread) -> tuple[Observation, bool] | None:
    """The figure painted on a quartier, and whether it has exactly its perimeter."""
    by_code = {o.territory: o for o in spread.observations}
    if territory.code in by_code:
        return by_code[territory.code], True
    for passage in predecessors(territory.code)[:1]:
        if passage.code_2015 in by_code:
            return by_code[passage.code_2015], passage.same
    return None


def _perimeter(figure: Observation, same: bool) -> str:
    return "2024" if same else prose("2015 : {}", get(figure.territory).name)


def _finding(spread: Spread, indicator: Indicator, year: int) -> Html:
    if not spread.published:
        return prose("Aucun chiffre publié pour {} en {}.", indicator.libelle, year)
    low, high = spread.lowest, spread.highest
    masked = len(spread.observations) - len(spread.published)
    return prose(
        "{} en {} : de {} ({}) à {} ({}).{}",
        indicator.libelle, year,
        value(low, indicator), get(low.territory).name,
        value(high, indicator), get(high.territory).name,
        f" {masked} sans chiffre publié." if masked else "",
    )  # fmt: skip


def _fill(figure: Observation, edges: list[float], key: str) -> str:
    if not figure.is_value:
        return f"url(#{key}-{'secret' if figure.state == SECRET else 'absent'})"
    return CLASSES[len(edges)][_class(figure.amount, edges)]


def _class(number: float, edges: list[float]) -> int:
    return max(i for i, edge in enumerate(edges) if edge <= number)


def _entries(spread: Spread, shown: dict, indicator: Indicator, edges: list[float], key: str):
    colours = CLASSES[len(edges) or 1]
    for i in range(len(edges)):
        inside = [o.amount for o in spread.published if _class(o.amount, edges) == i]
        ends = [value(end, indicator) for end in (inside[0], inside[-1])]
        yield _swatch(colours[i]) + (ends[0] if ends[0] == ends[1] else prose("de {} à {}", *ends))
    masked = {o.state: state(o) for o, _ in shown.values() if not o.is_value}
    for name, words in sorted(masked.items()):
        yield _swatch(f"url(#{key}-{'secret' if name == SECRET else 'absent'})") + words
    if not all(same for _, same in shown.values()):
        yield (
            _swatch("none", dashed=True)
            + "chiffre du quartier de 2015, périmètre différent ou à vérifier"
        )


def _hatches(key: str) -> Html:
    """Two patterns that are told apart without colour: slanted lines, and dots."""
    return Html(
        '<defs><pattern id="{0}-secret" width="24" height="24" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="24" height="24" fill="#ffffff"/>'
        '<path d="M0 0v24" stroke="#555555" stroke-width="14"/></pattern>'
        '<pattern id="{0}-absent" width="20" height="20" patternUnits="userSpaceOnUse">'
        '<rect width="20" height="20" fill="#ffffff"/>'
        '<circle cx="10" cy="10" r="5" fill="#555555"/></pattern></defs>'
    ).format(key)


def _linked(shape: Html, title: str, address: str, focusable: bool = True) -> Html:
    return Html("<a{}><title>{}</title>{}</a>").format(
        attributes(href=address, tabindex=None if focusable else -1), title, shape
    )


def _anchor(address: str, text: str) -> Html:
    return Html('<a href="{}">{}</a>').format(address, text)


def _legend(entries: Iterable[Html]) -> Html:
    items = Html("").join(Html("<li>{}</li>").format(entry) for entry in entries)
    return Html('<ul class="qpv-legende-carte">{}</ul>').format(items)


def _swatch(fill: str, dashed: bool = False) -> Html:
    return Html(
        '<svg class="qpv-pastille" viewBox="0 0 60 40" width="30" height="20" aria-hidden="true">'
        '<rect x="3" y="3" width="54" height="34"{}/></svg> '
    ).format(
        attributes(
            fill=fill,
            stroke="currentColor" if dashed else INK,
            stroke_width=4,
            stroke_dasharray="10 6" if dashed else None,
        )
    )


def _arrondissements(territory: Qpv) -> str:
    return ", ".join(map(ordinal, sorted(territory.arrondissements)))
