"""A family is recognised by its columns, in every generation, and feeds known indicators only."""

import pytest

from qpvlib import catalogue
from qpvlib.errors import ForeignFileError, SourceError
from qpvlib.sources.families import families, recognise
from qpvlib.sources.tables import Table

HEADERS = {
    # Header generations described by the producers; no row, hence no figure.
    "filosofi-qpv 2012": (
        "filosofi-qpv",
        "qp;nom_qp;disp_q1_A12;disp_q2_A12;disp_q3_A12;disp_d1_A12;disp_d9_A12;disp_ppen_A12;"
        "disp_ppsoc_A12;disp_pimpot_A12",
    ),
    "filosofi-qpv 2016": (
        "filosofi-qpv",
        "codgeo;disp_q1_a16;disp_q2_a16;disp_q3_a16;disp_q1q3q2_a16;disp_d1_a16;disp_d9_a16;"
        "disp_d1d9_a16;disp_gini_a16;disp_pact_a16;disp_ppen_a16;disp_ppsoc_a16;disp_pimpot_a16;"
        "tp60_a16;note",
    ),
    "filosofi-qpv 2021": (
        "filosofi-qpv",
        "CODGEO;LIBGEO;REG;EPCI1;DISP_Q1_A21;DISP_MED_A21;DISP_Q3_A21;DISP_D1_A21;DISP_D9_A21;"
        "DISP_PPEN_A21;DISP_PPSOC_A21;DISP_PIMPOT_A21;DISP_TP60_A21;DISP_INCERT_A21;DISP_NOTE_A21",
    ),
    "filosofi-qpv socio 2013": (
        "filosofi-qpv-pauvrete",
        "QP;TP60_A13;PART_MONOP_A13;PART_MEN5_A13;PART_LOCAT_A13;PART_CHOMPRINC_A13",
    ),
    "filosofi-qpv 2024": (
        "filosofi-qpv-declare",
        "CODGEO;DEC_Q1_A21;DEC_MED_A21;DEC_Q3_A21;DEC_D1_A21;DEC_D9_A21;DEC_PPEN_A21;DEC_PMIMP_A21;"
        "DEC_BREV_A21;DEC_INCERT_A21;DEC_NOTE_A21",
    ),
    "filosofi-iris 2014": (
        "filosofi-iris",
        "IRIS;LIBIRIS;COM;LIBCOM;DISP_TP6014;DISP_Q114;DISP_MED14;DISP_Q314;DISP_D114;DISP_D914;"
        "DISP_RD14;DISP_PTSAC14;DISP_PPSOC14;note",
    ),
    "filosofi-iris 2020": (
        "filosofi-iris",
        "IRIS;DISP_TP6020;DISP_INCERT20;DISP_Q120;DISP_MED20;DISP_Q320;DISP_D120;DISP_D920;"
        "DISP_RD20;DISP_PPSOC20;DISP_NOTE20",
    ),
    "communes": (
        "filosofi-territoires",
        "CODGEO;LIBGEO;NBMEN20;NBPERS20;NBUC20;Q120;Q220;Q320;Q3_Q1;D120;D920;RD;GI20;PPEN20;"
        "PPSOC20;PIMPOT20",
    ),
    "educ": ("educ", "CODGEO;EFF_E6;RET_E6;EFF_E3;RET_E3;EFF_E0_GT;RET_E0_GT;TX_NSNE_16A25"),
    "logt": ("logt", "codGeo;libGeo;nbLsPls;txLsRp;partResPrincSurocc"),
    "base-ic": (
        "base-ic-diplomes",
        "IRIS;COM;TYP_IRIS;LAB_IRIS;P21_NSCOL15P;P21_NSCOL15P_DIPLMIN;P21_NSCOL15P_SUP2",
    ),
}


def table(header: str) -> Table:
    return Table("fictif.csv", "fictif.csv", tuple(header.split(";")), (), ())


@pytest.mark.parametrize("case", HEADERS)
def test_every_generation_is_recognised(case):
    family, header = HEADERS[case]
    assert recognise(table(header)).name == family


def test_the_year_is_read_in_the_columns():
    for case, year in (
        ("filosofi-qpv 2012", 2012),
        ("filosofi-iris 2014", 2014),
        ("communes", 2020),
        ("base-ic", 2021),
    ):
        name, header = HEADERS[case]
        assert set(families()[name].column_years(table(header))) == {year}


def test_every_missing_column_is_named():
    header = HEADERS["filosofi-qpv 2016"][1]
    for column in ("disp_q2_a16", "disp_d9_a16"):
        header = header.replace(f"{column};", "")
    with pytest.raises(SourceError) as refusal:
        recognise(table(header))
    assert [problem.column for problem in refusal.value.problems] == ["DISP_MED", "DISP_D9"]


def test_a_foreign_table_is_told_apart():
    with pytest.raises(ForeignFileError):
        recognise(table("CODGEO;TX_INCONNU;TX_AUTRE"))


def test_families_feed_known_indicators_and_date_every_block():
    known = catalogue.indicators()
    for family in families().values():
        for block in family.blocks:
            assert block.known in ("lu", "vérifié", "inféré")
            year, _ = block.vintage_of(2021)
            assert 2005 <= year <= 2021
            for figure in block.figures:
                assert figure.indicator in known, figure
                assert figure.numerator and figure.category


def test_the_lag_of_four_years_has_its_measured_exceptions():
    demo = {block.name: block for block in families()["demo"].blocks}
    assert demo["rp"].vintage_of(2017) == (2010, "vérifié")
    assert demo["rp"].vintage_of(2022) == (2018, "inféré")
    assert [demo["population"].vintage_of(y)[0] for y in (2017, 2019, 2020, 2021, 2022)] == [
        2013, 2013, 2013, 2018, 2018,
    ]  # fmt: skip
    revn = {block.name: block for block in families()["revn"].blocks}
    assert revn["filosofi"].vintage_of(2017) == (2013, "vérifié")
    assert revn["cnaf"].vintage_of(2021)[1] == "inféré"
