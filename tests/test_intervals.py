"""Every figure of the store has its interval, its kind, its base and its grade, known by hand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from qpvlib import intervals
from qpvlib.catalogue import indicator
from qpvlib.estimate import interval, relative_half_width
from qpvlib.intervals import UNKNOWN_BASE

PLACE, YEAR = "QP013003", 2018
WORK, SHORT = "taux_emploi", "part_emplois_duree_limitee"
POVERTY, INCOME = "taux_pauvrete_60", "revenu_median"


@pytest.fixture
def find(make_store):
    """A fictitious quartier: 2,000 people, 55 % women, 10 % foreigners in 2018 alone."""
    figures = {
        "population_qpv": 2000.0, "part_femmes": 55.0, "part_etrangers": 10.0, "densite": 100.0,
        WORK: 40.0, f"{WORK}/femmes": 30.0, f"{WORK}/etrangers": 35.0, f"{WORK}/hommes": 50.0,
        f"{WORK}/moins_25_ans": 20.3, SHORT: 20.0, f"{SHORT}/femmes": 25.0,
        "part_menages_1_personne/75_ans_et_plus": 6.0, "part_menages_6_personnes": 0.0,
        "taux_vacance/parc_social": 4.0, "indice_jeunesse": 1.5, "indice_jeunesse/femmes": 2.0,
        POVERTY: 45.0, "defm_abc": 120.0,
    }  # fmt: skip
    rows = [(PLACE, name, YEAR, value) for name, value in figures.items()]
    rows += [(PLACE, f"{WORK}/etrangers", 2016, 33.3), (PLACE, WORK, 2010, None)]
    store = make_store(rows)

    def named(name: str, year: int = YEAR):
        entry, _, category = name.partition("/")
        return store.get(entry, PLACE, category or "ensemble", year)

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
    assert find(name).base == pytest.approx(base)


@pytest.mark.parametrize("name", [WORK, f"{WORK}/femmes", "part_menages_6_personnes"])
def test_a_census_rate_has_the_two_sides_of_wilson(find, name):
    """The bounds of statsmodels, on the sample that the design effect leaves."""
    figure, deff = find(name), indicator(find(name).indicator).effet_plan or 2.0
    size = figure.base * 0.4 / (deff * 0.6)
    low, high = proportion_confint(figure.value / 100 * size, size, method="wilson")
    assert (figure.low, figure.high) == pytest.approx((100 * low, 100 * high))
    assert figure.interval == intervals.SAMPLING
    assert 0 <= figure.low <= figure.value <= figure.high


def test_a_rate_of_zero_may_be_more_but_never_less(find):
    none = find("part_menages_6_personnes")
    assert none.low == 0 and none.high > 0.5


def test_a_population_and_a_density_have_the_margin_of_the_count(find):
    deff = indicator("population_qpv").effet_plan or 2.0
    people, density = find("population_qpv"), find("densite")
    reach = relative_half_width(2000, deff=deff)
    assert (people.high - people.low) / 2 == pytest.approx(2000 * reach)
    assert (density.high - density.low) / 2 == pytest.approx(100 * reach)


def test_a_ratio_of_groups_is_wider_above(find):
    index = find("indice_jeunesse")
    assert index.high - index.value > index.value - index.low > 0.2
    assert index.low * index.high == pytest.approx(index.value**2)  # symmetrical in logarithm


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("population_qpv", "fiable"),
        (WORK, "moyenne"),  # 480 people in employment
        (f"{WORK}/femmes", "prudence"),  # 198
        ("indice_jeunesse/femmes", "prudence"),  # 550 women in both groups: 183 of 60 or more
        (f"{WORK}/moins_25_ans", UNKNOWN_BASE),
        ("taux_vacance/parc_social", ""),  # a register, not a survey
        (POVERTY, ""),
    ],
)
def test_the_grade_follows_the_smallest_count(find, name, grade):
    assert find(name).grade == grade


@pytest.mark.parametrize(
    ("name", "year"), [(f"{WORK}/etrangers", 2016), (f"{WORK}/moins_25_ans", 2018)]
)
def test_without_a_base_of_the_same_year_the_interval_is_unknown(find, name, year):
    figure = find(name, year)
    assert (figure.base, figure.low, figure.high) == (None, None, None)
    assert (figure.interval, figure.grade) == (intervals.UNKNOWN, UNKNOWN_BASE)


def test_a_masked_figure_has_no_interval_at_all(find):
    masked = find(WORK, 2010)
    assert (masked.low, masked.high, masked.base) == (None, None, None)
    assert (masked.interval, masked.grade) == ("", "")


def test_a_count_is_exact(find):
    count = find("defm_abc")
    assert (count.low, count.high, count.interval) == (120, 120, intervals.COUNT)


def column(values, name=POVERTY, **given) -> pd.DataFrame:
    """The fictitious figures of one indicator in one file, completed."""
    codes = [f"QP0130{n:02}" for n in range(1, len(values) + 1)]
    frame = pd.DataFrame({"territoire": codes, "valeur": np.array(values, float)}).assign(
        geographie="qpv2015", indicateur=name, modalite="ensemble", millesime=2021,
        numerateur=np.nan, denominateur=np.nan, borne_basse=np.nan, borne_haute=np.nan,
        etat="valeur", source="fichier-fictif",
    )  # fmt: skip
    return intervals.complete(frame.assign(**given))


@pytest.mark.parametrize(
    ("values", "name", "half"),
    [
        ([41.2, 38.7, 44.0, 29.1], POVERTY, 0.05),  # as printed
        ([41, 38, 44, 29], POVERTY, 0.5),  # rounded to the integer
        ([41, 39, 45, 29, 33, 51, 57, 63], POVERTY, 1.0),  # blurred to odd integers
        ([41, 39, 45, 29], POVERTY, 0.5),  # four odd integers are chance
        ([26], POVERTY, 0.5),  # a lone integer may be a rounded one
        ([12480, 13770, 15040], INCOME, 5.0),  # rounded to ten euros
        ([12481, 13770, 15040], INCOME, 0.5),
        ([0.3], "gini", 0.005),  # a lone tenth is no evidence
        ([0.0, 0.0, 100.0], POVERTY, 0.05),  # nobody or everybody is no rounding
    ],
)
def test_a_rounded_column_is_recognised(values, name, half):
    found = column(values, name)
    below, above = found["valeur"] - found["borne_basse"], found["borne_haute"] - found["valeur"]
    assert np.maximum(below, above).to_numpy() == pytest.approx(half)
    coarse = half > 0.5 * 10 ** -indicator(name).decimales
    assert set(found["intervalle"]) == {intervals.ROUNDING if coarse else intervals.EXHAUSTIVE_FILE}


def test_a_rate_computed_from_its_parts_is_not_rounded():
    found = column([40, 50, 60], numerateur=[4.0, 5.0, 6.0], denominateur=10.0)
    assert (found["borne_haute"] - found["borne_basse"]).to_numpy() == pytest.approx(0.1)


def test_published_bounds_are_kept_as_they_are():
    found = column([40, 50], borne_basse=[39.0, 48.0], borne_haute=[41.0, 53.0])
    assert list(found["borne_basse"]) == [39, 48] and list(found["borne_haute"]) == [41, 53]
    assert set(found["intervalle"]) == {intervals.PUBLISHED}


@pytest.mark.parametrize(
    ("half", "grade"), [(2.0, "moyenne"), (10.0, "prudence"), (18.0, "prudence")]
)
def test_an_estimate_from_the_iris_is_never_reliable(half, grade):
    """Its 3,000 dwellings would be « fiable »: the error of the IRIS is in its grade."""
    found = column(
        [73.4], "part_logements_sociaux", borne_basse=73.4 - half, borne_haute=73.4 + half,
        denominateur=3000.0, source=intervals.ESTIMATES,
    )  # fmt: skip
    assert list(found["intervalle"]) == [intervals.ESTIMATE]
    assert list(found["fiabilite"]) == [grade]


def test_a_survey_rounded_by_its_producer_has_both_errors():
    exact, coarse = column([40.2, 50, 60], WORK, denominateur=800.0), column([40, 50, 60], WORK)
    assert set(exact["intervalle"]) == {intervals.SAMPLING}
    assert set(coarse["intervalle"]) == {intervals.UNKNOWN}  # neither base nor denominator
    low, high = interval(50, 800, deff=indicator(WORK).effet_plan or 2.0)
    assert exact["borne_basse"][1] == pytest.approx(low)
    assert exact["borne_haute"][1] == pytest.approx(high)


def told(rows) -> pd.DataFrame:
    """The (place, indicator, year, value, denominator) of a fictitious file, completed."""
    names = ["territoire", "indicateur", "millesime", "valeur", "denominateur"]
    frame = pd.DataFrame(rows, columns=names).assign(
        geographie="qpv2015", modalite="ensemble", numerateur=np.nan, borne_basse=np.nan,
        borne_haute=np.nan, etat="valeur", source="fichier-fictif",
    )  # fmt: skip
    return intervals.complete(frame)


def test_the_population_is_that_of_the_place_in_the_nearest_year():
    none = np.nan
    found = told(
        [
            ("QP013002", WORK, 2014, 40.0, none),
            ("QP013002", "population_qpv", 2013, 1000.0, none),
            ("QP013001", "population_qpv", 2019, 5000.0, none),
            ("QP013001", WORK, 2018, 40.0, none),
            ("QP013001", "population_qpv", 2013, 3000.0, none),
            ("QP013001", WORK, 2014, 40.0, none),
            ("QP013003", WORK, 2014, 40.0, none),
            ("QP013001", "indice_jeunesse", 2018, 1.5, 70.0),  # of its 60 or more, not of all
        ]
    )
    bases = found["base"].fillna(0).to_list()
    assert bases == pytest.approx([600, 1000, 5000, 3000, 3000, 1800, 0, 5000])


@pytest.mark.parametrize(("households", "grade"), [(800, "fiable"), (400, "moyenne")])
def test_a_mean_has_the_margin_of_its_households(households, grade):
    """Cochran (1977): z s √deff √(1 − f) / √(f N), the deviation being that of the module."""
    found = column([2.31, 2.15, 1.9], "taille_moyenne_menages", denominateur=float(households))
    deff = indicator("taille_moyenne_menages").effet_plan
    reach = 1.959964 * 1.8 * np.sqrt(deff * 0.6 / (0.4 * households))
    assert (found["borne_haute"] - found["valeur"]).to_numpy() == pytest.approx(reach)
    assert (found["valeur"] - found["borne_basse"]).to_numpy() == pytest.approx(reach)
    assert list(found["base"]) == [households] * 3 and set(found["fiabilite"]) == {grade}


def test_a_rate_of_nobody_has_no_base():
    found = column([40, 50, 60], WORK, denominateur=0.0)
    assert found["base"].isna().all() and set(found["intervalle"]) == {intervals.UNKNOWN}
    assert list(column([40, 50, 60], WORK, denominateur=1.0)["base"]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "half", "kind"),
    [
        ("acces_generalistes", None, intervals.UNKNOWN),  # a model says its own error, or none
        ("habitants_par_equipement_culturel_sportif", 0, intervals.COUNT),
        ("un_inconnu_du_catalogue", 0.5, intervals.EXHAUSTIVE_FILE),
    ],
)
def test_what_is_neither_a_survey_nor_a_published_rate(name, half, kind):
    found = column([41, 38, 44, 29], name)
    assert set(found["intervalle"]) == {kind} and set(found["fiabilite"]) == {""}
    if half is None:
        assert found[["borne_basse", "borne_haute"]].isna().all(axis=None)
    else:
        assert (found["borne_haute"] - found["valeur"]).to_numpy() == pytest.approx(half)


def test_a_file_without_a_figure_has_the_columns_of_the_others():
    assert list(intervals.complete(column([1]).iloc[:0])) == list(column([1]))
