"""The pages of the follow-up describe: seal, draw and power on each, no word of cause."""

import json
import re

import pytest
import yaml
from lxml import html

from followup_project import REPOSITORY
from qpvlib.edition import engine, pages
from qpvlib.edition.finish import finish
from qpvlib.followup import plan

# What would say that something made something else happen.
CAUSAL = re.compile(
    r"\b(grâce à|à cause d|en raison d|impact\w*|efficac\w*|bénéfi\w*|conséquence|provoqu\w*|"
    r"caus(e|es|é|ée|ent)|entraîn\w*|dû à|due à|attribuable|résult(e|ent) de|"
    r"(a|ont) (réduit|augmenté|amélioré|permis|baissé|fait)|(réduit|améliore|augmente) l)\b",
    re.I,
)


def texts():
    """Yield every text that the pages may print: templates, modules, protocol."""
    for path in sorted((REPOSITORY / "notebooks").glob("suivi*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            yield path.name, "".join(cell["source"])
    folder = REPOSITORY / "src" / "qpvlib"
    for path in [
        *sorted((folder / "presentation" / "followup").glob("*.py")),
        folder / "followup" / "study.py",
        folder / "followup" / "steps.py",
    ]:
        yield path.name, path.read_text("utf-8")
    content = yaml.safe_load((REPOSITORY / "suivi" / "protocole.yml").read_text("utf-8"))
    yield "protocole.yml", json.dumps(content, ensure_ascii=False)


def test_no_text_says_that_something_caused_something():
    for name, text in texts():
        found = CAUSAL.search(text)
        assert found is None, (name, found)


def test_the_list_of_causal_words_sees_them():
    for sentence in ("L'action a réduit la pauvreté.", "Baisse grâce à la rénovation.", "Impact"):
        assert CAUSAL.search(sentence)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        yield patch


@pytest.fixture(scope="module", params=["suivi_territoire", "suivi_indicateur"])
def page(request, monkeypatch_module):
    one = [page for page in pages.follow_up() if page.template.stem == request.param][-1]
    return one, finish(engine.execute(REPOSITORY / one.template, one.parameters), one)


def fragments(notebook: bytes):
    for cell in json.loads(notebook)["cells"]:
        for output in cell.get("outputs", ()):
            if text := "".join(output.get("data", {}).get("text/html", "")):
                yield html.fragment_fromstring(text, create_parent="div")


def test_a_page_says_its_seal_its_track_and_its_draw(page):
    _, finished = page
    found = [*fragments(finished.notebook)]
    first = found[0].text_content()
    assert plan.chain()[-1]["empreinte"] in first and "Exploratoire" in first
    captions = [c.text_content() for part in found for c in part.iter("figcaption")]
    assert captions and all("Tirage de démonstration" in caption for caption in captions)
    for source in [s.text_content() for part in found for s in part.find_class("qpv-source")]:
        assert re.search(r"périmètre 20(15|24)", source) and re.search(r"20\d\d", source)


def test_a_page_prints_no_machine_word_and_no_cause(page):
    _, finished = page
    for fragment in fragments(finished.notebook):
        words = fragment.text_content()
        assert not {"nan", "None", "inf", "<NA>"} & set(words.split())
        assert not CAUSAL.search(words.replace("« cause »", ""))


def test_a_page_gives_its_series_and_is_made_again_alike(page, monkeypatch_module):
    one, finished = page
    assert finished.csv.decode("utf-8-sig").startswith("territoire;nom;geographie")
    again = finish(engine.execute(REPOSITORY / one.template, one.parameters), one)
    assert again == finished


def test_power_comes_before_the_results():
    for name in ("suivi", "suivi_indicateur"):
        text = (REPOSITORY / "notebooks" / f"{name}.ipynb").read_text("utf-8")
        assert text.index("power.power_") < text.index("inference.estimates_table")


def test_there_is_one_page_per_target_and_outcome():
    found = [page.template.stem for page in pages.follow_up()]
    assert found.count("suivi_territoire") == 10
    assert found.count("suivi_indicateur") == len(plan.load().outcomes)
    assert found[0] == "suivi"
