"""The notebooks run on the most awkward territories, and print what their file says."""

import csv
import io
import json
from pathlib import Path

import pytest
from lxml import html

from qpvlib.edition import engine, pages
from qpvlib.edition.finish import finish
from qpvlib.observations import SECRET
from qpvlib.presentation.formats import PUBLISHED
from qpvlib.reading import portrait
from qpvlib.territories import predecessors, qpv

REPOSITORY = Path(__file__).resolve().parents[1]


def outliers() -> dict[str, str]:
    """Return code -> why it is there; found in the data, so that a new file moves them."""
    store = portrait.store()
    frame = store.frame[store.frame.etat == SECRET]
    masked = {
        q.code: frame.territoire.isin([q.code, *(p.code_2015 for p in predecessors(q.code))]).sum()
        for q in qpv()
    }
    people = {q.code: store.get("population_qpv", q.code).value for q in qpv()}
    received = [q.code for q in qpv() if len(predecessors(q.code)) > 1]
    return {
        max(qpv(), key=lambda q: len(q.name)).code: "longest name",
        min(qpv(), key=lambda q: len(q.name)).code: "shortest name",
        max(people, key=people.get): "largest population",
        min(people, key=people.get): "smallest population",
        max(masked, key=masked.get): "most secrets",
        received[0]: "two predecessors",
        next(q.code for q in qpv() if len(q.communes) > 1): "two communes",
        next(q.code for q in qpv() if q.perimeter == "modifie"): "changed perimeter",
        "centre": "smallest sector",
        "13055": "city",
    }


@pytest.fixture(scope="module", params=outliers())
def page(request, monkeypatch_module):
    one = pages.page(request.param)
    return one, finish(engine.execute(REPOSITORY / one.template, one.parameters), one)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        yield patch


def fragments(notebook: bytes):
    for cell in json.loads(notebook)["cells"]:
        for output in cell.get("outputs", ()):
            text = "".join(output.get("data", {}).get("text/html", ""))
            if text:
                yield html.fragment_fromstring(text, create_parent="div")


def test_a_page_prints_only_figures_of_its_file(page):
    _, finished = page
    table = csv.DictReader(io.StringIO(finished.csv.decode("utf-8-sig")), delimiter=";")
    rows = {
        (r["indicateur"], r["territoire"], r["millesime"], r["modalite"], r["statistique"]): r
        for r in table
    }
    count = 0
    for fragment in fragments(finished.notebook):
        for tag in fragment.xpath(".//data[contains(@class, 'qpv-chiffre')]"):
            names = ("indicateur", "territoire", "millesime", "modalite")
            key = (*(tag.get(f"data-{name}") for name in names),)
            row = rows[(*key, tag.get("data-statistique", PUBLISHED))]
            assert float(row["valeur"].replace(",", ".")) == float(tag.get("value")), key
            count += 1
    assert count > 20


def test_a_page_has_its_title_and_no_machine_word(page):
    one, finished = page
    first = json.loads(finished.notebook)["cells"][0]
    assert "".join(first["source"]).startswith(f"# {one.title}")
    for fragment in fragments(finished.notebook):
        words = fragment.text_content()
        for machine in ("nan", "None", "inf", "<NA>"):
            assert machine not in words.split(), words[:200]
