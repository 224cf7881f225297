"""Series: one territory, permitted pairs of vintages, breaks marked."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpvlib.catalogue import indicator, indicators
from qpvlib.errors import MixedGeographyError, TrendError
from qpvlib.intervals import PUBLISHED
from qpvlib.observations import SECRET, VALUE, Observation
from qpvlib.reading import portrait, trends
from qpvlib.territories import qpv


def figure(year, value, territory="QP013003", geography="qpv2015"):
    state = VALUE if value is not None else SECRET
    return Observation(
        territory, geography, "test", "ensemble", year, value, None, None, None, None, state, "x"
    )


def test_filosofi_series_keep_every_year_and_mark_the_breaks_inside_them():
    poverty = indicator("taux_pauvrete_60")
    series = trends.trend(poverty, (figure(2019, 45.0), figure(2015, 44.0), figure(2017, None)))
    assert [o.vintage for o in series.observations] == [2015, 2017, 2019]
    assert sorted(series.breaks) == [2016, 2018, 2019]
    assert [o.vintage for o in series.published] == [2015, 2019]


def test_census_series_keep_only_vintages_without_common_survey_years():
    ages = indicator("part_0_24")
    rows = tuple(figure(year, 40.0) for year in (2010, 2013, 2015, 2016, 2017, 2018))
    assert [o.vintage for o in trends.trend(ages, rows).observations] == [2013, 2018]


def test_an_empty_series_is_not_drawable():
    assert not trends.trend(indicator("part_0_24"), ()).drawable


def test_series_and_changes_refuse_two_territories():
    rows = (figure(2015, 1.0), figure(2016, 1.0, "QN01303I", "qpv2024"))
    with pytest.raises(MixedGeographyError):
        trends.trend(indicator("taux_pauvrete_60"), rows)
    with pytest.raises(MixedGeographyError):
        trends.change(indicator("taux_pauvrete_60"), *rows)


def test_change_refuses_masked_figures_and_overlapping_censuses():
    with pytest.raises(TrendError, match="deux chiffres publiés"):
        trends.change(indicator("taux_pauvrete_60"), figure(2015, None), figure(2016, 1.0))
    with pytest.raises(TrendError, match="années d'enquête"):
        trends.change(indicator("part_0_24"), figure(2015, 1.0), figure(2018, 2.0))
    assert trends.change(indicator("part_0_24"), figure(2013, 1.0), figure(2018, 2.5)) == 1.5


@pytest.mark.parametrize("name", ["taux_pauvrete_60", "revenu_median", "part_impots"])
def test_only_a_series_that_was_blurred_in_2021_has_that_break(name):
    exact, last = figure(2020, 45.0), figure(2021, 44.0)
    blurred = dataclasses.replace(last, low=43.0, high=45.0, interval=PUBLISHED)
    assert sorted(trends.trend(indicator(name), (exact, last)).breaks) == []
    assert sorted(trends.trend(indicator(name), (exact, blurred)).breaks) == [2021]


def test_in_the_store_only_the_poverty_rate_was_blurred():
    store = portrait.store()
    found = {
        (name, o.vintage)
        for name, entry in indicators().items()
        for one in qpv("qpv2015")
        for o in store.series(name, one.code)
        if trends.blurred(entry, o)
    }
    assert found == {("taux_pauvrete_60", 2021)}


yearly = st.dictionaries(st.integers(2000, 2030), st.none() | st.floats(0, 100), max_size=15)


@given(yearly)
def test_no_two_kept_censuses_share_a_year_of_survey_and_none_could_be_added(values):
    """Brute force: the latest is kept, then the longest chain that goes back from it."""
    rows = tuple(figure(year, value) for year, value in values.items())
    kept = [o.vintage for o in trends.trend(indicator("part_0_24"), rows).observations]
    known = sorted((year for year, value in values.items() if value is not None), reverse=True)
    expected = []
    for year in known:
        if all(abs(year - other) >= 5 for other in expected):
            expected.append(year)
    assert kept == sorted(expected)


@given(yearly)
def test_every_year_of_an_exhaustive_file_is_kept_with_its_state(values):
    rows = tuple(figure(year, value) for year, value in values.items())
    series = trends.trend(indicator("taux_pauvrete_60"), rows)
    assert {o.vintage: o.value for o in series.observations} == values
    assert [o.vintage for o in series.observations] == sorted(values)
    assert series.drawable == (sum(v is not None for v in values.values()) > 1)
    assert all(min(values) < year <= max(values) for year in series.breaks)


@given(st.floats(0, 100), st.floats(0, 100), st.integers(2005, 2015), st.integers(0, 10))
def test_a_change_is_the_later_less_the_earlier_or_is_refused(a, b, year, gap):
    start, end = figure(year, a), figure(year + gap, b)
    ages = indicator("part_0_24")
    if gap < 5:
        with pytest.raises(TrendError):
            trends.change(ages, start, end)
    else:
        assert trends.change(ages, start, end) == b - a


def test_a_run_stops_at_a_break_even_in_a_year_without_a_figure(make_store):
    values = {2012: 1.5, 2013: 2.5, 2014: 3.5, 2019: 4.5, 2021: 5.5}
    store = make_store([("QP013003", "taux_pauvrete_60", year, v) for year, v in values.items()])
    rows = store.series("taux_pauvrete_60", "QP013003")
    for breaks, years in (
        ({2020: "x"}, [2021]),
        ({2019: "x"}, [2019, 2021]),
        ({}, [2012, 2013, 2014, 2019, 2021]),
    ):
        run = trends.steady(trends.Trend(rows, breaks))
        assert [one.year for one in run.published] == years and run.breaks == {}


def test_a_change_is_told_by_both_intervals(make_store):
    store = make_store([("QP013003", "taux_pauvrete_60", y, v) for y, v in
                        ((2012, 20.51), (2013, 20.52), (2014, 30.5))])  # fmt: skip
    rows = store.series("taux_pauvrete_60", "QP013003")
    assert trends.changed(trends.Trend(rows, {}))
    assert not trends.changed(trends.Trend(rows[:2], {}))
    assert trends.relative(trends.Trend(rows, {})) == pytest.approx((30.5 - 20.51) / 20.51)
