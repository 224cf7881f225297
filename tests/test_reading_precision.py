"""A survey figure has a margin and a grade that rest on a base found in what is published."""

import dataclasses

import pytest

from qpvlib.catalogue import indicator
from qpvlib.estimate import half_width, relative_half_width
from qpvlib.reading import precision

PLACE, YEAR = "QP013003", 2018
WORK, SHORT = "taux_emploi", "part_emplois_duree_limitee"


@pytest.fixture(scope="module")
def store(make_store):
    """A fictitious quartier: 2,000 people, 55 % women, 10 % foreigners in 2018 alone."""
    figures = {
        "population_qpv": 2000.0, "part_femmes": 55.0, "part_etrangers": 10.0, "densite": 100.0,
        WORK: 40.0, f"{WORK}/femmes": 30.0, f"{WORK}/etrangers": 35.0, f"{WORK}/hommes": 50.0,
        f"{WORK}/moins_25_ans": 20.0, SHORT: 20.0, f"{SHORT}/femmes": 25.0,
        "part_menages_1_personne/75_ans_et_plus": 6.0, "taux_vacance/parc_social": 4.0,
        "indice_jeunesse/femmes": 2.0, "taux_pauvrete_60": 45.0,
    }  # fmt: skip
    rows = [(PLACE, name, YEAR, value) for name, value in figures.items()]
    return make_store([*rows, (PLACE, f"{WORK}/etrangers", 2016, 33.0), (PLACE, WORK, 2010, None)])


@pytest.fixture(scope="module")
def find(store):
    def named(name: str, year: int = YEAR):
        entry, _, category = name.partition("/")
        return store.get(entry, PLACE, category or "ensemble", year), indicator(entry), store

    return named


@pytest.mark.parametrize(
    ("name", "base"),
    [
        (WORK, 2000 * 0.6),
        (f"{WORK}/femmes", 2000 * 0.6 * 0.55),
        (f"{WORK}/hommes", 2000 * 0.6 * 0.45),
        (f"{WORK}/etrangers", 2000 * 0.6 * 0.10),
        (SHORT, 2000 * 0.6 * 0.40),  # those in employment, by the published rate
        (f"{SHORT}/femmes", 2000 * 0.6 * 0.55 * 0.30),
        ("part_menages_1_personne/75_ans_et_plus", 2000 * 0.4),  # of all households
        ("population_qpv", 2000),
    ],
)
def test_the_base_is_a_product_of_published_figures(find, name, base):
    assert precision.base(*find(name)) == pytest.approx(base)


def test_a_split_has_the_margin_of_its_own_base(find):
    assert precision.margin(*find(f"{WORK}/femmes")) == pytest.approx(half_width(30, 660))
    # By hand, Wilson at 30 % on 660 x 0.4 / (2 x 0.6) = 220 people: 6.0 points.
    assert precision.margin(*find(f"{WORK}/femmes")) == pytest.approx(6.0, abs=0.02)
    assert precision.margin(*find(f"{WORK}/femmes")) > precision.margin(*find(WORK))


def test_a_population_and_a_density_have_the_margin_of_the_count(find):
    # By hand: 1.96 / sqrt(2000 x 0.4 / 1.2) = 7.6 % of 2,000 people, of 100 per hectare.
    assert precision.margin(*find("population_qpv")) == pytest.approx(151.8, abs=0.1)
    assert precision.margin(*find("densite")) == pytest.approx(100 * relative_half_width(2000))


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("population_qpv", "fiable"),
        (WORK, "moyenne"),  # 480 people in employment
        (f"{WORK}/femmes", "prudence"),  # 198
        ("indice_jeunesse/femmes", "prudence"),  # 550 women in both groups: 183 of 60 or more
        (f"{WORK}/moins_25_ans", precision.UNKNOWN_BASE),
        ("taux_vacance/parc_social", ""),  # a register, not a survey
        ("taux_pauvrete_60", ""),
    ],
)
def test_the_grade_follows_the_smallest_count(find, name, grade):
    assert precision.reliability(*find(name)) == grade


def test_nothing_is_said_of_a_base_that_is_not_published_for_the_same_year(find):
    earlier = find(f"{WORK}/etrangers", 2016)
    assert precision.base(*earlier) is None
    assert precision.margin(*earlier) == 0.05  # the rounding alone
    assert precision.reliability(*earlier) == precision.UNKNOWN_BASE


def test_a_masked_figure_has_neither_base_nor_grade(find):
    assert precision.base(*find(WORK, 2010)) is None
    assert precision.reliability(*find(WORK, 2010)) == ""


def test_a_published_denominator_and_published_bounds_come_first(find):
    figure, entry, store = find(WORK)
    counted = dataclasses.replace(figure, numerator=20.0, denominator=50.0)
    assert precision.base(counted, entry, store) == 50.0
    bounded = dataclasses.replace(figure, low=38.0, high=44.0)
    assert precision.margin(bounded, entry, store) == 3.0
