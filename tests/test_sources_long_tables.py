"""A table that gives one figure per line becomes one line per territory and year, or is refused."""

import pytest

import fictif
from qpvlib.errors import SourceError
from qpvlib.sources import tables
from qpvlib.sources.extraction import codes, extract
from qpvlib.sources.families import recognise

HEADER = "CODGEO_2026;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;est_diffuse\n"
FACTS = (
    "13055;2025;Violences physiques intrafamiliales;Victime;1;4,5;diff\n"
    "13055;2025;Cambriolages de logement;Infraction;1;9,25;diff\n"
    "13216;2025;Cambriolages de logement;Infraction;1;7;diff\n"
    "13055;2024;Cambriolages de logement;Infraction;1;8;diff\n"
    "13055;2025;Destructions et dégradations volontaires;Infraction;1;12;diff\n"
)
"""Recorded offences: invented figures."""


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Return the table of a text written as a CSV."""
    fictif.build(tmp_path, monkeypatch)

    def read(text: str) -> tables.Table:
        path = tmp_path / "faits.csv"
        path.write_text(text, "utf-8")
        return tables.read(path)[0]

    yield read
    monkeypatch.undo()
    fictif.forget()


def test_one_line_per_territory_and_year_keeps_the_order_and_leaves_blanks(table):
    wide = table(HEADER + FACTS)
    assert wide.columns == (
        "CODGEO_2026",
        "annee",
        "Violences physiques intrafamiliales",
        "Cambriolages de logement",
        "Destructions et dégradations volontaires",
    )
    assert wide.rows == (
        ("13055", "2025", "4,5", "9,25", "12"),
        ("13216", "2025", "", "7", ""),
        ("13055", "2024", "", "8", ""),
    )
    assert wide.lines == (2, 4, 5)


def test_recorded_offences_are_read_by_category_and_year(table):
    wide = table(HEADER + FACTS)
    frame = extract(wide, recognise(wide), None)
    key = ["territoire", "indicateur", "modalite", "millesime"]
    found = frame.set_index(key)[["valeur", "etat"]]
    assert found.loc[("13055", "cambriolages_logement", "ensemble", 2025), "valeur"] == 9.25
    assert found.loc[("13055", "cambriolages_logement", "ensemble", 2024), "valeur"] == 8
    absent = found.loc[("13216", "faits_constates", "degradations", 2025)]
    assert absent.etat == "non_disponible" and absent.valeur != absent.valeur


def test_the_labels_of_the_editions_before_2025_are_other_figures(table, shared):
    sample = (shared / "data/essais/ssmsi_communes_geographie_2024.csv").read_text("utf-8")
    elsewhere = table(sample)
    assert not codes(elsewhere, recognise(elsewhere))  # the Gironde
    moved = table(sample.replace('"33001"', '"13055"'))
    frame = extract(moved, recognise(moved), None).set_index(["indicateur", "modalite"])
    assert set(frame.territoire) == {"13055"}
    told = set(frame.loc["faits_constates"].index)
    assert {"coups_blessures_famille", "coups_blessures_hors_famille", "escroqueries_seules"} < told
    assert not {"violences_intrafamiliales", "violences_hors_famille", "escroqueries"} & told
    assert frame.loc[("faits_constates", "escroqueries_seules"), "valeur"] == 2.5813113
    masked = frame.loc[("faits_constates", "coups_blessures_famille")]
    assert (masked.millesime, masked.etat) == (2017, "non_disponible")


def test_a_wide_table_is_left_as_it_is(table):
    text = "CODGEO;annee;taux\n13055;2025;1\n"
    assert table(text).rows == (("13055", "2025", "1"),)


def test_a_figure_given_twice_and_a_short_line_are_told_together(table):
    with pytest.raises(SourceError) as caught:
        table(HEADER + FACTS + FACTS.splitlines(keepends=True)[0] + "13055;2025\n")
    first, second = map(str, caught.value.problems)
    assert "ligne 7" in first and "est donné deux fois" in first
    assert "ligne 8" in second and "2 cellules au lieu de 7" in second
