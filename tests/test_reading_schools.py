"""What stands within 300 metres is found by construction; no state is lost or invented."""

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from qpvlib import schools, territories
from qpvlib.observations import UNAVAILABLE
from qpvlib.reading.schools import around
from school_files import table, uai

CODE = "QN01304I"  # in the 15e only
IN, EDGE, NEAR, CORNER, FAR, PRIVATE, CLOSED, OTHER = range(1, 9)


def ecole(number, sector="public", place="13215", roll=100.0, ips=70.0, old=60.0):
    row = (number, "ecole", sector, place)
    rows = [(*row, "ips_ancienne_echelle", 2021, old)] if old else []
    if ips:
        rows += [(*row, "effectif", 2022, roll), (*row, "ips", 2022, ips)]
    return rows


ROWS = [
    *ecole(IN),
    *ecole(EDGE, old=None),
    *ecole(NEAR, ips=71.5),
    *ecole(CORNER, place="13216"),
    *ecole(FAR),
    *ecole(PRIVATE, "prive"),
    *ecole(CLOSED, ips=None),
    *ecole(OTHER, place="13201"),
    (21, "college", "public", "13215", "ips", 2022, 65.0),
    *(
        (21, "college", "public", "13215", "taux_reussite_dnb", y, 80.0 + y % 10)
        for y in (2023, 2024)
    ),
    (21, "college", "public", "13215", "va_reussite_dnb", 2024, None),
    (22, "college", "public", "13201", "ips", 2022, 99.0),
]
POINTS = {
    IN: Point(500, 500),
    EDGE: Point(1010, 500),
    NEAR: Point(500, -299.9),
    CORNER: Point(1000 + 180, 1000 + 240),  # 3-4-5: 300 m from the corner
    FAR: Point(500, 1300.1),
    CLOSED: Point(500, 501),
    OTHER: Point(9000, 9000),
}


@pytest.fixture
def found(monkeypatch, make_store):
    """The schools around a square of one kilometre."""
    square = gpd.GeoDataFrame({"geometry": [box(0, 0, 1000, 1000)]}, index=[CODE], crs=2154)
    points = gpd.GeoSeries({uai(n): point for n, point in POINTS.items()}, crs=2154)
    monkeypatch.setattr(territories, "contours", lambda: square)
    monkeypatch.setattr(schools, "read_all", lambda: table(*ROWS))
    monkeypatch.setattr(schools, "places", lambda: points)
    rows = [
        ("13055", "ips_ecoles/public", 2022, 96.7),
        ("13055", "ips_ecoles/public_ancienne_echelle", 2021, 89.4),
        ("13055", "taux_reussite_dnb/public", 2024, 79.3),
    ]
    return around(territories.get(CODE), make_store(rows))


def test_distances_are_those_of_the_geometry_and_300_metres_is_within(found):
    told = {school.name: school.distance for school in found.near}
    assert list(told.values()) == pytest.approx([0.0, 10.0, 299.9, 300.0])
    assert list(told) == [f"Fiction {n}" for n in (IN, EDGE, NEAR, CORNER)]


def test_a_closed_school_is_not_shown_and_an_unplaced_one_is_told_by_arrondissement(found):
    assert [(s.name, s.sector, s.distance) for s in found.unplaced] == [
        (f"Fiction {PRIVATE}", "prive", None)
    ]
    assert [s.name for s in found.colleges] == ["Fiction 21"]


def test_both_years_stand_on_their_own_scale_and_a_lacking_figure_keeps_its_state(found):
    inside, edge = found.near[0].figures, found.near[1].figures
    assert list(inside) == [("effectif", 2022), ("ips_ancienne_echelle", 2021), ("ips", 2022)]
    assert [o.value for o in inside.values()] == [100.0, 60.0, 70.0]
    assert (inside["ips", 2022].low, inside["ips", 2022].high) == (69.95, 70.05)
    assert inside["effectif", 2022].low == inside["effectif", 2022].high == 100.0
    lacking = edge["ips_ancienne_echelle", 2021]
    assert (lacking.state, lacking.value, lacking.vintage) == (UNAVAILABLE, None, 2021)
    college = found.colleges[0].figures
    assert college["taux_reussite_dnb", 2024].value == 84.0
    assert college["va_reussite_dnb", 2024].state == UNAVAILABLE


def test_the_means_of_the_city_stand_beside_each_year(found):
    public = found.means["ecole", "public"]
    assert {column: o.value for column, o in public.items()} == {
        ("ips_ancienne_echelle", 2021): 89.4,
        ("ips", 2022): 96.7,
    }
    assert found.means["college", "public"]["taux_reussite_dnb", 2023].state == UNAVAILABLE
    assert found.means["college", "public"]["taux_reussite_dnb", 2024].value == 79.3


def test_what_the_page_prints_is_all_handed_over(found):
    printed = {(o.territory, o.indicator, o.vintage) for o in found.figures}
    assert (uai(IN), "ips", 2022) in printed and ("13055", "ips_ecoles", 2022) in printed
    assert not any(code in (uai(FAR), uai(CLOSED), uai(OTHER), uai(22)) for code, *_ in printed)


def test_forty_quartiers_of_this_edition_have_a_school_nearby():
    from qpvlib.reading import portrait

    near = {q.code: around(q, portrait.store()).near for q in territories.qpv()}
    assert [code for code, each in near.items() if not each] == ["QN01336M"]
    assert sum(any(school.distance == 0 for school in each) for each in near.values()) == 17
