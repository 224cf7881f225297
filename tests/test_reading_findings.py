"""« Ce qui ressort » keeps what is the quartier's own, recent, solid and far from the others."""

import pytest

from fictional import CHANGED, EMPLOYMENT, FORMER, PEOPLE, POVERTY, SAME
from qpvlib.reading import portrait
from qpvlib.reading.findings import DIFFICULTY, NOTABLE, STRENGTH, findings
from qpvlib.territories import qpv

PARKS, PLACES, BENEFIT = "nb_parcs_jardins", "nb_lieux_culturels", "part_allocataires_rsa"
PEOPLE_ROWS = [(q.code, PEOPLE, 2020, 4000.0) for q in qpv()]


def column(name, own, others, year=2020):
    """Give the first quartier ``own``, and the others 40 figures around ``others``, 1 apart."""
    values = [own, *(others - 19.4 + i for i in range(40))]
    return [(q.code, name, year, value) for q, value in zip(qpv(), values, strict=True)]


def told(make_store, rows, code=SAME):
    store = make_store(rows)
    return findings(portrait.portrait(code, store).readings, store)


def test_a_gap_is_counted_in_interquartile_ranges(make_store):
    # With 5.6 first, the 41 figures are 5.6 and 25.6 to 64.6: median 44.6, quartiles 34.1 and
    # 55.1 (values 10.5 and 31.5 of 41).
    found = told(make_store, column(POVERTY, 5.6, 45.0, 2021)).told
    assert [(one.reading.indicator.id, one.kind) for one in found] == [(POVERTY, STRENGTH)]
    assert found[0].score == pytest.approx((5.6 - 44.6) / (55.1 - 34.1))


def test_the_first_strength_and_difficulty_of_one_theme_are_both_told(make_store):
    rows = [*PEOPLE_ROWS, *column(POVERTY, 5.6, 45.0, 2021), *column(BENEFIT, 60.6, 25.0)]
    rows += column("part_prestations_sociales", 15.6, 45.0, 2021)
    found = told(make_store, rows).told
    assert {(one.reading.indicator.id, one.kind) for one in found} == {
        (POVERTY, STRENGTH),
        (BENEFIT, DIFFICULTY),
    }
    assert [abs(one.score) for one in found] == sorted(abs(one.score) for one in found)[::-1]


@pytest.mark.parametrize(
    "name", ["gini", "rapport_interdecile_d9d1", "taux_rotation_social", "part_menages_6_personnes"]
)
def test_equal_poverty_no_moving_out_and_large_families_never_stand_out(make_store, name):
    rows = [(q.code, name, 2021, 60.1 if q.code == SAME else 5.1 + i) for i, q in enumerate(qpv())]
    assert told(make_store, [*PEOPLE_ROWS, *rows]).judged == ()


@pytest.mark.parametrize(("year", "kept"), [(2018, 1), (2017, 0)])
def test_a_figure_older_than_eight_years_at_the_edition_is_not_judged(make_store, year, kept):
    assert len(told(make_store, column(POVERTY, 5.6, 45.0, year)).judged) == kept


def test_a_figure_on_too_few_people_is_not_judged(make_store):
    few = [(q.code, PEOPLE, 2020, 30.0 if q.code == SAME else 4000.0) for q in qpv()]
    assert told(make_store, [*few, *column(EMPLOYMENT, 80.6, 45.0)]).judged == ()
    assert len(told(make_store, [*PEOPLE_ROWS, *column(EMPLOYMENT, 80.6, 45.0)]).judged) == 1


def test_a_figure_of_the_former_quartier_is_not_judged(make_store):
    rows = [(q.code, POVERTY, 2021, 10.5 if q.code == FORMER else 50.5 + i)
            for i, q in enumerate(qpv("qpv2015"))]  # fmt: skip
    assert told(make_store, rows, CHANGED).judged == ()


def test_a_count_enters_per_thousand_inhabitants_with_the_margin_of_the_population(make_store):
    # 8 parks for 4,000 inhabitants are 2 per 1,000; half of the others have 1 and half 3.
    rows = [*PEOPLE_ROWS]
    rows += [(q.code, PARKS, 2018, 8 if i == 0 else 1 + 2 * (i % 2)) for i, q in enumerate(qpv())]
    store = make_store(rows)
    found = findings(portrait.portrait(SAME, store).readings, store)
    one = found.told[0]
    people = store.get(PEOPLE, SAME)
    assert (one.figure.value, one.kind, one.per_thousand) == (2.0, NOTABLE, True)
    assert (one.figure.low, one.figure.high) == (8000 / people.high, 8000 / people.low)
    assert one.comparison.group.middle == pytest.approx(0.75)


def test_what_has_none_inside_is_judged_and_does_not_stand_out(make_store):
    rows = [(q.code, PLACES, 2018, 0 if i == 0 else 4 + i % 3) for i, q in enumerate(qpv())]
    found = told(make_store, [*PEOPLE_ROWS, *rows])
    assert (len(found.judged), found.told) == (1, ())


def test_the_size_of_a_quartier_and_what_is_around_it_are_not_judged(make_store):
    rows = [(q.code, PEOPLE, 2020, 1000.0 + 400 * i) for i, q in enumerate(qpv())]
    rows += [(q.code, "arrets_tc_300m", 2026, 10 + i) for i, q in enumerate(qpv())]
    assert told(make_store, rows).judged == ()


def test_a_gap_that_is_certain_and_small_does_not_stand_out(make_store):
    # Median 45.6 with its neighbours 1 apart: 5 above it is less than a quarter of 21.
    found = told(make_store, column(POVERTY, 49.6, 45.0, 2021))
    assert (len(found.judged), found.told) == (1, ())


def test_no_quartier_has_more_than_four_findings_nor_a_figure_of_another_territory():
    store = portrait.store()
    for one in qpv():
        found = findings(portrait.portrait(one.code, store).readings, store)
        assert len(found.told) <= 4
        assert all(r.reading.same_perimeter for r in found.judged)
