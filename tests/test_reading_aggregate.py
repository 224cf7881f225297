"""Groups of quartiers: sums where allowed, ranges elsewhere, refusals where a sum would lie."""

import dataclasses
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpvlib.catalogue import indicator
from qpvlib.errors import MixedGeographyError, NotAdditiveError
from qpvlib.observations import SECRET, VALUE, Observation
from qpvlib.reading import aggregate


def figure(territory, value, numerator=None, denominator=None, vintage=2020, geography="qpv2024"):
    state = VALUE if value is not None else SECRET
    return Observation(
        territory, geography, "test", "ensemble", vintage, value, numerator, denominator,
        None, None, state, "source-fictive",
    )  # fmt: skip


def test_spread_gives_extremes_and_median_of_the_published_quartiers_only():
    group = aggregate.spread([figure("a", 30.0), figure("b", None), figure("c", 50.0)])
    assert (group.lowest.value, group.middle, group.highest.value) == (30.0, 40.0, 50.0)
    assert len(group.observations) == 3


def test_spread_of_nothing_published_has_no_number():
    group = aggregate.spread([figure("a", None)])
    assert group.middle is None and group.published == ()


@pytest.mark.parametrize("other", [{"geography": "qpv2015"}, {"vintage": 2019}])
def test_spread_refuses_two_geographies_or_two_vintages(other):
    with pytest.raises(MixedGeographyError):
        aggregate.spread([figure("a", 1.0), figure("b", 2.0, **other)])


def test_counts_are_summed_over_the_published_quartiers():
    people = indicator("population_qpv")
    result = aggregate.pool(people, [figure("a", 10.0), figure("b", None), figure("c", 5.0)])
    assert (result.value, result.published, result.total) == (15.0, 2, 3)


def test_a_rate_is_recomputed_from_its_parts_and_never_averaged():
    rate = indicator("part_allocataires_rsa")
    result = aggregate.pool(rate, [figure("a", 50.0, 1.0, 2.0), figure("b", 10.0, 10.0, 100.0)])
    assert result.value == pytest.approx(100 * 11 / 102)


def test_a_masked_quartier_leaves_both_parts_of_a_pooled_rate():
    rate = indicator("part_allocataires_rsa")
    rows = [figure("a", 50.0, 1.0, 2.0), figure("b", None)]
    assert aggregate.pool(rate, rows).denominator == 2.0


@pytest.mark.parametrize("name", ["revenu_median", "taux_pauvrete_60", "gini"])
def test_medians_and_rates_without_parts_are_refused(name):
    with pytest.raises(NotAdditiveError, match="ni somme ni moyenne"):
        aggregate.pool(indicator(name), [figure("a", 1.0), figure("b", 2.0)])


def test_a_ratio_that_is_not_a_percentage_is_not_scaled():
    ratio = dataclasses.replace(indicator("part_allocataires_rsa"), unite="rapport")
    assert aggregate.pool(ratio, [figure("a", 0.5, 1.0, 2.0)]).value == 0.5


quartiers = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4),
    st.none() | st.floats(0, 1e6).map(lambda v: round(v, 3)),
    min_size=1,
    max_size=12,
)


@given(quartiers)
def test_the_spread_is_ordered_by_value_whatever_the_codes(values):
    """The extremes are those of the numbers, and half of all quartiers must be published."""
    group = aggregate.spread([figure(code, value) for code, value in values.items()])
    known = sorted(value for value in values.values() if value is not None)
    assert [o.value for o in group.published] == known
    if known:
        assert (group.lowest.value, group.highest.value) == (min(known), max(known))
    shown = len(known) / len(values) >= 0.5
    assert group.middle == (statistics.median(known) if shown else None)
    assert group.complete == (None not in values.values())


parts = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 500)).map(lambda p: (min(p), max(p))),
    min_size=1,
    max_size=8,
)


@given(parts, st.integers(0, 3))
def test_a_pooled_share_is_that_of_all_the_people_together(counts, masked):
    """Counted one person at a time; what a masked quartier holds enters neither side."""
    share = indicator("part_allocataires_rsa")
    figures = [figure(str(n), 100 * a / b, a, b) for n, (a, b) in enumerate(counts)]
    figures += [figure(f"masqué {n}", None) for n in range(masked)]
    pooled = aggregate.pool(share, figures)
    people = [rank < a for a, b in counts for rank in range(b)]
    assert pooled.value == pytest.approx(100 * sum(people) / len(people))
    assert (pooled.numerator, pooled.denominator) == (sum(people), len(people))
    assert (pooled.published, pooled.total) == (len(counts), len(counts) + masked)


def test_a_denominator_of_zero_is_refused_and_not_divided_by():
    share = indicator("part_allocataires_rsa")
    with pytest.raises(NotAdditiveError):
        aggregate.pool(share, [figure("a", 0.0, 0.0, 0.0)])
    with pytest.raises(NotAdditiveError):
        aggregate.pool(share, [figure("a", 10.0, 1.0, 10.0), figure("b", 0.0, 0.0, 0.0)])
