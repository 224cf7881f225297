"""The annexe to the convention says the same in its four forms."""

import io
import json

import pypdf

from qpvlib import followup
from qpvlib.presentation.followup import annexe


def plain(text):
    """Return a text without what a line break or an apostrophe changes."""
    return "".join(text.split()).replace("-", "").replace("’", "'")


def test_the_four_forms_hold_every_section(tmp_path):
    study = followup.load()
    files = {path.suffix: path for path in annexe.write(study, tmp_path)}
    assert set(files) == {".html", ".pdf", ".md", ".json"}
    pages = pypdf.PdfReader(io.BytesIO(files[".pdf"].read_bytes())).pages
    printed = plain("".join(one.extract_text() for one in pages))
    _, parts = annexe.sections(study)
    for part in parts:
        for words in (part.title, *part.paragraphs, *part.items):
            assert "".join(words.split()).replace("-", "").replace("’", "'") in printed.replace(
                "-", ""
            ), words
        assert part.title in files[".md"].read_text("utf-8")
    assert json.loads(files[".json"].read_text("utf-8"))["title"]
    first = {name: path.read_bytes() for name, path in files.items()}
    annexe.write(study, tmp_path)
    assert {name: path.read_bytes() for name, path in files.items()} == first
