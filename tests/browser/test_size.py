"""Every page is short, light and prints on few sheets: measured in a browser, against targets."""

import csv
import io

import pytest

from conftest import DESK, PHONE
from qpvlib import paths
from qpvlib.edition import pages
from qpvlib.edition.check import PAGE_LIMIT

TARGETS = {"hauteur_390": 9_000, "figures": 12, "mots": 1_500, "feuilles_a4": 4}
"""Of a portrait, as it opens: pixels on a phone, figures and words seen, sheets printed."""
CITY_HEIGHT = 8_000
"""Of the page of Marseille, in pixels, on a desk."""
SITE_LIMIT = 60_000_000
"""Of the whole book on a disk, in bytes."""
# Of the article, without its menus: what is drawn and larger than an icon, and the words that
# are neither folded, nor drawn, nor for screen readers only.
MEASURE = """() => {
  const article = document.querySelector("article, main") || document.body;
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const drawn = Array.from(article.querySelectorAll("svg, img, canvas")).filter((one) => {
    const box = one.getBoundingClientRect();
    return seen(one) && !one.parentElement.closest("svg") && box.width > 32 && box.height > 12;
  });
  const words = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (words.nextNode()) {
    const owner = words.currentNode.parentElement;
    if (owner.closest("svg, script, style, noscript") || !seen(owner)) continue;
    if (owner.getBoundingClientRect().width <= 1) continue;
    const said = words.currentNode.textContent.split(/\\s+/);
    count += said.filter((word) => /[\\p{L}\\p{N}]/u.test(word)).length;
  }
  return { hauteur: document.documentElement.scrollHeight, figures: drawn.length, mots: count };
}"""


def measured(visit, name: str, sheets: bool) -> dict:
    """Return what a page is at its first load; its printed sheets only when asked."""
    pypdf = pytest.importorskip("pypdf")
    page = visit.page
    page.set_viewport_size(PHONE)
    visit.go(name)
    phone = page.evaluate(MEASURE)
    page.set_viewport_size(DESK)
    desk = page.evaluate(MEASURE)
    printed = page.pdf(format="A4", prefer_css_page_size=True) if sheets else b""
    return {
        "page": name,
        "hauteur_390": phone["hauteur"],
        "hauteur_1280": desk["hauteur"],
        "figures": phone["figures"],
        "mots": phone["mots"],
        "feuilles_a4": len(pypdf.PdfReader(io.BytesIO(printed)).pages) if sheets else "",
        "octets": visit.weight(),
    }


def over(row: dict, targets: dict[str, int]) -> list[str]:
    """Return what exceeds its target, in words."""
    return [
        f"{row['page']} : {name} {row[name]}, plus de {limit}"
        for name, limit in targets.items()
        if row[name] > limit
    ]


def test_pages_are_within_their_targets(visiting, site):
    portraits = site.portraits()
    city = f"{pages.city().docname}.html"
    others = [name for name in site.sample() if name not in portraits]
    absent = [name for name in (*portraits, city) if not (site.folder / name).is_file()]
    rows = []
    # Nothing of a page is kept for the next one: a first load each time.
    with visiting() as visit:
        for name in (*portraits, *others):
            if name not in absent:
                rows.append(measured(visit, name, sheets=name in portraits))
    faults = [f"{name} manque." for name in absent]
    for row in rows:
        faults += over(row, {"octets": PAGE_LIMIT})
        if row["page"] in portraits:
            faults += over(row, TARGETS)
        if row["page"] == city:
            faults += over(row, {"hauteur_1280": CITY_HEIGHT})
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    paths.write_atomically(site.folder.parent / "mesures.tsv", table.getvalue().encode())
    assert not faults, "\n".join(faults)


def test_the_book_fits_where_it_is_published(site):
    weight = sum(path.stat().st_size for path in site.folder.rglob("*") if path.is_file())
    assert weight <= SITE_LIMIT, f"{weight / 1e6:.0f} Mo, plus de {SITE_LIMIT / 1e6:.0f}."


def test_folded_words_and_icons_do_not_count(visiting):
    body = (
        "<main><p>un deux <b>trois</b> : quatre</p><details><summary>cinq</summary><p>six</p>"
        "<svg width=99 height=99></svg></details><svg width=16 height=16></svg>"
        "<svg width=99 height=99><text>sept</text><svg width=50 height=50></svg></svg></main>"
    )
    with visiting() as visit:
        visit.page.set_content(body)
        found = visit.page.evaluate(MEASURE)
    assert (found["figures"], found["mots"]) == (1, 5)
