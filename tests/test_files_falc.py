"""An easy-to-read page declares its language, loads nothing, escapes names, and is stable."""

import pytest
from lxml import html

from qpvlib.files import falc
from qpvlib.files.languages import languages
from qpvlib.reading import portrait
from qpvlib.territories import qpv


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return dict(falc.pages(portrait.store()))


def test_one_page_per_quartier_and_language_and_a_list(made):
    assert len(made) == len(languages()) * (len(qpv()) + 1)
    listed = html.document_fromstring(made["falc/ar/index.html"])
    assert len(listed.xpath("//main//a")) == len(qpv())


@pytest.mark.parametrize("code", [*languages()])
def test_language_direction_and_nothing_loaded(made, code):
    page = html.document_fromstring(made[f"falc/{code}/la-viste.html"])
    assert (page.get("lang"), page.get("dir")) == (code, languages()[code].direction)
    assert not page.xpath("//script | //link[@href != 'data:,'] | //img | //@src")
    others = {a.get("hreflang") for a in page.xpath("//nav//a[@hreflang]")}
    assert others == {*languages()} - {code}
    notice = page.xpath(f"boolean(//*[@id='{falc.NOTICE}'])")
    assert notice == (code != "fr")
    assert all(len(svg.get("aria-label")) > 5 for svg in page.xpath("//svg"))


def test_the_sign_of_the_euro_is_not_mirrored(made):
    page = html.document_fromstring(made["falc/ar/saint-henri.html"])
    assert page.xpath("count(//svg[@class='fixe'])") == 1


def test_the_printed_page_is_the_page_in_french():
    content = falc.content(qpv()[0], portrait.store())
    assert len(content["parties"]) == 7
    assert not any("<" in phrase for part in content["parties"] for phrase in part["phrases"])
