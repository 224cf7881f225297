"""The committed table of contents lists every page of the book, and only pages that exist."""

import pytest
import yaml

from edition_project import REPOSITORY, project  # noqa: F401
from qpvlib.edition import pages, toc
from qpvlib.errors import EditionError


def test_the_committed_file_is_up_to_date(monkeypatch):
    monkeypatch.setenv("QPV_RACINE", str(REPOSITORY))
    assert (REPOSITORY / "_toc.yml").read_text("utf-8") == toc.table_of_contents()


def test_every_generated_page_is_listed_once(project):  # noqa: F811
    (project / "book" / "sommaire.yml").write_text("[]")
    toc.write()
    text = (project / "_toc.yml").read_text("utf-8")
    assert yaml.safe_load(text)["root"] == "index"
    listed = [line.split()[-1] for line in text.splitlines() if "- file:" in line]
    assert sorted(["index", *listed]) == sorted(page.docname for page in pages.pages())


def test_undeclared_and_absent_pages_are_both_reported(project):  # noqa: F811
    (project / "book" / "methode.md").write_text("# Méthode")
    (project / "book" / "sommaire.yml").write_text("- {titre: Le livre, pages: [sources]}")
    with pytest.raises(EditionError) as raised:
        toc.table_of_contents()
    assert "methode.md" in str(raised.value) and "sources.md" in str(raised.value)


def test_declared_pages_come_under_their_heading(project):  # noqa: F811
    (project / "book" / "methode.md").write_text("# Méthode")
    (project / "book" / "sommaire.yml").write_text("- {titre: Le livre, pages: [methode]}")
    part = yaml.safe_load(toc.table_of_contents())["parts"][-1]
    assert part == {"caption": "Le livre", "chapters": [{"file": "book/methode"}]}


def test_cards_and_orientations_are_folded_under_a_page(project):  # noqa: F811
    (project / "book" / "sommaire.yml").write_text("[]")
    quartiers, evaluation, subjects = yaml.safe_load(toc.table_of_contents())["parts"]
    city = quartiers["chapters"][0]
    assert city["file"] == "book/marseille" and len(city["sections"]) == 5
    assert len(evaluation["chapters"][0]["sections"]) == len(pages.evaluation()) - 1
    chapters = {chapter["file"]: chapter.get("sections", []) for chapter in subjects["chapters"]}
    assert len(chapters["book/indicateurs"]) == len(pages.indicators())
    assert len(quartiers["chapters"]) + len(chapters) <= 10
