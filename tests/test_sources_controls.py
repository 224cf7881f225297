"""Identities, bounds and units are checked as declared, and nothing else is refused."""

import pandas as pd
import pytest

from qpvlib import catalogue, clock, observations
from qpvlib.observations import COLUMNS
from qpvlib.sources import controls

PLACE = "QP013003"


def frame(figures, year=2020, place=PLACE, geography="qpv2015"):
    rows = [
        {
            "territoire": place, "geographie": geography, "indicateur": name.partition("/")[0],
            "modalite": name.partition("/")[2] or "ensemble", "millesime": year, "valeur": value,
            "etat": "valeur", "source": "s",
        }
        for name, value in figures.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def told(*frames):
    whole = pd.concat(frames, ignore_index=True)
    return [str(problem) for problem in controls.breaches(whole, "f.csv")]


def test_every_stored_figure_verifies_every_control():
    for source, rows in observations.read_all().groupby("source"):
        assert not [*controls.breaches(rows, source)], source


@pytest.mark.parametrize("rule", controls.rules(), ids=lambda rule: rule.text)
def test_each_rule_is_about_indicators_of_the_catalogue_and_bites(rule):
    names = {
        name
        for member in rule.members
        for part in member.split(" / ")
        for name in part.split(" + ")
        if not name.isdigit()
    }
    assert all(catalogue.indicator(name.partition("/")[0]) for name in names)
    left, right = rule.members[0], rule.members[-1]
    # Large on the left, small on the right: whatever the sign, the identity is broken.
    figures = dict.fromkeys(names, 1.0)
    figures |= {name: 90.0 for name in left.split(" + ")} | {
        name: 40.0 for name in right.split(" / ")[0].split(" + ") if not name.isdigit()
    }
    if left.startswith("revenu_median"):
        figures = {name: 100 * value + 3000 for name, value in figures.items()}
    if right.startswith("100"):
        figures |= {name: 80.0 for name in left.split(" + ")}
    assert any("n'est pas vérifié" in text for text in told(frame(figures)))


def test_women_and_men_make_the_whole():
    sound = {"defm_abc": 306.0, "defm_abc/femmes": 155.0, "defm_abc/hommes": 151.0}
    assert told(frame(sound)) == []
    (text,) = told(frame(sound | {"defm_abc": 999.0}))
    assert "defm_abc/femmes + defm_abc/hommes = defm_abc" in text
    assert "306 et 999" in text and PLACE in text and "en 2020" in text


def test_a_rounding_of_national_totals_is_accepted():
    whole = {"defm_abc": 801_400.0, "defm_abc/femmes": 370_400.0, "defm_abc/hommes": 431_100.0}
    assert told(frame(whole)) == []


def test_a_masked_part_breaks_no_identity():
    rows = frame({"defm_abc": 306.0, "defm_abc/femmes": 155.0, "defm_abc/hommes": 151.0})
    rows.loc[2, ["valeur", "etat"]] = [float("nan"), "secret"]
    assert told(rows) == []


@pytest.mark.parametrize("value", [1200.0, 150_000.0])
def test_an_income_by_month_or_times_ten_is_out_of_bounds(value):
    (text,) = told(frame({"revenu_median": value}))
    assert "2500 à 100000" in text


def test_percentages_given_as_fractions_are_named():
    rows = [
        frame({"taux_pauvrete_60": 0.03 * n}, place=f"13201010{n}", geography="iris")
        for n in range(1, 10)
    ]
    assert told(*rows) == []  # too few to tell
    rows.append(frame({"taux_pauvrete_60": 0.4}, place="132010201", geography="iris"))
    (text,) = told(*rows)
    assert "de 0 à 1" in text


def test_a_year_after_the_edition_is_refused():
    year = clock.edition().year
    assert told(frame({"taux_pauvrete_60": 40.0}, year)) == []
    (text,) = told(frame({"taux_pauvrete_60": 40.0}, year + 1))
    assert f"l'année {year + 1} est postérieure" in text


def wards(name, values):
    codes = [f"132{n:02}" for n in range(1, 17)]
    parts = [
        frame({name: value}, place=code, geography="arrondissement")
        for code, value in zip(codes, values, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def city(name, value):
    return frame({name: value}, place="13055", geography="commune")


def test_arrondissements_make_the_city():
    people = [50_000.0] * 16
    assert told(wards("population_qpv", people), city("population_qpv", 800_000.0)) == []
    (text,) = told(wards("population_qpv", people), city("population_qpv", 886_040.0))
    assert "886040 dans la ville, 800000" in text


def test_a_rate_of_the_city_lies_between_those_of_its_arrondissements():
    rates = [20.0 + n for n in range(16)]
    assert told(wards("taux_pauvrete_60", rates), city("taux_pauvrete_60", 26.0)) == []
    (text,) = told(wards("taux_pauvrete_60", rates), city("taux_pauvrete_60", 12.0))
    assert "12 dans la ville, de 20 à 35" in text
    assert told(wards("taux_pauvrete_60", rates)[:15], city("taux_pauvrete_60", 12.0)) == []
