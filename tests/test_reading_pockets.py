"""A pocket is an IRIS mostly outside the quartiers, as poor as the least poor of them."""

import pandas as pd
import pytest

from qpvlib.presentation import pockets as page
from qpvlib.reading import pockets, portrait

POVERTY, PEOPLE = pockets.INDICATOR, "part_0_14"
OUT, POOR, IN, SECRET = "132010301", "132010302", "132010303", "132010304"


@pytest.fixture
def store(make_store, monkeypatch):
    """Fictitious rates; one IRIS three quarters in a quartier, three outside."""
    shares = {OUT: 0.0, POOR: 0.2, IN: 0.75, SECRET: 0.5}
    monkeypatch.setattr(pockets, "shares", lambda _: pd.Series(shares))
    rates = [(OUT, 31.4), (POOR, 36.2), (IN, 60.1), (SECRET, None)]
    return make_store(
        [
            ("QN01303I", POVERTY, 2021, 36.0), ("QN01304I", POVERTY, 2021, 52.3),
            ("QN01308I", POVERTY, 2021, None), *((i, POVERTY, 2021, rate) for i, rate in rates),
            (OUT, POVERTY, 2023, 12.0),  # a year that no quartier has
        ]
    )  # fmt: skip


def test_the_threshold_is_the_least_poor_quartier_of_the_same_year(store):
    found = pockets.pockets(store)
    assert (found.threshold.territory, found.threshold.vintage) == ("QN01303I", 2021)
    assert [(p.observation.territory, found.alike(p)) for p in found.poor] == [
        (POOR, True), (OUT, False),
    ]  # fmt: skip
    assert (found.read, found.masked) == (2, 1)


def test_the_page_says_the_rule_and_shows_no_masked_rate(store):
    found = pockets.pockets(store)
    text = page.introduction(found).striptags()
    assert "1 n'en ont pas" in text or "1 n’en ont pas" in text
    rows = page.figure(found).table.rows
    assert len(rows) == 2 and "36,2" in rows[0][1]
    assert page.figure(found).drawing.count("<circle") == 2


def test_without_a_common_year_there_is_no_pocket(make_store):
    assert pockets.pockets(make_store([(OUT, POVERTY, 2021, 40.0)])) is None
    assert "Aucune année" in page.introduction(None)


def test_every_iris_of_the_store_has_a_point_inside_marseille():
    known, frame = pockets.places(), portrait.store().frame
    iris = frame.loc[frame["geographie"] == "iris", "territoire"].unique()
    assert set(iris) <= set(known.index) and len(known) == 393
    assert known["lon"].between(5.2, 5.6).all() and known["lat"].between(43.1, 43.4).all()
