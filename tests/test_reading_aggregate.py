"""Groups of quartiers: sums where allowed, ranges elsewhere, refusals where a sum would lie."""

import dataclasses

import pytest

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
