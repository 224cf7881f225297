"""A part of a file is refused by name, and nothing goes away without consent."""

import pytest

import fictif
from qpvlib import territories
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.intake.withdraw import withdraw
from qpvlib.sources.families import families

IRIS = [f"13215000{n}" for n in range(3)] + [f"13216000{n}" for n in range(3)]
CAF = "CODGEO;NOTE;A;PERCOU;AI;AM;AAL;AAAH;ARSAS\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = fictif.build(tmp_path, monkeypatch)
    lines = ["iris,nom,lon,lat", *(f"{code},Îlot fictif,5.4,43.3" for code in IRIS)]
    (folder / "territoires" / "iris.csv").write_text("\n".join(lines) + "\n", "utf-8")
    fictif.forget()
    yield folder
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def load(data, tmp_path):
    def run(text: str, name: str = "a.csv", **options):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return import_path(path, **options)

    return run


def caf(codes, shift=0):
    rows = (
        f"{code};0;{100 + n};200;50;20;60;10;{15 + n + shift}\n" for n, code in enumerate(codes)
    )
    return CAF + "".join(rows)


def towns(codes):
    rows = (f"{code};x;10;20;15;9000;14000;19000;2;8000;24000;3,0\n" for code in codes)
    return "CODGEO;LIBGEO;NBMEN19;NBPERS19;NBUC19;Q119;Q219;Q319;Q3_Q1;D119;D919;RD\n" + "".join(
        rows
    )


def test_iris_that_are_missing_are_counted_and_named(load):
    with pytest.raises(
        SourceError, match=r"IRIS de Marseille\W+il en manque 2 sur 6, 132160001, 1"
    ):
        load(caf(IRIS[:-2]), millesime=2020)
    load(caf(IRIS), millesime=2020)


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (["13055"], "arrondissements de Marseille"),
        (["13055", "13215"], "13216"),
        (["13215", "13216"], "ligne de la ville"),
    ],
)
def test_the_city_and_its_arrondissements_go_together(load, codes, named):
    with pytest.raises(SourceError, match=named):
        load(towns(codes))
    load(towns(["13055", "13215", "13216"]))


@pytest.mark.parametrize(
    "damaged",
    [
        "13215\u200b0000",
        "\u200f132150000",
        "1321500\uff100",
        "13215000О",
        "'132150000",
        "13215\u00ad0000",
    ],
)
def test_a_code_that_a_character_damages_is_named_with_its_line(load, damaged):
    with pytest.raises(SourceError) as refusal:
        load(caf([damaged, *IRIS[1:]]), millesime=2020)
    problem = refusal.value.problems[0]
    assert "abîme le code" in problem.fact and (problem.line, problem.column) == (2, "CODGEO")
    assert problem.fact.isprintable()


def test_codes_that_an_edition_does_not_always_have_may_be_missing(data, monkeypatch):
    family = families()["filosofi-iris"]
    declared = {"jusqu": 2019, "codes": [IRIS[0]]}
    monkeypatch.setattr(type(family), "absent", declared, raising=False)
    object.__setattr__(family, "absent", declared)
    (group,) = [g for g in family.expected(2019) if "iris" in g]
    assert group["iris"] == set(IRIS[1:])
    (group,) = [g for g in family.expected(2021) if "iris" in g]
    assert group["iris"] == set(IRIS)


def test_every_family_says_what_a_whole_file_holds():
    assert len(territories.members("iris")) == 393
    assert len(territories.members("arrondissement")) == 16
    for family in families().values():
        assert family.whole, family.name
        for group in family.whole:
            assert all(territories.members(geography) for geography in group), family.name
        assert set(family.absent.get("codes", ())) <= territories.members("iris"), family.name


def test_figures_that_would_go_ask_for_consent_and_are_named(load, data):
    load(fictif.FILOSOFI)
    before = (data / "sources.yml").read_bytes()
    rows = [line.split(";") for line in fictif.FILOSOFI.strip().split("\r\n")]
    place = rows[0].index("DISP_GINI_A18")
    less = "\n".join(";".join(row[:place] + row[place + 1 :]) for row in rows) + "\n"
    with pytest.raises(SourceError, match=r"3 chiffres .* disparaîtraient\W+gini\W.*--retirer"):
        load(less)
    assert (data / "sources.yml").read_bytes() == before
    assert load(less, removing=True).changes[0].removed == 3
    verify()


def test_a_series_of_the_year_before_that_is_gone_asks_for_consent(load):
    load(caf(IRIS), millesime=2018)
    less = caf(IRIS, 1).replace("AAAH", "AUTRE")
    with pytest.raises(SourceError, match="la colonne AAAH manque"):
        load(less, millesime=2019)
    load(fictif.FILOSOFI)
    later = fictif.FILOSOFI.replace("_A18", "_A19").replace("41,4", "41,9")
    later = later.replace("14 180", "14 280").replace("18 920", "18 990")
    with pytest.raises(
        SourceError, match=r"n'a plus ce que donnait .*-2018\W+part_revenus_activite"
    ):
        load(later.replace("DISP_PACT", "DISP_AUTRE"), removing=False, reason="un essai")


def test_what_a_family_is_known_to_give_no_more_is_not_asked_for():
    spans = families()["ipro"].generations
    assert spans["TX_TOT_EPREC"] == {"jusqu": 2020} and spans["ABC_BAC"] == {"sauf": 2019}


def test_a_computed_source_that_would_go_asks_for_consent(load):
    """Without the first census there is no change between two: its source would disappear."""
    for year in (2019, 2021):
        load(fictif.demo(year), f"DEMO_{year}.csv")
    without = fictif.demo(2019).replace("POP_MUN", "POP_MUN").replace(";1500;", ";;")
    without = without.replace(";1800;", ";;")
    with pytest.raises(SourceError) as refusal:
        load(without, "DEMO_2019.csv")
    told = str(refusal.value)
    assert "calcul-evolution-population disparaîtrait" in told and "--retirer" in told
    withdraw("insee-demo-2019")  # asked by its name, a withdrawal is its own consent
