"""A source of Typst as a tagged PDF: same source, same bytes, on any machine, without network."""

from functools import cache
from pathlib import Path
from typing import Final

import matplotlib
import typst

STANDARD: Final = "ua-1"
"""PDF/UA-1: tagged, titled, every picture described; refused otherwise."""


def compiled(source: str) -> bytes:
    """Return the PDF of a source; see :func:`qpvlib.typography.typst_string` for its texts."""
    return typst.compile(
        source.encode(), font_paths=_fonts(), pdf_standards=[STANDARD], timestamp=0
    )


@cache
def _fonts() -> typst.Fonts:
    """The fonts that matplotlib brings, the same everywhere; read once."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
