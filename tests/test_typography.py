"""French spaces and apostrophes are set where they are read; a text enters a PDF as text."""

import json

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qpvlib.edition.typeset import setup
from qpvlib.typography import apostrophes, typeset, typst_string


def test_only_spaces_already_written_become_unbreakable():
    assert typeset("« a » : 5 % ; b !") == "«\u00a0a\u00a0»\u00a0: 5\u00a0%\u202f; b\u202f!"
    assert typeset("a:b 5%") == "a:b 5%"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>l'eau, d&#39;Air Bel, qu&#x27;un</p>", "<p>l’eau, d’Air Bel, qu’un</p>"),
        ("<p>d'<b>un</b> d'« un »</p>", "<p>d’<b>un</b> d’« un »</p>"),
        ('<svg aria-label="l\'an" id="l\'an">', '<svg aria-label="l’an" id="l\'an">'),
        (
            "<code>l'a</code><script>x='l'+'a'</script>",
            "<code>l'a</code><script>x='l'+'a'</script>",
        ),
        ("<pre>l'<b>a</b></pre>l'a", "<pre>l'<b>a</b></pre>l’a"),
        ("<!-- l'a --><p>5' 'mot' l’an</p>", "<!-- l'a --><p>5' 'mot' l’an</p>"),
    ],
)
def test_apostrophes_are_curled_in_what_is_read(page, expected):
    assert apostrophes(page) == expected
    assert apostrophes(expected) == expected


def test_the_built_book_is_set_at_the_end_and_a_failed_build_is_left(tmp_path):
    class App:
        """What the extension needs of Sphinx."""

        outdir = tmp_path
        builder = type("Builder", (), {"format": "html"})

        def connect(self, event, call):
            assert event == "build-finished"
            self.finish = call

    app, page = App(), tmp_path / "a" / "page.html"
    page.parent.mkdir()
    page.write_text("<p>l'eau</p>", "utf-8")
    assert setup(app)["parallel_read_safe"]
    app.finish(app, ValueError("échec"))
    assert page.read_text("utf-8") == "<p>l'eau</p>"
    app.finish(app, None)
    assert page.read_text("utf-8") == "<p>l’eau</p>"


@settings(max_examples=25)
@given(st.text())
@example('"#panic() *gras* \\ $x$ // fin\n')
def test_typst_reads_back_exactly_the_text(text):
    source = f"#metadata({typst_string(text)}) <texte>"
    assert json.loads(typst.query(source.encode(), "<texte>", field="value", one=True)) == text
