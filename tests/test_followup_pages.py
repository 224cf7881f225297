"""The pages of the follow-up describe: seal, draw and power on each, no word of cause."""

import json
import re

import numpy as np
import pytest
import yaml
from lxml import html

from followup_project import REPOSITORY
from qpvlib.edition import drawings, engine, pages
from qpvlib.edition.finish import finish
from qpvlib.followup import improvements, plan, study
from qpvlib.presentation.followup import _common, inference, power, robustness
from qpvlib.sources.registry import sources

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
        folder / "followup" / "choosing.py",
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


@pytest.fixture(scope="module")
def opened():
    return study.opened()


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


def test_drawn_intervals_are_those_written_and_a_moved_one_is_found(page):
    one, finished = page
    if one.template.stem != "suivi_indicateur":
        pytest.skip("cette page ne dessine pas d'intervalle")
    found = [*fragments(finished.notebook)]
    bars = [bar for part in found for bar in part.xpath("//*[@data-barre]")]
    assert len(bars) >= 10 and not [fault for part in found for fault in drawings.faults(part)]
    ends = bars[0].xpath("descendant-or-self::*[@d]")[0]
    ends.set("d", re.sub(r"L (\S+) (\S+)", "L 0 0", ends.get("d")))
    assert [fault for part in found for fault in drawings.faults(part)]


def test_a_figure_names_the_files_of_its_own_years(opened):
    """The RSA comes from a file by INSEE, whatever producer the catalogue names."""
    rsa = opened.plan.outcome("part_allocataires_rsa")
    told = str(_common.source(opened, rsa))
    rows = opened.series[(opened.series["indicateur"] == rsa.indicator.id)
                         & opened.series["millesime"].isin(rsa.years)]  # fmt: skip
    producers = {sources()[name].producteur for name in rows.dropna(subset=["valeur"])["source"]}
    assert all(producer in told for producer in producers) and "2015, 2017" in told
    poverty = opened.plan.primary[0]
    assert "repris par un tiers" in str(_common.source(opened, poverty))
    assert "repris par un tiers" not in str(_common.source(opened, poverty, years=[2016, 2017]))


def test_each_turned_sign_is_said_in_words(opened):
    told = robustness.flips_list(opened, opened.plan.primary[0]).replace("\u202f", " ")
    for words in ("1 000 m : +0,7", "9 témoins sur 19", "population : −0,3", "identiques : −0,2",
                  "6 cibles sur 10", "ne se lit pas"):  # fmt: skip
        assert words in told.replace("\u00a0", " "), words
    assert _common.signed(-0.04) == "0,0" and _common.signed(0.06) == "+0,1"


def test_what_would_help_and_every_verdict_are_tabled(opened):
    poverty = opened.plan.primary[0]
    found = improvements.table(opened, poverty)
    base = found["ri"].iloc[0]
    assert found.loc["un seul indicateur principal", "ri"] < base
    assert found.loc["cinq indicateurs principaux", "ri"] > base
    assert found.index[-1].startswith("IRIS") and np.isnan(found["ri"].iloc[-1])
    rows = power.verdict_power_table(opened).rows
    plans = [
        str(row[0]).replace("\u00a0", " ").partition(", ")[2]
        for row in rows
        if str(row[0]).startswith("Taux")
    ]
    assert plans == ["8 et 16", "10 et 19", "10 et 20", "10 et 20, choisies"]
    curve = power.verdict_power_curve(opened, poverty)
    assert len(curve.drawing.axes) == 3 and all(len(a.lines) == 5 for a in curve.drawing.axes)
    shown = inference.estimates_table(opened)
    place = [str(head) for head in shown.heads].index("Rejets à tort du test à 5\u00a0%")
    assert {str(row[place]) for row in shown.rows} == {"5,0\u00a0%"}


def test_power_comes_before_the_results():
    for name in ("suivi", "suivi_indicateur"):
        text = (REPOSITORY / "notebooks" / f"{name}.ipynb").read_text("utf-8")
        assert text.index("power.power_") < text.index("inference.estimates_table")


def test_there_is_one_page_per_target_and_outcome():
    found = [page.template.stem for page in pages.follow_up()]
    assert found.count("suivi_territoire") == 10
    assert found.count("suivi_indicateur") == len(plan.load().outcomes)
    assert found[0] == "suivi"
