"""The files are made whole then written; those of a former edition do not survive."""

import io
import json
import zipfile

import pytest

from edition_project import REPOSITORY, template
from qpvlib.errors import EditionError
from qpvlib.files import build
from test_files_sheets import CSV


@pytest.fixture
def site(tmp_path, monkeypatch):
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    folder = tmp_path / "book" / "portraits"
    folder.mkdir(parents=True)
    (folder / "la-viste.csv").write_bytes(CSV)
    notebook = template("1")
    notebook.cells[-1].outputs = [{"output_type": "stream", "name": "stdout", "text": "lourd"}]
    (folder / "la-viste.ipynb").write_text(json.dumps(notebook), "utf-8")
    site = tmp_path / "_build" / "html"
    (site / "donnees").mkdir(parents=True)
    (site / "_static" / "vendor").mkdir(parents=True)
    (site / "_static" / "x.js.map").write_text("x", "utf-8")
    (site / "_static" / "x.js").write_text("x", "utf-8")
    (site / "donnees" / "ancien.csv").write_text("x", "utf-8")
    (site / "index.html").write_text("<h1>x</h1>", "utf-8")
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    kept = {"Tableaux": build._tables, "Carnets": build._notebooks}
    monkeypatch.setattr(build, "_MAKERS", kept)
    return site


def test_tables_and_notebooks_are_written_and_the_former_ones_removed(site):
    report = build.build(site)
    assert {path.name for path in (site / "donnees").iterdir()} == {
        "la-viste.csv", "la-viste.xlsx", "la-viste.json", "carnets.zip",
    }  # fmt: skip
    assert (site / "donnees" / "la-viste.csv").read_bytes() == CSV
    assert [path.name for path in (site / "_static").iterdir()] == ["x.js"]
    assert report.lines()[0].startswith("Tableaux\u00a0: 3 fichiers")
    with zipfile.ZipFile(io.BytesIO((site / "donnees" / "carnets.zip").read_bytes())) as archive:
        inside = archive.read("book/portraits/la-viste.ipynb")
    assert b"lourd" not in inside and b'code = \\"QN01303I\\"' in inside


def test_nothing_is_written_when_something_fails(site, monkeypatch):
    def broken():
        raise EditionError("raté.")
        yield

    monkeypatch.setitem(build._MAKERS, "Carnets", broken)
    with pytest.raises(EditionError):
        build.build(site)
    assert [path.name for path in (site / "donnees").iterdir()] == ["ancien.csv"]


def test_without_a_book_it_says_what_to_do(tmp_path):
    with pytest.raises(EditionError, match="make construire"):
        build.build(tmp_path)
