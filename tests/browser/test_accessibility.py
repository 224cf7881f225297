"""axe-core finds no violation on any page type, on a phone and a desk, by day and by night."""

import pytest

from conftest import DESK, PHONE

# What the size of the window and the colours can change; the other rules are the page's own.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
SETTINGS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
# What is folded is read too.
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
# axe would load the style sheets again, from addresses that are not theirs.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def violations(axe, page, rules=None) -> list[str]:
    """Return each rule broken, with the first place where it is."""
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    # axe cannot tell the contrast of a drawn text, and takes seconds to say so: once is enough.
    scope = {"exclude": [["svg"]]} if rules else {"include": [["html"]]}
    run = "([scope, options]) => axe.run(scope, options)"
    found = page.evaluate(run, [scope, OPTIONS | only])["violations"]
    return [f"{one['id']} ({len(one['nodes'])}) : {one['nodes'][0]['target']}" for one in found]


def test_no_violation(visiting, site, axe):
    faults = []
    with visiting(reduced_motion="reduce") as visit:
        page = visit.page
        for name in site.sample():
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(PHONE)
            visit.go(name)
            page.evaluate(axe.axe_script)
            page.evaluate(UNFOLD)
            for size, scheme in SETTINGS:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                told = f"{name}, {size['width']} px, {scheme}"
                rules = None if (size, scheme) == SETTINGS[0] else SEEN
                faults += [f"{told} : {fault}" for fault in violations(axe, page, rules)]
    assert not faults, "\n".join(faults)


def test_the_night_is_dark(visiting):
    with visiting(color_scheme="dark") as visit:
        visit.go("index.html")
        colour = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, colour.strip("rgba()").split(",")[:3])) < 80, colour


def test_a_violation_is_seen(visiting, axe):
    with visiting() as visit:
        visit.page.set_content("<html lang=fr><title>x</title><main><h1>x</h1><img src='data:,'>")
        visit.page.evaluate(axe.axe_script)
        assert violations(axe, visit.page)[0].startswith("image-alt")
