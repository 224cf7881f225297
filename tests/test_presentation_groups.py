"""A sector's page says whose figures it shows, and names the quartiers of 2015 it leaves out."""

import pytest

from qpvlib.presentation import groups
from qpvlib.reading import portrait
from qpvlib.territories import get, qpv, sector_members

PEOPLE, POVERTY = "population_qpv", "taux_pauvrete_60"


def plain(html) -> str:
    return html.striptags().replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("sector", "named", "unnamed"),
    [
        ("centre", ["QP013032"], ["QP013050"]),
        ("nord-est", ["QP013032", "QP013050"], []),
        ("nord-littoral", ["QP013050"], ["QP013032"]),
    ],
)
def test_a_quartier_over_two_sectors_is_named_where_it_lies(sector, named, unnamed):
    text = plain(groups.apart(get(sector)))
    assert all(code in text for code in named) and not any(code in text for code in unnamed)


def test_nothing_is_said_where_nothing_is_left_out():
    assert groups.apart(get("sud-huveaune")) == ""


def test_one_quartier_is_no_range_and_has_no_median(make_store):
    first, second = sector_members("centre")
    shown = [(q.code, POVERTY, 2021, 40.0 + i) for i, q in enumerate(qpv()) if q != second]
    store = make_store([*shown, (second.code, POVERTY, 2021, None)])
    rows = portrait.panoramas(store, get("centre"))["precarite"]
    text = plain(groups.summary(rows, "x"))
    assert f"({first.name} seulement) (1 sur 2)" in text
    assert text.count("44 %") == 1  # neither its own range nor its own median
