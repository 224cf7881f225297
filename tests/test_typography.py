"""French spaces are put where they go; a text enters a PDF as text, whatever it holds."""

import json

import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.typography import NARROW, WIDE, typeset, typst_string


def test_the_spaces_already_written_become_unbreakable():
    assert typeset("« Où ? » : 5 %") == f"«{WIDE}Où{NARROW}?{WIDE}»{WIDE}: 5{WIDE}%"


@settings(max_examples=25)
@given(st.text())
def test_typst_reads_back_exactly_the_text(text):
    source = f"#metadata({typst_string(text)}) <texte>"
    assert json.loads(typst.query(source.encode(), "<texte>", field="value", one=True)) == text


def test_markup_and_code_are_text():
    text = '"#panic() *gras* \\ $x$ // fin\n'
    source = f"#metadata({typst_string(text)}) <texte>"
    assert json.loads(typst.query(source.encode(), "<texte>", field="value", one=True)) == text
