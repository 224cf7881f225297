"""The rules every page of the built book follows, whatever it is about."""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from urllib.parse import unquote, urldefrag

from lxml import html

# Words that only English interfaces have; French ones such as « page » or « source » are not here.
_ENGLISH = re.compile(
    r"\b(the|this|to|of|and|search|next|previous|toggle|skip|back|contents|download|light|dark|"
    r"click|show|hide|copy|by|print|sidebar|settings?|table|link|heading|warning|error|please|"
    r"version switcher|main|home)\b",
    re.IGNORECASE,
)
# Same spelling in French, or a name.
ALLOWED = {"Table", "table"}
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
_YEAR = re.compile(r"(19|20)\d\d")
_PATH_LIKE = re.compile(r"[\w./\\-]+\.(png|svg|jpe?g|gif|webp)", re.IGNORECASE)
# A plural after less than two: « 1 lignes », « 0,5 points »; and words that end so by themselves.
_PLURAL = re.compile(r"(?<![\w,.:/-])(?:[01]|[01],\d+)[ \u00a0]([a-zà-ÿ]{2,}s)\b")
_INVARIABLE = re.compile("plus|moins|dans|sans|sous|hors|vers|fois|mois|puis|pas|dès|les|des|cas")
_BLOCKS = ("td", "th", "p", "li", "caption", "figcaption", "summary", "dt", "dd", "h2", "h3")
_STRAIGHT = re.compile(r"[^\W\d_]+'(?:[\w«]+|$)")
_QUOTATION = re.compile(r"«[^«»]*»")
# Sphinx closes a quotation where an elision stood before a link: « l”accueil ».
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu)”", re.IGNORECASE)
_INCONSISTENCY = re.compile(r"\bINC\d\d\b")
_FONT_SIZE = re.compile(r"font(?:-size)?: ?(?:\w+ )*?([\d.]+)px")
# In pixels: what a drawing has of a screen of 320, and the smallest text on it.
NARROW, LEGIBLE = 258, 9
_OUTSIDE = re.compile(r"(https?:)?//")
_CSS_ADDRESS = re.compile(r"(?:url\(|@import)\s*['\"]?([^'\")\s;]+)")
_SCRIPT_ADDRESS = re.compile(r"https?://[^\s\"'`<>]+")
# Namespaces: names that look like addresses and that nothing loads.
_FIXTURE = re.compile(r"\(essai\)|exemple\.fr|de l['’]exemple", re.IGNORECASE)
"""Words that every invented name of the tests and of the notes of the workbook carries."""
_NAMESPACES = "http://www.w3.org/"


def broken(page: html.HtmlElement, language: str = "fr") -> Iterator[str]:
    """Yield, in French, each rule that a page breaks by itself.

    Parameters
    ----------
    page
        Its tree.
    language
        Its own; the rules on words are those of French.
    """
    yield from _structure(page, language)
    yield from _images(page)
    yield from _small_text(page)
    yield from _hosts(page)
    yield from _parameters(page)
    yield from _years(page)
    if language == "fr":
        yield from _english(page)
        yield from _wording(page)
        yield from _apostrophes(page)


def loaded(page: html.HtmlElement) -> set[str]:
    """Return the addresses a browser fetches to show a page."""
    addresses = {
        address
        for query in (
            "//*[not(self::a)]/@src",
            "//link[not(contains('next prev index search canonical', @rel))]/@href",
            "//object/@data",
            "//video/@poster",
            "//*[local-name()='image' or local-name()='use']/@href",
        )
        for address in page.xpath(query)
    }
    for candidates in page.xpath("//@srcset"):
        addresses |= {part.split()[0] for part in candidates.split(",") if part.strip()}
    for style in [*page.xpath("//style/text()"), *page.xpath("//@style")]:
        addresses |= set(_CSS_ADDRESS.findall(style))
    return addresses


def _structure(page: html.HtmlElement, language: str) -> Iterator[str]:
    if page.get("lang") != language:
        yield f"la langue déclarée est « {page.get('lang', '')} » au lieu de {language}."
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} titres de premier niveau (h1) au lieu d'un."
    for above, below in pairwise(levels):
        if below > above + 1:
            yield f"un niveau de titre est sauté : h{below} après h{above}."
    repeated = [name for name, count in Counter(page.xpath("//@id")).items() if count > 1]
    if repeated:
        yield f"identifiants en double : {', '.join(sorted(repeated))}."


def _images(page: html.HtmlElement) -> Iterator[str]:
    for image in page.iter("img"):
        alt = (image.get("alt") or "").strip()
        if not alt:
            yield f"image sans texte de remplacement : {image.get('src', '')[:60]}."
        elif _PATH_LIKE.fullmatch(alt):
            yield f"un chemin sert de texte de remplacement : {alt}."


def _small_text(page: html.HtmlElement) -> Iterator[str]:
    """Yield the drawings whose words are too small on the narrowest screen, which they fill."""
    for drawing in page.xpath("//*[contains(@class, 'qpv-dessin')][@viewbox]"):
        width = float(drawing.get("viewbox").split()[2])
        sizes = [*drawing.xpath(".//text/@font-size"), *_FONT_SIZE.findall(_styles(drawing))]
        least = min(map(float, sizes), default=width) * NARROW / width
        if least < LEGIBLE:
            said = drawing.get("aria-label", "")[:60]
            yield f"dessin dont un texte fait {least:.1f} px sur un écran de 320 px : {said}."


def _styles(drawing: html.HtmlElement) -> str:
    return " ".join(drawing.xpath(".//text/@style"))


def _hosts(page: html.HtmlElement) -> Iterator[str]:
    addresses = {address for address in loaded(page) if _OUTSIDE.match(address)}
    for script in page.xpath("//script/text()"):
        addresses |= {
            address
            for address in _SCRIPT_ADDRESS.findall(script)
            if not address.startswith(_NAMESPACES)
        }
    for address in sorted(addresses):
        yield f"ressource demandée à un hôte tiers : {address}."


def _parameters(page: html.HtmlElement) -> Iterator[str]:
    if page.xpath("//div[contains(@class, 'tag_parameters')]") or page.xpath(
        "//div[contains(@class, 'tag_injected-parameters')]"
    ):
        yield "la cellule des paramètres est visible."
    if page.xpath("//article//div[contains(@class, 'cell_input')]"):
        yield "du code est visible."
    if found := _FIXTURE.search(" ".join(page.xpath("//article//text()"))):
        yield f"une donnée inventée pour les essais est publiée : « {found[0]} »."
    if any(_ADDRESS.search(text) for text in page.xpath("//article//text()")):
        yield "un objet de Python est imprimé avec son adresse en mémoire."


def links(page: html.HtmlElement) -> set[str]:
    """Return the addresses inside the book that a page leads to."""
    found = set(page.xpath("//a/@href | //*[local-name()='a']/@href"))
    return {address for address in found if not re.match(r"[a-z]+:|//", address)}


def dead(
    addresses: set[str], name: str, files: Collection[str], anchors: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Yield, in French, the links of a page that lead nowhere.

    Parameters
    ----------
    addresses, name
        What the page leads to, and its path from the folder of the book.
    files, anchors
        Every file of the book, and what can be pointed at in each page.
    """
    for address in sorted(addresses):
        path, anchor = urldefrag(address)
        beside = posixpath.join(posixpath.dirname(name), unquote(path.split("?")[0]))
        target = posixpath.normpath(beside) if path else name
        if target not in files:
            yield f"lien rompu : {address}."
        # « #a=la-viste » is a choice, that the script of the page reads.
        elif (
            anchor
            and "=" not in anchor
            and target in anchors
            and (unquote(anchor) not in anchors[target])
        ):
            yield f"ancre introuvable : {address}."


def _english(page: html.HtmlElement) -> Iterator[str]:
    """Look at what the interface says: every attribute read aloud, every text out of the article.

    The theme writes some buttons from scripts, as template strings: they are read too.
    """
    texts = set(page.xpath("//@title | //@aria-label | //@placeholder"))
    texts |= {
        text.strip()
        for text in page.xpath(
            "//body//text()[not(ancestor::article) and not(ancestor::script) "
            "and not(ancestor::style) and not(ancestor::kbd)]"
        )
    }
    for script in page.xpath("//body//script/text()[contains(., 'document.write')]"):
        fragment = html.fragment_fromstring(script.split("`")[1], create_parent=True)
        texts |= set(fragment.xpath(".//@title | .//@aria-label"))
        texts |= {text.strip() for text in fragment.xpath(".//text()[not(ancestor::kbd)]")}
    for text in sorted(texts - ALLOWED):
        if _ENGLISH.search(text):
            yield f"texte d'interface en anglais : « {text} »."


def _years(page: html.HtmlElement) -> Iterator[str]:
    """Yield the rows of a table that set figures of several years side by side without saying so.

    The year of a figure is said in its cell or in the head of its column; the others are all of
    one year, that of the column of years where there is one.
    """
    for table in page.xpath("//table[.//*[@data-millesime]]"):
        heads = [head.text_content() for head in table.xpath(".//thead//th")]
        for row in table.xpath(".//tbody/tr"):
            silent, told = set(), set()
            for head, cell in zip(heads, row.xpath("th | td"), strict=False):
                text = cell.text_content().strip()
                if _YEAR.fullmatch(text) and "année" in head.casefold():
                    told.add(text)
                for year in cell.xpath(".//*[@data-etat='valeur']/@data-millesime"):
                    if year not in text and year not in head:
                        silent.add(year)
            if len(silent) > 1 or (told and silent and not silent <= told):
                said = " et ".join(sorted(silent | told))
                yield f"années mêlées sans être dites ({said}) : {row.text_content().strip()[:60]}."


def _apostrophes(page: html.HtmlElement) -> Iterator[str]:
    texts = page.xpath(
        "//body//text()[not(ancestor::script or ancestor::style or ancestor::pre or ancestor::code "
        "or ancestor::kbd or ancestor::samp or ancestor::textarea)] | //@alt | //@aria-label"
    )
    found = {match[0] for text in texts for match in _STRAIGHT.finditer(text)}
    if found:
        said = ", ".join(sorted(found)[:5])
        yield f"apostrophes droites ({len(found)}) : {said}."


def _wording(page: html.HtmlElement) -> Iterator[str]:
    # A block at a time: the number of a cell does not count the words of the next one.
    # What is said in another language follows other rules.
    french = "not(ancestor::*[@lang][1][@lang != 'fr'])"
    tags = " or ".join(f"self::{tag}" for tag in _BLOCKS)
    for block in page.xpath(f"//article//*[{tags}][{french}]"):
        for match in _PLURAL.finditer(_QUOTATION.sub("", block.text_content())):
            if not _INVARIABLE.fullmatch(match[1]):
                yield f"pluriel après un nombre plus petit que deux : « {match[0]} »."
        for elided in _ELISION.findall(block.text_content()):
            yield f"guillemet à la place d'une apostrophe : « {elided} »."
    for text in page.xpath("//article//text()[not(ancestor::a) and not(parent::*[@id])]"):
        for name in _INCONSISTENCY.findall(text):
            yield f"{name} est cité sans lien vers sa ligne."
