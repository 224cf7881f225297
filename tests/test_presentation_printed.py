"""A PDF made here says what its page says, is tagged, and is the same bytes twice."""

import io

import pypdf
import pytest

from qpvlib.presentation.printed import page, pdf

BODY = (
    "<h2>Première partie</h2><p>Un &amp; deux <strong>gras</strong>, "
    '<a href="https://exemple.fr/x">lien</a>, #sans [effet] $x$ *y* "guillemets".</p>'
    "<ul><li>point</li></ul><details><summary>Titre</summary><table><caption>Titre</caption>"
    "<thead><tr><th>Nom</th><th>Chiffre</th></tr></thead>"
    "<tbody><tr><th>ligne</th><td>1\u202f234,5</td></tr></tbody></table></details>"
    '<svg role="img"><title>caché</title></svg><h3>Suite</h3>'
)


@pytest.fixture(scope="module")
def read():
    return pypdf.PdfReader(io.BytesIO(pdf("Un titre", BODY)))


def test_the_words_are_those_of_the_page(read):
    text = " ".join(read.pages[0].extract_text().split())
    for word in ("Un titre", "Première partie", "Un & deux gras, lien, #sans [effet] $x$ *y*",
                 "point", "Nom Chiffre", "ligne 1 234,5", "Suite"):  # fmt: skip
        assert word in text.replace("\u202f", " "), word
    assert "caché" not in text and text.count("Titre") == 1


def test_it_is_tagged_in_french_under_its_title(read):
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("fr")
    assert read.metadata.title == "Un titre" and "/StructTreeRoot" in root
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()
    kinds, heap = set(), [root["/StructTreeRoot"]]
    while heap:
        node = heap.pop().get_object()
        if isinstance(node, list):
            heap += node
        elif isinstance(node, dict):
            kinds.add(node.get("/S"))
            heap += [node[k] for k in ("/K",) if k in node and not isinstance(node[k], int)]
    assert {"/H1", "/H2", "/P", "/L", "/Table", "/TH", "/TD", "/Link"} <= kinds


def test_the_same_page_gives_the_same_bytes():
    assert pdf("Un titre", BODY) == pdf("Un titre", BODY)


def test_the_page_alone_escapes_its_title():
    assert "<h1>a &lt;b&gt;</h1><p>c</p>" in page("a <b>", "<p>c</p>")
    assert "<details open>" in page("a", BODY)
