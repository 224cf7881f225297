"""Every figure kept from the official files is found again in their bytes by other code than ours.

The columns are named here a second time on purpose: nothing is shared with ``familles.yml``.
"""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from fictif import REPOSITORY
from qpvlib import observations

# Block, column (YY: the year; A/B, A-B/C: a ratio), figure. A column that a file lacks gives none.
MAPS = {
    "filosofi-qpv": """
        f tp60_aYY taux_pauvrete_60
        f disp_q2_aYY revenu_median
        f disp_q1_aYY revenu_median/premier_quartile
        f disp_q3_aYY revenu_median/troisieme_quartile
        f disp_d1_aYY revenu_median/premier_decile
        f disp_d9_aYY revenu_median/neuvieme_decile
        f disp_d1d9_aYY rapport_interdecile_d9d1
        f disp_gini_aYY gini
        f disp_pact_aYY part_revenus_activite
        f disp_ppen_aYY part_pensions
        f disp_ppsoc_aYY part_prestations_sociales
        f disp_ppfam_aYY part_prestations_sociales/prestations_familiales
        f disp_ppmini_aYY part_prestations_sociales/minima_sociaux
        f disp_pplogt_aYY part_prestations_sociales/prestations_logement
        f disp_pimpot_aYY part_impots""",
    "filosofi-iris": """
        f DISP_TP60YY taux_pauvrete_60
        f DISP_MEDYY revenu_median
        f DISP_RDYY rapport_interdecile_d9d1""",
    "filosofi-above": """
        f Q2YY revenu_median
        f Q1YY revenu_median/premier_quartile
        f Q3YY revenu_median/troisieme_quartile
        f D1YY revenu_median/premier_decile
        f D9YY revenu_median/neuvieme_decile
        f RD rapport_interdecile_d9d1
        f PACTYY part_revenus_activite
        f PPENYY part_pensions
        f PPSOCYY part_prestations_sociales
        f PPFAMYY part_prestations_sociales/prestations_familiales
        f PPMINIYY part_prestations_sociales/minima_sociaux
        f PPLOGTYY part_prestations_sociales/prestations_logement
        f PIMPOTYY part_impots""",
    "filosofi-key": """
        f TP60YY taux_pauvrete_60
        f MEDYY revenu_median
        f D1YY revenu_median/premier_decile
        f D9YY revenu_median/neuvieme_decile
        f RDYY rapport_interdecile_d9d1
        f PIMPYY part_menages_imposes
        f PACTYY part_revenus_activite
        f PPENYY part_pensions
        f PPSOCYY part_prestations_sociales
        f PIMPOTYY part_impots""",
    "filosofi-poor": "f TP60YY taux_pauvrete_60",
    "filosofi-iris-declared": """
        f DEC_PIMPYY part_menages_imposes
        f DEC_TP60YY part_bas_revenus_declares
        f DEC_MEDYY revenu_median/declare""",
    "comparator": """
        p PYY_POP population_qpv
        r PYY_POP population_qpv
        r PYY_ACT1564/PYY_POP1564 taux_activite_15_64
        r PYY_ACT1564/PYY_POP1564 taux_activite
        r PYY_ACT1564-PYY_CHOM1564/PYY_POP1564 taux_emploi
        r PYY_CHOM1564/PYY_ACT1564 taux_chomage_rp
        r PYY_RP_PROP/PYY_RP part_menages_proprietaires
        r PYY_LOGVAC/PYY_LOG taux_vacance
        f TP60YY taux_pauvrete_60
        f MEDYY revenu_median
        f PIMPYY part_menages_imposes
        e ETTOTYY tissu_economique/employeurs
        e ETAZYY tissu_economique/employeurs_agriculture
        e ETBEYY tissu_economique/employeurs_industrie
        e ETFZYY tissu_economique/employeurs_construction
        e ETGUYY tissu_economique/employeurs_commerces_services
        e ETOQYY tissu_economique/employeurs_administration
        e ETTEF1YY tissu_economique/employeurs_1_a_9
        e ETTEFP10YY tissu_economique/employeurs_10_et_plus""",
    "revn": """
        f TP60 taux_pauvrete_60
        f DISP_Q2 revenu_median
        f DISP_Q1 revenu_median/premier_quartile
        f DISP_Q3 revenu_median/troisieme_quartile
        f DISP_D1 revenu_median/premier_decile
        f DISP_D9 revenu_median/neuvieme_decile
        f DECUC_Q2 revenu_median/declare
        f DISP_D9/DISP_D1 rapport_interdecile_d9d1
        f PACT part_revenus_activite
        f PPEN part_pensions
        f PPSOC part_prestations_sociales
        f PIMPOT part_impots
        f PMIMP part_menages_imposes
        f BREV part_bas_revenus_declares
        c ARSAS/A part_allocataires_rsa
        c AAAH/A part_allocataires_aah
        c APRES50/A part_allocataires_dependants
        c APRES100/A part_allocataires_dependants/ressources_entieres""",
    "demo": """
        p POP_MUN population_qpv
        w POP_COM population_qpv
        w POP_COM_QP/POP_COM part_population_qpv
        r TX_F part_femmes
        r TX_TOT_0A24 part_0_24
        r TX_F_0A24 part_0_24/femmes
        r TX_TOT_60ETPLUS part_60_plus
        r TX_F_60ETPLUS part_60_plus/femmes
        r IND_JEUNE indice_jeunesse
        r TX_TOT_MEN1 part_menages_1_personne
        r TX_TOT_MEN6 part_menages_6_personnes
        r TX_TOT_ET part_etrangers
        r TX_F_ET part_etrangers/femmes
        c AM/A part_allocataires_monoparents""",
    "ipro": """
        r TX_TOT_EMPL taux_emploi
        r TX_F_EMPL taux_emploi/femmes
        r TX_ET_EMPL taux_emploi/etrangers
        r TX_TOT_EDLIM part_emplois_duree_limitee
        r TX_F_EDLIM part_emplois_duree_limitee/femmes
        r TX_ET_EDLIM part_emplois_duree_limitee/etrangers
        r TX_TOT_EPREC part_emplois_duree_limitee/precaires
        r TX_F_EPREC part_emplois_duree_limitee/precaires_femmes
        r TX_ET_EPREC part_emplois_duree_limitee/precaires_etrangers
        e ABC defm_abc
        e ABC_F defm_abc/femmes
        e ABC_H defm_abc/hommes
        e ABC_25 defm_abc/moins_25_ans
        e ABC_2649 defm_abc/26_49_ans
        e ABC_50 defm_abc/50_ans_et_plus
        e ABC_E defm_abc/etrangers
        e ABC_RSA defm_abc/beneficiaires_rsa
        e ABC_INFCAPBEP defm_abc/niveau_inferieur_cap_bep
        e ABC_CAPBEP defm_abc/niveau_cap_bep
        e ABC_BAC defm_abc/niveau_bac
        e ABC_SUPBAC defm_abc/niveau_superieur_bac
        e A defm_abc/categorie_a""",
    "caf": """
        c ARSAS/A part_allocataires_rsa
        c AAAH/A part_allocataires_aah
        c APRES50/A part_allocataires_dependants
        c AM/A part_allocataires_monoparents""",
}
F, C = "qpv2015_filosofi_par_source/", "communes_filosofi_dep13/"
T, IRIS = "qpv2015_par_thematique/", "iris_filosofi_dep13/BASE_TD_FILO_DISP_IRIS_"
# Source, file, map, year of each block, note of each block where the file has one.
CASES = [
    ("insee-filosofi-qpv2015-2016", F + "data_filo16_qp_revdis", "filosofi-qpv", "f2016", "fnote"),
    ("insee-filosofi-qpv2015-2017", F + "data_filo17_qp_revdis", "filosofi-qpv", "f2017", "fnote"),
    ("insee-revn-2018", T + "REVN_2018", "revn", "f2014 c2016", "cNOTE_CNAF"),
    ("insee-demo-2018", T + "DEMO_2018", "demo", "p2013 w2013 r2010 c2016", "cNOTE_CNAF"),
    ("insee-ipro-2017", T + "IPRO_2017", "ipro", "r2010 e2016", "eNOTE_PE"),
    ("insee-ipro-2019", T + "IPRO_2019", "ipro", "r2015 e2018", "eNOTE_PE"),
    ("insee-ipro-2021", T + "IPRO_2021", "ipro", "r2017 e2020", "eNOTE_PE"),
    ("insee-filosofi-iris-2016", IRIS + "2016", "filosofi-iris", "f2016", "fDISP_NOTE16"),
    ("insee-filosofi-iris-2017", IRIS + "2017", "filosofi-iris", "f2017", "fDISP_NOTE17"),
    ("cnaf-allocataires-iris-2017", "iris_caf_dep13/data_CAF_2017_IRIS", "caf", "c2017", "cNOTE"),
    (
        "insee-filosofi-declare-iris-2021",
        "iris_filosofi_dep13/BASE_TD_FILO_IRIS_2021_DEC",
        "filosofi-iris-declared",
        "f2021",
        "fDEC_NOTE21",
    ),
    (
        "insee-comparateur-communes-2024",
        "comparateur/base_cc_comparateur_marseille",
        "comparator",
        "p2016 r2022 f2021 e2024",
        "",
    ),
    *(
        (f"insee-filosofi-{level}-2015", f"{C}FILO2015_DISP_{name}", "filosofi-above", "f2015", "")
        for level, name in (
            ("communes", "COM"),
            ("departements", "DEP"),
            ("epci", "EPCI"),
            ("france", "METROPOLE"),
            ("regions", "REG"),
        )
    ),
    *(
        (f"insee-filosofi-chiffres-cles-{level}", C + name, "filosofi-key", f"f{level[-4:]}", "")
        for level, name in (
            ("communes-2015", "base-cc-filosofi-2015_COM"),
            ("departements-2015", "base-cc-filosofi-2015_DEP"),
            ("epci-2015", "base-cc-filosofi-2015_EPCI"),
            ("france-2015", "base-cc-filosofi-2015_METRO"),
            ("regions-2015", "base-cc-filosofi-2015_REG"),
            ("communes-2016", "base-cc-filosofi-2016_COM_dep13"),
            ("epci-2016", "base-cc-filosofi-2016_EPCI_200054807"),
            ("communes-2021", "cc_filosofi_2021_COM"),
        )
    ),
    (
        "insee-filosofi-pauvrete-communes-2018",
        C + "FILO2018_DISP_Pauvres_COM",
        "filosofi-poor",
        "f2018",
        "",
    ),
]
ROWS = {"QPV2015-FRANCE": "Ensemble", "D13": "13", "R93": "93", "FM": "1"}
"""Codes of ours that the producers write otherwise."""


def raw(path: Path) -> dict[str, dict[str, str]]:
    """Return the lines of a file by code, its first column."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file, delimiter=";")
    header = [name.strip() for name in header]
    return {line[0]: dict(zip(header, line, strict=False)) for line in lines}


def table_of(name: str) -> list[dict[str, str]]:
    """Return a table of territories."""
    path = REPOSITORY / "data/territoires" / f"{name}.csv"
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(source: str) -> pd.DataFrame:
    """Return the figures kept of a source."""
    return observations.read(REPOSITORY / "data/observations" / f"{source}.csv")


def number(text: str) -> float | None:
    plain = "".join(text.split()).replace(",", ".")  # split() drops every space of thousands
    return None if plain in ("", "s", "ns", "nd", "so") else float(plain)


def columns_of(formula: str) -> list[str]:
    return re.split("[-/]", formula)


def expected(line: dict, formula: str, note: str, country: bool) -> tuple[str, float | None]:
    """Return the state and the value that a line gives."""
    texts = [line[name] for name in columns_of(formula)]
    cells = [number(text) for text in texts]
    if None in cells:
        marked = {"ns", "nd"} & set(texts)
        empty = country or marked or line.get(note, "0") not in ("", "0", "1")
        return ("non_disponible" if empty else "secret"), None
    top, *others = map(float, filter(lambda cell: cell is not None, cells))
    if "-" in formula:
        top -= others.pop(0)
    if not others:
        return "valeur", top
    return ("valeur", top / others[0]) if others[0] else ("non_disponible", None)


@pytest.mark.parametrize("source,file,columns,years,notes", CASES, ids=[case[0] for case in CASES])
def test_every_figure_is_that_of_the_file(shared, source, file, columns, years, notes):
    lines = raw(shared / "data/lot2/insee" / f"{file}.csv")
    quartiers = table_of("qpv2015")
    wards = {  # an arrondissement's own population is said by the quartiers that are all in it
        row["arrondissements"]: row["code"]
        for row in quartiers
        if " " not in row["arrondissements"] + row["communes"]
    }
    year = {item[0]: int(item[1:]) for item in years.split()}
    note = {item[0]: item[1:] for item in notes.split()}
    present = next(iter(lines.values()))
    said = {}
    for entry in MAPS[columns].strip().splitlines():
        block, formula, figure = entry.split()
        formula = formula.replace("YY", str(year[block])[2:])
        if set(columns_of(formula)) <= present.keys():
            indicator, category = f"{figure}/ensemble".split("/")[:2]
            said[(block == "w", indicator, category, year[block])] = (block, formula)
    seen = set()
    frame = read(source)
    for row in frame.itertuples():
        ward = columns == "demo" and row.geographie == "arrondissement"
        key = (ward, row.indicateur, row.modalite, row.millesime)
        block, formula = said[key]
        line = lines[wards[row.territoire] if ward else ROWS.get(row.territoire, row.territoire)]
        country = row.territoire == "QPV2015-FRANCE"
        state, value = expected(line, formula, note.get(block, ""), country)
        if value is not None and "/" in formula and not row.indicateur.startswith("rapport"):
            value *= 100
        if value is not None and row.indicateur == "part_impots":
            value = -value  # what the tax takes, that the file counts below zero
        assert row.etat == state, row
        assert value is None or row.valeur == pytest.approx(value, rel=0, abs=5e-7), row
        if value is not None and row.indicateur == "part_bas_revenus_declares" and block == "f":
            blur = {"1": 0.5, "2": 1.0}.get(line.get("DEC_INCERT21", ""))
            assert blur is None or (row.borne_basse, row.borne_haute) == (
                value - blur,
                value + blur,
            )
        seen.add(key)
    assert seen == set(said), "a column of the file gives nothing"
    known = {row["code"] for row in [*quartiers, *table_of("references")]}
    ours = {code for code in lines if code in known or code[:3] == "132"}
    assert ours <= set(frame.territoire), "a line of Marseille is lost"


@pytest.mark.parametrize("year", [2022, 2023])
def test_the_city_has_the_mean_of_its_arrondissements_as_the_drees_asks(shared, year):
    path = shared / "data/lot2/sante" / f"apl_generalistes_{year}_dep13.csv"
    with open(path, encoding="utf-8-sig", newline="") as text:
        lines = {row[0]: row for row in csv.reader(text, delimiter=";") if row[0][:3] == "132"}
    published = {code: (number(line[2]), number(line[4])) for code, line in lines.items()}
    found = read(f"drees-apl-generalistes-communes-{year}").set_index("territoire")
    assert set(found.millesime) == {year} and len(published) == 16 and len(found) == 17
    assert {code: found.valeur[code] for code in published} == {
        c: v for c, (v, _) in published.items()
    }
    people = sum(weight for _, weight in published.values())
    mean = sum(value * weight for value, weight in published.values()) / people
    assert found.valeur["13055"] == pytest.approx(mean, abs=1e-6)


def test_the_city_has_the_shares_of_the_observatory(shared):
    folder = shared / "data/lot2/insee/observatoire_territoires"
    for source, file in (
        ("anct-jeunes-non-inseres-communes", "neet_communes_2018"),
        ("anct-licences-sportives-communes", "licsport_communes_2018"),
    ):
        with open(folder / f"{file}.csv", encoding="utf-8-sig", newline="") as text:
            rows = [row for row in csv.reader(text, delimiter=";") if row[0] == "13055"]
        found = read(source)
        assert {(row[0], int(row[2]), number(row[3])) for row in rows} == set(
            zip(found.territoire, found.millesime, found.valeur, strict=True)
        )


def test_facilities_by_iris_are_counted_by_arrondissement_and_city_and_nowhere_else(shared):
    """Types of 2018 named here again; inhabitants of 2016, the nearest census of every ward."""
    counts = pd.read_csv(
        shared / "data/lot2/insee/bpe/bpe18_ensemble_marseille.csv", sep=";", dtype={"DEPCOM": str}
    )
    counts["kind"] = counts.TYPEQU.map(
        lambda code: {"D201": "generaliste", "D221": "dentiste", "D214": "gynecologue",
                      "D231": "sage_femme", "D208": "ophtalmologue", "D210": "pediatre"}.get(code)
        or ("shop" if code[0] == "B" and code not in ("B316",) else "")
        or ("play" if code[:2] == "F1" or code in ("F303", "F304", "F305", "F306") else "")
    )  # fmt: skip
    wards = counts.groupby(["DEPCOM", "kind"]).NB_EQUIP.sum().unstack(fill_value=0)
    tally = pd.concat([wards, wards.sum().to_frame("13055").T])
    lines = raw(shared / "data/lot2/insee/comparateur/base_cc_comparateur_marseille.csv")
    people = pd.Series({code: float(line["P16_POP"]) for code, line in lines.items()})
    found = read("insee-bpe-communes-2018")
    assert set(found.geographie) == {"arrondissement", "commune"}
    without = (found.indicateur == "rapport_densite_praticiens") & (found.etat == "sans_objet")
    assert set(found.etat[~without]) == {"valeur"}
    found = found.set_index(["indicateur", "modalite", "territoire"]).valeur.fillna(float("inf"))
    care = tally.drop(columns=["shop", "play", ""])
    wanted = {
        ("commerces_detail_pour_1000", "ensemble"): 1000 * tally["shop"] / people,
        ("habitants_par_equipement_culturel_sportif", "ensemble"): people / tally["play"],
    }
    for kind, column in [*care.items(), ("ensemble", care.sum(axis=1))]:
        density = column / people
        wanted[("nb_praticiens", kind)] = column
        wanted[("rapport_densite_praticiens", kind)] = density["13055"] / density
    assert set(found.index.droplevel(2)) == set(wanted)
    for key, values in wanted.items():
        assert found[key].to_dict() == pytest.approx(values.to_dict(), rel=1e-9), key


def test_more_than_fifty_indicators_of_the_specification_have_a_value(shared):
    """Count what the issue asks for: 44 before these files, 52 at least after."""
    with open(shared / "specs/indicators.csv", encoding="utf-8", newline="") as file:
        named = {row["id"] for row in csv.DictReader(file)}
    frame = observations.read_all(REPOSITORY / "data/observations")
    assert len(named) == 81
    assert len(named & set(frame[frame.etat == "valeur"].indicateur)) >= 52
