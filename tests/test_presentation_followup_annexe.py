"""The annexe to the convention says the same in its four forms."""

import io
import json
from pathlib import Path

import pypdf

from qpvlib import followup
from qpvlib.presentation.followup import annexe


def plain(text):
    """Return a text without what a line break or an apostrophe changes."""
    return "".join(text.split()).replace("-", "").replace("’", "'")


def test_the_four_forms_hold_every_section():
    study = followup.load()
    found = annexe.written(study, Path())
    files = {path.suffix: content for path, content in found.items()}
    assert set(files) == {".html", ".pdf", ".md", ".json"}
    pages = pypdf.PdfReader(io.BytesIO(files[".pdf"])).pages
    printed = plain("".join(one.extract_text() for one in pages))
    _, parts = annexe.sections(study)
    for part in parts:
        for words in (part.title, *part.paragraphs, *part.items):
            assert "".join(words.split()).replace("-", "").replace("’", "'") in printed.replace(
                "-", ""
            ), words
        assert part.title in files[".md"].decode()
    assert json.loads(files[".json"])["title"]
    assert annexe.written(study, Path()) == found
