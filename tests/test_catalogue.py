"""The catalogue is complete and plain, and refuses a broken entry by name and line."""

import csv
import re

import pytest
import yaml

from qpvlib import catalogue, paths
from qpvlib.errors import CatalogueError, UnknownIndicatorError
from qpvlib.indicators.composites import composites

GOOD = yaml.safe_load((paths.data() / "indicateurs.yml").read_text("utf-8"))["taux_emploi"]
JARGON = re.compile(
    r"\b(QPV|IRIS|EPCI|numérateur|dénominateur|médiane|décile|quantile|unité de consommation|UC"
    r"|variable|indicateur|taux|ratio|millésime|Filosofi|RP|ménages?|interdécile)\b"
)
TEXTS = ("libelle", "libelle_court", "en_clair", "definition", "numerateur", "denominateur",
         "univers", "source", "limites")  # fmt: skip


def refused(tmp_path, content):
    path = tmp_path / "indicateurs.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(path)
    return [str(problem) for problem in caught.value.problems]


LISTS = (
    "lieux_culturels", "equipements_sportifs", "equipements_sociaux", "creches",
    "ecoles_maternelles", "ecoles_elementaires", "parcs_jardins", "france_services",
)  # fmt: skip
"""Lists of places counted here and absent from the specification."""
PLACES = (
    *(name for places in LISTS for name in (f"nb_{places}", f"{places}_500m")),
    "arrets_tc_300m", "departs_tc_300m", "nb_places_creches", "places_creches_500m",
)  # fmt: skip
HEALTH = (
    "services_publics_500m", "nb_praticiens", "acces_generalistes", "nb_pharmacies",
    "pharmacies_500m", "nb_centres_sante", "centres_sante_500m", "laboratoires_500m", "pmi_500m",
    "caf_cpam_500m",
)  # fmt: skip
"""What national directories of facilities give besides the specification."""
PUBLISHED = ("part_sans_bac", 
    "part_menages_locataires", "part_allocataires_monoparents", "loyer_moyen_parc_social",
    "cambriolages_logement", "licences_sport_0_14",
)  # fmt: skip
"""What the files of this edition give and the specification does not name."""

COMPONENTS = (
    "part_70_plus", "part_inactifs_15_plus", "part_familles_monoparentales_enfant_25",
    "part_menages_enfant_25",
)  # fmt: skip
"""Census shares that the specification names only as parts or variants of others."""

SCHOOLS = ("ips_ecoles", "ips_colleges", "ips_lycees", "taux_reussite_dnb")
"""Means of the schools of the city, that the specification does not name."""


def test_ids_are_those_of_the_specification_then_ours(shared):
    with open(shared / "specs" / "indicators.csv", encoding="utf-8", newline="") as file:
        named = list(csv.DictReader(file))
    added = [*PLACES, *HEALTH, *COMPONENTS, *composites(), *PUBLISHED, *SCHOOLS]
    ids = [row["id"] for row in named]
    assert sorted(catalogue.indicators()) == sorted([*ids, *added])
    assert list(catalogue.indicators())[: len(named)] == ids
    assert (len(named), len(added)) == (81, 46)
    directions = {"favorable": "fav", "defavorable": "défav", "neutre": "neutre"}
    for row in named:
        entry = catalogue.indicator(row["id"])
        # A low Gini is no strength where everybody is poor; a rotation may be read both ways.
        if row["id"] in ("gini", "rapport_interdecile_d9d1", "taux_rotation_social"):
            assert entry.sens == "neutre"
        else:
            assert row["sens"].startswith(directions[entry.sens])
        assert entry.orientation == row["orientation"]
        assert row["dans_convention"].startswith(entry.dans_convention)


@pytest.mark.parametrize("entry", catalogue.indicators().values(), ids=lambda entry: entry.id)
def test_every_entry_is_fit_for_publication(entry):
    assert entry.en_clair.endswith(".") and entry.en_clair.count(".") == 1
    assert not JARGON.search(entry.en_clair)
    for field in TEXTS:
        text = getattr(entry, field)
        assert not re.search(r" [:;!?%»]|« |  |\bidem\b|[<>]=?|\betc\b|\bTODO\b", text), field
        assert text == text.strip()
    for field in ("definition", "limites", "univers"):
        assert getattr(entry, field).endswith("."), field
    if entry.unite == "%" and entry.part_univers:
        assert entry.numerateur and entry.denominateur


def test_labels_are_unique():
    entries = catalogue.indicators().values()
    for field in ("libelle", "libelle_court"):
        assert len({getattr(entry, field) for entry in entries}) == len(entries)


def test_only_counts_may_be_summed():
    summable = {name for name, entry in catalogue.indicators().items() if entry.additif}
    assert summable == {
        "population_qpv",
        "defm_abc",
        "nb_copros_fragiles",
        "nb_homicides",
        "tissu_economique",
        "nb_praticiens",
        "nb_pharmacies",
        "nb_centres_sante",
        *(f"nb_{places}" for places in LISTS),
        "nb_places_creches",
    }


def test_every_figure_of_the_census_has_a_design_effect_and_its_evidence():
    for entry in catalogue.indicators().values():
        assert (entry.effet_plan is None) == (entry.part_univers is None), entry.id
        if entry.effet_plan:
            assert re.fullmatch("(Mesuré|Non mesurable)[^.]+\\.", entry.effet_plan_preuve), entry.id


def test_themes_hold_every_indicator_once():
    found = [entry.id for theme in catalogue.THEMES for entry in catalogue.by_theme(theme)]
    assert sorted(found) == sorted(catalogue.indicators())


def test_an_unknown_indicator_gets_the_closest_ids():
    with pytest.raises(UnknownIndicatorError, match=r"proches.*taux_pauvrete_60"):
        catalogue.indicator("taux_pauvrete")
    with pytest.raises(UnknownIndicatorError, match=r"n'existe pas\.$"):
        catalogue.indicator("zzzz")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unite": "euros/an"}, "unite «\u00a0euros/an\u00a0» n'est pas permis"),
        ({"decimales": 3}, "decimales"),
        ({"sens": "bon"}, "sens"),
        ({"orientation": "sport"}, "orientation"),
        ({"additif": "oui"}, "additif"),
        ({"additif": True}, "additif ne vaut que pour un effectif"),
        ({"nature": "sondage"}, "nature"),
        ({"statut": "fait"}, "statut"),
        ({"dans_convention": "peut-être"}, "dans_convention"),
        ({"libelle_court": "x" * 29}, "29 caractères, 28 au plus"),
        ({"en_clair": " "}, "en_clair est vide"),
        ({"definition": 12}, "definition doit être un texte"),
        ({"part_univers": 1.5}, "part_univers"),
        ({"nature": "exhaustif"}, "part_univers est réservé aux enquêtes"),
        ({"effet_plan": 0.8}, "effet_plan est réservé aux enquêtes, 1 ou plus"),
        ({"effet_plan": None}, "effet_plan et effet_plan_preuve vont ensemble"),
        ({"effet_plan_preuve": ""}, "effet_plan et effet_plan_preuve vont ensemble"),
        ({"univers_de": "taux_inconnu"}, "univers_de doit être l'identifiant d'un taux"),
        ({"remarque": "x"}, "champs inconnus\u00a0: remarque"),
    ],
)
def test_a_broken_field_is_named_with_its_entry_and_line(tmp_path, change, words):
    content = yaml.dump({"bon": GOOD, "faux": GOOD | change}, allow_unicode=True, sort_keys=False)
    line = content.splitlines().index("faux:") + 1
    problems = refused(tmp_path, content)
    place = f"indicateurs.yml, ligne {line}\u00a0: faux\u00a0: "
    assert all(problem.startswith(place) for problem in problems)
    assert words in problems[0]


def test_all_problems_are_told_at_once(tmp_path):
    short = {field: value for field, value in GOOD.items() if field not in ("sens", "source")}
    entries = {"un": short, "deux": GOOD | {"unite": "?", "sens": "?"}, "trois": None}
    problems = refused(tmp_path, yaml.dump(entries, allow_unicode=True))
    assert len(problems) == 4
    assert any("champs manquants\u00a0: sens, source." in problem for problem in problems)


def test_an_entry_given_twice_is_refused(tmp_path):
    content = yaml.dump({"un": GOOD}, allow_unicode=True)
    (problem,) = refused(tmp_path, content + content)
    assert "un\u00a0: donné deux fois." in problem


@pytest.mark.parametrize("content", ["", "texte", "- liste\n- liste", "un: {sens: [}", "a: b: c"])
def test_a_file_that_is_no_catalogue_is_said_in_one_sentence(tmp_path, content):
    (problem,) = refused(tmp_path, content)
    assert "n'est pas un catalogue lisible" in problem


def test_texts_get_their_no_break_spaces(tmp_path):
    path = tmp_path / "indicateurs.yml"
    entry = GOOD | {"limites": "Attention : 5 % ; « environ » !"}
    path.write_text(yaml.dump({"un": entry}, allow_unicode=True), "utf-8")
    expected = "Attention\u00a0: 5\u00a0%\u202f; «\u00a0environ\u00a0»\u202f!"
    assert catalogue.read(path)["un"].limites == expected
