"""What is within reach is measured once, with the lowest and the highest it may be.

All places are fictitious.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from qpvlib.indicators import reach
from qpvlib.indicators.walking import TEN_MINUTES
from qpvlib.territories import METRIC_CRS


def test_bounds_are_the_lowest_and_the_highest_even_when_more_people_share():
    falling = reach.spread(lambda d: pd.Series({"Q": 1000 / d}), 100, 10)
    assert falling.loc["Q"].tolist() == pytest.approx([10, 1000 / 110, 1000 / 90])


def test_spaces_that_overlap_or_touch_are_one():
    spaces = [box(0, 0, 10, 10), box(5, 5, 15, 15), box(15, 0, 20, 15), box(30, 0, 31, 1)]
    found = reach.whole(gpd.GeoSeries(spaces, crs=METRIC_CRS))
    assert sorted(found.area) == [1, 175 + 75]


def test_a_shared_park_is_shared_by_more_people_in_a_longer_walk():
    """At 600 m one cell has the park to itself; at 700 m, two; the mean is over both."""
    pairs = pd.DataFrame(
        [("a", 0, 100.0), ("b", 0, 700.0)], columns=["origine", "cible", "distance"]
    )
    people, parks = pd.Series({"a": 10.0, "b": 30.0}), pd.Series({0: 1200.0})

    def alone(access):
        return access[["a"]]

    found = reach.area_shared(pairs, people, parks, alone)
    assert found.loc["a"].tolist() == pytest.approx([120, 30, 120])
    assert reach.longest(TEN_MINUTES) > 700


def test_a_quartier_that_reaches_nothing_has_zero():
    none = pd.DataFrame(columns=["origine", "cible", "distance"]).astype({"distance": float})
    codes = pd.Index(["Q"])
    assert reach.number_reached(none, codes, 500).loc["Q"].tolist() == [0, 0, 0]
    assert reach.area_reached(none, codes, pd.Series(dtype=float)).loc["Q"].tolist() == [0, 0, 0]
