"""The state of an objective: every word, from figures whose interval is known by construction."""

import datetime as dt
import math

import numpy as np
import pytest

from qpvlib import territories
from qpvlib.evaluation import objectives
from qpvlib.evaluation.objectives import State, count, detectable, entry, state, states
from qpvlib.observations import Observation

HERE = "QN01304I"


def row(sense="hausse", target=60.0, name="local_essai", about="valeur"):
    return {"": 2, "quartier": HERE, "objectif": "O4.2", "indicateur": name, "porte_sur": about,
            "sens": sense, "cible": target, "annee_cible": 2030}  # fmt: skip


def rows(*values, sense="hausse", target=60.0, date=dt.date(2025, 6, 1)):
    measures = [{"indicateur": "local_essai", "quartier": HERE, "annee": year, "valeur": value,
                 "etat": "secret" if value is None else "valeur"}
                for year, value in values]  # fmt: skip
    project = {"quartier": HERE, "date_annexion": date, "date_orientations": None}
    return {"mesures": measures, "projets": [project], "objectifs": [row(sense, target)]}


class Store:
    """Figures of a survey, each with a half-width of 2."""

    def __init__(self, *values, place=HERE, low=2.0):
        self.found = tuple(
            Observation(place, "qpv2024", "taux_emploi", "ensemble", year, value, None, None,
                        None if value is None else value - low,
                        None if value is None else value + low,
                        "secret" if value is None else "valeur", "essai")
            for year, value in values
        )  # fmt: skip

    def series(self, name, place, category="ensemble"):
        """Return the figures of a place."""
        return tuple(one for one in self.found if one.territory == place)


EMPTY = Store()


def word(*values, **changes):
    found = rows(*values, **changes)
    return str(state(found["objectifs"][0], found, EMPTY))


@pytest.mark.parametrize(
    ("values", "changes", "said"),
    [
        (((2024, 50), (2026, 61)), {}, "cible atteinte"),
        (((2024, 50), (2026, 55)), {}, "en chemin"),
        (((2024, 50), (2026, 50)), {}, "pas de progrès détectable"),
        (((2024, 50), (2026, 45)), {}, "recul détectable"),
        (((2024, 50), (2026, 45)), {"sense": "baisse", "target": 40}, "en chemin"),
        (((2024, 50), (2026, 39)), {"sense": "baisse", "target": 40}, "cible atteinte"),
        (((2024, 50), (2026, 55)), {"sense": "suivi", "target": None}, "suivi sans cible"),
        (((2024, 50),), {}, "non mesurable (un seul millésime)"),
        (((2024, 50), (2026, None)), {}, "non mesurable (secret)"),
        (((2023, 50), (2024, 55)), {}, "non mesurable (aucun chiffre depuis le projet)"),
        ((), {}, "non mesurable (non publié)"),
    ],
)
def test_each_word(values, changes, said):
    assert word(*values, **changes) == said


@pytest.mark.parametrize(
    ("end", "said"),
    [(52.8, "pas de progrès détectable"), (52.9, "en chemin"), (47.1, "recul détectable"),
     (61.9, "en chemin"), (62.0, "cible atteinte")],
)  # fmt: skip
def test_a_change_counts_beyond_the_margin_of_the_difference(end, said):
    """Two half-widths of 2 make one of 2.83; a target of 60 is reached by the whole interval."""
    found = rows(date=dt.date(2020, 1, 1))
    one = row(name="taux_emploi")
    assert state(one, found, Store((2018, 50.0), (2024, end))).word == said
    assert detectable(Store((2018, 50.0)).found[0]) == pytest.approx(2 * math.sqrt(2))


def test_a_masked_figure_gives_no_verdict_even_on_the_gap_to_the_city():
    store = Store((2018, 50.0), (2024, None))
    store.get = lambda name, place, category, year: Store((year, 60.0), place="13055").found[0]
    one = state(row(name="taux_emploi", about="écart à la ville"), rows(date=None), store)
    assert str(one) == "non mesurable (secret)"
    store.found = Store((2018, 50.0), (2024, 58.0)).found
    one = state(row(name="taux_emploi", about="écart à la ville"), rows(date=None), store)
    assert (one.change, one.word) == (8.0, "en chemin")
    assert (one.high - one.low) / 2 == pytest.approx(4)  # four half-widths of 2, in quadrature


def test_two_censuses_that_share_answers_are_not_compared():
    one = state(row(name="taux_emploi"), rows(date=None), Store((2018, 50.0), (2022, 60.0)))
    assert str(one) == "non mesurable (recensements à moins de 5 ans)"


def test_figures_of_the_former_perimeter_give_no_verdict():
    store = Store((2018, 50.0), place="QP013003")
    former = territories.predecessors(HERE)[0].code_2015
    store.found = tuple(Observation(former, *tuple(vars(o).values())[1:]) for o in store.found)
    said = str(state(row(name="taux_emploi"), rows(), store))
    assert said == "non mesurable (chiffres sur le périmètre de 2015 seulement)"


def test_the_baseline_is_the_last_figure_before_the_project_else_the_first_after():
    found = rows((2023, 40), (2025, 50), (2027, 55))
    one = state(found["objectifs"][0], found, EMPTY)
    assert (one.baseline.vintage, one.current.vintage, one.reason) == (2025, 2027, "")
    found = rows((2026, 50), (2027, 55))
    assert "postérieur au projet" in state(found["objectifs"][0], found, EMPTY).reason


def test_the_697_states_count_the_quartiers_without_a_project():
    found = states(rows((2024, 50), (2026, 55)), EMPTY)
    assert len(found) == 41 * 17
    places = [one.code for one in territories.qpv()]
    sizes = count(found, places, "O4.2")
    assert (sizes["en chemin"], sizes["aucun projet reçu"], sum(sizes.values())) == (1, 40, 41)
    assert count(found, [HERE], "O1")["non mesurable"] == 2


def test_of_several_indicators_the_least_favourable_measured_is_told():
    found = rows((2024, 50), (2026, 55))
    found["objectifs"].append(row(name="taux_emploi"))
    found["projets"][0]["date_annexion"] = dt.date(2022, 1, 1)
    assert states(found, Store((2018, 50.0), (2024, 40.0)))[HERE, "O4.2"].word == "recul détectable"
    assert states(found, EMPTY)[HERE, "O4.2"].word == "en chemin"


def test_a_target_already_met_is_refused_and_one_too_close_is_doubted():
    found = rows((2024, 65))
    _, problem, refused = next(entry(found, EMPTY, "x.xlsx"))
    assert refused and "déjà atteinte" in str(problem) and problem.line == 2
    (told,) = entry(rows((2024, 50), (2027, 65)), EMPTY, "x.xlsx")  # reached since
    assert not told[2] and "pas de marge" in str(told[1])
    found["objectifs"] = [row(name="taux_emploi", target=52.0)]
    _, problem, refused = next(entry(found, Store((2018, 50.0)), "x.xlsx"))
    assert not refused and "2,8" in str(problem) and "ne pourra pas" in str(problem)


def test_the_smallest_visible_change_is_told_of_every_target():
    found = rows((2024, 50))
    found["objectifs"] = [row(name="taux_emploi", target=60.0), row(name="taux_emploi"),
                          row(name="local_autre", target=3)]  # fmt: skip
    found["objectifs"][1]["cible"] = None
    far, unknown = (str(one) for _, one, _ in entry(found, Store((2018, 50.0)), "x.xlsx"))
    assert "un changement de 10,0" in far and "est 2,8" in far and "ne pourra pas" not in far
    assert "aucun chiffre publié" in unknown


def test_the_false_alarm_that_is_printed_is_the_one_that_happens():
    """Draw two figures of one true value: how often does the second look better?"""
    draw = np.random.default_rng(2030)
    first, second = draw.normal(50, 2 / 1.96, (2, 200_000))
    alarm = 100 * np.mean(second - first - 2 * math.sqrt(2) > 0)
    assert alarm == pytest.approx(objectives.FALSE_ALARM, abs=0.1)


def test_a_state_says_its_reason():
    assert str(State("non mesurable", "secret")) == "non mesurable (secret)"
