"""The neighbours of a quartier are the closest ones, and its places are those it holds."""

from qpvlib.reading import around
from qpvlib.territories import METRIC_CRS, contours, qpv


def test_the_neighbours_are_the_closest_and_never_the_quartier_itself():
    shapes = contours().to_crs(METRIC_CRS).geometry
    for one in qpv():
        found = [q.code for q in around.neighbours(one.code)]
        assert around.LEAST <= len(found) <= around.MOST and one.code not in found
        distance = shapes.distance(shapes[one.code]).drop(one.code).sort_values()
        assert sorted(distance[found]) == list(distance.iloc[: len(found)])


def test_a_quartier_is_also_called_by_its_places_and_not_by_its_own_name():
    found = around.also_called("QN01330M")
    assert {"Belsunce", "Noailles"} <= set(found)
    assert around.also_called("QN01304I") == ("Cités de la Viste", "La Viste Village")


def test_the_names_of_the_iris_are_in_the_city():
    left, bottom, right, top = 880_000, 6_230_000, 910_000, 6_260_000
    assert len(around.iris_names()) > 300
    assert all(left < p.x < right and bottom < p.y < top for _, p in around.iris_names())
