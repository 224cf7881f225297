"""Files of the ministry are read whole or refused; every stored figure is that of its raw cell."""

import re
import shutil

import geopandas as gpd
import pandas as pd
import pytest

import fictif
import school_files as files
from qpvlib import observations, paths, schools
from qpvlib.errors import CheckError, SourceError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.intake.withdraw import withdraw
from qpvlib.sources import depp, registry
from school_files import uai

RAW = {
    "depp-ips-ecoles": "fr-en-ips-ecoles-ap2022.csv",
    "depp-ips-ecoles-avant-2022": "fr-en-ips_ecoles_2021-2022.csv",
    "depp-ips-colleges": "fr-en-ips-colleges-ap2022.csv",
    "depp-ips-colleges-avant-2022": "fr-en-ips_colleges_2021-2022.csv",
    "depp-ips-lycees": "fr-en-ips-lycees-ap2022.csv",
    "depp-ivac-colleges": "fr-en-indicateurs-valeur-ajoutee-colleges_dep13.csv",
}
CELLS = {
    "ips": ("ips", "ips_ensemble_gt_pro"),
    "ips_ancienne_echelle": ("IPS",),
    "effectif": ("effectifs", "effectifs_ensemble_gt_pro"),
    "candidats_dnb": ("Nb candidats G",),
    "taux_reussite_dnb": ("Taux de réussite G",),
    "va_reussite_dnb": ("VA du taux de réussite G",),
    "note_ecrit_dnb": ("Note à l'écrit G",),
    "va_note_dnb": ("VA de la note G",),
    "acces_6e_3e": ("Taux d'accès 6eme 3eme",),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    yield fictif.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def deposit(tmp_path):
    def put(content: str, name: str = "ministere.csv"):
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return path

    return put


def stored(data, source):
    frame = observations.read(data / "observations" / f"{source}.csv")
    keys = ["indicateur", "territoire", "modalite", "millesime"]
    return frame.set_index(keys)


def test_a_file_of_ecoles_gives_its_schools_and_weighted_means(project, deposit):
    report = import_path(deposit(files.ecoles()))
    assert any("3 établissements" in line for line in report.lines())
    told = schools.read_all.__wrapped__()
    assert dict(told[told["mesure"] == "ips"].set_index("uai")["valeur"]) == {
        uai(1): 60.0,
        uai(2): 80.0,
        uai(3): 120.0,
    }
    means = stored(project, "depp-ips-ecoles")
    public = means.loc[("ips_ecoles", "13055", "public", 2022)]
    assert (public.valeur, public.denominateur) == (75.0, 400.0)  # (100 x 60 + 300 x 80) / 400
    assert (public.borne_basse, public.borne_haute) == (74.95, 75.05)
    assert means.loc[("ips_ecoles", "13055", "prive", 2022)].valeur == 120.0
    assert means.loc[("ips_ecoles", "13055", "ensemble", 2022)].valeur == 80.0
    assert means.loc[("ips_ecoles", "13215", "public", 2022)].valeur == 60.0
    assert ("ips_ecoles", "13216", "prive", 2022) not in means.index
    assert registry.sources()["depp-ips-ecoles"].blocs["etablissements"]["millesime"] == [2022]
    verify()


def test_the_scale_of_before_2022_is_another_measure_and_each_school_counts_for_one(
    project, deposit
):
    import_path(deposit(files.old_ecoles()))
    told = schools.read_all.__wrapped__()
    assert set(told["mesure"]) == {"ips_ancienne_echelle"} and set(told["millesime"]) == {2021}
    mean = stored(project, "depp-ips-ecoles-avant-2022")
    row = mean.loc[("ips_ecoles", "13055", "public_ancienne_echelle", 2021)]
    assert (row.valeur, row.denominateur) == (pytest.approx((50 + 75.5 + 99.9) / 3, abs=1e-6), 3.0)


def test_results_of_colleges_keep_their_sessions_and_what_is_not_published(project, deposit):
    import_path(deposit(files.colleges()))
    told = schools.read_all.__wrapped__().set_index(["uai", "mesure", "millesime"])
    assert told.loc[(uai(11), "va_reussite_dnb", 2023)].valeur == -3.0
    lacking = told.loc[(uai(12), "va_reussite_dnb", 2023)]
    assert lacking.etat == "non_disponible" and pd.isna(lacking.valeur)
    assert uai(13) not in told.index.get_level_values("uai")  # of another commune
    rate = stored(project, "depp-ivac-colleges").loc[("taux_reussite_dnb", "13055", "public", 2022)]
    assert (rate.valeur, rate.borne_basse, rate.borne_haute) == (80.0, 79.5, 80.5)
    private = stored(project, "depp-ivac-colleges").loc[
        ("taux_reussite_dnb", "13055", "prive", 2022)
    ]
    assert (private.valeur, private.borne_haute) == (100.0, 100.0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("60.0", "600", r"ligne 2, colonne IPS.*n'est pas un nombre de 45 à 185"),
        ("60.0", "soixante", r"ligne 2, colonne IPS.*n'est pas un nombre"),
        (uai(1), uai(1)[:7] + "O", r"ligne 2, colonne UAI.*n'est pas un numéro UAI"),
        ("13215;public", "13055;public", r"ligne 2.*ne dit pas l'arrondissement"),
        ("13215;public", "13215;mixte", r"ligne 2, colonne SECTEUR.*ni public ni privé"),
        ("13215;public", "13001;public", r"aucun établissement dans 1 arrondissements"),
        (";effectifs;", ";eleves;", r"la colonne EFFECTIFS manque"),
        (f"{uai(1)};", "", r"ligne 2.*7 cellules au lieu de 8"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_written(project, deposit, old, new, words):
    path = deposit(files.ecoles().replace(old, new, 1))
    with pytest.raises(SourceError) as caught:
        import_path(path)
    assert re.search(words, str(caught.value)), str(caught.value)
    assert not list(project.rglob("depp-*")) and not (project / "sources.yml").exists()


def test_a_file_cut_short_is_refused_against_the_schools_already_known(project, deposit):
    many = [
        f"2022-2023;A;{uai(100 + i)};ECOLE ELEMENTAIRE FICTIVE {i};13215;public;100.0;70.0"
        for i in range(20)
    ]
    import_path(deposit(files.ecoles(*many)))
    schools.read_all.cache_clear()
    with pytest.raises(SourceError, match="il manque 3 des 23 établissements déjà connus"):
        import_path(deposit(files.ecoles(*many[3:])))
    import_path(deposit(files.ecoles(*many[2:])))


def test_a_mean_that_is_not_that_of_the_schools_is_found_out(project, deposit):
    import_path(deposit(files.ecoles()))
    schools.read_all.cache_clear()
    path = project / "etablissements" / "chiffres" / "depp-ips-ecoles.csv"
    path.write_text(path.read_text("utf-8").replace(",80.0,", ",81.0,"), "utf-8")
    with pytest.raises(CheckError, match="ne sont pas ceux que donnent ses établissements"):
        verify()


def test_two_different_files_of_one_source_are_not_taken_for_copies(project, tmp_path):
    folder = tmp_path / "lot"
    folder.mkdir()
    (folder / "a.csv").write_text(files.ecoles(), "utf-8")
    swapped = files.ecoles().replace(";60.0", ";X").replace(";80.0", ";60.0").replace(";X", ";80.0")
    even = swapped.replace("100.0", "200.0").replace("300.0", "200.0")
    (folder / "b.csv").write_text(even, "utf-8")
    with pytest.raises(SourceError, match="ses chiffres diffèrent"):
        import_path(folder)


def raw(shared, source):
    path = shared / "data" / "lot2" / "education" / RAW[source]
    frame = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    town = next(
        c for c in frame if c in ("Commune", "code_insee_de_la_commune", "Code INSEE de la commune")
    )
    kept = frame[frame[town].str.match(r"132\d\d$|MARSEILLE \d\d$")]
    year = next(c for c in frame if c in ("Session", "rentree_scolaire", "Rentrée scolaire"))
    return kept.assign(an=kept[year].str[:4].astype(int), lieu="132" + kept[town].str[-2:])


@pytest.mark.parametrize("source", RAW)
def test_every_stored_figure_is_that_of_the_raw_cell(shared, source):
    told = schools.read_all()
    told = told[told["source"] == source]
    frame = raw(shared, source).rename(columns={"UAI": "uai"}).set_index(["uai", "an"])
    columns = {
        measure: next(c for c in cells if c in frame)
        for measure, cells in CELLS.items()
        if set(cells) & set(frame)
        and not (measure == "ips_ancienne_echelle" and "avant" not in source)
    }
    assert set(told["mesure"]) == set(columns)
    assert len(told) == len(frame) * len(columns)
    for row in told.itertuples():
        cell = frame.loc[(row.uai, row.millesime)]
        text = cell[columns[row.mesure]]
        assert (row.etat == "valeur") == (text != ""), row
        assert text == "" or row.valeur == float(text), row
        assert row.arrondissement == cell["lieu"]
        sector = cell.get("Secteur", cell.get("secteur"))
        assert row.secteur == {"pu": "public", "pr": "prive"}[sector[:2].lower()]


@pytest.mark.parametrize("source", RAW)
def test_the_means_of_the_city_are_those_that_pandas_finds(shared, source):
    frame, form = raw(shared, source), depp.forms()[source.removeprefix("depp-")]
    measure = form.mean["mesure"]
    value = next(c for c in CELLS[measure] if c in frame)
    weight = {"depp-ivac-colleges": "Nb candidats G"}.get(
        source, next((c for c in CELLS["effectif"] if c in frame), None)
    )
    sector = frame.get("Secteur", frame.get("secteur")).str[:2].str.lower()
    path = paths.data() / "observations" / f"{source}.csv"
    checked = 0
    for row in observations.read(path).itertuples():
        mine = frame[(frame["an"] == row.millesime) & (frame[value] != "")]
        if row.territoire != "13055":
            mine = mine[mine["lieu"] == row.territoire]
        if row.modalite != "ensemble":
            mine = mine[sector.loc[mine.index] == row.modalite[:2]]
        weights = mine[weight].astype(float) if weight else mine[value].astype(float) * 0 + 1
        expected = (mine[value].astype(float) * weights).sum() / weights.sum()
        assert row.valeur == pytest.approx(expected, abs=1e-6)
        assert row.denominateur == weights.sum()
        assert row.borne_basse < row.valeur < row.borne_haute
        checked += 1
    assert checked >= 2


def test_each_pair_is_on_the_list_of_the_city_at_these_coordinates(shared):
    pairs = pd.read_csv(schools.folder() / "lieux.csv", dtype=str, keep_default_na=False)
    city = pd.read_csv(shared / "data" / "points" / "vdm_ecoles_elementaires_2018.csv", dtype=str)
    official = raw(shared, "depp-ips-ecoles")
    older = raw(shared, "depp-ips-ecoles-avant-2022").rename(columns={"UAI": "uai"})
    public = {*official.loc[official["secteur"] == "public", "uai"]}
    public |= {*older.loc[older["Secteur"] == "public", "uai"]}
    assert set(pairs["uai"]) == public and not pairs["uai"].duplicated().any()
    known = {
        **dict(zip(older["uai"], older["Nom de l'établissment"], strict=True)),
        **dict(zip(official["uai"], official["nom_de_l_etablissment"], strict=True)),
    }
    former = dict(zip(older["uai"], older["Nom de l'établissment"], strict=True))
    used = []
    for row in pairs.itertuples():
        assert row.nom_officiel == known[row.uai]
        if row.appariement == "non_place":
            assert (row.nom_ville, row.longitude, row.latitude) == ("", "", "") and row.note
            continue
        named = row.nom_ville.split(" + ")
        found = city[city["Nom du site"].isin(named) & (city["Code Postal"] == row.code_postal)]
        assert len(found) == len(named), row
        used += list(found.index)
        told, there = (
            gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=4326).to_crs(2154)[0]
            for x, y in (
                (float(row.longitude), float(row.latitude)),
                (found["Longitude"].astype(float).mean(), found["Latitude"].astype(float).mean()),
            )
        )
        assert told.distance(there) < 8
        if row.appariement == "exact":
            assert len(named) == 1 and row.code_postal == f"130{row.arrondissement[3:]}"
            assert words(row.nom_ville) in (words(row.nom_officiel), words(former[row.uai])), row
        else:
            assert row.note
    assert len(used) == len(set(used))  # no place serves two schools


def words(name):
    plain = set(re.findall(r"[A-Z0-9]+", name.upper()))
    return plain - {"ECOLE", "ELEMENTAIRE", "PRIMAIRE", "PUBLIQUE", "APPLICATION"} - {
        "D", "L", "DE", "DES", "LA", "LE", "LES",
    }  # fmt: skip


def test_a_new_import_writes_the_same_bytes(shared, tmp_path, monkeypatch):
    source = paths.data()
    shutil.copytree(source, tmp_path / "data")
    fictif.settle(tmp_path, monkeypatch)
    import_path(shared / "data" / "lot2" / "education")
    monkeypatch.undo()
    fictif.forget()
    for folder in ("observations", "etablissements/chiffres"):
        for path in (source / folder).glob("depp-*.csv"):
            assert (tmp_path / "data" / folder / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "data" / "sources.yml").read_bytes() == (source / "sources.yml").read_bytes()


def test_a_source_withdrawn_takes_its_schools_with_it(project, deposit):
    import_path(deposit(files.ecoles()))
    withdraw("depp-ips-ecoles")
    assert not list(project.rglob("depp-*"))
    assert registry.sources() == {}
