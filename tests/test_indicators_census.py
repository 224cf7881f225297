"""Census indicators equal a person-by-person count, and bad detail files yield nothing.

All territories and persons are fictitious.
"""

from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib import catalogue
from qpvlib.errors import InvalidParameterError, SourceError
from qpvlib.indicators import areas, census

PERSON = {
    "CANTVILLE": "1399",
    "NUMMI": "1",
    "ARM": "13201",
    "IRIS": "132019901",
    "IPONDI": "2.5",
    "AGEREV": "030",
    "SEXE": "1",
    "TACT": "11",
    "TP": "1",
    "EMPL": "16",
    "ETUD": "2",
    "DIPL_15": "D",
    "CS1": "5",
    "LPRF": "1",
    "TYPFC": "2",
    "NE24FR": "0",
    "LPRM": "1",
    "NPERR": "2",
    "IMMI": "2",
    "INATC": "1",
}
DWELLING = {
    "ARM": "13201",
    "IRIS": "132019901",
    "IPONDL": "2.5",
    "CATL": "1",
    "STOCD": "22",
    "NBPI": "03",
    "ANEMR": "03",
    "VOIT": "0",
    "INPER": "4",
}

# (numerator, denominator) in official codes, as the dictionary of INSEE writes them.
PERSONS = {
    "part_0_14": (lambda p: p.age <= 14, lambda p: True),
    "part_0_24": (lambda p: p.age < 25, lambda p: True),
    "part_15_24": (lambda p: 15 <= p.age < 25, lambda p: True),
    "part_60_plus": (lambda p: p.age >= 60, lambda p: True),
    "part_70_plus": (lambda p: p.age >= 70, lambda p: True),
    "indice_jeunesse": (lambda p: p.age < 20, lambda p: p.age >= 60),
    "part_femmes": (lambda p: p.SEXE == "2", lambda p: True),
    "part_etrangers": (lambda p: p.INATC == "2", lambda p: True),
    "part_immigres": (lambda p: p.IMMI == "1", lambda p: True),
    "part_familles_monoparentales": (lambda p: p.TYPFC == "1", lambda p: p.LPRF == "1"),
    "part_familles_monoparentales_enfant_25": (
        lambda p: p.TYPFC == "1",
        lambda p: p.LPRF == "1" and p.NE24FR in "1234",
    ),
    "part_menages_1_personne": (lambda p: p.NPERR == "1", lambda p: p.LPRM == "1"),
    "part_menages_6_personnes": (lambda p: p.NPERR == "6", lambda p: p.LPRM == "1"),
    "part_menages_enfant_25": (lambda p: p.NE24FR in "1234", lambda p: p.LPRM == "1"),
    "taux_activite": (lambda p: p.TACT in ("11", "12"), lambda p: 15 <= p.age <= 64),
    "taux_activite_15_64": (lambda p: p.TACT in ("11", "12"), lambda p: 15 <= p.age <= 64),
    "taux_emploi": (lambda p: p.TACT == "11", lambda p: 15 <= p.age <= 64),
    "taux_chomage_rp": (
        lambda p: p.TACT == "12",
        lambda p: 15 <= p.age <= 64 and p.TACT in ("11", "12"),
    ),
    "part_inactifs_15_plus": (lambda p: p.TACT[0] == "2", lambda p: p.age >= 15),
    "part_temps_partiel": (lambda p: p.TP == "2", lambda p: p.TACT == "11"),
    "part_emplois_duree_limitee": (lambda p: "11" <= p.EMPL <= "15", lambda p: p.TACT == "11"),
    "part_ouvriers_employes": (lambda p: p.CS1 in "56", lambda p: p.TACT == "11"),
    "taux_dequalification": (
        lambda p: p.CS1 in "56",
        lambda p: p.TACT == "11" and p.ETUD == "2" and p.DIPL_15 == "D" and p.age >= 15,
    ),
    "taux_scolarisation_16_24": (lambda p: p.ETUD == "1", lambda p: 16 <= p.age <= 24),
    "part_neet_16_25": (
        lambda p: p.ETUD == "2" and p.TACT != "11",
        lambda p: 16 <= p.age <= 25,
    ),
    "part_neet_15_24": (
        lambda p: p.ETUD == "2" and p.TACT != "11",
        lambda p: 15 <= p.age <= 24,
    ),
    "part_sans_diplome": (lambda p: p.DIPL_15 == "A", lambda p: p.ETUD == "2" and p.age >= 15),
    "part_bac2": (lambda p: p.DIPL_15 == "D", lambda p: p.ETUD == "2" and p.age >= 15),
}
DWELLINGS = {
    "taille_moyenne_menages": (lambda d: int(d.INPER), lambda d: d.CATL == "1"),
    "part_menages_proprietaires": (lambda d: d.STOCD == "10", lambda d: d.CATL == "1"),
    "part_logements_sociaux": (lambda d: d.STOCD == "22", lambda d: d.CATL == "1"),
    "part_menages_anem_10ans": (lambda d: "03" <= d.ANEMR <= "09", lambda d: d.CATL == "1"),
    "part_petits_logements": (lambda d: d.NBPI < "03", lambda d: d.CATL == "1"),
    "part_grands_logements": (lambda d: d.NBPI >= "05", lambda d: d.CATL == "1"),
    "part_menages_sans_voiture": (lambda d: d.VOIT == "0", lambda d: d.CATL == "1"),
    "taux_vacance": (lambda d: d.CATL == "4", lambda d: True),
}
SEPARATE = {"indice_jeunesse"}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    pd.DataFrame(rows).to_csv(path, sep=";", index=False)
    return path


def counted(rows, weight, conditions, groups=lambda row: ("ensemble",)):
    """Slow reference: {(arrondissement, indicator, modality): [numerator, denominator, n]}."""
    found = defaultdict(lambda: [0.0, 0.0, 0])
    for row in rows:
        row = SimpleNamespace(**row, age=int(row.get("AGEREV", 0)))
        for name, (numerator, denominator) in conditions.items():
            for modality in groups(row):
                cell = found[row.ARM, name, modality]
                inside, above = denominator(row), numerator(row)
                if inside or name in SEPARATE:
                    cell[0] += float(getattr(row, weight)) * above
                cell[1] += float(getattr(row, weight)) * inside
                cell[2] += bool(inside or (name in SEPARATE and above))
    return found


def assert_same(cells, expected):
    """Compare with the reference, on every arrondissement and modality present in the cells."""
    table = cells.groupby(["arrondissement", "indicateur", "modalite"])[areas.CELL[4:]].sum()
    assert len(table)
    for key, row in table.iterrows():
        assert row.tolist() == pytest.approx(expected[key], abs=1e-9), key


def drawn(template, weight, **choices):
    """Strategy of rows: official codes drawn independently, weights with many decimals."""
    return st.lists(
        st.fixed_dictionaries(
            {key: st.just(value) for key, value in template.items()}
            | {key: st.sampled_from(values) for key, values in choices.items()}
            | {
                "ARM": st.sampled_from(["13201", "13202"]),
                weight: st.floats(0.1, 40).map(lambda value: f"{value:.15f}"),
            }
        ),
        min_size=1,
        max_size=25,
    )


persons = drawn(
    PERSON,
    "IPONDI",
    IRIS=["132019901", "132019902", "ZZZZZZZZZ"],
    AGEREV=[
        "000",
        "014",
        "015",
        "016",
        "019",
        "020",
        "024",
        "025",
        "059",
        "060",
        "064",
        "065",
        "070",
    ],
    SEXE=["1", "2"],
    TACT=["11", "11", "12", "21", "22", "23", "24", "25"],
    TP=["1", "2", "Z"],
    EMPL=["11", "12", "13", "14", "15", "16", "21", "22", "23", "ZZ"],
    ETUD=["1", "2"],
    DIPL_15=["A", "B", "C", "D", "Z"],
    CS1=list("12345678"),
    LPRF=["0", "1", "2", "3", "Z"],
    TYPFC=["1", "2", "Z"],
    NE24FR=["0", "1", "4", "Z"],
    LPRM=["1", "2", "3", "Z"],
    NPERR=["1", "2", "6", "Z"],
    IMMI=["1", "2"],
    INATC=["1", "2"],
)
dwellings = drawn(
    DWELLING,
    "IPONDL",
    CATL=["1", "1", "2", "3", "4"],
    STOCD=["00", "10", "21", "22", "23", "30"],
    NBPI=["01", "02", "03", "05", "20"],
    ANEMR=["00", "02", "03", "09", "99"],
    VOIT=["0", "1", "3", "X"],
    INPER=["1", "6", "12"],
)


@settings(max_examples=20, deadline=None)
@given(persons)
def test_persons_match_a_count_one_by_one(tmp_path_factory, rows):
    path = write(tmp_path_factory.mktemp("rp") / "FD_INDCVI_2016.csv", rows)
    found = census.cells(path, "individus", sensitive=True)

    def groups(row):
        return "ensemble", {"1": "hommes", "2": "femmes"}[row.SEXE]

    assert_same(found, counted(rows, "IPONDI", PERSONS, groups))


@settings(max_examples=15, deadline=None)
@given(dwellings)
def test_dwellings_match_a_count_one_by_one(tmp_path_factory, rows):
    path = write(tmp_path_factory.mktemp("rp") / "FD_LOGEMT_2016.csv", rows)
    assert_same(census.cells(path, "logements"), counted(rows, "IPONDL", DWELLINGS))


def test_every_declared_indicator_has_its_reference_above():
    declared = {one.name for part in ("individus", "logements") for one in census.indicators(part)}
    assert declared == set(PERSONS) | set(DWELLINGS)


def test_parquet_and_csv_give_the_same_cells(tmp_path):
    rows = [PERSON, PERSON | {"IRIS": "132019902", "IPONDI": "1.123456789012345"}]
    csv = write(tmp_path / "a.csv", rows)
    parquet = tmp_path / "a.parquet"
    duckdb.sql(
        f"COPY (SELECT * REPLACE (CAST(IPONDI AS DOUBLE) AS IPONDI) FROM "
        f"read_csv('{csv}', delim=';', all_varchar=true)) TO '{parquet}'"
    )
    pd.testing.assert_frame_equal(
        census.cells(csv, "individus"), census.cells(parquet, "individus")
    )


@pytest.mark.parametrize(
    ("column", "none", "bac", "higher"),
    [
        ("DIPL_15", "A", "C", "D"),
        ("DIPL_19", "B", "D", "E"),
        ("DIPL", "12", "15", "16"),
    ],
)
def test_a_renamed_diploma_keeps_its_meaning(tmp_path, column, none, bac, higher):
    base = {key: value for key, value in PERSON.items() if key != "DIPL_15"}
    rows = [base | {column: code} for code in (none, none, bac, higher)]
    table = areas.for_city(
        census.cells(write(tmp_path / "a.csv", rows), "individus"), census.forms()
    )
    values = table.query("modalite == 'ensemble'").set_index("indicateur")["valeur"]
    assert values["part_sans_diplome"] == pytest.approx(50)
    assert values["part_bac2"] == pytest.approx(25)


def test_all_decimals_of_the_weights_count(tmp_path):
    rows = [PERSON | {"IPONDI": "1.000000000000001"}] * 1000
    found = census.cells(write(tmp_path / "a.csv", rows), "individus")
    total = found.query("indicateur == 'part_0_24'")["denominateur"].iloc[0]
    assert total == pytest.approx(1000.000000000001, abs=2e-13)


def test_sensitive_indicators_are_left_out_unless_asked(tmp_path):
    found = census.cells(write(tmp_path / "a.csv", [PERSON]), "individus")
    assert not {"part_immigres", "part_etrangers"} & set(found["indicateur"])


def test_only_the_arrondissements_asked_for_are_counted(tmp_path):
    path = write(tmp_path / "a.csv", [PERSON, PERSON | {"ARM": "69381"}])
    assert set(census.cells(path, "individus")["arrondissement"]) == {"13201"}
    assert set(census.cells(path, "individus", None)["arrondissement"]) == {"13201", "69381"}
    with pytest.raises(InvalidParameterError, match="vide"):
        census.cells(path, "individus", ())
    with pytest.raises(SourceError, match="Aucune ligne"):
        census.cells(path, "individus", ("13216",))


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    rows = [
        PERSON | {"IPONDI": ""},
        PERSON | {"IPONDI": "-1"},
        PERSON | {"IPONDI": "0"},
        PERSON | {"TACT": "99"},
        PERSON | {"AGEREV": "jeune"},
    ]
    with pytest.raises(SourceError) as caught:
        census.cells(write(tmp_path / "FD.csv", rows), "individus")
    assert str(caught.value).splitlines() == [
        f"FD.csv\u00a0: {fact} Rien n'est calculé\u00a0: vérifiez le fichier et son millésime."
        for fact in (
            "Poids IPONDI manquants ou illisibles (1 cas).",
            "Poids IPONDI nuls ou négatifs (2 cas).",
            "Modalités inconnues ou manquantes de AGEREV (1 cas).",
            "Modalités inconnues ou manquantes de TACT (1 cas).",
        )
    ]


def test_all_absent_columns_are_told_at_once(tmp_path):
    row = {key: value for key, value in PERSON.items() if key not in ("IPONDI", "DIPL_15", "ARM")}
    with pytest.raises(SourceError, match="ARM, IPONDI, DIPL_15 ou DIPL_19 ou DIPL"):
        census.cells(write(tmp_path / "a.csv", [row]), "individus")


@pytest.mark.parametrize("name", ["absent.csv", "autre.xlsx", "vide.parquet"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name):
    if name != "absent.csv":
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(SourceError):
        census.cells(tmp_path / name, "individus")


def test_an_empty_dwelling_has_no_person_to_count(tmp_path):
    empty = DWELLING | {"CATL": "4", "STOCD": "00", "ANEMR": "99", "VOIT": "X", "INPER": "Y"}
    table = areas.for_city(
        census.cells(write(tmp_path / "a.csv", [DWELLING, empty]), "logements"), census.forms()
    ).set_index("indicateur")["valeur"]
    assert table["taille_moyenne_menages"] == 4
    assert table["taux_vacance"] == 50


def test_declared_indicators_are_those_of_the_catalogue():
    assert set(PERSONS) | set(DWELLINGS) <= set(catalogue.indicators())
