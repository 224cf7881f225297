"""Checking the built book: what a reader would meet, page by page, all problems at once."""

import gzip
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from lxml import html

from qpvlib.edition import drawings, easy, examples, figures, rules, shipped
from qpvlib.edition.pages import Page, pages
from qpvlib.errors import CheckError, Problem
from qpvlib.numerals import counted
from qpvlib.reading import portrait
from qpvlib.typography import typeset

# In bytes: a resident on a phone pays for each of them.
PAGE_LIMIT = 300_000
_INTERNAL = {"webpack-macros.html", "sbt-webpack-macros.html"}


@dataclass(frozen=True)
class Report:
    """What was checked: pages, printed figures, and weights in compressed bytes."""

    pages: int
    figures: int
    heaviest: int
    theme: int

    def lines(self) -> tuple[str, ...]:
        """Return the sentences to print."""
        return (
            f"{counted(self.pages, 'page(s)')} et {counted(self.figures, 'chiffre(s)')} : "
            "aucun défaut.",
            typeset(
                f"Page la plus lourde : {self.heaviest / 1000:.0f} Ko compressés ; "
                f"fichiers communs : {self.theme / 1000:.0f} Ko, chargés une fois."
            ),
        )


def check(
    folder: Path, expected: tuple[Page, ...] | None = None, former: Path | None = None
) -> Report:
    """Check a built book.

    Parameters
    ----------
    folder
        ``_build/html``.
    expected
        Generated pages the book must hold; those of every territory when absent.
    former
        The built book of an earlier edition: what one masks may not come from the other.

    Raises
    ------
    CheckError
        With every defect of every page.
    """
    if not (folder / "index.html").is_file():
        raise CheckError(f"Aucun livre construit dans {folder}. Lancez d'abord make livre.")
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.html"))
        if path.name not in _INTERNAL
    ]
    stored = portrait.store().frame  # before the processes, which inherit it
    # A page is read, judged and forgotten in a process of its own core; only facts come back.
    with ProcessPoolExecutor() as pool:
        book = dict(zip(names, pool.map(partial(_read, folder), names, chunksize=4), strict=True))
    problems = [*_missing(folder, pages() if expected is None else expected)]
    problems += shipped.faults(folder, stored)
    if former is not None:
        problems += shipped.across(former, folder)
    titles: dict[str, str] = {}
    printed = figures.Ledger()
    theme: set[Path] = set()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    anchors = {name: page.anchors for name, page in book.items()}
    for name, page in book.items():
        facts = [*page.faults, *rules.dead(page.links, name, files, anchors)]
        facts += [*easy.faults(folder, name), *examples.faults(folder, name)]
        if page.title in titles:
            facts.append(f"même titre que {titles[page.title]} : {page.title}.")
        titles.setdefault(page.title, name)
        facts += printed.add(page.printed)
        theme |= page.theme
        if page.weight > PAGE_LIMIT:
            facts.append(
                f"{page.weight / 1000:.0f} Ko compressés, plus de {PAGE_LIMIT // 1000}. "
                "Allégez ses figures."
            )
        problems += (Problem(fact, name) for fact in facts)
    if problems:
        raise CheckError([*problems, f"Défauts : {len(problems)} sur {len(book)} pages."])
    heaviest = max(page.weight for page in book.values())
    return Report(len(book), printed.count, heaviest, sum(map(_compressed, theme)))


@dataclass(frozen=True)
class _Page:
    """What one page says of itself, its tree forgotten."""

    title: str
    faults: list[str]
    links: set[str]
    anchors: set[str]
    printed: figures.Ledger
    theme: set[Path]
    weight: int


def _read(folder: Path, name: str) -> _Page:
    path = folder / name
    page = html.document_fromstring(path.read_bytes())
    printed = figures.Ledger()
    faults = [
        *rules.broken(page, easy.language(name)),
        *printed.read(page, path),
        *drawings.faults(page),
    ]
    own, theme = _resources(page, path)
    return _Page(
        str(page.findtext(".//title") or ""),
        faults,
        set(map(str, rules.links(page))),
        set(map(str, page.xpath("//@id | //@name"))),
        printed,
        theme,
        sum(map(_compressed, {path, *own})),
    )


def _missing(folder: Path, expected: tuple[Page, ...]):
    for page in expected:
        path = folder / f"{page.docname}.html"
        if not path.is_file():
            yield Problem(
                f"la page {page.docname} manque.",
                str(page),
                remedy="Relancez make livre et lisez pourquoi elle a échoué.",
            )


def _resources(page: html.HtmlElement, path: Path) -> tuple[set[Path], set[Path]]:
    """Return the files a page loads: its own, and those of the theme."""
    found = {
        (path.parent / unquote(address.split("?")[0])).resolve()
        for address in rules.loaded(page)
        if address and not address.startswith(("data:", "http:", "https:", "//", "#"))
    }
    present = {file for file in found if file.is_file()}
    theme = {file for file in present if "_static" in file.parts}
    return present - theme, theme


def _compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), mtime=0))
