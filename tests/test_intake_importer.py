"""An official file enters whole, once and traceably, or not at all."""

import os
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

import fictif
from qpvlib import observations
from qpvlib.errors import Problem, QpvError, SourceError
from qpvlib.intake import importer
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.sources import registry


@pytest.fixture
def data(tmp_path, monkeypatch):
    yield fictif.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def deposit(tmp_path):
    """Write a file outside the project and return its path."""

    def put(content: str | bytes, name: str = "tableau.csv") -> Path:
        path = tmp_path / "depot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def stored(data: Path, source: str):
    frame = observations.read(data / "observations" / f"{source}.csv")
    return frame.set_index(["territoire", "indicateur", "modalite"])


def test_a_sound_file_is_stored_with_its_states_and_its_source(data, deposit):
    report = import_path(deposit(fictif.FILOSOFI))
    frame = stored(data, "insee-filosofi-qpv2015-2018")
    assert frame.loc[(fictif.QPV, "taux_pauvrete_60", "ensemble"), "valeur"] == 41.4
    assert frame.loc[(fictif.QPV, "revenu_median", "ensemble"), "valeur"] == 14180
    assert frame.loc[("QPV2015-FRANCE", "gini", "ensemble"), "valeur"] == 0.243
    masked = frame.loc[(fictif.OTHER, "taux_pauvrete_60", "ensemble")]
    assert masked.etat == "secret" and masked.valeur != masked.valeur
    assert set(frame.millesime) == {2018}
    source = registry.sources()["insee-filosofi-qpv2015-2018"]
    assert source.sha256 == registry.fingerprint(fictif.FILOSOFI.encode())
    assert source.fichier == "tableau.csv"
    assert source.blocs == {"filosofi": {"millesime": 2018, "connu": "lu"}}
    assert report.changes[0].new == len(frame)


def test_new_revised_and_identical_figures_are_told_apart(data, deposit):
    import_path(deposit(fictif.FILOSOFI))
    bytes_before = (data / "sources.yml").read_bytes()
    again = import_path(deposit(fictif.FILOSOFI)).changes[0]
    assert (again.new, again.revised, again.removed) == (0, 0, 0)
    assert (data / "sources.yml").read_bytes() == bytes_before
    revised = import_path(deposit(fictif.FILOSOFI.replace("41,4", "41,6"))).changes[0]
    assert (revised.new, revised.revised) == (0, 1)
    assert revised.identical == again.identical - 1


def test_what_hands_wrote_in_the_registry_is_kept(data, deposit):
    import_path(deposit(fictif.FILOSOFI))
    path = data / "sources.yml"
    path.write_text(path.read_text("utf-8").replace("url: ''", "url: https://exemple.fr/x.csv"))
    import_path(deposit(fictif.FILOSOFI.replace("41,4", "41,6")))
    source = registry.sources()["insee-filosofi-qpv2015-2018"]
    assert source.url == "https://exemple.fr/x.csv"


def test_an_excel_copy_gives_the_same_bytes_and_is_registered_as_a_copy(data, deposit):
    official = deposit(fictif.demo(2021), "data_DEMO_2021_V1_QP.csv")
    lines = fictif.demo(2021).replace("1500;", "1\u202f500;").splitlines()
    deposit("\ufeff" + "".join(f"{line};;;;\r\n" for line in lines), "DEMO_2021.csv")
    import_path(official)
    alone = (data / "observations" / "insee-demo-2021.csv").read_bytes()
    report = import_path(official.parent)
    assert (data / "observations" / "insee-demo-2021.csv").read_bytes() == alone
    assert report.copies == {"DEMO_2021.csv": "insee-demo-2021"}
    source = registry.sources()["insee-demo-2021"]
    assert source.fichier == "data_DEMO_2021_V1_QP.csv"
    assert [copy["fichier"] for copy in source.copies] == ["DEMO_2021.csv"]


def test_two_files_that_contradict_each_other_are_refused(data, deposit):
    deposit(fictif.FILOSOFI, "un.csv")
    folder = deposit(fictif.FILOSOFI.replace("41,4", "41,6"), "deux.csv").parent
    with pytest.raises(SourceError, match="diffèrent"):
        import_path(folder)
    assert not (data / "observations").exists()


def test_each_sheet_of_a_workbook_is_a_source(data, deposit):
    book = openpyxl.Workbook()
    rows = [line.split(";") for line in fictif.demo(2021).strip().split("\r\n")]
    city = ["13055", *rows[1][1:]]
    sheets = {"QP": rows, "EPCI2017": [rows[0], city], "Variables": [["CODGEO", "Code"]]}
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in [["Titre"], [], *lines]:
            sheet.append(line)
    path = deposit(b"", "DEMO_2021_V1.xlsx")
    book.save(path)
    report = import_path(path)
    assert [change.source for change in report.changes] == [
        "insee-demo-2021",
        "insee-demo-2021-communes",
    ]
    verify()


def test_a_folder_may_hold_foreign_files_and_an_archive(data, deposit, tmp_path):
    deposit("COD_VAR;LIB_VAR\nX;Y\n", "meta.csv")
    folder = deposit("texte", "LISEZMOI.txt.md").parent
    with zipfile.ZipFile(folder / "filosofi.zip", "w") as archive:
        archive.writestr("dossier/data_filo18.csv", fictif.FILOSOFI)
    report = import_path(folder)
    assert [change.source for change in report.changes] == ["insee-filosofi-qpv2015-2018"]
    assert set(report.ignored) == {"meta.csv", "LISEZMOI.txt.md"}
    assert any("Laissé de côté" in line for line in report.lines())


def test_a_foreign_workbook_or_text_is_left_aside_beside_others(data, deposit):
    book = openpyxl.Workbook()
    book.active.append(["Établissement", "Téléphone"])
    path = deposit(b"", "finess.xlsx")
    book.save(path)
    deposit("une note\nsans tableau\n", "note.txt")
    report = import_path(deposit(fictif.FILOSOFI).parent)
    assert set(report.ignored) == {"finess.xlsx", "note.txt"}
    assert len(report.changes) == 1


def test_a_folder_of_which_nothing_is_read_is_an_error(data, deposit):
    deposit("COD_VAR;LIB_VAR\nX;Y\n", "meta.csv")
    folder = deposit("texte", "LISEZMOI.md").parent
    with pytest.raises(SourceError) as refusal:
        import_path(folder)
    assert {problem.file for problem in refusal.value.problems} == {"meta.csv", "LISEZMOI.md"}


def test_every_problem_of_every_file_is_told_at_once(data, deposit):
    deposit(fictif.FILOSOFI.replace("41,4", "141,4").replace("14 180", "beaucoup"), "un.csv")
    folder = deposit(fictif.demo(2019).replace("50,4", "x"), "DEMO_2019.csv").parent
    with pytest.raises(SourceError) as refusal:
        import_path(folder)
    places = {(p.file, p.line, p.column) for p in refusal.value.problems}
    assert places == {
        ("un.csv", 3, "DISP_TP60"),
        ("un.csv", 3, "DISP_MED"),
        ("DEMO_2019.csv", 2, "TX_F"),
    }


def without(column: str) -> str:
    rows = [line.split(";") for line in fictif.FILOSOFI.strip().split("\r\n")]
    position = rows[0].index(column)
    return "\n".join(";".join(row[:position] + row[position + 1 :]) for row in rows)


BAD = {
    "vide": (b"  \n", "vide"),
    "sans ligne": (fictif.FILOSOFI.split("\r\n")[0] + "\r\n", "aucune ligne de données"),
    "tronqué": (fictif.FILOSOFI[:-30], "cellules au lieu de 14"),
    "tronqué entre deux lignes": (
        fictif.FILOSOFI[: fictif.FILOSOFI.index(fictif.OTHER)],
        "manque 1",
    ),
    "tronqué dans un caractère": (
        fictif.FILOSOFI.encode() + "é".encode()[:1],
        "milieu d'un caractère",
    ),
    "tabulation": (fictif.FILOSOFI.replace(";", "\t"), "tabulation"),
    "virgule": (fictif.FILOSOFI.replace(";", ","), "virgule décimale"),
    "sans séparateur": (fictif.FILOSOFI.replace(";", " "), "aucun séparateur"),
    "utf-16": (fictif.FILOSOFI.encode("utf-16"), "UTF-16"),
    "accents abîmés": (
        fictif.FILOSOFI.replace("Ensemble", "Démo").encode().decode("cp1252"),
        "abîmés",
    ),
    "octets inconnus": (fictif.FILOSOFI.encode() + b"\x81\x8d", "codage"),
    "colonne absente": (without("DISP_MED_A18"), "DISP_MED manque"),
    "pourcentage": (fictif.FILOSOFI.replace("41,4", "141,4"), "141,4 sort"),
    "nombre": (fictif.FILOSOFI.replace("41,4", "41,4x"), "n'est pas un nombre"),
    "autre ville": (
        fictif.FILOSOFI.replace("QP0139", "QP0019").replace("Ensemble", "QP001903"),
        "Marseille",
    ),
    "deux millésimes": (
        fictif.FILOSOFI.replace("DISP_TP60_A18", "DISP_TP60_A19"),
        "plusieurs millésimes",
    ),
    "code répété": (
        fictif.FILOSOFI + fictif.FILOSOFI.splitlines()[2],
        "figure déjà ligne 3",
    ),
    "inconnu": ("a;b\n1;2\n", "aucune famille"),
    "guillemet": (fictif.FILOSOFI.replace("41,4;0", '"41,4;0'), "guillemet"),
    "sans année": (fictif.demo(2021), "--millesime"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_gets_one_clear_sentence_and_writes_nothing(data, deposit, fault):
    content, sentence = BAD[fault]
    with pytest.raises(QpvError) as refusal:
        import_path(deposit(content))
    assert sentence in str(refusal.value)
    assert "Traceback" not in str(refusal.value)
    assert all(problem.file for problem in refusal.value.problems)
    assert not (data / "observations").exists() and not (data / "sources.yml").exists()


def test_a_name_that_climbs_out_of_an_archive_is_refused(data, deposit, tmp_path):
    path = deposit(b"", "piege.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evade.csv", fictif.FILOSOFI)
    with pytest.raises(SourceError):
        import_path(path)
    assert not list(tmp_path.rglob("evade.csv"))
    assert not (data / "observations").exists()


def test_a_file_of_contours_alone_is_described(data, shared):
    shutil.copytree(
        fictif.REPOSITORY / "data" / "territoires", data / "territoires", dirs_exist_ok=True
    )
    fictif.forget()
    report = import_path(shared / "data" / "geo" / "qpv2024_marseille.geojson")
    assert "41 quartiers de Marseille, EPSG:4326" in report.lines()[0]
    assert not (data / "observations").exists()


def test_an_absent_path_is_said(data, tmp_path):
    with pytest.raises(QpvError, match="n'existe pas"):
        import_path(tmp_path / "absent.csv")


def test_the_stored_observations_are_those_of_the_official_files(shared, tmp_path, monkeypatch):
    source = fictif.REPOSITORY / "data"
    shutil.copytree(source, tmp_path / "data", ignore=shutil.ignore_patterns("observations"))
    fictif.settle(tmp_path, monkeypatch)
    import_path(shared / "data" / "insee")
    for lot in ("insee", "sante", "insee/bpe"):  # the facilities again, now that people are known
        import_path(shared / "data" / "lot2" / lot)
    for place in ("vdm_*", "france_services_*", "rtm_stops_*", "ssmsi_*", "decoupage_*"):
        for path in sorted((shared / "data" / "points").glob(place)):
            if "plages" not in path.name:  # a list of which nothing is counted
                import_path(path)
    monkeypatch.undo()
    fictif.forget()
    extracted = {p.name: p.read_bytes() for p in (tmp_path / "data" / "observations").iterdir()}
    kept = {p.name: p.read_bytes() for p in (source / "observations").glob("*.csv")}
    assert extracted.keys() == kept.keys() & extracted.keys()
    assert [name for name in sorted(extracted) if extracted[name] != kept[name]] == []
    assert (tmp_path / "data" / "sources.yml").read_bytes() == (source / "sources.yml").read_bytes()
    assert max(map(len, kept.values())) < 1_400_000


def test_what_is_not_an_ordinary_file_is_refused_and_not_waited_for(data, tmp_path):
    os.mkfifo(tmp_path / "tube.csv")
    with pytest.raises(SourceError, match="pas un fichier ordinaire"):
        import_path(tmp_path / "tube.csv")
    with pytest.raises(SourceError, match="pas un fichier ordinaire"):
        import_path(Path(os.devnull))
    (tmp_path / "dossier" / "sous.csv").mkdir(parents=True)
    with pytest.raises(SourceError, match="aucun fichier"):
        import_path(tmp_path / "dossier")


def test_the_same_fault_of_many_lines_is_told_once(data, deposit):
    rows = fictif.FILOSOFI.splitlines(True)
    text = "".join([rows[0], *(row.replace(";2,", ";2.,") for row in rows[1:])])
    with pytest.raises(SourceError) as refusal:
        import_path(deposit(text))
    assert len(refusal.value.problems) <= 4
    many = [Problem(f"« {n} » n'est pas un nombre.", "a.csv", n, "TP60") for n in range(2, 12)]
    other = Problem("« x » n'est pas un nombre.", "a.csv", 5, "GINI")
    first, second = importer._gathered([*many, other])
    assert first.fact.endswith("De même à 9 autres lignes.") and first.line == 2
    assert second == other
