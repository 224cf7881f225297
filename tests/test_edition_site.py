"""The search ignores accents and knows places; a page, a map and a card serve the whole site."""

import gzip
import re

import matplotlib
import pytest
from sphinx.application import Sphinx

from edition_project import REPOSITORY
from qpvlib.edition import card, site
from qpvlib.edition.pages import page

PAGES = {
    "index": "Accueil",
    "book/portraits/grand-saint-barthelemy": "Grand Saint Barthélémy",
    "book/portraits/centre-ville-3e-arrondissement": "Centre Ville 3e Arrondissement",
    "book/portraits/saint-andre": "Saint André",
    "book/portraits/consolat-ruisseau-mirabeau": "Consolat Ruisseau Mirabeau",
    "book/indicateurs/taux-chomage": "Taux de chômage",
    "book/indicateurs/liste": "Une fiche",
}
NAMES = "Grand Saint Barthélémy, Saint André, chômage, Consolat."
FAULTS = ("error", "warning")
BASE = "https://fictif.example/livre"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book of seven pages made by Sphinx with the theme and templates of the real one."""
    folder = tmp_path_factory.mktemp("site")
    source, output = folder / "source", folder / "html"
    for name, title in PAGES.items():
        path = source / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = "<table><tr><td>Secteur</td><td>Nord</td></tr></table>"
        text = f"{title}\n{'=' * len(title)}\n\n.. raw:: html\n\n   {cells}\n\n"
        path.write_text(text + (NAMES if "indicateurs" in name else "Rien."), "utf-8")
    links = "".join(f"   {name}\n" for name in PAGES if name != "index")
    with open(source / "index.rst", "a", encoding="utf-8") as file:
        file.write(f"\n\n.. toctree::\n\n{links}")
    settings = {
        "extensions": ["sphinx_book_theme", "qpvlib.edition.site"],
        "project": "inutilisé",
        "html_title": "Livre fictif",
        "language": "fr",
        "html_theme": "sphinx_book_theme",
        "html_baseurl": BASE,
        "html_static_path": [str(REPOSITORY / "book" / "_static")],
        "templates_path": [str(REPOSITORY / "book" / "_templates")],
    }
    Sphinx(source, None, output, folder / "doctrees", "html", settings, status=None).build()
    return output


@pytest.fixture
def heard(chromium):
    """A window, and the errors and warnings of its console."""
    tab, said = chromium.new_page(), []
    tab.on("console", lambda one: said.append(one.text) if one.type in FAULTS else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    yield tab, said
    tab.close()


def test_words_lose_their_accents_in_the_index():
    words = site.Unaccented({}).split("L’Évêché, chômage et Œuvre en 2021")
    assert words == ["l", "eveche", "chomage", "et", "oeuvre", "en", "2021"]


def test_neighbouring_cells_are_two_words(built):
    index = (built / "searchindex.js").read_text("utf-8")
    assert '"nord"' in index and "secteurnord" not in index


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("Barthelemy", "Grand Saint Barthélémy"),
        ("barthélemy", "Grand Saint Barthélémy"),
        ("chomage", "Taux de chômage"),
        ("Felix Pyat", "Centre Ville 3e Arrondissement"),
        ("busserine", "Grand Saint Barthélémy"),
        ("13003", "Centre Ville 3e Arrondissement"),
        ("saint andre", "Saint André"),
        ("la maison xyzzy", None),
    ],
)
def test_a_book_opened_from_the_disk_answers(built, heard, asked, first):
    tab, said = heard
    tab.goto(f"{(built / 'search.html').as_uri()}?q={asked}")
    tab.wait_for_function("document.querySelector('.search-summary')?.innerText.length > 0")
    titles = tab.eval_on_selector_all("ul.search li > a", "all => all.map(a => a.innerText)")
    assert titles[:1] == ([first] if first else [])
    assert not said


def test_the_page_of_broken_links_stands_alone(built):
    text = (built / "404.html").read_text("utf-8")
    assert f'href="{BASE}/index.html"' in text
    assert not re.search(r'(src|href)="(?!https://fictif|data:)', text) and text.count("<h1>") == 1


def test_a_known_address_gives_a_site_map_and_a_card(built):
    text = (built / "sitemap.xml").read_text("utf-8")
    assert {f"<loc>{BASE}/{name}.html</loc>" for name in PAGES} <= set(
        re.findall(r"<loc>.*?</loc>", text)
    )
    home = (built / "index.html").read_text("utf-8")
    assert f'property="og:image" content="{BASE}/_static/{card.NAME}"' in home
    assert 'property="og:site_name" content="Livre fictif"' in home
    picture = (built / "_static" / card.NAME).read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 200_000
    with matplotlib.rc_context({"font.size": 30, "text.color": "red"}):
        assert picture == card.picture("Livre fictif")


def test_no_mode_is_asked_in_the_console(built, heard):
    tab, said = heard
    tab.goto((built / "index.html").as_uri())
    tab.wait_for_timeout(200)
    assert not said


def test_the_targets_of_the_portraits_are_their_real_pages():
    assert page("Grand Saint Barthélémy").docname in PAGES
    assert len(gzip.compress((REPOSITORY / "book/_static/recherche.js").read_bytes())) < 3_000
