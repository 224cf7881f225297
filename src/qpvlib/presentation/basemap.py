"""The ground under every map: a window on Marseille, shapes as SVG paths, the background."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from qpvlib.presentation.markup import Html, attributes
from qpvlib.territories import METRIC_CRS, background, contours

# Shapes are drawn to the nearest 10 m and simplified within this distance, in metres.
UNIT, TOLERANCE = 10, 6
# The ground takes the colours of the page, light or dark; these are those of a light one.
SEA, LAND, OUTSIDE, LINE, INK = (
    f"var(--qpv-{name}, {colour})"
    for name, colour in (
        ("mer", "#dbe6ee"),
        ("terre", "#f4f1ea"),
        ("dehors", "#e6e2d8"),
        ("limite", "#b9b2a3"),
        ("encre", "#333333"),
    )
)
# Of the numbers of the arrondissements: 9 pixels on a map of 240.
LETTERS = 70
FOCUS = "#d55e00"
# Side of the enlargement, in metres of the main map.
INSET = 5200


@dataclass(frozen=True)
class Frame:
    """A window on the ground (Lambert 93, metres) and how many metres make a unit of drawing."""

    left: float
    bottom: float
    right: float
    top: float
    unit: float = UNIT

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawing, in units."""
        return (
            round((self.right - self.left) / self.unit),
            round((self.top - self.bottom) / self.unit),
        )

    def path(self, geometry: BaseGeometry) -> str:
        """Return the ``d`` of a path: whole units, relative moves."""
        simple = shapely.clip_by_rect(
            geometry.simplify(TOLERANCE * self.unit / UNIT),
            self.left, self.bottom, self.right, self.top,
        )  # fmt: skip
        return "".join(self._ring(ring) for polygon in _polygons(simple) for ring in polygon)

    def point(self, x: float, y: float) -> tuple[int, int]:
        """Return where a place of the ground falls in the drawing."""
        return round((x - self.left) / self.unit), round((self.top - y) / self.unit)

    def _ring(self, ring: np.ndarray) -> str:
        points = np.rint((ring - (self.left, self.top)) / (self.unit, -self.unit)).astype(int)
        steps = np.diff(points, axis=0)
        moves = "".join(f"{x} {y} " for x, y in steps[:-1] if x or y).rstrip()
        x, y = points[0]
        # Smaller than a unit of the drawing, a ring is nothing.
        return f"M{x} {y}l{moves}z".replace(" -", "-") if moves else ""


def city_map(marks: Iterable[Html], alt: str, role: str, shared: bool = False) -> Html:
    """Return the map of Marseille with these marks; ``role`` is ``group`` when it has links.

    ``shared`` borrows the ground from :func:`common`, written once in the page.
    """
    width, height = city_frame().size
    drawn = (ground(city_frame()), _numbers()) if not shared else (_use("fond"), _use("numeros"))
    return Html(
        '<svg class="qpv-carte-svg" viewBox="0 0 {0} {1}" role="{2}" aria-label="{3}">'
        '<rect width="{0}" height="{1}" fill="{4}"/>{5}{6}{7}</svg>'
    ).format(width, height, role, alt, SEA, drawn[0], Html("\n").join(marks), drawn[1])


@cache
def common() -> Html:
    """Return what the maps of a page share: the ground, the numbers, the outlines; unseen."""
    frame = city_frame()
    shapes = Html("").join(
        Html('<path id="lieu-{}" d="{}"/>').format(code, frame.path(outline))
        for code, outline in outlines().items()
    )
    return Html(
        '<svg class="qpv-partage" width="0" height="0" aria-hidden="true"><defs>'
        '<g id="lieu-fond">{}</g><g id="lieu-numeros">{}</g>{}</defs></svg>'
    ).format(ground(frame), _numbers(), shapes)


def quartier_mark(code: str, fill: str, dashed: bool = False, shared: bool = False) -> Html:
    """Return a quartier of 2024 as a filled shape; ``shared`` borrows its outline."""
    if shared:
        return _use(code, **_paint(fill, dashed, INK))
    return mark(city_frame(), outlines()[code], fill, dashed)


def _use(name: str, **paint: str | int | None) -> Html:
    return Html("<use{}/>").format(attributes(href=f"#lieu-{name}", **paint))


def _paint(fill: str, dashed: bool, stroke: str) -> dict[str, str | int | None]:
    return {
        "fill": fill,
        "stroke": stroke,
        "stroke_width": 4 if stroke == INK else 5,
        "stroke_dasharray": "16 10" if dashed else None,
    }


def mark(
    frame: Frame, outline: BaseGeometry, fill: str, dashed: bool = False, stroke: str = INK
) -> Html:
    """Return an outline as a filled path."""
    return Html('<path d="{}"{}/>').format(
        frame.path(outline), attributes(**_paint(fill, dashed, stroke))
    )


def inset(outline: BaseGeometry) -> Html:
    """Return the quartier enlarged, with a scale bar, in the bottom left corner: the open sea."""
    left, bottom, right, top = outline.bounds
    side = INSET / UNIT
    reach = max(right - left, top - bottom) * 0.62
    x, y = (left + right) / 2, (bottom + top) / 2
    zoom = Frame(x - reach, y - reach, x + reach, y + reach, 2 * reach / side)
    bar = 500 if reach > 800 else 200
    length = round(bar / zoom.unit)
    return Html(
        '<g transform="translate(20 {0})"><rect width="{1}" height="{1}" fill="{10}" '
        'stroke="{2}" stroke-width="6"/><path d="{3}" fill="{4}"/>'
        '<path d="M30 {5}h{6}" stroke="{2}" stroke-width="8"/>'
        '<text x="30" y="{7}" font-size="{9}" fill="{2}">{8} m</text></g>'
    ).format(
        city_frame().size[1] - round(side) - 20, round(side), INK, zoom.path(outline), FOCUS,
        round(side) - 30, length, round(side) - 48, bar, LETTERS, LAND,
    )  # fmt: skip


def ordinal(code: str) -> str:
    """Return the number of an arrondissement from its code: ``1er``, ``15e``."""
    number = int(code[-2:])
    return "1er" if number == 1 else f"{number}e"


@cache
def outlines() -> dict[str, BaseGeometry]:
    """Return the outlines of the 41 QPV of 2024 in Lambert 93: code -> shape."""
    return dict(zip(contours().index, _projected(contours()), strict=True))


def _projected(frame: gpd.GeoDataFrame) -> list[BaseGeometry]:
    return list(frame.to_crs(METRIC_CRS).geometry)


@cache
def city_frame() -> Frame:
    """Return the window holding all the quartiers, wider on the side of the sea."""
    left, bottom, right, top = shapely.total_bounds(list(outlines().values()))
    return Frame(left - 2400, bottom - 2200, right + 1200, top + 900)


def _polygons(geometry: BaseGeometry) -> Iterable[list[np.ndarray]]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            yield [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]


@cache
def ground(frame: Frame) -> Html:
    """Return the neighbouring communes, then the arrondissements."""
    arrondissements = background("arrondissements_13055")
    layers = ((background("communes_voisines"), OUTSIDE), (arrondissements, LAND))
    return Html("").join(
        mark(frame, outline, fill, stroke=LINE)
        for layer, fill in layers
        for outline in _projected(layer)
        if frame.path(outline)
    )


@cache
def _numbers() -> Html:
    """The numbers of the arrondissements, readable over the quartiers."""
    frame, arrondissements = city_frame(), background("arrondissements_13055")
    texts = []
    for code, outline in zip(
        arrondissements["insee_arm"], _projected(arrondissements), strict=True
    ):
        x, y = frame.point(*outline.representative_point().coords[0])
        texts.append(Html('<text x="{}" y="{}">{}</text>').format(x, y, ordinal(code)))
    return Html(
        '<g font-size="{}" text-anchor="middle" fill="{}" stroke="{}" stroke-width="12" '
        'paint-order="stroke" pointer-events="none" aria-hidden="true">{}</g>'
    ).format(LETTERS, INK, LAND, Html("").join(texts))
