"""A Sphinx extension: the pages of the built book get their curly apostrophes, once, at the end.

A page is made of prose, catalogue entries, official names and the theme's own words: only the
built page holds them all.
"""

from pathlib import Path
from typing import Any

from qpvlib import paths
from qpvlib.typography import apostrophes


def setup(app: Any) -> dict[str, bool]:
    """Have every page of the book rewritten when it is built."""
    app.connect("build-finished", _rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _rewrite(app: Any, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            text = page.read_text("utf-8")
            if (set_ := apostrophes(text)) != text:
                paths.write_atomically(page, set_.encode())
