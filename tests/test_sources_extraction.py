"""What a wide table says of Marseille, and nothing else, becomes observations."""

import pandas as pd
import pytest

import fictif
from qpvlib.errors import SourceError
from qpvlib.sources import dating, tables
from qpvlib.sources.extraction import extract
from qpvlib.sources.families import families, recognise


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Extract a text written as a CSV; index territory, indicator, category."""
    fictif.build(tmp_path, monkeypatch)

    def run(text: str, year: int | None = None) -> pd.DataFrame:
        path = tmp_path / "fictif.csv"
        path.write_text(text, "utf-8")
        (table,) = tables.read(path)
        family = recognise(table)
        if family.dated_by == "suffixe":
            year = dating.column_year(table, family)
        frame = extract(table, family, year)
        return frame.set_index(["territoire", "indicateur", "modalite"]).sort_index()

    yield run
    monkeypatch.undo()
    fictif.forget()


REVN = (
    "CODGEO;PMIMP;BREV;TP60;DECUC_Q2;DISP_Q2;DISP_D1;DISP_D9;PPEN;PPSOC;PIMPOT;NOTE_FILO;"
    "C;{c2s};NOTE_CNAM;A;ARSAS;AAAH;NOTE_CNAF\n"
    f"{fictif.QPV};20;55;40;9000;13000;8000;20000;25;20;-10;0;1000;{{one}};0;400;100;;0\n"
    f"{fictif.OTHER};;55;40;9000;13000;8000;20000;25;20;-10;0;;{{none}};5;;;;3\n"
)


def test_a_ratio_of_counts_keeps_its_parts(read):
    frame = read(REVN.format(c2s="CC2S", one="250", none=""), 2021)
    row = frame.loc[(fictif.QPV, "part_allocataires_rsa", "ensemble")]
    assert (row.valeur, row.numerateur, row.denominateur) == (25, 100, 400)
    assert row.millesime == 2019
    row = frame.loc[(fictif.QPV, "rapport_interdecile_d9d1", "ensemble")]
    assert (row.valeur, row.millesime) == (2.5, 2017)


@pytest.mark.parametrize(
    ("columns", "values", "none"), [("CC2S", "250", ""), ("C_C2SNP;C_C2SP", "200;50", ";")]
)
def test_both_generations_of_a_benefit_give_one_indicator(read, columns, values, none):
    frame = read(REVN.format(c2s=columns, one=values, none=none), 2022)
    assert frame.loc[(fictif.QPV, "part_c2s", "ensemble"), "valeur"] == 25


def test_a_masked_part_masks_the_ratio_and_the_note_says_why(read):
    frame = read(REVN.format(c2s="CC2S", one="250", none=""), 2021)
    assert frame.loc[(fictif.QPV, "part_allocataires_aah", "ensemble"), "etat"] == "secret"
    assert frame.loc[(fictif.OTHER, "part_menages_imposes", "ensemble"), "etat"] == "secret"
    # Notes 3 and 5: the whole block is withheld, for a reason that is no disclosure threshold.
    assert frame.loc[(fictif.OTHER, "part_c2s", "ensemble"), "etat"] == "non_disponible"
    assert (
        frame.loc[(fictif.OTHER, "part_allocataires_rsa", "ensemble"), "etat"] == "non_disponible"
    )
    assert frame.valeur.isna().equals(frame.etat != "valeur")


def test_a_blurred_rate_carries_its_bounds(read):
    header = (
        "CODGEO;DISP_Q1_A21;DISP_MED_A21;DISP_Q3_A21;DISP_D1_A21;DISP_D9_A21;DISP_PPEN_A21;"
        "DISP_PPSOC_A21;DISP_PIMPOT_A21;DISP_TP60_A21;DISP_INCERT_A21;DISP_NOTE_A21\n"
    )
    one = f"{fictif.QPV};8000;9000;9500;7000;9900;25;20;-10;37;  2;0\n"
    two = f"{fictif.OTHER};8000;9000;9500;7000;9900;25;20;-10;50,4;0.1;0\n"
    frame = read(header + one + two)
    bounds = frame.xs("taux_pauvrete_60", level="indicateur")[["borne_basse", "borne_haute"]]
    assert bounds.to_numpy().tolist() == [[36, 38], [50.35, 50.45]]


def test_department_93_is_not_region_93(read):
    header = (
        "CODGEO;LIBGEO;NBMEN19;NBPERS19;NBUC19;Q119;Q219;Q319;Q3_Q1;D119;D919;RD;PPEN19;PPSOC19;"
        "PIMPOT19\n"
    )
    end = ";1;1;1;8000;{};30000;2;7000;40000;4,0;25;20;-10\n"
    lines = [("13", "Département fictif", 13000), ("93", "Autre département", 93000)]
    text = header + "".join(f"{code};{name}" + end.format(q2) for code, name, q2 in lines)
    frame = read(text)
    assert set(frame.index.get_level_values(0)) == {"D13"}
    frame = read(header + "93;Région fictive" + end.format(9310))
    assert frame.loc[("R93", "revenu_median", "ensemble"), "valeur"] == 9310
    frame = read(header + "1;Pays fictif" + end.format(10000))
    assert frame.loc[("FM", "revenu_median", "ensemble"), "geographie"] == "france"


def test_iris_markers_stay_distinct(read):
    header = (
        "IRIS;DISP_TP6021;DISP_INCERT21;DISP_Q121;DISP_MED21;DISP_Q321;DISP_D121;DISP_D921;"
        "DISP_RD21;DISP_PPSOC21;DISP_NOTE21\n"
    )
    frame = read(header + f"{fictif.IRIS};s;.;1;ns;3;1;4;so;20;so\n")
    states = frame.etat.droplevel(["territoire", "modalite"]).to_dict()
    assert states == {
        "taux_pauvrete_60": "secret",
        "revenu_median": "non_disponible",
        "rapport_interdecile_d9d1": "sans_objet",
    }


def test_the_only_arrondissement_of_a_quartier_gets_its_population(read):
    frame = read(fictif.demo(2021), 2021)
    row = frame.loc[("13216", "part_population_qpv", "ensemble")]
    assert (row.valeur, row.numerateur, row.denominateur) == (31.25, 5000, 16000)
    assert frame.loc[("13216", "population_qpv", "ensemble"), "valeur"] == 16000
    assert "13215" not in frame.index.get_level_values(0)


def test_the_sibling_file_of_communes_is_read_too(read):
    frame = read(fictif.demo(2021).replace(fictif.QPV, "13055"), 2021)
    row = frame.loc[("13055", "part_femmes", "ensemble")]
    assert (row.geographie, row.valeur, row.millesime) == ("commune", 51, 2017)


def test_counts_of_iris_are_summed_and_a_partial_sum_is_withheld(read, monkeypatch):
    text = (
        "IRIS;P18_NSCOL15P;P18_NSCOL15P_DIPLMIN;P18_NSCOL15P_SUP\n"
        "132160001;100;40;10\n132160002;300;60;90\n132150001;200;100;20\n"
    )
    frame = read(text)
    share = frame.xs("part_sans_diplome", level="indicateur").valeur.droplevel("modalite")
    assert share[["13216", "13215", "13055"]].to_list() == [25, 50, pytest.approx(200 / 6)]
    monkeypatch.setitem(families()["base-ic-diplomes"].sums, "incomplets", ["13216"])
    row = read(text).loc[("13216", "part_sans_diplome", "ensemble")]
    assert row.etat == "non_disponible" and pd.isna(row.numerateur)


@pytest.mark.parametrize(
    ("header", "cells", "rate"),
    [
        ("CODGEO;LIBGEO;NBMEN21;NBPERS21;NBUC21;TP4021;TP5021;TP6021", "10;20;15;5;10;21,5", 21.5),
        (
            "CODGEO;LIBGEO;NBMENFISC21;NBPERSMENFISC21;MED21;PIMP21;TP6021;TP60AGE121;D121;D921;RD21",
            "10;20;20000;40;21,5;s;9000;40000;4,4",
            21.5,
        ),
    ],
    ids=["DISP_PAUVRES", "base-cc-filosofi"],
)
def test_both_official_files_give_the_poverty_of_the_city(read, header, cells, rate):
    frame = read(f"{header}\n13055;Commune fictive;{cells}\n")
    row = frame.loc[("13055", "taux_pauvrete_60", "ensemble")]
    assert (row.valeur, row.millesime, row.geographie) == (rate, 2021, "commune")


def test_populations_of_a_third_party_are_those_of_the_stated_year(read):
    text = "code,nom,type,commune,departement,population\n13216,Seizième fictif,x,13055,13,15000\n"
    row = read(text, 2023).loc[("13216", "population_qpv", "ensemble")]
    assert (row.valeur, row.millesime) == (15000, 2023)


def test_what_has_no_column_is_the_rest_of_the_total(read):
    """The lower certificate is in the catalogue's definition but has no column of its own."""
    family = families()["rp-2018-iris-compilation"]
    labels = {name: label for label, name in family.renames.items()}
    counts = dict.fromkeys(family.required, 10) | {"POP": 100, "NSCOL15P": 100}
    counts |= {"NSCOL15P_CAPBEP": 20, "NSCOL15P_BAC": 15, "NSCOL15P_SUP": 25}
    rows = [counts, counts | {"NSCOL15P_SUP": 66}]
    header = ";".join(["Code", *(labels[name] for name in counts)])
    body = [";".join(map(str, (f"13216000{i}", *row.values()))) for i, row in enumerate(rows)]
    frame = read("\n".join([header, *body]))
    shares = frame.xs("part_sans_diplome", level="indicateur").valeur.droplevel("modalite")
    # Rounded counts may leave -1: nobody in the IRIS, but one fewer in what it is added to.
    assert shares[["132160000", "132160001", "13216"]].to_list() == [40, 0, 19.5]
    assert frame.loc[("132160001", "part_sans_diplome", "ensemble")].numerateur == 0


def test_the_row_of_all_quartiers_follows_the_geography_of_its_file(read):
    frame = read(fictif.FILOSOFI)
    assert "QPV2015-FRANCE" in frame.index.get_level_values(0)
    newer = fictif.FILOSOFI.replace(fictif.QPV, "QN01391I").replace(fictif.OTHER, "QN01392M")
    codes = set(read(newer.replace("Ensemble", "00")).index.get_level_values(0))
    assert codes == {"QPV2024-FRANCE", "QN01391I", "QN01392M"}


def test_a_gini_with_one_decimal_says_nothing(read):
    coarse = fictif.FILOSOFI
    for value in ("0,243", "0,234", "0,231"):
        coarse = coarse.replace(value, "0,2")
    assert "gini" not in read(coarse).index.get_level_values("indicateur")


def test_every_bad_cell_is_located(read):
    bad = fictif.FILOSOFI.replace("41,4", "141,4").replace("60,0", "soixante")
    with pytest.raises(SourceError) as refusal:
        read(bad)
    assert {(p.line, p.column) for p in refusal.value.problems} == {
        (3, "DISP_TP60"),
        (4, "DISP_PACT"),
    }


COMPARATOR = (
    "CODGEO;P22_POP;P16_POP;P22_LOG;P22_RP;P22_LOGVAC;P22_RP_PROP;NBMENFISC21;TP6021;P22_POP1564;"
    "P22_CHOM1564;P22_ACT1564;ETTOT24;ETTEF124;ETTEFP1024\n"
    "13055;1000;900;500;400;50;100;380;26,0;600;40;400;70;30;5\n"
)


def test_a_file_of_several_vintages_dates_each_figure_by_its_own_columns(read):
    frame = read(COMPARATOR).loc["13055"].reset_index()
    found = frame.set_index(["indicateur", "modalite", "millesime"]).valeur.to_dict()
    assert found == {
        ("population_qpv", "ensemble", 2016): 900,
        ("population_qpv", "ensemble", 2022): 1000,
        ("part_menages_proprietaires", "ensemble", 2022): 25,
        ("taux_vacance", "ensemble", 2022): 10,
        ("taux_activite", "ensemble", 2022): 66.666667,
        ("taux_activite_15_64", "ensemble", 2022): 66.666667,
        ("taux_emploi", "ensemble", 2022): 60,
        ("taux_chomage_rp", "ensemble", 2022): 10,
        ("taux_pauvrete_60", "ensemble", 2021): 26,
        ("tissu_economique", "employeurs", 2024): 70,
        ("tissu_economique", "employeurs_1_a_9", 2024): 30,
        ("tissu_economique", "employeurs_10_et_plus", 2024): 5,
    }


def test_a_ratio_across_two_vintages_is_not_made(read):
    frame = read(COMPARATOR.replace("P22_LOGVAC", "P16_LOGVAC")).loc["13055"]
    assert "taux_vacance" not in frame.index.get_level_values("indicateur")


APL = (
    "Titre fictif;;;\nMillésime : 2022;;;\n"
    "Code commune INSEE;Commune;APL aux médecins généralistes;"
    "Population standardisée 2020 pour la médecine générale;Population totale 2020\n"
    ";;par habitant standardisé;en habitants;\n"
    "13215;Quinzième;4,5;1000;900\n13216;Seizième;{};3000;2900\n"
)


def test_the_city_is_the_mean_of_all_its_arrondissements_weighted_as_published(read):
    frame = read(APL.format("2,5"), 2022).xs(("apl_medecins", "ensemble"), level=(1, 2))
    assert frame.valeur.to_dict() == {"13215": 4.5, "13216": 2.5, "13055": 3}
    city = frame.loc["13055"]
    assert (city.numerateur, city.denominateur, city.geographie) == (12_000, 4000, "commune")
    lacking = read(APL.format(""), 2022).xs(("apl_medecins", "ensemble"), level=(1, 2))
    assert lacking.etat.to_dict() == dict.fromkeys(("13216", "13055"), "non_disponible") | {
        "13215": "valeur"
    }


def test_a_table_with_a_line_a_year_needs_the_year(read):
    with pytest.raises(SourceError, match="ANNEE manque"):
        read("CODGEO;LIBGEO;part_non_inseres\n13055;Ville;19\n")
    frame = read(
        "codgeo;libgeo;an;part_non_inseres\n13055;Ville;2008;17,1\n13055;Ville;2013;19,9\n"
    )
    rows = frame.loc[("13055", "part_neet_15_24", "ensemble")]
    assert rows.set_index("millesime").valeur.to_dict() == {2008: 17.1, 2013: 19.9}
