"""Whole commands killed at random, crossed, or short of disk: each leaves a sound folder.

Too long for every run: the continuous integration asks for them with ``QPV_PANNES=1``.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

import fictif
from evaluation_project import ROWS, filled, project  # noqa: F401
from killed import apart, content, killed_after, outcome
from qpvlib import commit
from qpvlib.cli import main
from qpvlib.errors import BusyError
from qpvlib.followup import steps  # noqa: F401, so that a fork begins at the command's own work
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.sources import registry

pytestmark = pytest.mark.skipif(
    not os.environ.get("QPV_PANNES"), reason="long : QPV_PANNES=1, comme dans .ci/run"
)
POINTS = 20


@pytest.fixture
def data(tmp_path, monkeypatch):
    data = fictif.build(tmp_path / "projet", monkeypatch)
    # The command looks for a register of the evaluation before anything else.
    shutil.copytree(fictif.REPOSITORY / "data" / "evaluation", data / "evaluation")
    yield data
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def deposit(tmp_path):
    folder = tmp_path / "depot"
    folder.mkdir()
    for year in (2019, 2021):
        (folder / f"DEMO_{year}.csv").write_text(fictif.demo(year), "utf-8")
    (folder / "filosofi.csv").write_text(fictif.FILOSOFI, "utf-8")
    return folder


def revised(folder):
    """Revise every figure a little, in all the files of a folder."""
    for year in (2019, 2021):
        (folder / f"DEMO_{year}.csv").write_text(fictif.demo(year, offset=0.4), "utf-8")
    text = fictif.FILOSOFI.replace("41,4", "41,5")
    (folder / "filosofi.csv").write_text(text, "utf-8")


def stale(data):
    """Spoil what is computed, and its entry."""
    path = data / "observations" / "calcul-evolution-population.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:-1]), "utf-8")


COMMANDS = {
    "importer": (
        lambda d, f: revised(f),
        lambda f: ["importer", str(f), "--confirmer", "révision d'essai"],
    ),
    "calculer": (lambda d, f: stale(d), lambda f: ["calculer"]),
    "retirer": (lambda d, f: None, lambda f: ["retirer", "insee-demo-2019"]),
}


FOLLOW_UP = (
    ["geler", "--date", "2026-01-31"],
    ["lister"],
    ["tirer"],
    ["deposer", "zenodo", "10.5281/zenodo.1"],
)


def put_back(folder, before):
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink() and path.is_dir():
            continue  # of the repository: the commands only read it
        if path.is_file():
            path.unlink()
        else:
            with contextlib.suppress(OSError):
                path.rmdir()
    for name, text in before.items():
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(text)


def quiet(words):
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        return main(words)


def recovered():
    """Heal the folder once free: what a killed command started holds its lock a moment more."""
    while True:
        with contextlib.suppress(BusyError):
            commit.recover()
            with commit.working("essai"):
                return
        time.sleep(0.01)


def kill_anywhere(name, words, folder, capsys, points=POINTS):
    """Kill a command at random points: its folder is as before, or as after, once recovered."""
    before, start = content(folder), time.monotonic()
    assert outcome(apart(lambda: quiet(words))) == 0
    lasted, after = time.monotonic() - start, content(folder)
    assert after != before
    chance, found = random.Random(name), {"before": 0, "after": 0, "healed": 0}
    for point in range(points):
        put_back(folder, before)
        late = chance.uniform(0, lasted) if point % 2 else lasted * chance.uniform(0.8, 1.05)
        ended = killed_after(apart(lambda: quiet(words)), late)
        assert ended in (0, -signal.SIGKILL)
        found["healed"] += (folder.parent / ".qpv" / "journal").is_dir()
        recovered()
        state = content(folder)
        assert state in (before, after)
        found["after" if state == after else "before"] += 1
    with capsys.disabled():
        print(f"\n{name:10} killed at {points} points: {found}")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_anywhere_is_whole_or_healed(name, data, deposit, capsys):
    prepare, words = COMMANDS[name]
    import_path(deposit)
    prepare(data, deposit)
    kill_anywhere(name, words(deposit), data, capsys)


@pytest.mark.parametrize("step", range(len(FOLLOW_UP)))
def test_a_step_of_the_follow_up_killed_anywhere(step, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "suivi"
    (tmp_path / "data").symlink_to(fictif.REPOSITORY / "data")
    shutil.copytree(fictif.REPOSITORY / "suivi", folder)
    for name in ("sceau.json", "cohorte.csv"):
        (folder / name).unlink()
    for name in ("textes", "tirage"):
        shutil.rmtree(folder / name)
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    for words in FOLLOW_UP[:step]:  # apart: what computes with threads cannot be forked any more
        assert outcome(apart(lambda words=words: quiet(["suivi", *words]))) == 0
    kill_anywhere(FOLLOW_UP[step][0], ["suivi", *FOLLOW_UP[step]], folder, capsys)


WRITERS = (
    ["suivi", "panel"],
    ["suivi", "paquet"],
    ["suivi", "annexe", "suivi/sortie"],
    ["evaluation", "modele", "suivi/sortie/modele.xlsx"],
    ["evaluation", "questionnaire", "suivi/sortie"],
    ["evaluation", "rapport", "suivi/sortie/rapport"],
)


@pytest.mark.parametrize("words", WRITERS, ids=lambda words: words[1])
def test_what_writes_a_document_killed_anywhere(words, tmp_path, monkeypatch, capsys):
    root = tmp_path / "projet"
    root.mkdir()
    (root / "data").symlink_to(fictif.REPOSITORY / "data")
    shutil.copytree(fictif.REPOSITORY / "suivi", root / "suivi")
    (root / "suivi" / "sortie").mkdir()
    (root / "suivi" / "sortie" / "vide").touch()
    monkeypatch.setenv("QPV_RACINE", str(root))
    monkeypatch.chdir(root)
    kill_anywhere(words[1], words, root / "suivi", capsys, points=4)


def test_an_import_of_registers_killed_anywhere(project, tmp_path, capsys):  # noqa: F811
    path = filled(tmp_path / "registres.xlsx", ROWS, bare=True)
    kill_anywhere("registres", ["importer", str(path)], project / "data" / "evaluation", capsys)


def test_two_imports_at_once_do_not_lose_one(data, deposit):
    files = [deposit / "filosofi.csv", deposit / "DEMO_2021.csv"]
    ended = [
        outcome(child) for child in [apart(lambda f=f: quiet(["importer", str(f)])) for f in files]
    ]
    assert sorted(ended) in ([0, 0], [0, 1])
    kept = {f.name for f, code in zip(files, ended, strict=True) if code == 0}
    assert {source.fichier for source in registry.sources().values()} == kept
    for file in files:
        import_path(file)
    assert len(registry.sources()) == 2
    verify()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 3 MB, which only root may mount."""
    folder = tmp_path / "disque"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True
        ).returncode
    ):
        pytest.skip("il faut être administrateur pour monter un disque d'essai")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("free", [0, 3_000, 8_000, 14_000])
def test_a_full_disk_is_said_and_nothing_is_half(small_disk, monkeypatch, deposit, capfd, free):
    data = fictif.build(small_disk / "projet", monkeypatch)
    before = content(data)
    with contextlib.suppress(OSError), open(small_disk / "plein", "wb") as file:
        while file.write(b"0" * 4096):
            file.flush()
    with open(small_disk / "plein", "r+b") as file:
        file.truncate(max(0, os.path.getsize(file.name) - free))
    code = outcome(apart(lambda: main(["importer", str(deposit)])))
    said = capfd.readouterr().err
    monkeypatch.undo()
    fictif.forget()
    assert code == 1 and "le disque est plein" in said and "Traceback" not in said
    assert content(data) == before


def test_a_disk_that_cannot_be_written_is_said(small_disk, monkeypatch, deposit, capfd):
    data = fictif.build(small_disk / "projet", monkeypatch)
    before = content(data)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code = outcome(apart(lambda: main(["importer", str(deposit)])))
    said = capfd.readouterr().err
    monkeypatch.undo()
    fictif.forget()
    assert code == 1 and "lecture seule" in said and "Traceback" not in said
    assert content(data) == before
