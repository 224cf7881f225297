"""The annexe holds in 6 to 10 pages, says the same in its four forms, and invents nothing."""

import io
import json
from pathlib import Path

import pypdf
import pytest

from qpvlib.followup import plan, study
from qpvlib.presentation.followup import annexe


@pytest.fixture(scope="module")
def written():
    files = annexe.written(study.opened(), Path())
    return {path.suffix[1:]: content for path, content in files.items()}


def plain(text):
    """Return a text without what a line break or an apostrophe changes."""
    return "".join(text.split()).replace("-", "").replace("’", "'")


def test_the_pdf_has_six_to_ten_pages_and_every_word(written):
    pages = pypdf.PdfReader(io.BytesIO(written["pdf"])).pages
    assert 6 <= len(pages) <= 10
    text = plain("".join(page.extract_text() for page in pages))
    for part in annexe.sections(study.opened())[1]:
        for words in (part.title, *part.paragraphs, *part.items):
            assert plain(words) in text, words
    assert "Signatures" in pages[-1].extract_text()


def test_same_study_same_bytes(written):
    again = annexe.written(study.opened(), Path())
    assert {path.suffix[1:]: content for path, content in again.items()} == written


def test_the_four_forms_say_the_same(written):
    title, parts = annexe.sections(study.opened())
    told = json.loads(written["json"])
    assert told["title"] == title and all(told.values())
    assert told["seal_sha256"] == plan.chain()[-1]["empreinte"]
    for form in ("html", "md"):
        text = written[form].decode()
        assert text.count("à fixer") >= 12 and "10 et 20, choisies" in text
        assert all(part.title in text for part in parts)
    # The source is that of the figures, and not the producer that the catalogue names.
    assert "repris par un tiers" in written["md"].decode()


def test_nothing_is_filled_in_for_the_parties(written):
    told = plan.parse(plan.folder() / "annexe.yml")
    assert set(told["parties"].values()) == {"à fixer"}
    assert {date for _, date in told["calendrier"] if "{" not in date and "2030" not in date} == {
        "à fixer"
    }
