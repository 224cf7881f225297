"""Easy-to-read pages: plain HTML beside those of Sphinx, one folder per language, no script."""

from collections.abc import Iterable, Iterator

from qpvlib import paths, territories
from qpvlib.files import easy, places
from qpvlib.files.easy import Part
from qpvlib.files.languages import MODEL, Language, languages
from qpvlib.observations import Observations
from qpvlib.presentation import names
from qpvlib.presentation.markup import Html
from qpvlib.territories import Qpv
from qpvlib.typography import apostrophes

NOTICE = "falc-traduction"
"""Id of the notice that a translation was not reread."""
_PAGE = Html(
    '<!DOCTYPE html>\n<html lang="{code}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
    '<link rel="icon" href="data:,">\n'
    '<style>\n{style}</style>\n</head>\n<body>\n<nav aria-label="{menu}"><ul>{links}</ul></nav>\n'
    "<main><article>\n<h1>{heading}</h1>\n{body}</article></main>\n</body>\n</html>\n"
)


def pages(observations: Observations) -> Iterator[tuple[str, bytes]]:
    """Yield every page: its place from the root of the site, its bytes."""
    for language in languages().values():
        yield _place(language, "index"), _index(language)
        for place in territories.qpv():
            yield _place(language, place.slug), _page(place, language, observations)


def content(place: Qpv, observations: Observations) -> dict:
    """Return the page in French, as the data of a PDF of one page."""
    language = languages()[MODEL]
    words = language.words
    return {
        "titre": words["titre"].format(nom=place.name),
        "parties": [
            {
                "titre": part.title,
                "image": {"svg": part.picture, "alt": part.described} if part.picture else None,
                "phrases": [sentence.words() for sentence in part.sentences],
                "points": list(part.items),
            }
            for part in easy.parts(place, language, observations)
        ],
        "avis": words["relecture"]["phrases"][1],
    }


def _place(language: Language, name: str) -> str:
    return f"{places.EASY}/{language.code}/{name}.html"


def _page(place: Qpv, language: Language, observations: Observations) -> bytes:
    words = language.words
    parts = easy.parts(place, language, observations)
    body = [*_notice(language), *map(_section, parts), _difficult(words["mots"])]
    body.append(_more(place, words["suite"]))
    body.append(_reread(words["relecture"]))
    name = Html('<bdi lang="fr">{}</bdi>').format(place.name)
    return _document(language, place.slug, place.name, Html(words["titre"]).format(nom=name), body)


def _index(language: Language) -> bytes:
    words = language.words
    ordered = sorted(territories.qpv(), key=names.sorting)
    items = Html("").join(
        Html('<li><a href="{}.html"><bdi lang="fr">{}</bdi></a></li>\n').format(one.slug, one.name)
        for one in ordered
    )
    body = [
        *_notice(language),
        *map(_line, words["liste_phrases"]),
        Html("<ul>{}</ul>").format(items),
    ]
    return _document(language, "index", None, Html("{}").format(words["liste"]), body)


def _document(
    language: Language, slug: str, name: str | None, heading: Html, body: Iterable[Html]
) -> bytes:
    words = language.words
    links = [
        Html('<li><a href="../{0}/{1}.html" lang="{0}" hreflang="{0}">{2}</a></li>').format(
            other.code, slug, other.name
        )
        for other in languages().values()
        if other.code != language.code
    ]
    if name:
        links.insert(0, Html('<li><a href="index.html">{}</a></li>').format(words["accueil"]))
    page = _PAGE.format(
        code=language.code,
        direction=language.direction,
        title=words["titre"].format(nom=name) if name else words["liste"],
        style=Html((paths.root() / "book" / "_pdf" / "falc.css").read_text("utf-8")),
        menu=words["menu"],
        links=Html("").join(links),
        heading=heading,
        body=Html("\n").join(body) + Html("\n"),
    )
    return apostrophes(str(page)).encode()


def _notice(language: Language) -> Iterator[Html]:
    if language.code != MODEL:
        texts = (language.words["traduction"], languages()[MODEL].words["traduction"])
        yield Html('<div class="avis" id="{}"><p>{}</p><p lang="fr" dir="ltr">{}</p></div>').format(
            NOTICE, *texts
        )


def _section(part: Part) -> Html:
    drawing = Html("")
    if part.picture:
        head = Html('<svg role="img" aria-label="{}" ').format(part.described)
        drawing = Html(part.picture.replace("<svg ", head, 1))
    items = _list(part.items)
    return Html("<section>\n<h2>{}</h2>\n{}{}{}\n</section>").format(
        part.title, drawing, Html("").join(map(_line, part.sentences)), items
    )


def _list(items: Iterable[str]) -> Html:
    lines = Html("").join(Html('<li><bdi lang="fr">{}</bdi></li>').format(one) for one in items)
    return Html("<ul>{}</ul>").format(lines) if lines else lines


def _line(sentence: str) -> Html:
    return Html("<p>{}</p>\n").format(sentence)


def _difficult(words: dict) -> Html:
    entries = Html("").join(
        Html("<dt>{}</dt><dd>{}</dd>\n").format(word, meaning)
        for word, meaning in words["liste"].items()
    )
    return Html("<section>\n<h2>{}</h2>\n<dl>{}</dl>\n</section>").format(words["titre"], entries)


def _more(place: Qpv, words: dict) -> Html:
    links = ((f"book/portraits/{place.slug}.html", "page"), (places.easy_pdf(place), "pdf"))
    items = Html("").join(
        Html('<li><a href="../../{}" hreflang="fr">{}</a></li>').format(address, words[name])
        for address, name in links
    )
    return Html("<section>\n<h2>{}</h2>\n<ul>{}</ul>\n</section>").format(words["titre"], items)


def _reread(words: dict) -> Html:
    lines = Html("").join(map(_line, words["phrases"]))
    link = Html('<p><a href="../../book/mode_emploi.html" hreflang="fr">{}</a></p>')
    return Html("<section>\n<h2>{}</h2>\n{}{}\n</section>").format(
        words["titre"], lines, link.format(words["lien"])
    )
