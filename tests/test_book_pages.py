"""The hand-written pages are well-set French, explain their acronyms and cite their figures."""

import re
from collections import Counter
from itertools import pairwise

import nbformat
import pytest

from qpvlib import catalogue, paths, territories
from qpvlib.edition import pages
from qpvlib.typography import typeset

WRITTEN = (
    "mode_emploi",
    "methode",
    "glossaire",
    "limites",
    "references",
    "journal",
    "errata",
    "api",
    "api_methodes",
    "publier",
)
# The prose of these is in the Markdown cells of their notebooks.
MADE = ("ce_qui_change", "sources", "indicateurs", "orientation", "controle_convention",
        *(page.code for page in pages.evaluation()))  # fmt: skip
NAMES = (*WRITTEN, *MADE)


def markdown(name):
    """Return the prose of a notebook."""
    notebook = nbformat.read(paths.root() / "notebooks" / f"{name}.ipynb", 4)
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


PAGES = {name: (paths.root() / "book" / f"{name}.md").read_text("utf-8") for name in WRITTEN} | {
    name: markdown(name) for name in MADE
}
ENGLISH = re.compile(r"\b(the|and|with|from|this|that|which|should|must|file|figure out)\b", re.I)
# Written as words, or letters of a code explained where they stand.
KNOWN = {"SHA", "README"}


def prose(page):
    """Return the text without code spans and link targets."""
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", PAGES[page])


@pytest.mark.parametrize("page", NAMES)
def test_typography_is_french(page):
    text = prose(page)
    assert typeset(text) == text
    assert not re.search(r"\d \d{3}\b|\d%|\.\.\.|« | »|\d\.\d+ ?%| $", text, re.M)


@pytest.mark.parametrize("page", NAMES)
def test_one_title_and_no_skipped_level(page):
    levels = [len(marks) for marks in re.findall(r"^(#+) ", PAGES[page], re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("page", NAMES)
def test_no_english_is_left(page):
    assert not ENGLISH.search(prose(page))


@pytest.mark.parametrize("page", NAMES)
def test_links_lead_to_a_page_or_a_secure_address(page):
    for target in re.findall(r"\]\(([^)]*)\)", PAGES[page]):
        made = {"../index", *(one.output.stem for one in pages.references())}
        name = re.sub(r"\.(md|ipynb)$", "", target)
        assert target.startswith("https://") or name in made | set(NAMES)


@pytest.mark.parametrize("page", NAMES)
def test_a_figure_about_a_quartier_has_its_source(page):
    names = [one.name for one in (*territories.qpv(), *territories.qpv("qpv2015"))]
    for paragraph in PAGES[page].split("\n\n"):
        if any(name in paragraph for name in names) and re.search(r"\d", paragraph):
            years = re.sub(r"\b(19|20)\d\d\b|\b1er\b", "", paragraph)
            assert not re.search(r"\d", years) or "](http" in paragraph


def glossary():
    return re.findall(r"^(\S[^\n]*)\n: ", PAGES["glossaire"], re.M)


def test_the_glossary_is_complete():
    texts = [prose(page) for page in NAMES]
    for entry in catalogue.indicators().values():
        texts += [entry.libelle, entry.libelle_court, entry.en_clair, entry.definition,
                  entry.univers, entry.limites]  # fmt: skip
    used = {word for text in texts for word in re.findall(r"\b[A-Z][A-Z2]{2,}\b", text)}
    # Variable names of official files are cited as such in some limits.
    variables = {"BREV", "ARSA", "ARSAS", "EDUC", "TECO", "ABC"}
    assert used - variables - KNOWN - set(glossary()) == set()


def test_the_glossary_is_in_order_and_says_each_term_once():
    terms = glossary()
    slugs = [territories.slugify(term) for term in terms]
    assert slugs == sorted(slugs)
    assert max(Counter(slugs).values()) == 1


def test_the_passage_is_counted_as_in_the_data():
    passages = [p for one in territories.qpv() for p in territories.predecessors(one.code)]
    words = {"identique": "identique", "a_verifier": "à vérifier", "modifie": "modifié",
             "scission": "scission", "transfert": "transfert"}  # fmt: skip
    for kind, number in Counter(passage.kind for passage in passages).items():
        assert f"| {words[kind]} | {number} |" in PAGES["methode"]
