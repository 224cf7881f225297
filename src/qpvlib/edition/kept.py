"""What need not be made again: a page, or the whole book, whose inputs are what they were.

One key per page: its template, and all that any page may read (figures, code, contours, protocol,
settings). A killed edition thus goes on where it stopped, and a changed template costs its own
pages. No finer key: what a page reads of the store goes through shared results, and a page kept
wrongly would print a false figure.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from qpvlib import paths
from qpvlib.edition.pages import Page

_PACKAGE = Path(__file__).resolve().parents[1]
_READ = ("data", "suivi")
_SETTINGS = ("*.yml", "*.lock", "CITATION.cff")
_WRITTEN = (
    "book/*.md",
    "book/*.yml",
    "book/_pdf",
    "book/_static",
    "book/_templates",
    "notebooks",
    "*.md",
)


class Memory:
    """The pages already made, by what made them: ``.qpv/pages.json``."""

    def __init__(self) -> None:
        self._path = paths.root() / ".qpv" / "pages.json"
        self._common = inputs()
        self._known = json.loads(self._path.read_text("utf-8")) if self._path.is_file() else {}

    def holds(self, page: Page) -> bool:
        """Whether a page is there, made of the same inputs, and untouched since."""
        return self._known.get(page.docname) == self._entry(page)

    def note(self, pages: Iterable[Page]) -> None:
        """Remember the pages that were made."""
        self._known |= {page.docname: self._entry(page) for page in pages}
        paths.write_atomically(self._path, json.dumps(self._known, indent=0).encode())

    def _entry(self, page: Page) -> list[str]:
        root = paths.root()
        output = root / page.output
        made = [_digest([file]) for file in (output, output.with_suffix(".csv"))]
        return [self._common, _digest([root / page.template]), repr(page), *made]


def inputs(*more: str) -> str:
    """Return the fingerprint of all that pages are made of, and of these patterns of files."""
    return _digest([*sorted(_PACKAGE.rglob("*.py")), *_files(*_READ, *_SETTINGS, *more)])


def _files(*patterns: str) -> Iterator[Path]:
    root, deposits = paths.root(), paths.data() / "brut"
    for pattern in patterns:
        for found in sorted(root.glob(pattern)):
            inside = sorted(found.rglob("*")) if found.is_dir() else [found]
            yield from (file for file in inside if deposits not in file.parents)


def _digest(files: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for file in files:
        if file.is_file():
            sha.update(f"{file.name}\0{file.stat().st_size}\0".encode())
            sha.update(file.read_bytes())
    return sha.hexdigest()


def main(stamp: Path, note: bool) -> int:
    """Say whether the built book is that of the present files, or note that it is.

    Parameters
    ----------
    stamp
        File of the built book that holds the fingerprint of what it was made of.
    note
        Whether to write it.

    Returns
    -------
    int
        0 when the book is current, 1 when it must be made.
    """
    key = inputs(*_WRITTEN)
    if note:
        stamp.write_text(key)
    elif not stamp.is_file() or stamp.read_text() != key:
        return 1
    else:
        print("Le livre est à jour : rien n'a changé depuis qu'il a été fait et contrôlé.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:] == ["noter"]))
