"""PDF by Typst: a template of ``book/_pdf`` and a content handed over as data, never as source."""

import json
from functools import cache

from qpvlib import paths, pdf
from qpvlib.typography import apostrophes, typst_string


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
    return pdf.compiled(source)


@cache
def _template(name: str) -> str:
    return (paths.root() / "book" / "_pdf" / f"{name}.typ").read_text("utf-8")
