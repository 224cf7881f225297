"""The four sectors drawn close enough for the quartiers to bear their names.

Each name and its shape are one link, wide enough for a finger; landmarks (metro, stations,
hospitals) come from the official stops. The list beside each map says the same: for who cannot
see the map or has no mouse, it is the list that counts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import shapely
import shapely.ops
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from qpvlib import gazetteer
from qpvlib.presentation import names
from qpvlib.presentation.basemap import INK, LAND, LINE, SEA, Frame, ground, mark, ordinal, outlines
from qpvlib.presentation.markup import Html, prose
from qpvlib.territories import METRIC_CRS, Qpv, Territory, background, qpv, sector_members, sectors

Link = Callable[[str], str]
WIDTH = 1440
"""Units of drawing across: four to a pixel of a phone."""
LEAST_HEIGHT = 0.9
"""Of a map, in widths."""
LETTER, SMALL, NUMBER = 50, 42, 64
ROOMY = 6
"""Names that a quartier can hold from which one is written over it."""
FAR = 30
"""Units between a name and its quartier beyond which a line joins them."""
TARGET = 62
"""Radius of what a finger may touch: more than 24 pixels across on a screen of 320."""
MINE, OTHERS = "var(--qpv-quartier, #f0a35e)", "var(--qpv-voisin, #cfc9bb)"
_LINE, _CHARACTER = 17, 0.53  # letters a line; mean width of a letter, for a height of 1
_LANDMARKS = ("Gare ", "Hôpital ")
_METRO = "station de métro"


@dataclass(frozen=True)
class Label:
    """A name written on a map: its lines, where its middle is, and the room it takes."""

    lines: tuple[str, ...]
    x: float
    y: float
    size: int = LETTER

    @property
    def room(self) -> BaseGeometry:
        """The rectangle it covers."""
        half = max(map(len, self.lines)) * self.size * _CHARACTER / 2
        tall = len(self.lines) * self.size * 0.58
        return box(self.x - half, self.y - tall, self.x + half, self.y + tall)

    def html(self) -> Html:
        """Return the text element, one line under the other."""
        first = self.y - (len(self.lines) - 1) * self.size * 0.56 + self.size * 0.36
        return Html('<text text-anchor="middle" font-size="{}">{}</text>').format(
            self.size,
            Html(" ").join(
                Html('<tspan x="{}" y="{}">{}</tspan>').format(
                    round(self.x), round(first + rank * self.size * 1.12), line
                )
                for rank, line in enumerate(self.lines)
            ),
        )


def atlas(link: Link, sector_link: Link) -> Html:
    """Return the four sectors: title, map, and quartiers by name.

    Parameters
    ----------
    link, sector_link
        Code of a quartier, of a sector -> address of its page, relative to the page.
    """
    blocks = Html("").join(
        prose(
            '<section><h3><a href="{}">{}</a></h3>{}<ul>{}</ul></section>',
            sector_link(sector.code),
            sector.name,
            sector_map(sector, link),
            Html("").join(
                Html('<li><a href="{}">{}</a></li>').format(link(member.code), member.name)
                for member in sorted(sector_members(sector.code), key=names.sorting)
            ),
        )
        for sector in sectors()
    )
    return Html('<div class="qpv-secteurs">{}</div>').format(blocks)


def sector_map(sector: Territory, link: Link) -> Html:
    """Return the map of a sector, hidden from screen readers: the list beside it says the same."""
    members = sector_members(sector.code)
    frame = _frame(members)
    width, height = frame.size
    shapes = {member: _drawn(frame, outlines()[member.code]) for member in members}
    labels = _placed(shapes, box(0, 0, width, height))
    around = [outlines()[q.code] for q in qpv() if q not in members]
    taken = [label.room for label in labels.values()]
    return Html(
        '<svg class="qpv-carte-secteur" viewBox="0 0 {0} {1}" aria-hidden="true">'
        '<rect width="{0}" height="{1}" fill="{2}"/>{3}{4}{5}'
        '<g fill="{6}" stroke="{7}" stroke-width="14" paint-order="stroke" '
        'stroke-linejoin="round">{8}{9}</g></svg>'
    ).format(
        width, height, SEA, ground(frame),
        _joined(mark(frame, outline, OTHERS, stroke=LINE) for outline in around),
        _joined(mark(frame, outlines()[member.code], MINE) for member in members),
        INK, LAND, _joined(_landmarks(frame, taken, shapes.values())),
        _joined(_linked(member, link, shapes, labels[member]) for member in members),
    )  # fmt: skip


def _joined(pieces: Iterable[Html]) -> Html:
    return Html("").join(pieces)


def _linked(member: Qpv, link: Link, shapes: dict[Qpv, BaseGeometry], label: Label) -> Html:
    """Return the name of a quartier and what a finger may touch of it, as one link.

    A line joins them where they are apart, or where another quartier is closer to the name.
    """
    shape, leader = shapes[member], Html("")
    x, y = _middle(shape)
    nearest = min(shapes, key=lambda other: label.room.distance(shapes[other]))
    away = label.room.distance(shape)
    if away > FAR or (away and nearest != member):
        start, end = shapely.ops.nearest_points(label.room, shape)
        leader = Html('<path d="M{} {}L{} {}" stroke="{}" stroke-width="4"/>').format(
            *map(round, (start.x, start.y, end.x, end.y)), INK
        )
    return Html(
        '<a href="{}" tabindex="-1"><title>{}</title>{}<circle cx="{}" cy="{}" r="{}" fill="none" '
        'stroke="none" pointer-events="all"/>{}</a>'
    ).format(link(member.code), member.name, leader, x, y, TARGET, label.html())


def _frame(members: tuple[Qpv, ...]) -> Frame:
    """Return the window on a sector, with room for the names at its edges."""
    left, bottom, right, top = shapely.total_bounds([outlines()[m.code] for m in members])
    wide, tall = right - left, top - bottom
    side = max(0.24 * wide, 0.3 * (tall - wide) if tall > wide else 0)
    across = wide + 2 * side
    edge = max(0.09 * tall, (LEAST_HEIGHT * across - tall) / 2)
    return Frame(left - side, bottom - edge, right + side, top + edge, across / WIDTH)


def _drawn(frame: Frame, outline: BaseGeometry) -> BaseGeometry:
    """Return a shape of the ground in units of drawing, y downwards."""
    return shapely.transform(
        outline, lambda p: (p - (frame.left, frame.top)) / (frame.unit, -frame.unit)
    )


def _middle(shape: BaseGeometry) -> tuple[int, int]:
    point = shape.representative_point()
    return round(point.x), round(point.y)


def _placed(shapes: dict[Qpv, BaseGeometry], window: BaseGeometry) -> dict[Qpv, Label]:
    """Return where each name goes: what it covers least, each in turn, then once more."""
    found: dict[Qpv, Label] = {}
    for _ in range(3):
        for member, shape in shapes.items():
            taken = shapely.union_all([one.room for m, one in found.items() if m != member])
            others = [other for m, other in shapes.items() if m != member]
            candidates = list(_candidates(member, shape))
            costs = [
                20 * label.room.difference(window).area
                + 10 * label.room.intersection(taken).area
                + _cost(label.room, shape, others)
                for label in candidates
            ]
            found[member] = candidates[costs.index(min(costs))]
    return found


def _cost(room: BaseGeometry, own: BaseGeometry, near: list[BaseGeometry]) -> float:
    """Return what a name at this place costs, in units of surface: what it hides or confuses."""

    def hidden(shape: BaseGeometry) -> float:
        return room.area * room.intersection(shape).area / min(shape.area, room.area)

    away = room.distance(own)
    line = shapely.shortest_line(room, own)
    return (
        8 * sum(map(hidden, near))
        + (0 if own.area > ROOMY * room.area else 2 * hidden(own))
        + 40 * away
        + 60 * sum(line.intersection(shape).length for shape in near)
        # A name belongs to the shape it is closest to.
        + 90 * max(0.0, away + 40 - min((room.distance(shape) for shape in near), default=1e6))
    )


def _candidates(member: Qpv, shape: BaseGeometry) -> Iterator[Label]:
    """Yield the name around each part of its quartier, closer then further."""
    for lines in _wrapped(member.short_name):
        _, _, half, tall = Label(lines, 0, 0).room.bounds
        for part in shapely.get_parts(shape):
            left, top, right, bottom = part.bounds
            x, y = _middle(part)
            for away in (6, 60, 130, 210, 300):
                for dx in (left - half - away, x, right + half + away):
                    for dy in (top - tall - away, y, bottom + tall + away):
                        yield Label(lines, dx, dy)


def _wrapped(name: str) -> Iterator[tuple[str, ...]]:
    """Yield a name on lines of several lengths."""
    for longest in (_LINE, 12):
        lines: list[str] = []
        for word in name.split():
            if lines and len(lines[-1]) + len(word) < longest:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        yield tuple(lines)


def _landmarks(
    frame: Frame, taken: list[BaseGeometry], shapes: Iterable[BaseGeometry]
) -> Iterator[Html]:
    """Yield the numbers of the arrondissements, then the landmarks that have room for a name.

    ``taken`` is the room of the names, to which that of each new one is added.
    """
    window = box(0, 0, *frame.size).buffer(-20)
    small = Label(("Gare Saint-Charles",), 0, 0, SMALL).room.area * ROOMY
    kept = [shape for shape in shapes if shape.area < small]
    for number, shape in _arrondissements().items():
        seen = _drawn(frame, shape).intersection(window)
        if seen.area > 0.04 * window.area:
            free = seen.difference(shapely.union_all([*shapes, *taken]).buffer(NUMBER))
            if free.is_empty:
                continue
            label = Label((number,), *_middle(free), NUMBER)
            yield Html('<g opacity="0.55">{}</g>').format(label.html())
            taken.append(label.room)
    for name, point in landmarks().items():
        spot = Point(_drawn(frame, point).coords[0])
        if not spot.within(window):
            continue
        half = Label((name,), 0, 0, SMALL).room.bounds[2] + 22
        for x in (spot.x + half, spot.x - half):
            label = Label((name,), x, spot.y, SMALL)
            room = label.room.union(spot.buffer(14))
            if room.within(window) and not any(room.intersects(other) for other in (*taken, *kept)):
                taken.append(room)
                yield Html('<circle cx="{}" cy="{}" r="13"/>{}').format(
                    round(spot.x), round(spot.y), label.html()
                )
                break


@cache
def landmarks() -> dict[str, BaseGeometry]:
    """Return what everyone knows: metro, stations, hospitals; name -> point, in metres."""
    places = gazetteer.places()
    known = places[
        places["nature"].eq(_METRO) | places["nom"].str.startswith(_LANDMARKS)
    ].drop_duplicates(gazetteer.COLUMNS)
    middles = known.groupby("nom", sort=True)[["longitude", "latitude"]].mean()
    return dict(zip(middles.index, gazetteer.points(middles), strict=True))


@cache
def _arrondissements() -> dict[str, BaseGeometry]:
    layer = background("arrondissements_13055").to_crs(METRIC_CRS)
    return dict(zip(map(ordinal, layer["insee_arm"]), layer.geometry, strict=True))
