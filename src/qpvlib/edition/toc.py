"""The table of contents: hand-written pages first listed in book/sommaire.yml, then made ones."""

from collections.abc import Sequence

import yaml

from qpvlib import declared, paths
from qpvlib.edition import pages
from qpvlib.edition.pages import Page
from qpvlib.errors import EditionError, Problem

_HEADER = "# Écrit par `qpv edition` ; les pages rédigées se déclarent dans book/sommaire.yml.\n"


def table_of_contents() -> str:
    """Return the text of ``_toc.yml``.

    Raises
    ------
    EditionError
        If a page listed in ``book/sommaire.yml`` does not exist, or a page of ``book/`` is not
        listed.
    """
    book = paths.root() / "book"
    written = declared.read(book / "sommaire.yml") or []
    listed = [name for part in written for name in part["pages"]]
    present = {path.stem for path in book.glob("*.md")}
    problems = [
        Problem(f"la page {name}.md n'existe pas dans book/.", "sommaire.yml")
        for name in listed
        if name not in present
    ] + [
        Problem(f"la page book/{name}.md n'y est pas déclarée.", "sommaire.yml")
        for name in sorted(present - set(listed))
    ]
    if problems:
        raise EditionError(problems)
    parts = [
        {"caption": "Marseille et ses quartiers", "chapters": [*_territories()]},
        *_follow_up(),
        {"caption": "Évaluation de la convention", "chapters": [*_evaluation()]},
        {"caption": "Chiffres et sources", "chapters": [*_references()]},
    ] + [
        {
            "caption": part["titre"],
            "chapters": [{"file": f"book/{name}"} for name in part["pages"]],
        }
        for part in written
    ]
    toc = {"format": "jb-book", "root": "index", "parts": parts}
    return _HEADER + yaml.safe_dump(toc, allow_unicode=True, sort_keys=False)


def write() -> None:
    """Write ``_toc.yml``."""
    paths.write_atomically(paths.root() / "_toc.yml", table_of_contents().encode())


def _territories():
    yield _chapter(pages.city(), (pages.comparison(), *pages.orientations()))
    for sector in pages.sectors():
        yield _chapter(sector, pages.portraits(sector.code))


def _follow_up():
    if study := pages.follow_up():
        yield {"caption": "Suivi scientifique", "chapters": [_chapter(study[0], study[1:])]}


def _evaluation():
    frame, *others = pages.evaluation()
    yield _chapter(frame, others)


def _references():
    found = {page.code: page for page in pages.references()}
    lacking, changing = found.pop("ce_qui_manque"), found.pop("ce_qui_change")
    folded = {"indicateurs": pages.indicators(), "sources": (lacking, changing)}
    for code, page in found.items():
        yield _chapter(page, folded.get(code, ()))


def _chapter(page: Page, sections: Sequence[Page]) -> dict[str, object]:
    chapter: dict[str, object] = {"file": page.docname}
    if sections:
        chapter["sections"] = [{"file": section.docname} for section in sections]
    return chapter
