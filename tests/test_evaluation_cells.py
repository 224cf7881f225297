"""One cell: what Excel users type is understood, what would be false or private is refused."""

import datetime as dt

import pytest

from qpvlib.errors import CellError
from qpvlib.evaluation.cells import convert, written
from qpvlib.evaluation.package import Field, tables


def field(kind, closed="", **constraints):
    return Field("x", "X", kind, "Il faut X.", closed, "", constraints)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "1 500,5", 1500.5),
        ("number", "1\u202f500,5", 1500.5),
        ("number", "−3", -3.0),
        ("number", 12, 12.0),
        ("integer", "2 025", 2025),
        ("integer", 3.0, 3),
        ("date", "14/03/2025", dt.date(2025, 3, 14)),
        ("date", dt.datetime(2025, 3, 14), dt.date(2025, 3, 14)),
        ("date", "2025-03-14", dt.date(2025, 3, 14)),
        ("boolean", "Oui", True),
        ("boolean", False, False),
        ("string", 25.0, "25"),
        ("string", "  deux   mots\n", "deux mots"),
        ("list", "a ; b;a", ("a", "b")),
        ("list", "aucune", ()),
        ("list", "", None),
        ("number", " \u00a0", None),
    ],
)
def test_a_cell_is_understood_and_written_back_the_same(kind, cell, value):
    found = convert(field(kind), cell)
    assert found == value and type(found) is type(value)
    assert convert(field(kind), written(found)) == value


@pytest.mark.parametrize("name", ["La Viste", "QN01304I", "la viste", "LA VISTE "])
def test_a_quartier_is_known_by_any_of_its_names(name):
    assert convert(field("string", "quartiers"), name) == "QN01304I"


def test_a_value_of_a_list_is_known_by_its_identifier_its_label_or_both():
    for text in ("S02", "s02", "Ville de Marseille", "S02 : Ville de Marseille"):
        assert convert(field("string", "organisations"), text) == "S02"
    assert convert(field("string", enum=["délibération"]), "Deliberation") == "délibération"


@pytest.mark.parametrize(
    ("one", "cell", "fact"),
    [
        (field("number"), "beaucoup", "n'est pas un nombre"),
        (field("number"), True, "n'est pas un nombre"),
        (field("integer"), "2,5", "n'est pas un nombre entier"),
        (field("date"), "31/02/2025", "n'est pas une date"),
        (field("date"), 45730, "n'est pas une date"),
        (field("date", minimum="2015-01-01"), "14/03/1025", "n'est pas permis"),
        (field("boolean"), "peut-être", "ni oui ni non"),
        (field("string", required=True), None, "est vide"),
        (field("string"), "voir jean@exemple.fr", "adresse électronique"),
        (field("string"), "06 12 34 56 78", "téléphone"),
        (field("string"), "tél. +33 4.91.00.00.00", "téléphone"),
        (field("string"), "demandé par Mme Essai", "nom d'une personne"),
        (field("string"), dt.datetime(2025, 3, 14), "Excel y a mis une date"),
        (field("string", pattern=r"\d{14}"), "7,99E+13", "abîmé"),
        (field("string", maxLength=3), "quatre", "6 caractères"),
        (field("string", "quartiers"), "Atlantide", "Aucun quartier ne s'appelle"),
        (field("string", "quartiers"), "Marseille", "Aucun quartier"),
        (field("string", "engagements"), "E-VDM-999", "n'est pas dans la liste"),
        (field("list", "organisations"), "S01 ; aucune", "à côté d'autre chose"),
        (field("number", maximum=100), 101, "n'est pas permis"),
    ],
)
def test_a_cell_is_refused_with_what_to_do(one, cell, fact):
    with pytest.raises(CellError, match=fact) as raised:
        convert(one, cell)
    assert raised.value.problems[0].remedy or "Noms proches" in str(raised.value) or one.closed


def test_a_siret_is_not_taken_for_a_telephone():
    one = tables()["subventions"].field("idBeneficiaire")
    assert convert(one, "211 300 553 00016") == "21130055300016"
