"""The table of practitioners shows the counts, and says what a ratio allows to say.

Figures are fictitious, on real codes.
"""

import numpy as np
import pandas as pd
import pytest

from qpvlib.observations import COLUMNS, NUMBERS, Observations, validate
from qpvlib.presentation import practitioners
from qpvlib.reading.portrait import portrait

QUARTIER, CITY = "QN01304I", "13055"
COUNT, RATIO = "nb_praticiens", "rapport_densite_praticiens"


@pytest.fixture
def store():
    rows = [
        (QUARTIER, "qpv2024", COUNT, "generaliste", 3.0, np.nan, np.nan, "valeur"),
        (CITY, "commune", COUNT, "generaliste", 900.0, np.nan, np.nan, "valeur"),
        (QUARTIER, "qpv2024", RATIO, "generaliste", 10.0, 3.4, 48.5, "valeur"),
        (CITY, "commune", RATIO, "generaliste", 1.0, np.nan, np.nan, "valeur"),
        (QUARTIER, "qpv2024", COUNT, "dentiste", 8.0, np.nan, np.nan, "valeur"),
        (QUARTIER, "qpv2024", RATIO, "dentiste", 1.5, 0.8, 3.5, "valeur"),
        (CITY, "commune", RATIO, "dentiste", 1.0, np.nan, np.nan, "valeur"),
        (QUARTIER, "qpv2024", COUNT, "pediatre", 0.0, np.nan, np.nan, "valeur"),
        (QUARTIER, "qpv2024", RATIO, "pediatre", np.nan, np.nan, np.nan, "sans_objet"),
        *(
            (QUARTIER, "qpv2024", COUNT, name, 0.0, np.nan, np.nan, "valeur")
            for name in ("ensemble", "gynecologue", "sage_femme", "ophtalmologue")
        ),
    ]
    names = ["territoire", "geographie", "indicateur", "modalite", "valeur", "borne_basse",
             "borne_haute", "etat"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names).assign(millesime=2025, source="source-fictive")
    frame = frame.reindex(columns=COLUMNS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    return Observations(validate(frame))


def test_each_ratio_has_its_counts_and_what_may_be_read_in_it(store):
    found = practitioners.table(practitioners.practices(QUARTIER, store))
    read = {row[0]: row[1:] for row in found.rows}
    count, words, ratio, interval, city = read["médecins généralistes"]
    assert ">3<" in count and ">900<" in city and ">10,0<" in ratio
    assert interval.striptags() == "de 3,4 à 48,5"
    assert words.startswith("moins qu") and words.endswith("Marseille, fragile")
    assert read["chirurgiens-dentistes"][1] == "non distinguable"
    assert read["pédiatres"][1] == "aucun praticien ici"
    assert "sans objet" in read["pédiatres"][2]


def test_without_the_file_there_is_no_practice(make_store):
    assert practitioners.practices(QUARTIER, make_store([])) == ()


def test_an_indicator_given_by_category_only_is_not_said_to_be_missing(store):
    missing = {entry.id for entry in portrait(QUARTIER, store).absent}
    assert RATIO not in missing
    assert "acces_generalistes" in missing


def test_only_the_page_of_its_theme_has_the_overview(store):
    assert practitioners.overview("jeunesse", store) == ()
