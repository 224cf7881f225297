"""A page is kept when nothing it may read has changed, and only then."""

import shutil

import pytest

from edition_project import FIGURE, REPOSITORY, TABLE, project, template, write_template  # noqa: F401
from qpvlib.edition import kept, publish


def made(**options) -> tuple[int, int]:
    report = publish.publish(["QN01304I"], **options)
    assert not report.failures
    return len(report.made), report.kept


@pytest.fixture
def writable(project):  # noqa: F811
    (project / "data").unlink()
    shutil.copytree(REPOSITORY / "data", project / "data")
    return project


def test_a_page_of_the_same_inputs_is_kept_and_made_again_when_all_is_asked(project):  # noqa: F811
    assert made() == (1, 0)
    assert made() == (0, 1)
    assert made(whole=True) == (1, 0)


def test_whatever_changes_a_page_makes_it_again(writable, monkeypatch, tmp_path_factory):
    made()
    changes = [
        lambda: (writable / "book/portraits/la-viste.csv").write_text("touché"),
        lambda: (writable / "book/portraits/la-viste.ipynb").unlink(),
        lambda: write_template(writable, "portrait_qpv", template(TABLE, FIGURE)),
        lambda: (writable / "data/edition.yml").write_text("date: 2027-01-01"),
        lambda: (writable / "_config.yml").write_text("title: autre"),
    ]
    for change in changes:
        change()
        assert made() == (1, 0) and made() == (0, 1)
    other = tmp_path_factory.mktemp("code")
    (other / "neuf.py").write_text("# other code")
    monkeypatch.setattr(kept, "_PACKAGE", other)
    assert made() == (1, 0)


def test_a_failed_page_is_not_remembered(project):  # noqa: F811
    write_template(project, "portrait_qpv", template("1 / 0"))
    for _ in range(2):
        assert len(publish.publish(["QN01304I"]).failures) == 1


def test_the_built_book_is_current_until_something_written_changes(project, tmp_path, capsys):  # noqa: F811
    stamp = tmp_path / "cle"
    assert kept.main(stamp, note=False) == 1
    kept.main(stamp, note=True)
    assert kept.main(stamp, note=False) == 0 and "à jour" in capsys.readouterr().out
    (project / "book" / "methode.md").write_text("# Autre")
    assert kept.main(stamp, note=False) == 1
