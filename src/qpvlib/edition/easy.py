"""Checking the easy-to-read pages: their language, their notice, each number read again."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import html

from qpvlib.files import columns, easy, falc, places
from qpvlib.files.languages import MODEL, languages
from qpvlib.files.said import FORMS
from qpvlib.observations import Observations
from qpvlib.reading import portrait
from qpvlib.territories import CITY, get

_FACTS = ("indicateur", "territoire", "millesime", "forme", "borne")


def language(name: str) -> str:
    """Return the language that a page of the site must declare, from its place."""
    folder, _, rest = name.partition("/")
    return rest.partition("/")[0] if folder == places.EASY else MODEL


def faults(site: Path, name: str) -> Iterator[str]:
    """Yield, in French, what is wrong with an easy-to-read page; nothing for another page.

    Parameters
    ----------
    site, name
        The built book, and the place of the page from there.
    """
    folder, _, slug = name.removesuffix(".html").rpartition("/")
    if not folder.startswith(f"{places.EASY}/"):
        return
    page = html.document_fromstring((site / name).read_bytes())
    known = languages().get(language(name))
    if known is None:
        yield f"la langue « {language(name)} » n'a pas de fichier dans data/falc."
        return
    if page.get("dir") != known.direction:
        yield f"le sens d'écriture n'est pas {known.direction}."
    notice = page.xpath("string(//*[@id=$name])", name=falc.NOTICE)
    told = (known.words["traduction"], languages()[MODEL].words["traduction"])
    if known.code != MODEL and not all(text in notice for text in told):
        yield "la page ne dit pas que sa traduction n'a pas été relue."
    if page.xpath("//svg[not(@role='img') or not(normalize-space(@aria-label))]"):
        yield "un dessin n'est pas décrit."
    numbers = page.xpath("//data[contains(@class, $name)]", name=easy.CLASS)
    if slug != "index" and not numbers:
        yield "aucun chiffre n'est signé."
    for number in numbers:
        yield from _number(number, slug, portrait.store())


def _number(element: html.HtmlElement, slug: str, store: Observations) -> Iterator[str]:
    text = element.text_content()
    digits = re.sub(r"\D", "", text)
    if element.get("data-indicateur") is None:
        names = element.xpath("ancestor::section[1]//li")
        if digits != str(len(names)):
            yield f"« {text} » écoles, et {len(names)} noms."
        return
    place = element.get("data-territoire", "")
    if place != CITY and get(place).slug != slug:
        yield f"« {text} » décrit {get(place).name}, qui n'est pas le quartier de la page."
    name, _, year, form, end = (element.get(f"data-{fact}", "") for fact in _FACTS)
    figure = store.get(name, place, vintage=int(year))
    ends = {"valeur": figure.value, "bas": figure.low, "haut": figure.high}
    raw = ends.get(end)
    if raw is None:
        yield f"« {text} » ({name}, {place}, {year}) : aucun chiffre publié ne le dit."
    elif columns.falc().get(name, {}).get("forme") != form or digits != str(FORMS[form](raw)):
        yield f"« {text} » ({name}, {place}, {year}) ne dit pas {raw:g}."
