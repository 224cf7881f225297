"""A portrait says the role of its quartier in the draw and which quartiers resemble it."""

import pytest

from qpvlib.followup import draw
from qpvlib.presentation.followup import role
from qpvlib.reading.portrait import store


@pytest.mark.parametrize("wanted", ["cible", "témoin", "hors tirage"])
def test_the_role_is_the_recorded_one(wanted):
    cohort = draw.load()
    code = cohort.index[cohort["role"] == wanted][0]
    text = role.role(code, "../suivi/page.html")
    assert wanted in text and "../suivi/page.html" in text


def test_the_quartiers_that_resemble_one_are_of_its_class_and_the_closest_first(monkeypatch):
    cohort = draw.load()
    code = cohort.index[cohort["classe"] == "1"][0]
    found = role.alike(code, store())
    assert 0 < len(found) <= role.ALIKE
    assert {cohort.loc[one.code, "classe"] for one in found} == {"1"}
    # A quartier with the very same figures comes first.
    table = role._standardised(store()).copy()
    twin = [name for name in cohort.index[cohort["classe"] == "1"] if name != code][-1]
    table.loc[twin] = table.loc[code]
    monkeypatch.setattr(role, "_standardised", lambda _: table)
    assert role.alike(code, store())[0].code == twin


def test_without_a_draw_there_is_neither_role_nor_likeness(monkeypatch):
    monkeypatch.setattr(role, "_cohort", lambda: None)
    assert "aucun tirage" in role.role("QN01304I", "x")
    assert role.alike("QN01304I", store()) == ()
