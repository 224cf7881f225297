"""The easy-to-read page says the figures of the store, their doubt, and why there is none."""

import pytest

from qpvlib import territories
from qpvlib.files import easy
from qpvlib.files.languages import languages
from qpvlib.territories import CITY, quartier

PLACE = quartier("QN01303I")


def told(make_store, rows, language="fr") -> easy.Part:
    parts = easy.parts(PLACE, languages()[language], make_store(rows))
    words = languages()[language].words["chiffres"]["taux_emploi"]
    return next(part for part in parts if part.title == words["titre"])


def everywhere(value):
    rows = [(one.code, "taux_emploi", 2020, 40.0) for one in territories.qpv()]
    return [(PLACE.code, "taux_emploi", 2020, value), *rows[1:], (CITY, "taux_emploi", 2022, 58.2)]


def test_a_figure_beside_the_city_with_both_years(make_store):
    rows = [row for row in everywhere(42.0) if row[0] != PLACE.code or row[3] == 42.0]
    text = " ".join(s.words() for s in told(make_store, rows).sentences)
    assert "environ 4 personnes sur\u00a010 ont un travail" in text
    assert "Marseille, c’est environ 6 personnes" in text
    assert "quartier date de 2020" in text and "Marseille date de 2022" in text


def test_the_picture_shows_the_number_said(make_store):
    part = told(make_store, everywhere(42.0))
    assert part.picture.count('fill="#d55e00"') == 4
    assert part.described.startswith("Dix personnages. 4 en orange")


@pytest.mark.parametrize("language", [*languages()])
def test_a_secret_has_words_and_no_number(make_store, language):
    part = told(make_store, everywhere(None), language)
    assert part.sentences == (languages()[language].words["sans_chiffre"]["secret"],)
    assert not part.picture and not any(c.isdigit() for c in part.sentences[0])


def test_one_person_is_singular(make_store):
    assert "1 personne sur" in told(make_store, everywhere(12.0)).sentences[0].words()
    assert "moins de 1 personne" in told(make_store, everywhere(2.0)).sentences[0].words()
