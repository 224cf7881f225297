"""What a command writes is all there or not at all, wherever it is killed."""

import errno
import os
import signal

import pytest

from killed import apart, content, killed_at, outcome
from qpvlib import commit
from qpvlib.cli import main
from qpvlib.errors import BusyError


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "indicateurs.yml").touch()
    for name in ("a", "b", "c"):
        (tmp_path / "data" / f"{name}.csv").write_text(f"ancien {name}")
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    return tmp_path


def change(root):
    """Revise two files, add one in a new folder, leave one as it is, remove one."""
    data = root / "data"
    with commit.working("qpv essai"):
        commit.write(
            {
                data / "a.csv": b"nouveau a",
                data / "b.csv": b"ancien b",
                data / "nouveau" / "d.csv": b"nouveau d",
            },
            [data / "c.csv", data / "absent.csv"],
        )


def drafts(root):
    return {path.name for path in (root / ".qpv").iterdir()} - {"verrou"}


def test_files_are_written_removed_or_left_alone(root):
    untouched = (root / "data" / "b.csv").stat().st_mtime_ns
    change(root)
    found = {name.rpartition("data/")[2]: text for name, text in content(root / "data").items()}
    assert found == {
        "indicateurs.yml": b"", "a.csv": b"nouveau a", "b.csv": b"ancien b",
        "nouveau/d.csv": b"nouveau d",
    }  # fmt: skip
    assert (root / "data" / "b.csv").stat().st_mtime_ns == untouched
    assert drafts(root) == set()


def test_a_kill_at_any_request_to_the_disk_leaves_all_or_nothing(root):
    before = content(root / "data")
    states = []
    for step in range(40):
        ended = outcome(apart(lambda: change(root), killed_at(step)))
        commit.recover()
        with commit.working("qpv suivante"):
            assert drafts(root) == set()
        states.append(content(root / "data"))
        assert states[-1] == before or b"nouveau d" in states[-1].values()
        for name in content(root / "data"):
            os.unlink(name)
        for name, text in before.items():
            with open(name, "wb") as file:
                file.write(text)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    after = states[-1]
    assert ended == 0 and len(states) > 10
    turn = states.index(after)
    assert 0 < turn < len(states) - 1
    assert states == [before] * turn + [after] * (len(states) - turn)


def test_a_second_command_is_refused_with_the_name_of_the_first(root):
    with commit.working("qpv importer"):
        with pytest.raises(BusyError, match=r"qpv importer\W+processus \d+, depuis"):
            commit.working("qpv calculer").__enter__()
        with pytest.raises(BusyError):
            commit.working("qpv edition", alone=False).__enter__()
    with commit.working("qpv calculer"):
        pass


def test_those_who_only_read_keep_off_those_who_write(root):
    with commit.working("qpv edition", alone=False):
        with commit.working("qpv portrait", alone=False):
            pass
        with pytest.raises(BusyError, match="Attendez"):
            commit.working("qpv importer").__enter__()


def test_a_lock_dies_with_its_command(root):
    def hold():
        with commit.working("qpv importer"):
            os.kill(os.getpid(), signal.SIGKILL)

    assert outcome(apart(hold)) == -signal.SIGKILL
    with commit.working("qpv calculer"):
        pass


@pytest.mark.parametrize(
    ("number", "fact"),
    [(errno.ENOSPC, "disque est plein"), (errno.EROFS, "lecture seule"), (errno.EACCES, "accès")],
)
def test_a_disk_that_refuses_is_said_with_the_file_and_nothing_is_half(
    root, monkeypatch, number, fact
):
    before = content(root / "data")

    def refuse(_descriptor):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError) as failure:
        change(root)
    told = commit.problem(failure.value)
    assert fact in told.fact and told.file.endswith("a.csv") and told.remedy
    assert content(root / "data") == before and drafts(root) == set()


@pytest.mark.parametrize(
    ("name", "number"),
    [("nouveau", errno.EISDIR), ("a.csv/d.csv", errno.ENOTDIR), ("clos/d.csv", errno.EACCES)],
)
def test_what_could_not_reach_its_place_is_refused_before_it_is_committed(
    root, monkeypatch, name, number
):
    """Committed, it would stop every later command, which has to finish it first."""
    (root / "data" / "nouveau").mkdir()
    (root / "data" / "clos").mkdir()
    monkeypatch.setattr(os, "access", lambda folder, _mode: folder.name != "clos")
    before = content(root / "data")
    with pytest.raises(OSError) as failure, commit.working("qpv essai"):
        commit.write({root / "data" / "b.csv": b"nouveau b", root / "data" / name: b"d"})
    assert failure.value.errno == number and commit.problem(failure.value).file.endswith(name)
    assert content(root / "data") == before and drafts(root) == set()


def test_a_file_outside_the_project_is_whole_and_never_waits_for_the_next_command(
    root, tmp_path_factory
):
    away = tmp_path_factory.mktemp("clef") / "d.csv"

    def both():
        with commit.working("qpv essai"):
            commit.write({away: b"d", root / "data" / "a.csv": b"nouveau a"})

    assert outcome(apart(both, killed_at(1))) == -signal.SIGKILL  # one rename, then the draft
    assert away.read_bytes() == b"d" and drafts(root) <= {"brouillon"}
    assert outcome(apart(both)) == 0
    assert (root / "data" / "a.csv").read_bytes() == b"nouveau a"


def test_what_is_not_the_machine_s_fault_is_not_explained():
    assert commit.problem(FileNotFoundError(errno.ENOENT, "no", "x")) is None
    assert "mémoire" in commit.problem(MemoryError()).fact


def test_the_command_says_it_and_finishes_what_was_committed(root, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "no", "a.csv")

    monkeypatch.setattr("qpvlib.intake.calculate.calculate", full)
    assert outcome(apart(lambda: change(root), killed_at(5))) == -signal.SIGKILL
    assert (root / ".qpv" / "journal").is_dir()
    assert main(["calculer"]) == 1
    assert capsys.readouterr().err.startswith("Erreur\u00a0: a.csv\u00a0: le disque est plein.")
    assert not (root / ".qpv" / "journal").is_dir()
    assert (root / "data" / "a.csv").read_bytes() == b"nouveau a"
