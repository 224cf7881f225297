"""The map of the first screen: the quartier, its neighbours and the places around, all named."""

from collections.abc import Callable, Iterable, Iterator

from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from qpvlib.presentation.basemap import Frame, ordinal, outlines
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sector_maps import landmarks
from qpvlib.reading.around import iris_names, neighbours
from qpvlib.territories import METRIC_CRS, Qpv, background, qpv, quartier

# Units of the drawing; metres around the quartier, and its smallest reach.
WIDTH, HEIGHT = 340, 220
AROUND, SMALLEST = 450, 900
# Units of a letter of each kind of name, of a line, and between two names.
_LETTERS, _LINE, _GAP = {"quartier": 6.7, "lieu": 5.8}, 12, 2
# Units by which the name of a neighbour may move to find room.
_SHIFTS = (0, -13, 13, -26, 26)
PLACES = 9
"""Names of places at most, besides those of the quartiers."""


def locator(code: str, link: Callable[[str], str]) -> Html:
    """Return the map around a quartier; each neighbour leads to its page.

    Parameters
    ----------
    code
        QPV of 2024.
    link
        Code of a quartier -> address of its page.
    """
    territory, shapes = quartier(code), outlines()
    frame = _window(shapes[code])
    seen = box(frame.left, frame.bottom, frame.right, frame.top)
    others = [q for q in qpv() if q.code != code and shapes[q.code].intersects(seen)]
    marks = [
        *(_shape(frame, outline, "sol") for outline in _ground() if outline.intersects(seen)),
        *(
            Html('<a href="{}"><title>{}</title>{}</a>').format(
                link(q.code), q.name, _shape(frame, shapes[q.code], "autre")
            )
            for q in others
        ),
        _shape(frame, shapes[code], "ici"),
        *_names(frame, territory, others, seen),
        _scale(frame),
    ]
    around = ", ".join(q.name for q in neighbours(code))
    where = " et ".join(ordinal(one) for one in sorted(territory.arrondissements))
    alt = prose("{}, {} arrondissement. Quartiers voisins : {}.", territory.name, where, around)
    return Html(
        '<svg class="qpv-plan" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, alt, Html("").join(marks))


def _window(outline: BaseGeometry) -> Frame:
    left, bottom, right, top = outline.bounds
    x, y = (left + right) / 2, (bottom + top) / 2
    reach = max(
        SMALLEST, (right - left) / 2 + AROUND, ((top - bottom) / 2 + AROUND) * WIDTH / HEIGHT
    )
    high = reach * HEIGHT / WIDTH
    return Frame(x - reach, y - high, x + reach, y + high, 2 * reach / WIDTH)


def _ground() -> Iterator[BaseGeometry]:
    for layer in ("communes_voisines", "arrondissements_13055"):
        yield from background(layer).to_crs(METRIC_CRS).geometry


def _shape(frame: Frame, outline: BaseGeometry, kind: str) -> Html:
    return Html('<path class="qpv-plan--{}" d="{}"/>').format(kind, frame.path(outline))


def _names(frame: Frame, here: Qpv, others: Iterable[Qpv], seen: BaseGeometry) -> Iterator[Html]:
    """Write the names that find room: the quartiers', then those of the places, nearest first."""
    taken: list[tuple[float, float, float, float]] = []
    shapes = outlines()
    told: list[tuple[str, BaseGeometry, str]] = [
        (q.short_name, shapes[q.code].intersection(seen).representative_point(), "quartier")
        for q in (here, *others)
    ]
    middle = shapes[here.code].centroid
    for group in (landmarks().items(), iris_names()):
        near = [(name, point) for name, point in group if seen.contains(point)]
        near.sort(key=lambda pair: (pair[1].distance(middle), pair[0]))
        told += [(name, point, "lieu") for name, point in near]
    count = 0
    for name, point, kind in told:
        spot, level = frame.point(*point.coords[0])
        half = len(name) * _LETTERS[kind] / 2
        x = min(max(spot, half + _GAP), WIDTH - half - _GAP)
        other = kind == "quartier" and name != here.short_name
        for y in (level + shift for shift in (_SHIFTS if other else (0,))):
            area = (x - half - _GAP, y - _LINE, x + half + _GAP, y + _GAP)
            room = all(
                area[2] <= a[0] or a[2] <= area[0] or area[3] <= a[1] or a[3] <= area[1]
                for a in taken
            )
            # A neighbour's name over this quartier, or moved over a third, would name it wrongly.
            ground = _ground_of(frame, area)
            barred = [here, *others] if y != level else [here]
            wrong = other and any(
                q.short_name != name and shapes[q.code].intersects(ground) for q in barred
            )
            if room and not wrong and _LINE <= y <= HEIGHT - 18 and 2 * half < WIDTH:
                break
        else:
            continue
        if kind == "lieu" and count >= PLACES:
            continue
        count += kind == "lieu"
        taken.append(area)
        yield Html('<text class="qpv-plan--nom qpv-plan--{}" x="{:.0f}" y="{}">{}</text>').format(
            kind, x, y, name
        )


def _ground_of(frame: Frame, area: tuple[float, float, float, float]) -> BaseGeometry:
    """The ground under a part of the drawing, in metres."""
    left, top, right, bottom = (edge * frame.unit for edge in area)
    return box(frame.left + left, frame.top - bottom, frame.left + right, frame.top - top)


def _scale(frame: Frame) -> Html:
    bar = 1000 if frame.unit > 10 else 500 if frame.unit > 4 else 200
    length = round(bar / frame.unit)
    return prose(
        '<path class="qpv-plan--echelle" d="M8 {}h{}"/>'
        '<text class="qpv-plan--nom" style="text-anchor:start" x="8" y="{}">{} m</text>',
        HEIGHT - 5, length, HEIGHT - 9, str(bar),
    )  # fmt: skip
