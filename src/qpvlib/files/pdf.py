"""PDF by Typst: a template of ``book/_pdf`` and a content handed over as data, never as source."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib
import typst

from qpvlib import paths
from qpvlib.typography import apostrophes, typst_string

STANDARD: Final = "ua-1"
"""PDF/UA-1: tagged, titled, every picture described; refused otherwise."""


def compiled(template: str, content: dict) -> bytes:
    """Return a tagged PDF: same content, same bytes, on any machine, without network.

    Parameters
    ----------
    template
        Name of a file of ``book/_pdf``, which reads ``page``.
    content
        What it shows: texts, numbers, lists and dictionaries.
    """
    data = typst_string(apostrophes(json.dumps(content, ensure_ascii=False)))
    source = f"#let page = json(bytes({data}))\n{_template(template)}"
    return typst.compile(
        source.encode(),
        font_paths=_fonts(),
        pdf_standards=[STANDARD],
        timestamp=0,
    )


@cache
def _template(name: str) -> str:
    return (paths.root() / "book" / "_pdf" / f"{name}.typ").read_text("utf-8")


@cache
def _fonts() -> typst.Fonts:
    """The fonts that matplotlib brings, the same everywhere; read once."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
