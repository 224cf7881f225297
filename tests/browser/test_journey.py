"""From the home page to a sheet of paper, with a finger then with a keyboard alone."""

import io
import re
from urllib.parse import urljoin

import pytest

from qpvlib import territories
from qpvlib.edition import pages

# The IRIS « Busserine » (132140504) is in this quartier for 89 % of its surface.
BUSSERINE = "QN01352M"
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    name: `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`,
    href: one.getAttribute("href"),
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    seen: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture(scope="module")
def address() -> str:
    return f"{pages.page(BUSSERINE).docname}.html"


def find(page, words: str):
    """Type words in the search field of the home page, and wait for what it offers."""
    page.get_by_role("main").get_by_role("combobox").press_sequentially(words)
    offers = page.get_by_role("main").get_by_role("option")
    offers.first.wait_for()
    return offers


def test_a_resident_goes_from_a_name_to_a_sheet_of_paper(visiting, site, address):
    pypdf = pytest.importorskip("pypdf")
    name = territories.get(BUSSERINE).name
    with visiting(accept_downloads=True) as visit:
        page = visit.page
        visit.go("index.html")
        find(page, "busserine").first.click()
        page.wait_for_url(f"**/{address}")
        assert page.get_by_role("heading", level=1).inner_text().startswith(name)

        page.get_by_role("link", name=re.compile("facile à lire", re.I)).first.click()
        page.wait_for_url("**/falc/fr/*.html")
        assert page.locator("html").get_attribute("lang") == "fr"
        page.locator("a[hreflang=ar], a[lang=ar]").first.click()
        page.wait_for_url("**/falc/ar/*.html")
        root = page.locator("html")
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl")
        assert re.search(r"[\u0600-\u06ff]{3}", page.get_by_role("main").inner_text())

        visit.go(address)
        with page.expect_download() as download:
            page.locator("a[href$='.csv']").first.click()
        rows = download.value.path().read_text("utf-8-sig").splitlines()
        assert len(rows) > 20 and "indicateur" in rows[0] and "etat" in rows[0]
        link = page.locator("a[href$='.pdf']:not([href*=falc])").first.get_attribute("href")
        answer = page.request.get(urljoin(page.url, link))
        assert answer.ok and answer.body().startswith(b"%PDF")
        assert len(pypdf.PdfReader(io.BytesIO(answer.body())).pages) == 2

        sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        spaced = " ".join(sheets[0].extract_text().split())
        assert name.replace("\u00a0", " ") in spaced


def test_a_keyboard_is_enough(visiting, address):
    with visiting() as visit:
        page = visit.page
        visit.go("index.html")
        page.add_style_tag(content="* { transition: none !important }")
        page.keyboard.press("Tab")
        first = page.evaluate(FOCUS)
        assert first["href"].startswith("#"), f"le premier arrêt n'évite pas les menus : {first}"
        page.keyboard.press("Enter")
        stops = walk(page, 400)
        faults = [stop for stop in stops if not (stop["seen"] and stop["marked"])]
        assert not faults, "\n".join(map(str, faults))

        field = page.get_by_role("main").get_by_role("combobox")
        field.focus()
        find(page, "busserine")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{address}")

        fold = page.get_by_role("main").locator("summary").first
        fold.focus()
        before = fold.locator("..").get_attribute("open")
        page.keyboard.press("Enter")
        assert (fold.locator("..").get_attribute("open") is None) != (before is None)


def walk(page, limit: int) -> list[dict]:
    """Press Tab until the focus leaves the page; return each stop. A trap fails."""
    stops = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or (stops and stop == stops[0] and len(stops) > 1):
            return stops
        stops.append(stop)
    pytest.fail(f"le clavier ne sort pas de la page : {[s['name'] for s in stops[-4:]]}")


def test_a_hidden_or_unmarked_stop_is_seen(visiting):
    body = "<a href=#a>un</a><a href=#b style='position:absolute;left:-99px;outline:0'>deux</a>"
    with visiting() as visit:
        visit.page.set_content(body)
        stops = walk(visit.page, 9)
    assert [(stop["seen"], stop["marked"]) for stop in stops] == [(True, True), (False, False)]
