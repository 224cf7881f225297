"""The page of the sources lists every file of the registry once, on screen and in its CSV."""

import csv
import io

import pytest
from lxml import html

from qpvlib.presentation import source_tables
from qpvlib.sources.registry import Source, sources


@pytest.fixture(scope="module")
def page():
    content = str(source_tables.by_producer(sources()))
    return html.fragment_fromstring(content, create_parent="div")


def test_every_file_is_listed_once_with_its_fingerprint(page):
    shown = [node.text for node in page.xpath("//code[@class='qpv-empreinte']")]
    assert sorted(shown) == sorted(source.sha256 for source in sources().values())
    assert {cell.get("scope") for cell in page.iter("th")} == {"col", "row"}


def test_a_title_per_producer(page):
    titles = [node.text for node in page.iter("h3")]
    assert titles == sorted({source.producteur for source in sources().values()})


def test_every_perimeter_and_block_is_worded():
    assert {s.perimetre for s in sources().values()} <= set(source_tables.PERIMETERS)
    assert {b for s in sources().values() for b in s.blocs} <= set(source_tables.BLOCKS)


def test_the_file_has_a_line_per_block():
    text = source_tables.Download(sources())._repr_mimebundle_()["text/csv"]
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    expected = [(s.id, block) for s in sources().values() for block in s.blocs]
    assert [(line["source"], line["bloc"]) for line in lines] == expected
    assert {line["connu"] for line in lines} <= {"lu", "vérifié", "inféré"}


def test_what_the_registry_says_is_escaped():
    odd = Source("x", "f", "<b>", "<i>", None, "iris", {"rp": {"millesime": [2019, 2020],
                 "connu": "lu", "preuve": "<u>"}}, "", "<l>", "<n>", "0" * 64, 1,
                 note="<s>")  # fmt: skip
    content = source_tables.by_producer({"x": odd})
    assert not any(f"<{tag}>" in content for tag in "biulns")
    assert "recensement\u00a0: 2019, 2020 (lu)" in content


def test_what_was_confirmed_is_printed_with_its_reason():
    odd = Source("x", "f", "p", "j", None, "iris", {"rp": {"millesime": 2019, "connu": "lu"}}, "",
                 "l", "n.csv", "0" * 64, 1, confirmation="révision <annoncée>")  # fmt: skip
    content = source_tables.by_producer({"x": odd})
    assert "n.csv, confirmés\u00a0: révision &lt;annoncée&gt;" in content
    text = source_tables.Download({"x": odd})._repr_mimebundle_()["text/csv"]
    assert "révision <annoncée>" in text.splitlines()[1]
