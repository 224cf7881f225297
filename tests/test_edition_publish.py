"""Every page asked for is made, failures are named and leave nothing behind, the rest is done."""

from edition_project import FIGURE, TABLE, project, template, write_template  # noqa: F401
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
    publish(["QN01304I"], processes=1)
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
