"""axe-core finds no violation on any page type, on a phone and a desk, by day and by night."""

import pytest

from conftest import DESK, PHONE

CONTRAST = ["color-contrast"]
SIZED = ["link-in-text-block", "scrollable-region-focusable", "target-size"]
# The page's own rules once; then what the size of the window and the colours can change.
STEPS = [
    (PHONE, "light", None),
    (PHONE, "light", CONTRAST),
    (PHONE, "dark", CONTRAST),
    (DESK, "dark", CONTRAST),
    (DESK, "light", CONTRAST + SIZED),
]
# axe cannot tell the contrast of a drawn text, and takes seconds to say so; the first functions
# and rows have the colours of all.
ALIKE = [["svg"], ["dl.py ~ dl.py"], ["tbody tr:nth-child(n+25)"]]
# What is folded is read too.
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
# axe would load the style sheets again, from addresses that are not theirs.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def violations(axe, page, rules=None) -> list[str]:
    """Return each rule broken, with the first place where it is."""
    scope: dict = {"exclude": ALIKE} if rules else {"include": [["html"]]}
    only: dict = {"rules": {"color-contrast": {"enabled": False}}}
    if rules:
        only = {"runOnly": {"type": "rule", "values": rules}}
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
            for size, scheme, rules in STEPS:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                told = f"{name}, {size['width']} px, {scheme}"
                faults += [f"{told} : {fault}" for fault in violations(axe, page, rules)]
    assert not faults, "\n".join(faults)


def test_the_night_is_dark(visiting):
    with visiting(color_scheme="dark") as visit:
        visit.go("index.html")
        colour = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, colour.strip("rgba()").split(",")[:3])) < 80, colour


def test_a_violation_is_seen(visiting, axe):
    body = "<html lang=fr><title>x</title><main><h1>x</h1><img src='data:,'>"
    pale = "<p style='color:#aaa;background:#fff'>pâle</p>"
    with visiting() as visit:
        visit.page.set_content(body + pale)
        visit.page.evaluate(axe.axe_script)
        found = [violations(axe, visit.page, rules) for rules in (None, CONTRAST)]
    assert [fault.split()[0] for faults in found for fault in faults] == [
        "image-alt",
        "color-contrast",
    ]
