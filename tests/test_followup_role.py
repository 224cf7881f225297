"""A portrait says the role of its quartier in the draw, and its class in words, or no draw."""

import pytest

from qpvlib.followup import draw
from qpvlib.presentation.followup import role
from qpvlib.reading.portrait import store


@pytest.mark.parametrize("wanted", [draw.TARGET, draw.CONTROL, draw.OUTSIDE])
def test_the_role_is_that_of_the_recorded_cohort(wanted):
    cohort = draw.load()
    row = cohort[cohort["role"] == wanted].iloc[0]
    text = role.role(row.name, store(), "../suivi/page.html")
    assert f" {wanted}, dans un" in text.striptags() and 'href="../suivi/page.html"' in text
    assert f"classe {row['classe']} " in text.striptags()


def test_each_class_has_words_that_follow_its_means():
    cohort, words = draw.load(), role.class_words(store())
    assert set(words) == set(cohort["classe"])
    for name, told in words.items():
        own = [store().get("taux_emploi", code).value for code in cohort.index]
        mean = sum(own) / len(own)
        inside = [v for v, c in zip(own, cohort["classe"], strict=True) if c == name]
        if "taux d'emploi" in told:
            higher = "taux d'emploi" in told.split(" ; plus bas")[0] and told.startswith(
                "plus haut"
            )
            assert higher == (sum(inside) / len(inside) > mean)


def test_without_a_draw_the_portrait_says_so(monkeypatch):
    monkeypatch.setattr(role, "_cohort", lambda: None)
    assert "aucun tirage" in role.role("QN01304I", store(), "x")
