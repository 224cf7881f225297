"""The order the convention prints is found, denied, blurred or not computable; no value enters.

Figures are fictitious, on real codes.
"""

import pytest

from qpvlib.control.convention import figures
from qpvlib.control.order import BLURRED, OPPOSITE, SAME, UNKNOWN, orders
from qpvlib.indicators.composites import composites
from qpvlib.territories import qpv

COMPOSITES = composites().values()


def verdicts(make_store, composite, group, city, country, year=2021):
    found = [] if group is None else [(q.code, composite.name, 2021, float(group)) for q in qpv()]
    found += [] if city is None else [("13055", composite.name, year, float(city))]
    found += [] if country is None else [("FM", composite.name, year, float(country))]
    return [order.verdict for order in orders(composite, make_store(found))]


@pytest.mark.parametrize("composite", COMPOSITES, ids=lambda one: one.name)
def test_the_printed_order_is_read_in_the_convention(make_store, composite):
    printed = {figure.value for figure in figures() if figure.indicator == composite.model}
    found = orders(composite, make_store([]))
    assert [found[0].higher.value, *(order.lower.value for order in found)] == sorted(
        printed, reverse=True
    )


@pytest.mark.parametrize("composite", COMPOSITES, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("group", "city", "country", "expected"),
    [
        (60, 40, 20, [SAME, SAME]),
        (20, 40, 60, [OPPOSITE, OPPOSITE]),
        (60, 40, 40, [SAME, BLURRED]),
        (60, 40, None, [SAME, UNKNOWN]),
        (None, 40, 20, [UNKNOWN, SAME]),
        (60, None, 20, [UNKNOWN, UNKNOWN]),
        (None, None, None, [UNKNOWN, UNKNOWN]),
    ],
)
def test_each_neighbour_is_judged_by_itself(make_store, composite, group, city, country, expected):
    assert verdicts(make_store, composite, group, city, country) == expected


@pytest.mark.parametrize(("year", "expected"), [(2019, SAME), (2018, UNKNOWN)])
def test_a_distant_year_is_not_compared(make_store, year, expected):
    (composite, *_) = COMPOSITES
    assert verdicts(make_store, composite, 60, 40, None, year)[0] == expected
