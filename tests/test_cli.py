"""The qpv command calls the right function, and says every error in one French sentence."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from qpvlib import __version__
from qpvlib.cli import main
from qpvlib.errors import Problem, SourceError


class Fake:
    """A function that records its arguments, then returns a report or raises."""

    def __init__(self, outcome=None, failures=()):
        self.calls = []
        self.outcome = outcome
        self.report = SimpleNamespace(lines=lambda: ["fait."], failures=list(failures))

    def __call__(self, *arguments):
        """Record and answer."""
        self.calls.append(arguments)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.report


@pytest.fixture
def install(monkeypatch):
    """Put a fake function in the place of a module's."""

    def put(module: str, function: str, *outcome, **options) -> Fake:
        fake = Fake(*outcome, **options)
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{function: fake}))
        return fake

    return put


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty project, whose log can be looked at."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "indicateurs.yml").touch()
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    return tmp_path


def run_alone(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    code = (
        "import sys, atexit; from qpvlib.cli import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"main({list(arguments)})"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=os.environ | environment, check=True
    )


def test_help_is_french_and_imports_nothing_heavy():
    done = run_alone("--help", PYTHONIOENCODING="utf-8")
    text = done.stdout.decode()
    for name in ("importer", "verifier", "telecharger", "portrait", "edition", "controle"):
        assert f"    {name}" in text
    for word in ("usage", "positional", "optional", "show this", "exit"):
        assert word not in text
    assert text.startswith("Utilisation\u00a0: qpv ")
    loaded = set(done.stderr.decode().split())
    assert "qpvlib.cli" in loaded
    assert not loaded & {"pandas", "numpy", "geopandas", "requests", "babel", "yaml"}


def test_verifier_looks_at_the_registers_too(install, capsys):
    install("qpvlib.intake.verify", "verify")
    install("qpvlib.evaluation.registers", "verify")
    assert main(["verifier"]) == 0
    assert capsys.readouterr() == ("fait.\nfait.\n", "")


def test_the_empty_workbook_is_written_and_overwrites_nothing(tmp_path, capsys):
    path = tmp_path / "evaluation.xlsx"
    assert main(["evaluation", "modele", str(path)]) == 0
    assert path.is_file() and "qpv importer" in capsys.readouterr().out
    assert main(["evaluation", "modele", str(path)]) == 1
    assert "existe déjà" in capsys.readouterr().err


def test_a_terminal_without_accents_still_gets_the_help():
    assert b"Utilisation" in run_alone("--help", PYTHONIOENCODING="ascii").stdout


def test_the_version_is_that_of_the_library(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"qpv {__version__}\n"


@pytest.mark.parametrize(
    ("words", "module", "function", "expected"),
    [
        (
            ["importer", "a.csv"],
            "intake.importer",
            "import_path",
            (Path("a.csv"), None, False, None),
        ),
        (
            ["importer", "a.zip", "--millesime", "2019"],
            "intake.importer",
            "import_path",
            (Path("a.zip"), 2019, False, None),
        ),
        (["retirer", "insee-revn-2022"], "intake.withdraw", "withdraw", ("insee-revn-2022",)),
        (["calculer"], "intake.calculate", "calculate", ()),
        (["comparer"], "intake.changes", "between", ("", "")),
        (["comparer", "data", "HEAD"], "intake.changes", "between", ("data", "HEAD")),
        (["edition"], "edition.publish", "publish", (None, None, False)),
        (
            ["edition", "--processus", "2", "--seulement", "QN01304I", "la viste", "nord-est"],
            "edition.publish",
            "publish",
            (["QN01304I", "nord-est"], 2, False),
        ),
        (["portrait", "La Viste"], "edition.publish", "publish", (["QN01304I"], 1, True)),
        (
            ["edition", "--seulement", "precarite", "taux_emploi", "13055"],
            "edition.publish",
            "publish",
            (["precarite", "taux_emploi", "13055"], None, False),
        ),
        (["portrait", "13055"], "edition.publish", "publish", (["13055"], 1, True)),
        (["controle", "livre"], "edition.check", "check", (Path("livre"), None, None)),
    ],
)
def test_each_command_calls_its_function(install, capsys, words, module, function, expected):
    fake = install(f"qpvlib.{module}", function)
    assert main(words) == 0
    assert fake.calls == [expected]
    assert capsys.readouterr() == ("fait.\n", "")


def test_the_built_book_is_checked_by_default(install, project):
    fake = install("qpvlib.edition.check", "check")
    main(["controle"])
    assert fake.calls == [(project / "_build" / "html", None, None)]


@pytest.fixture
def addresses(monkeypatch, project):
    """Two fictitious files that have an address, and a download that only records."""
    answers = {
        "listing": lambda: SimpleNamespace(lines=lambda: ["a  2020", "b  2021"]),
        "official_files": lambda: {"a": "file a", "b": "file b"},
        "chosen": lambda names: [f"file {name}" for name in dict.fromkeys(names)],
    }
    for name, answer in answers.items():
        monkeypatch.setattr(f"qpvlib.sources.addresses.{name}", answer)
    fake = Fake()
    monkeypatch.setattr("qpvlib.sources.download.fetch", fake)
    return SimpleNamespace(fetch=fake, folder=project / "data" / "brut")


def test_what_can_be_downloaded_is_listed_by_default(addresses, capsys):
    assert main(["telecharger"]) == 0
    assert capsys.readouterr().out == "a  2020\nb  2021\n"
    assert addresses.fetch.calls == []


@pytest.mark.parametrize(
    ("words", "files"),
    [(["b"], ["file b"]), (["--tout"], ["file a", "file b"]), (["b", "b"], ["file b"])],
)
def test_what_is_named_is_downloaded(addresses, words, files):
    assert main(["telecharger", *words]) == 0
    assert addresses.fetch.calls == [(files, addresses.folder, print)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "il manque COMMANDE. Voyez qpv --help."),
        (["edtion"], "«\u00a0edtion\u00a0» n'est pas une commande. Voyez qpv --help."),
        (["importer"], "il manque FICHIER|ZIP|DOSSIER. Voyez qpv importer --help."),
        (["verifier", "tout"], "«\u00a0tout\u00a0» n'a pas de sens ici. Voyez qpv --help."),
        (["edition", "--proc", "2"], "«\u00a0--proc 2\u00a0» n'a pas de sens ici. Voyez qpv"),
        (["edition", "--seulement"], "--seulement attend une valeur. Voyez qpv edition --help."),
        (["edition", "--processus", "0"], "--processus\u00a0: «\u00a00\u00a0» n'est pas un nombre"),
        (["edition", "--processus", "-1"], "--processus"),
        (["importer", "a", "--millesime", "19"], "--millesime\u00a0: «\u00a019\u00a0» n'est pas"),
        (["verifier", "--help=non"], "cette commande n'est pas comprise."),
    ],
)
def test_a_malformed_command_has_its_sentence_and_status_2(capsys, words, sentence):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"Erreur\u00a0: {sentence}") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../x", "Aucun quartier ne s'appelle «\u00a0../x\u00a0»."),
        ("QN99999Z", "«\u00a0QN99999Z\u00a0» n'est pas un code de territoire."),
        ("QN09999I", "Le code «\u00a0QN09999I\u00a0» n'est pas celui d'un quartier prioritaire"),
        ("Montmartre-les-Bains", "Aucun quartier ne s'appelle «\u00a0Montmartre-les-Bains\u00a0»."),
        ("13201", " (13201) n'a pas de page."),
        ("QP013032", "Quartiers de 2024 qui lui succèdent\u00a0: "),
    ],
)
def test_a_territory_without_page_has_its_sentence(install, capsys, name, sentence):
    fake = install("qpvlib.edition.publish", "publish")
    assert main(["portrait", name]) == 1
    out, err = capsys.readouterr()
    assert out == "" and sentence in err and err.count("\n") == 1
    assert err.startswith("Erreur\u00a0: ") and fake.calls == []


def test_all_unknown_territories_of_an_edition_are_named(install, capsys):
    fake = install("qpvlib.edition.publish", "publish")
    assert main(["edition", "--seulement", "../x", "QN01304I", "QN99999Z"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert fake.calls == []


def test_pages_that_failed_are_told_after_the_report(install, capsys):
    install("qpvlib.edition.publish", "publish", failures=["QN01304I : figure absente."])
    assert main(["edition"]) == 1
    assert capsys.readouterr() == ("fait.\n", "Erreur\u00a0: QN01304I\u00a0: figure absente.\n")


def test_every_problem_of_an_error_is_a_line(install, capsys):
    problems = [Problem("colonne absente.", "a.csv"), Problem("fichier vide.", "b.csv")]
    install("qpvlib.intake.verify", "verify", SourceError(problems))
    assert main(["verifier"]) == 1
    expected = (
        "Erreur\u00a0: a.csv\u00a0: colonne absente.\nErreur\u00a0: b.csv\u00a0: fichier vide.\n"
    )
    assert capsys.readouterr() == ("", expected)


def test_an_interruption_is_status_130(install, capsys):
    install("qpvlib.intake.verify", "verify", KeyboardInterrupt())
    assert main(["verifier"]) == 130
    assert capsys.readouterr() == ("", "Interrompu.\n")


def test_an_unexpected_error_goes_to_its_file_and_not_to_the_screen(install, capsys, project):
    install("qpvlib.intake.verify", "verify", KeyError("détail interne"))
    assert main(["verifier"]) == 1
    out, err = capsys.readouterr()
    log = project / ".qpv" / "erreur.log"
    assert out == "" and err == (
        "Erreur\u00a0: erreur imprévue du programme (KeyError). "
        f"Signalez-la en joignant le fichier {log}.\n"
    )
    text = log.read_text("utf-8")
    assert "Traceback" in text and "détail interne" in text and f"qpv {__version__}" in text


def test_an_unexpected_error_is_told_even_where_no_file_can_be_written(
    install, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("QPV_RACINE", str(tmp_path / "absent"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".qpv").touch()
    install("qpvlib.intake.verify", "verify", KeyError())
    assert main(["verifier"]) == 1
    err = capsys.readouterr().err
    assert "KeyError" in err and "n'a pas pu être écrit" in err and "Traceback" not in err


@pytest.mark.parametrize(
    "words", [["importer"], ["suivi", "choisir"], ["suivi", "estimer", "--panel"]]
)
def test_a_pipe_is_refused_without_waiting_for_it(words, tmp_path, capsys):
    os.mkfifo(tmp_path / "tuyau.xlsx")
    with pytest.raises(SystemExit):
        main([*words, str(tmp_path / "tuyau.xlsx")])
    assert "n'est pas un fichier ordinaire" in capsys.readouterr().err
