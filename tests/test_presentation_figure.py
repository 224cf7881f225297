"""A figure is emitted once, whole: drawing, caption, folded table, source; same bytes each time."""

import re
import warnings
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure as Drawing

from qpvlib.presentation.figure import BLUE, INK, Figure, inline_svg
from qpvlib.presentation.markup import Html
from qpvlib.presentation.tables import Table

TABLE = Table("Légende & titre", ("A", "B"), (("<x>", Html("<b>1</b>")),))


def drawing() -> Drawing:
    found = Drawing(figsize=(2, 1))
    axes = found.add_axes([0.1, 0.1, 0.8, 0.8])
    axes.scatter([1, 2], [1, 2])
    axes.text(1, 1, "été", color=INK)
    return found


def ids(text: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]*)"', text))


def test_the_figure_holds_its_caption_its_table_and_its_source():
    text = Figure(drawing(), "Légende", 'Constat <"', TABLE, "Insee").html()
    for part in ("<figcaption>Légende", "Voir les données", "<caption>", "qpv-source", "Insee"):
        assert part in text
    assert 'aria-label="Constat &lt;&#34;"' in text


def test_a_drawing_gives_the_same_bytes_twice():
    assert inline_svg(drawing(), "a") == inline_svg(drawing(), "a")


def test_two_drawings_of_a_page_share_no_id_and_resolve_their_own():
    one, other = inline_svg(drawing(), "a"), inline_svg(drawing(), "b")
    assert ids(one) and not ids(one) & ids(other)
    for text in (one, other):
        assert set(re.findall(r'(?:href="|url\()#([^")]*)', text)) <= ids(text)


def test_a_drawing_is_well_formed_and_takes_the_colour_and_font_of_the_page():
    text = inline_svg(drawing(), "a")
    ElementTree.fromstring(text)
    assert "currentColor" in text and INK not in text
    hollow = drawing()
    hollow.axes[0].scatter([1], [2], facecolor="white", edgecolor=BLUE)
    text = inline_svg(hollow, "a")
    assert "fill: var(--qpv-papier, #ffffff); stroke: var(--qpv-dessin-bleu, #0072b2)" in text
    assert "font-family" not in text and "<style" not in text and "<metadata" not in text


def test_a_table_has_scopes_and_escapes_its_text():
    text = TABLE.html()
    assert text.count('scope="col"') == 2 and '<th scope="row">&lt;x&gt;</th>' in text
    assert "<b>1</b>" in text and "<caption>Légende &amp; titre</caption>" in text


@pytest.mark.parametrize("picture", [True, False])
def test_showing_emits_the_drawing_once_as_html_and_its_finding_as_text(monkeypatch, picture):
    shown = []
    monkeypatch.setattr(
        "qpvlib.presentation.figure.display", lambda bundle, raw: shown.append(bundle)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Figure(drawing() if picture else Html("<svg/>"), "l", "a", TABLE, "s").show()
    assert [list(bundle) for bundle in shown] == [["text/html", "text/plain"]]
