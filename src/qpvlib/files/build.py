"""``qpv fichiers``: every file beside the built book, made whole, then written."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from qpvlib import commit, paths, territories
from qpvlib.errors import EditionError
from qpvlib.files import falc, layers, package, pdf, places, printed, sheets
from qpvlib.numerals import counted
from qpvlib.reading import portrait
from qpvlib.typography import typeset

# What the theme brings and no page loads: 4 MB.
_UNUSED = ("_static/vendor", "_static/**/*.map")


@dataclass(frozen=True)
class Report:
    """What was written: kind of file -> how many, bytes, seconds."""

    kinds: dict[str, tuple[int, int, float]]

    def lines(self) -> tuple[str, ...]:
        """Return the sentences to print."""
        return tuple(
            typeset(f"{kind} : {counted(count, 'fichier(s)')}, {size / 1e6:.1f} Mo, {spent:.1f} s.")
            for kind, (count, size, spent) in self.kinds.items()
        )


@commit.working("qpv fichiers", alone=False)
def build(site: Path) -> Report:
    """Write the files beside a built book; those of a former edition are removed.

    Parameters
    ----------
    site
        ``_build/html``. The tables and the notebooks are those of ``book/``.

    Raises
    ------
    EditionError
        If there is no built book there.
    """
    if not (site / "index.html").is_file():
        raise EditionError(f"Aucun livre construit dans {site}. Lancez d'abord make construire.")
    found: dict[str, bytes] = {}
    kinds = {}
    for kind, make in _MAKERS.items():
        start = time.perf_counter()
        made = dict(make())
        spent = time.perf_counter() - start
        kinds[kind] = (len(made), sum(map(len, made.values())), spent)
        found |= made
    for folder in {name.partition("/")[0] for name in found}:
        shutil.rmtree(site / folder, ignore_errors=True)
    for path in [file for pattern in _UNUSED for file in site.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in found.items():
        paths.write_atomically(site / name, content)
    return Report(kinds)


def _tables() -> Iterator[tuple[str, bytes]]:
    root = paths.root()
    for path in _of_the_book("csv"):
        docname = path.relative_to(root).with_suffix("").as_posix()
        content = path.read_bytes()
        yield places.table(docname), content
        if portrayed := places.territory(docname):
            rows = sheets.rows(content)
            yield places.table(docname, "xlsx"), sheets.workbook(portrayed.name, rows)
            yield places.table(docname, "json"), sheets.document(portrayed.code, rows)


def _whole() -> Iterator[tuple[str, bytes]]:
    yield places.WHOLE, paths.zipped(package.contents())
    layer, book = layers.quartiers(portrait.store())
    yield f"{places.CONTOURS}.geojson", layers.geojson(layer)
    yield f"{places.CONTOURS}.gpkg", layers.geopackage(layer, book)


def _notebooks() -> Iterator[tuple[str, bytes]]:
    root = paths.root()
    files = {}
    for path in _of_the_book("ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":  # what it shows is the page itself
                cell.outputs, cell.execution_count = [], None
        files[path.relative_to(root).as_posix()] = (nbformat.writes(notebook) + "\n").encode()
    yield places.NOTEBOOKS, paths.zipped(files)


def _printed() -> Iterator[tuple[str, bytes]]:
    observations = portrait.store()
    for one in territories.qpv():
        content = printed.portrait(one.code, observations)
        yield f"{places.PRINTED}/{one.slug}.pdf", pdf.compiled("page", content)
        yield places.easy_pdf(one), pdf.compiled("falc", falc.content(one, observations))
    for place in territories.sectors():
        content = printed.sector(place.code, observations)
        yield f"{places.PRINTED}/{place.slug}.pdf", pdf.compiled("page", content)


def _of_the_book(suffix: str) -> list[Path]:
    root = paths.root()
    return [*sorted(root.glob(f"*.{suffix}")), *sorted((root / "book").rglob(f"*.{suffix}"))]


_MAKERS: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "Tableaux": _tables,
    "Tout l'observatoire": _whole,
    "Carnets": _notebooks,
    "PDF": _printed,
    "Pages faciles à lire": lambda: falc.pages(portrait.store()),
}
