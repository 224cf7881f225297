"""Printed figures: French numbers, four states in words, and a tag that finds the figure again."""

from dataclasses import replace

import pytest
from babel.numbers import format_decimal
from IPython.core.formatters import DisplayFormatter

from qpvlib import intervals, numerals
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


@pytest.mark.parametrize(
    ("value", "low", "high", "indicator", "text"),
    [
        (41.0, 40.95, 41.05, POVERTY, ""),
        (41.0, None, None, POVERTY, ""),
        (41.0, 39.8, 42.2, POVERTY, f"±{WIDE}1,2 point"),
        (41.0, 37.9, 44.1, POVERTY, f"±{WIDE}3,1 points"),
        (0.0, 0.0, 2.5, POVERTY, f"de 0,0{WIDE}% à 2,5{WIDE}%"),
        (13000, 12880, 13120, INCOME, f"±{WIDE}120{NARROW}€"),
    ],
)
def test_an_interval_is_printed_with_both_sides_when_it_is_more_than_the_rounding(
    value, low, high, indicator, text
):
    measured = replace(figure(value), low=low, high=high)
    assert (
        formats.interval(measured, indicator).unescape().partition(">")[2].removesuffix("</span>")
        == text
    )


def test_a_figure_rounded_by_its_producer_shows_no_decimal_it_does_not_have():
    blurred = replace(figure(63.0), low=62.0, high=64.0, interval=intervals.PUBLISHED)
    assert formats.value(blurred, POVERTY) == f"63{WIDE}%"
    assert f"{formats.interval(blurred, POVERTY)}".endswith(f">±{WIDE}1 point</span>")
    whole = replace(figure(26.0), low=25.5, high=26.5, interval=intervals.ROUNDING)
    assert formats.value(whole, POVERTY) == f"26{WIDE}%"
    assert f"{formats.interval(whole, POVERTY)}".endswith(f">±{WIDE}0,5 point</span>")
    survey = replace(figure(26.0), low=24.0, high=28.0, interval=intervals.SAMPLING)
    assert formats.value(survey, POVERTY) == f"26,0{WIDE}%"


def test_a_written_interval_is_signed_with_its_bounds():
    text = formats.interval(replace(figure(41.0), low=39.8, high=42.2), POVERTY)
    assert 'data-bas="39.8" data-haut="42.2"' in text and 'data-territoire="QN01304I"' in text


def test_whatever_is_put_into_html_is_escaped_once():
    text = prose("{} : {}", "<script>", Html("<b>ok</b>"))
    assert text == f"&lt;script&gt;{WIDE}: <b>ok</b>"
    assert attributes(title='a"b', data_x=None) == ' title="a&#34;b"'
    assert DisplayFormatter().format(text)[0] == {
        "text/html": str(text),
        "text/plain": "<script> : ok",
    }
