"""« Poches de précarité »: the rule, the map and the table."""

from collections.abc import Sequence

import geopandas as gpd

from qpvlib.catalogue import indicator
from qpvlib.numerals import number
from qpvlib.presentation.basemap import FOCUS, INK, city_frame, city_map, mark, outlines
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.formats import data_tag, interval, value
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.origins import origins
from qpvlib.presentation.tables import Table
from qpvlib.reading.pockets import CONVENTION, INDICATOR, Pocket, Pockets, places
from qpvlib.territories import METRIC_CRS, get

QUARTIER = "#c9c2b2"


def introduction(found: Pockets | None) -> Html:
    """Return the rule in words, and what it finds."""
    if found is None:
        return prose("<p>Aucune année n'a à la fois un taux par IRIS et un taux par quartier.</p>")
    entry, low = indicator(INDICATOR), found.threshold
    alike = sum(map(found.alike, found.poor))
    return prose(
        "<p>Un IRIS est une petite zone du recensement, de 2 000 habitants environ. Ceux dont la "
        "moitié des habitants au plus vivent dans un quartier prioritaire sont dits « hors "
        "quartier » : {} ont un taux de pauvreté publié en {}, {} n'en ont pas (trop peu de "
        "ménages, ou donnée non publiée) et peuvent être des poches que l'on ne voit pas.</p>"
        "<p>Le moins pauvre des quartiers prioritaires publiés cette année-là est {}, avec {}. "
        "<strong>IRIS hors quartier au moins aussi pauvres : {}</strong>. La convention compte "
        "les quartiers où le taux atteint {} % (ligne 156) : ils sont {} hors quartier.</p>",
        found.read,
        low.year,
        found.masked,
        get(low.territory).name,
        data_tag(low, entry),
        alike,
        number(CONVENTION),
        len(found.poor),
    )


def figure(found: Pockets) -> Figure:
    """Return the map of the pockets, a dot each, above their table."""
    entry, known = indicator(INDICATOR), places()
    names = {p.observation.territory: _name(p, known["nom"].to_dict()) for p in found.poor}
    finding = prose(
        "IRIS hors quartier prioritaire dont le taux de pauvreté atteint {} % : {}, dont {} au "
        "moins aussi pauvres que le moins pauvre des quartiers.",
        number(CONVENTION), len(found.poor), sum(map(found.alike, found.poor)),
    )  # fmt: skip
    year = found.threshold.year
    return Figure(
        city_map([*_ground(), *_dots(found, names)], finding, "img"),
        prose(
            "Point plein : IRIS au moins aussi pauvre que le moins pauvre des quartiers ; point "
            "creux : {} % ou plus. En gris : les quartiers prioritaires. Un point marque un IRIS, "
            "dont le contour n'est pas dessiné.",
            number(CONVENTION),
        ),
        finding,
        Table(
            prose("IRIS hors quartier, {} % ou plus, {}", number(CONVENTION), year),
            ("IRIS", "Taux de pauvreté", "Marge", "Habitants en quartier prioritaire"),
            tuple(
                (
                    names[p.observation.territory],
                    data_tag(p.observation, entry),
                    interval(p.observation, entry),
                    prose("{} %", number(100 * p.share)),
                )
                for p in found.poor
            ),
        ),
        origins([p.observation for p in found.poor]),
    )


def _name(pocket: Pocket, names: dict[str, str]) -> str:
    code = pocket.observation.territory
    return f"{names.get(code, code)} ({get(code[:5]).short_name})"


def _ground() -> Sequence[Html]:
    frame = city_frame()
    return [mark(frame, shape, QUARTIER, stroke=QUARTIER) for shape in outlines().values()]


def _dots(found: Pockets, names: dict[str, str]) -> Sequence[Html]:
    frame, known, entry = city_frame(), places(), indicator(INDICATOR)
    shapes = gpd.GeoSeries.from_xy(known["lon"], known["lat"], crs="EPSG:4326", index=known.index)
    spots = shapes.to_crs(METRIC_CRS)
    dots = []
    for pocket in found.poor:
        code = pocket.observation.territory
        x, y = frame.point(spots[code].x, spots[code].y)
        dots.append(
            Html(
                '<circle cx="{}" cy="{}" r="28" fill="{}" stroke="{}" stroke-width="8">'
                "<title>{} : {}</title></circle>"
            ).format(
                x,
                y,
                FOCUS if found.alike(pocket) else "#ffffff",
                FOCUS if not found.alike(pocket) else INK,
                names[code],
                value(pocket.observation, entry),
            )
        )
    return dots
