"""Printed figures: French numbers, four states in words, and a tag that finds the figure again."""

import pytest
from babel.numbers import format_decimal
from IPython.core.formatters import DisplayFormatter

from qpvlib import numerals
from qpvlib.catalogue import indicator
from qpvlib.observations import NOT_APPLICABLE, SECRET, UNAVAILABLE, VALUE, Observation
from qpvlib.presentation import formats
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.typography import NARROW, WIDE

POVERTY, INCOME, PEOPLE = map(indicator, ("taux_pauvrete_60", "revenu_median", "population_qpv"))


def figure(value, state=VALUE, name="taux_pauvrete_60"):
    return Observation(
        "QN01304I", "qpv2024", name, "ensemble", 2021, value, None, None, None, None, state, "s"
    )


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (3698, 0, f"3{NARROW}698"),
        (41.25, 1, "41,3"),
        (-6.5, 1, "−6,5"),
        (0.5, 0, "1"),
        (1234567.891, 2, f"1{NARROW}234{NARROW}567,89"),
    ],
)
def test_a_number_has_narrow_spaces_a_comma_a_true_minus_and_halves_rounded_up(
    value, decimals, text
):
    assert numerals.number(value, decimals) == text


def test_numbers_agree_with_the_french_locale_of_babel():
    assert numerals.number(11480) == format_decimal(11480, locale="fr")


def test_a_value_carries_its_sign_and_counts_none():
    assert formats.value(41.5, POVERTY) == f"41,5{WIDE}%"
    assert formats.value(11480, INCOME) == f"11{NARROW}480{NARROW}€"
    assert formats.value(3698, PEOPLE) == f"3{NARROW}698"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SECRET, "secret statistique"),
        (UNAVAILABLE, "non disponible"),
        (NOT_APPLICABLE, "sans objet"),
    ],
)
def test_each_state_has_its_own_words_and_never_a_number(state, words):
    tag = formats.data_tag(figure(None, state), POVERTY)
    assert tag.striptags() == words == formats.value(figure(None, state), POVERTY)
    assert f'data-etat="{state}"' in tag and "<data" not in tag


def test_a_printed_figure_is_signed_with_its_raw_value_and_its_key():
    assert formats.data_tag(figure(41.25), POVERTY) == (
        '<data class="qpv-chiffre" value="41.25" data-indicateur="taux_pauvrete_60" '
        'data-territoire="QN01304I" data-millesime="2021" data-modalite="ensemble" '
        f'data-etat="valeur">41,3{WIDE}%</data>'
    )


@pytest.mark.parametrize("value", [0.1 + 0.2, 3698.0, -6.5, 1e-7])
def test_a_raw_value_reads_back_exactly(value):
    assert float(formats.raw(value)) == value


def test_a_margin_is_printed_only_when_it_is_more_than_the_rounding():
    assert formats.uncertainty(0.05, POVERTY) == ""
    assert formats.uncertainty(None, POVERTY) == ""
    assert formats.uncertainty(1.2, POVERTY) == f"±{WIDE}1,2 point"
    assert formats.uncertainty(3.1, POVERTY) == f"±{WIDE}3,1 points"
    assert formats.uncertainty(120, INCOME) == f"±{WIDE}120{NARROW}€"


def test_whatever_is_put_into_html_is_escaped_once():
    text = prose("{} : {}", "<script>", Html("<b>ok</b>"))
    assert text == f"&lt;script&gt;{WIDE}: <b>ok</b>"
    assert attributes(title='a"b', data_x=None) == ' title="a&#34;b"'
    assert DisplayFormatter().format(text)[0] == {
        "text/html": str(text),
        "text/plain": "<script> : ok",
    }
