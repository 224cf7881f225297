"""The table of schools refuses what contradicts itself; names and places are read as told."""

import re

import pytest

from qpvlib import schools
from qpvlib.errors import ObservationError
from school_files import table, uai

ROW = (1, "ecole", "public", "13215", "ips", 2022, 70.0)


@pytest.mark.parametrize("code", ["0131932E", "0132283L", "0130543V"])
def test_the_letter_of_a_real_code_is_right_and_any_other_is_wrong(code):
    assert schools.is_uai(code)
    others = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {code[7]}
    assert not any(schools.is_uai(code[:7] + letter) for letter in others)
    assert not schools.is_uai(code[1:]) and not schools.is_uai(code.lower())


def test_rows_are_sorted_and_checked_against_their_state():
    frame = table(ROW, (1, "ecole", "public", "13215", "ips_ancienne_echelle", 2021, None))
    assert list(frame["mesure"]) == ["ips", "ips_ancienne_echelle"]
    assert schools.validate(frame.iloc[::-1]).equals(frame)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"uai": "0139001A"}, "numéro UAI mal formé"),
        ({"arrondissement": "13217"}, "code inconnu"),
        ({"nature": "creche"}, "nature inconnue"),
        ({"secteur": "mixte"}, "secteur inconnu"),
        ({"mesure": "climat"}, "mesure inconnue"),
        ({"etat": "secret"}, "se contredisent"),
        ({"valeur": float("nan")}, "se contredisent"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line(change, words):
    frame = table(ROW).assign(**change)
    with pytest.raises(ObservationError, match=words) as caught:
        schools.validate(frame, "fictif.csv")
    assert "fictif.csv, ligne 2" in str(caught.value)


def test_a_figure_given_twice_is_refused():
    frame = table(ROW)
    with pytest.raises(ObservationError, match="répète"):
        schools.validate(frame.loc[[0, 0]])


@pytest.mark.parametrize(
    ("official", "printed"),
    [
        ("ECOLE ELEMENTAIRE PLAN D AOU", "Plan d'Aou"),
        ("ECOLE ELEMENTAIRE D APPLICATION DES ACCOULES", "Accoules"),
        ("ECOLE PRIMAIRE PRIVEE NOTRE DAME DE LA VISTE", "Notre-Dame de la Viste"),
        ("ECOLE ELEMENTAIRE ABBE DE L EPEE", "Abbé de l'Épée"),
        ("ECOLE ELEMENTAIRE SAINT BARTHELEMY SNCF", "Saint-Barthélemy SNCF"),
        ("ECOLE PRIMAIRE PRIVEE SAINT JOSEPH (L ESTAQUE)", "Saint-Joseph (L'Estaque)"),
        ("COLLEGE ESTAQUE (L')", "L'Estaque"),
        ("COLLEGE BARTAVELLES (LES)", "Les Bartavelles"),
        ("COLLEGE CHAPE (RUE)", "Chape"),
        ("COLLEGE PRIVE", "Prive"),
    ],
)
def test_a_name_is_printed_as_french_writes_it(official, printed):
    assert schools.short_name(official) == printed


def test_places_and_pairs_that_contradict_themselves_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(schools, "folder", lambda: tmp_path)
    head = "uai,appariement,longitude,latitude\n"
    good = f"{uai(1)},alias,5.37,43.30\n{uai(2)},non_place,,\n"
    for rows, line in (
        (good + f"{uai(1)},exact,5.37,43.30\n", 4),
        (good + f"{uai(3)},exact,,\n", 4),
        (f"{uai(3)},non_place,5.37,43.30\n", 2),
    ):
        (tmp_path / "lieux.csv").write_text(head + rows, "utf-8")
        with pytest.raises(ObservationError, match=rf"lieux\.csv, ligne {line}"):
            schools.places.__wrapped__()
    (tmp_path / "lieux.csv").write_text(head + good, "utf-8")
    points = schools.places.__wrapped__()
    assert list(points.index) == [uai(1)] and points.crs.to_epsg() == 2154


def test_every_measure_is_fit_for_publication():
    for entry in schools.measures().values():
        assert entry.en_clair.endswith(".") and entry.en_clair.count(".") == 1
        assert not re.search(r" [:;!?%»]|« ", entry.definition + entry.limites + entry.en_clair)


def test_the_table_of_this_edition_is_sound():
    told = schools.read_all()
    assert not told.duplicated(schools.KEY).any()
    assert set(schools.places().index) <= set(told["uai"])
    assert set(schools.names()) == set(told["uai"])


@pytest.mark.parametrize(
    ("listed", "printed"),
    [
        ("Ecole Felix Pyat", "École Félix Pyat"),
        ("Theatre du Merlan", "Théâtre du Merlan"),
        ("CFA Corot", "CFA Corot"),
        ("ROSE FRAIS VALLON", "Rose Frais Vallon"),
        ("Ecole Plan D'Aou", "École Plan d'Aou"),
    ],
)
def test_a_listed_name_gets_its_accents_and_keeps_its_initials(listed, printed):
    assert schools.spelling(listed) == printed
