"""On the map of a sector every quartier bears its name, on a target that a finger can touch."""

import itertools
import re

import pytest
from lxml import html
from shapely.geometry import box

from qpvlib.presentation import sector_maps
from qpvlib.presentation.basemap import outlines
from qpvlib.reading import portrait
from qpvlib.territories import qpv, sector_members, sectors

LINK = portrait.links("p")
SHOWN = 288
"""Pixels across on a screen of 320."""


@pytest.mark.parametrize("sector", sectors(), ids=lambda one: one.code)
def test_each_quartier_of_the_sector_is_a_named_link(sector):
    drawn = html.fragment_fromstring(str(sector_maps.sector_map(sector, LINK)))
    links = drawn.xpath(".//*[local-name()='a']")
    assert {a.get("href") for a in links} == {LINK(m.code) for m in sector_members(sector.code)}
    for member, link in zip(sector_members(sector.code), links, strict=True):
        written = " ".join(link.xpath(".//*[local-name()='tspan']/text()"))
        assert written == member.short_name
        assert 2 * float(link.xpath(".//*[local-name()='circle']/@r")[0]) * SHOWN >= 24 * 1440
        assert link.get("tabindex") == "-1"  # the list beside the map is what the keyboard walks


@pytest.mark.parametrize("sector", sectors(), ids=lambda one: one.code)
def test_names_stay_in_the_window_and_apart(sector):
    members = sector_members(sector.code)
    frame = sector_maps._frame(members)
    shapes = {m: sector_maps._drawn(frame, outlines()[m.code]) for m in members}
    labels = sector_maps._placed(shapes, box(0, 0, *frame.size))
    window = box(0, 0, *frame.size)
    for label in labels.values():
        assert label.room.difference(window).area < 0.05 * label.room.area
    for one, other in itertools.combinations(labels.values(), 2):
        assert one.room.intersection(other.room).area < 0.1 * one.room.area
    drawn = html.fragment_fromstring(str(sector_maps.sector_map(sector, LINK)))
    joined = set(drawn.xpath(".//*[local-name()='a'][*[local-name()='path']]/@href"))
    for member, label in labels.items():
        apart = label.room.distance(shapes[member])
        nearer = [m for m in members if label.room.distance(shapes[m]) < apart]
        assert LINK(member.code) in joined or (apart <= sector_maps.FAR and not nearer)


def test_the_atlas_lists_every_quartier_and_leads_to_the_sectors():
    page = html.fragment_fromstring(str(sector_maps.atlas(LINK, lambda code: f"s/{code}")))
    listed = page.xpath(".//li/a/@href")
    assert sorted(listed) == sorted(LINK(one.code) for one in qpv())
    assert page.xpath(".//h3/a/@href") == [f"s/{one.code}" for one in sectors()]


def test_landmarks_are_official_stops():
    known = sector_maps.landmarks()
    assert {"Noailles", "La Rose", "Hôpital Nord"} <= set(known)
    assert not [name for name in known if re.search(r"\d{5}", name)]
