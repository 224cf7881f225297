"""Every page asked for is made, failures are named and leave nothing behind, the rest is done."""

import os
import shutil
import signal
import subprocess
import sys
import time

from edition_project import FIGURE, REPOSITORY, TABLE, project, template, write_template  # noqa: F401
from qpvlib.edition import publish as publishing
from qpvlib.edition.publish import publish

FAILING = """
import os
if code == "QN01303I":
    raise ValueError("panne fictive")
if code == "QN01308I":
    os._exit(3)
"""


def test_pages_and_their_tables_are_written_the_same_whatever_the_company(project):  # noqa: F811
    report = publish(["La Viste", "nord-est", "13055", "QN01304I"])
    written = {
        path.relative_to(project / "book").as_posix() for path in project.glob("book/**/*.*")
    }
    assert written == {
        f"{name}.{kind}"
        for name in ("marseille", "secteurs/nord-est", "portraits/la-viste")
        for kind in ("ipynb", "csv")
    }
    assert not report.failures and report.lines()[-1].startswith("Pages produites : 3, en")
    before = (project / "book/portraits/la-viste.ipynb").read_bytes()
    publish(["QN01304I"], processes=1, whole=True)
    assert (project / "book/portraits/la-viste.ipynb").read_bytes() == before


def test_a_failure_is_named_and_its_former_page_removed(project):  # noqa: F811
    write_template(project, "portrait_qpv", template(FAILING, FIGURE, TABLE))
    stale = project / "book" / "portraits" / "saint-henri.ipynb"
    stale.parent.mkdir()
    stale.write_text("ancienne page")
    report = publish(["QN01303I", "QN01304I", "QN01308I"])
    text = "\n".join(map(str, report.failures))
    assert "Saint Henri (QN01303I)" in text and "panne fictive" in text
    assert "La Capelette (QN01308I)" in text and "code 3" in text
    assert "1 sur 3" in report.lines()[-1] and "Traceback" not in text
    assert sorted(path.name for path in stale.parent.iterdir()) == [
        "la-viste.csv",
        "la-viste.ipynb",
    ]


def test_a_missing_template_is_said(project):  # noqa: F811
    (project / "notebooks" / "ville.ipynb").unlink()
    assert "n'existe pas" in str(publish(["13055"]).failures[0])


def test_spoilt_data_are_named_by_the_page_and_not_by_a_dead_process(project):  # noqa: F811
    (project / "data").unlink()
    shutil.copytree(REPOSITORY / "data", project / "data")
    (project / "data" / "observations" / "insee-demo-2022.csv").write_text("territoire\nX\n")
    write_template(
        project, "portrait_qpv", template("from qpvlib.reading.portrait import store\nstore()")
    )
    # A process of its own: this one's fork server has already read sound data.
    command = "from qpvlib.cli import main; raise SystemExit(main(['portrait', 'QN01304I']))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert "La Viste" in done.stderr and "insee-demo-2022.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_that_lacks_memory_is_said_in_french_and_its_former_one_removed(project):  # noqa: F811
    write_template(project, "portrait_qpv", template("raise MemoryError", FIGURE, TABLE))
    stale = project / "book" / "portraits" / "la-viste.ipynb"
    stale.parent.mkdir()
    stale.write_text("ancienne page")
    done = subprocess.run(
        [sys.executable, "-m", "qpvlib.cli", "portrait", "La Viste"], capture_output=True, text=True
    )
    assert done.returncode == 1 and "La Viste" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not stale.exists()


def test_a_notebook_that_never_ends_is_stopped_and_its_former_page_removed(
    project,  # noqa: F811
    monkeypatch,
):
    publish(["QN01304I"])
    write_template(project, "portrait_qpv", template("import time; time.sleep(60)", FIGURE, TABLE))
    monkeypatch.setattr(publishing, "SECONDS", 2)
    (failure,) = publish(["QN01304I"]).failures
    assert "le carnet est arrêté" in str(failure)
    assert not list((project / "book" / "portraits").iterdir())


def test_an_unguarded_script_is_told_so_and_removes_nothing(project):  # noqa: F811
    publish(["QN01304I"])
    before = sorted((project / "book" / "portraits").iterdir())
    script = project / "script.py"
    script.write_text(
        "from qpvlib.edition.publish import publish\n"
        "print(*publish(['QN01304I'], whole=True).failures)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=project)
    assert "if __name__" in done.stdout
    assert before and sorted((project / "book" / "portraits").iterdir()) == before


def test_a_killed_edition_leaves_no_notebook_at_work(project):  # noqa: F811
    mark, done = project / "commence", project / "fini"
    source = f"open({str(mark)!r}, 'w'); import time; time.sleep(3); open({str(done)!r}, 'w')"
    write_template(project, "portrait_qpv", template(source, FIGURE, TABLE))
    code = "from qpvlib.cli import main; main(['edition', '--seulement', 'QN01304I'])"
    command = subprocess.Popen([sys.executable, "-c", code], cwd=project, stdout=subprocess.DEVNULL)
    while not mark.is_file():
        assert command.poll() is None
        time.sleep(0.1)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    time.sleep(5)
    assert not done.is_file()
