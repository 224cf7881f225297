"""A detail file of the census becomes figures at every level, or nothing at all.

Persons, dwellings and places are fictitious (:mod:`census_project`), the answers by hand.
"""

import zipfile

import pandas as pd
import pytest

import census_project as city
import fictif
from qpvlib import disclosure, observations
from qpvlib.deposits.census import withheld
from qpvlib.deposits.deposit import recognise
from qpvlib.errors import SourceError
from qpvlib.estimate import design_effect, interval, mean_half_width
from qpvlib.indicators.areas import CELL
from qpvlib.indicators.quartiers import WITHDRAWN
from qpvlib.intake import calculate
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.intervals import ESTIMATES
from qpvlib.observations import ALL, SECRET
from qpvlib.sources import registry


@pytest.fixture
def project(tmp_path, monkeypatch):
    yield city.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


def stored(project, source):
    frame = observations.read(project / "observations" / f"{source}.csv")
    return frame.set_index(["indicateur", "modalite", "territoire"]).sort_index()


def imported(project, tmp_path, name, rows):
    import_path(city.write(tmp_path / name, rows))
    year = name.split("_")[2][:4]
    kind = "logements" if "LOGEMT" in name else "individus"
    return tuple(
        stored(project, f"insee-rp-{kind}-{level}-{year}") for level in ("iris", "communes")
    )


@pytest.mark.parametrize("suffix", ["csv", "txt", "parquet"])
@pytest.mark.parametrize("year", [2016, 2019, 2022])
def test_persons_are_counted_at_every_level(project, tmp_path, year, suffix):
    iris, towns = imported(project, tmp_path, f"FD_INDCVI_{year}.{suffix}", city.persons(year))
    women = iris.loc[("part_femmes", ALL)]
    assert women["valeur"].tolist() == [50, 52, 54, 56]
    assert women["denominateur"].tolist() == [250] * 4
    everyone = towns.loc[("part_femmes", ALL)]
    assert everyone["numerateur"].to_dict() == {"13055": 530, "13215": 255, "13216": 275}
    assert everyone["denominateur"].to_dict() == {"13055": 1225, "13215": 725, "13216": 500}
    # 98 adults of working age in an IRIS; ten women and ten men of them work, as employees.
    for place, females in ((city.IRIS[0], 50), (city.IRIS[3], 56)):
        assert iris.loc[("taux_emploi", ALL, place), "valeur"] == pytest.approx(2000 / 98)
        assert iris.loc[("taux_emploi", "femmes", place), "valeur"] == pytest.approx(1000 / females)
        men = 98 - females
        assert iris.loc[("taux_emploi", "hommes", place), "valeur"] == pytest.approx(1000 / men)
    assert set(iris.loc[("part_sans_diplome", ALL), "valeur"]) == {100}
    assert set(towns.loc[("part_ouvriers_employes", ALL), "valeur"]) == {100}
    # One household of 97 lacks two rooms; it holds the only minors.
    crowded = iris.loc[("part_menages_suroccupation", ALL)]
    assert crowded["valeur"].tolist() == pytest.approx([100 / 97] * 4, abs=1e-6)
    assert set(iris.loc[("part_mineurs_suroccupation", ALL), "valeur"]) == {100}
    verify()


def test_an_interval_follows_from_the_rows_of_the_file(project, tmp_path):
    """One row in 2.5 is the sampling rate of the rule for published figures."""
    _, towns = imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019))
    found = towns.loc[("part_femmes", ALL, "13216")]
    low, high = interval(found["valeur"], 500, deff=design_effect("part_femmes"))
    assert (found["borne_basse"], found["borne_haute"]) == pytest.approx((low, high), abs=1e-5)


def test_dwellings_give_the_size_of_households_with_its_interval(project, tmp_path):
    """Two thirds of 1 and a third of 3 persons: mean 5/3, deviation sqrt(8)/3."""
    iris, towns = imported(project, tmp_path, "FD_LOGEMT_2019.csv", city.dwellings())
    found = towns.loc[("taille_moyenne_menages", ALL, "13055")]
    effect = design_effect("taille_moyenne_menages")
    reach = mean_half_width(8**0.5 / 3, 5 * 90 * 2.5, deff=effect)
    assert found["valeur"] == pytest.approx(5 / 3, abs=1e-6)
    assert found["borne_haute"] - found["valeur"] == pytest.approx(reach, abs=1e-5)
    assert set(iris.loc[("part_logements_sociaux", ALL), "valeur"]) == {100}
    assert set(iris.loc[("taux_vacance", ALL), "valeur"]) == {10}
    verify()


def test_totals_are_the_sums_of_their_parts(project, tmp_path):
    iris, towns = imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019))
    parts = ["numerateur", "denominateur"]
    town = towns.drop("13055", level="territoire")
    whole = town.groupby(level=["indicateur", "modalite"])[parts].sum()
    pd.testing.assert_frame_equal(
        towns.xs("13055", level="territoire")[parts].fillna(0), whole, check_like=True
    )
    shown = iris.loc[("part_femmes", ALL)]
    of_town = shown.groupby(shown.index.str[:5])[parts].sum()
    masked = town.loc[("part_femmes", ALL)][parts] - of_town
    assert masked.loc["13216"].tolist() == [0, 0]
    assert masked.loc["13215"].tolist() == [0, 90 * city.WEIGHT]


def test_quartiers_are_estimated_from_what_was_imported(project, tmp_path):
    imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019))
    found = stored(project, ESTIMATES)
    women = found.loc[("taux_chomage_rp", "femmes")]
    assert women["valeur"].tolist() == [round(100 * (1 - 10 / n), 2) for n in (50, 52, 54, 56)]
    assert (women["borne_basse"] < women["valeur"]).all()
    # The producer answers for three quartiers, with one point more: the error is added.
    assert found.loc[("part_femmes", ALL)].index.tolist() == [city.QUARTIERS[0]]
    assert calculate.calculate().changed == {}


def test_what_fails_validation_is_not_estimated_for_the_quartiers(project, tmp_path):
    imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019))
    iris, _ = imported(project, tmp_path, "FD_LOGEMT_2019.csv", city.dwellings())
    assert len(WITHDRAWN & set(iris.index.get_level_values(0))) > 4
    found = set(stored(project, ESTIMATES).index.get_level_values(0))
    assert "part_menages_anem_10ans" in found and not found & WITHDRAWN


def test_nationality_and_immigration_are_not_given_by_iris(project, tmp_path):
    iris, towns = imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019))
    sensitive = {"part_etrangers", "part_immigres"}
    assert not sensitive & set(iris.index.get_level_values(0))
    assert sensitive <= set(towns.index.get_level_values(0))


def test_a_small_masked_iris_cannot_be_found_by_difference(project, tmp_path):
    """With 40 people masked (100 inhabitants), the first IRIS of the 15th is hidden too."""
    iris, towns = imported(project, tmp_path, "FD_INDCVI_2019.csv", city.persons(2019, hidden=40))
    assert set(iris.xs(city.IRIS[0], level="territoire")["etat"]) == {SECRET}
    counts = pd.concat([iris, towns])["numerateur"].sort_index().loc[("part_femmes", ALL)]
    members = disclosure.membership(
        {
            **{code: [code] for code in (*city.IRIS, "masqué")},
            "13215": [*city.IRIS[:2], "masqué"],
            "13216": city.IRIS[2:],
            "13055": [*city.IRIS, "masqué"],
        }
    )
    published = counts.reindex([*counts.index, "masqué"])
    published.index = pd.MultiIndex.from_product([published.index, [ALL]])
    assert disclosure.attack(published, members).empty
    assert city.QUARTIERS[0] not in stored(project, ESTIMATES).index.get_level_values(2)


def test_enough_masked_people_need_no_other_iris():
    rows = [["13215", None, "part_femmes", ALL, 90.0, 200.0, 80, 90.0]]
    rows += [["13215", "132150101", "part_femmes", ALL, 90.0, 250.0, 80, 90.0]]
    assert withheld(pd.DataFrame(rows, columns=CELL), "individus") == []


def test_a_zip_is_unpacked_and_its_dictionary_left_aside(project, tmp_path):
    file = city.write(tmp_path / "FD_INDCVI_2019.csv", city.persons(2019))
    archive = tmp_path / "RP2019_INDCVI_csv.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(file, file.name)
        packed.writestr(
            "Varmod_INDCVI_2019.csv",
            'COD_VAR;LIB_VAR;COD_MOD;LIB_MOD;TYPE_VAR;LONG_VAR\n"SEXE";"Sexe";"1";"Hommes";CHAR;1\n',
        )
    report = import_path(archive)
    assert list(report.ignored) == ["Varmod_INDCVI_2019.csv"]
    assert {change.source for change in report.changes} == {
        "insee-rp-individus-iris-2019", "insee-rp-individus-communes-2019",
    }  # fmt: skip
    assert report.lines()[-1].startswith("Fichiers lus\u00a0: 2")


def test_a_second_vintage_leaves_the_estimates_of_the_latest(project, tmp_path):
    imported(project, tmp_path, "FD_INDCVI_2021.csv", city.persons(2021))
    older = [row | {"IPONDI": "9.5"} if n % 3 else row for n, row in enumerate(city.persons(2019))]
    imported(project, tmp_path, "FD_INDCVI_2019.csv", older)
    assert set(stored(project, ESTIMATES).loc["taux_emploi", "millesime"]) == {2021}
    assert registry.sources()["insee-rp-individus-iris-2019"].blocs["detail"]["connu"] == "inféré"


def changed(rows, number, **values):
    return [*rows[:number], rows[number] | values, *rows[number + 1 :]]


def without(rows, *columns):
    return [{k: v for k, v in row.items() if k not in columns} for row in rows]


PERSONS = city.persons(2019)


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, IPONDI=""), "manquants ou illisibles (1 cas)"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, IPONDI="-2"), "nuls ou négatifs (1 cas)"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, TACT="99"), "manquantes de TACT pour le rec"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, STAT_CONJ="A"), "manquantes de STAT_CONJ"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, ANAI="2022"), "a fini en 2021"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, IRIS="132159999"), "IRIS inconnus : 132159999"),
        ("FD_INDCVI_2019.csv", changed(PERSONS, 3, IRIS="132160101"), "un autre arrondissement"),
        ("FD_INDCVI_2019.csv", PERSONS[100:], "IRIS des quartiers absents : 132150101"),
        ("FD_INDCVI_2019.csv", PERSONS[:200], "arrondissements absents : 13216"),
        ("FD_INDCVI_2019.csv", without(PERSONS, "IPONDI"), "absentes pour le recensement de 2019"),
        ("FD_INDCVI_2019.csv", without(PERSONS, "ARM", "TACT"), "ARM, TACT"),
        ("FD_INDCVI_2016.csv", PERSONS, "DIPL (depuis 2017)"),
        ("FD_INDCVI_2022.csv", PERSONS, "CS1 (jusqu'à 2021)"),
        ("FD_INDCVI_2012.csv", PERSONS, "le recensement de 2012 n'est pas pris en charge"),
        ("FD_INDCVI_2023.csv", PERSONS, "le recensement de 2023 n'est pas pris en charge"),
        ("FD_INDCVI.csv", PERSONS, "--millesime"),
        ("FD_LOGEMT_2019.csv", changed(city.dwellings(), 3, IPONDL="0"), "IPONDL nuls"),
        ("FD_LOGEMT_2019.csv", changed(city.dwellings(), 3, AEMM="2022"), "a fini en 2021"),
        ("FD_INDCVI_2019.csv", [row | {"ARM": "69381"} for row in PERSONS], "Aucune ligne"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_written(project, tmp_path, name, rows, sentence):
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    with pytest.raises(SourceError) as caught:
        import_path(city.write(tmp_path / name, rows))
    assert sentence in str(caught.value).replace("\u00a0", " ").replace("\u202f", " ")
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_truncated_file_is_refused(project, tmp_path, suffix):
    path = city.write(tmp_path / f"FD_INDCVI_2019.{suffix}", PERSONS)
    path.write_bytes(path.read_bytes()[:-25])
    with pytest.raises(SourceError, match="tronqué"):
        import_path(path)


def test_a_quartier_without_inhabitants_stops_everything(project, tmp_path):
    weights = project / "territoires" / "poids_iris_qpv2024.csv"
    weights.write_text(weights.read_text("utf-8").replace("250.0", "0.0", 1), "utf-8")
    path = city.write(tmp_path / "FD_INDCVI_2019.csv", PERSONS)
    before = sorted(project.rglob("*.csv"))
    with pytest.raises(Exception, match="Territoires sans habitant"):
        import_path(path)
    assert sorted(project.rglob("*.csv")) == before


@pytest.mark.parametrize("name", ["RP2021_indcvi.parquet", "FD_INDCVIZE_2021.csv"])
def test_the_names_of_the_producer_give_the_year(project, tmp_path, name):
    path = city.write(tmp_path / name, city.persons(2021))
    assert recognise(path).name == "rp-individus"
    import_path(path)
    assert "insee-rp-individus-iris-2021" in registry.sources()
