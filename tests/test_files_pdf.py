"""A PDF is tagged, the same twice, and prints a hostile text as it is."""

import io

import pytest
import typst

from qpvlib.files import pdf, vectors

HOSTILE = '#panic() *x* "guillemets" \\ $y$'
PAGE = {
    "titre": HOSTILE,
    "parties": [
        {
            "titre": "Partie",
            "image": {"svg": vectors.ten(3, 3), "alt": "Dix personnages."},
            "phrases": [HOSTILE],
            "points": [],
        }
    ],
    "avis": "Avis.",
}


@pytest.fixture(scope="module")
def made() -> bytes:
    return pdf.compiled("falc", PAGE)


def test_what_is_inserted_is_text(made):
    pypdf = pytest.importorskip("pypdf", reason="pypdf absent")
    reader = pypdf.PdfReader(io.BytesIO(made))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert text.replace("\n", " ").count("#panic() *x*") == 2
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("fr")
    assert b"pdfuaid" in made and len(reader.pages) == 1


def test_twice_the_same_bytes(made):
    assert pdf.compiled("falc", PAGE) == made


def test_a_picture_without_words_is_refused():
    part = PAGE["parties"][0] | {"image": {"svg": vectors.ten(3, 3), "alt": None}}
    with pytest.raises(typst.TypstError, match="alt"):
        pdf.compiled("falc", PAGE | {"parties": [part]})
