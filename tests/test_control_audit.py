"""The verdict follows from the rule and the data, and says when the year is another."""

import csv
import dataclasses
import io
from collections import Counter

import pytest

from qpvlib.control import rules
from qpvlib.control.audit import (
    ARITHMETIC,
    COLUMNS,
    DATA,
    MIXED,
    WEIGHTED_MEAN,
    audit,
    audit_table,
    counts,
    judge,
    lines_about,
    natures,
)
from qpvlib.control.convention import figures
from qpvlib.control.recomputation import Recomputed
from qpvlib.errors import InvalidCodeError, UnknownTerritoryError
from qpvlib.observations import Observations
from qpvlib.sources.registry import ranks

FIGURE = {figure.id: figure for figure in figures()}["CF100"]  # 33 % in 2020
CONTROL = rules.control()
DATA_2020 = {"years": frozenset({2020}), "natures": frozenset({"donnee"})}


def printed(**changes):
    return dataclasses.replace(FIGURE, **changes)


def verdict_of(figure, value, tolerance=0.5, **kind):
    return judge(figure, Recomputed(value, **(kind or DATA_2020)), tolerance, CONTROL)


@pytest.fixture(scope="module")
def verdicts():
    return audit(Observations.load(rank=ranks()))


@pytest.mark.parametrize(
    ("comparator", "value", "word"),
    [
        ("=", 33.5, rules.MATCH),
        ("=", 33.51, rules.GAP),
        ("=", 32.5, rules.MATCH),
        ("~", 34.65, rules.MATCH),  # 5 % of 33
        ("~", 34.66, rules.GAP),
        ("plus de", 90.0, rules.MATCH),
        ("plus de", 32.4, rules.GAP),
        ("moins de", 10.0, rules.MATCH),
        ("moins de", 33.6, rules.GAP),
        (">=", 32.5, rules.MATCH),
        ("<=", 33.51, rules.GAP),
    ],
)
def test_comparators_and_the_edges_of_the_tolerance(comparator, value, word):
    assert verdict_of(printed(comparator=comparator), value) == (word, word == rules.MATCH)


def test_half_the_last_printed_place_is_always_accepted():
    people = printed(value=23000.0, rounding=1000.0)
    assert verdict_of(people, 23500, tolerance=0)[0] == rules.MATCH
    assert verdict_of(people, 23501, tolerance=0)[0] == rules.GAP


@pytest.mark.parametrize("value", [33.0, 80.0])
def test_data_of_another_year_neither_confirm_nor_contradict(value):
    kind = {"years": frozenset({2019}), "natures": frozenset({"donnee"})}
    assert verdict_of(FIGURE, value, **kind) == (rules.OTHER_YEAR, value == 33.0)


@pytest.mark.parametrize(("year", "word"), [(2015, rules.OTHER_YEAR), (2016, rules.MATCH)])
def test_a_figure_without_a_year_is_read_as_of_the_texts_period(year, word):
    kind = {"years": frozenset({year}), "natures": frozenset({"donnee"})}
    assert verdict_of(printed(year=""), 33.0, **kind)[0] == word


@pytest.mark.parametrize(("value", "word"), [(33.0, rules.MATCH), (35.0, rules.INCONSISTENT)])
def test_arithmetic_says_only_whether_the_text_agrees_with_itself(value, word):
    assert verdict_of(FIGURE, value, natures=frozenset({"texte"}))[0] == word


def test_an_empty_store_leaves_arithmetic_counts_and_reasons(make_store):
    found = {v.figure.id: v for v in audit(make_store([]))}
    assert len(found) == 296
    assert found["CF048"].nature == ARITHMETIC
    assert found["CF094"].word == rules.LOCAL
    assert found["CF094"].reason == rules.UNFED.reason
    assert found["CF119"].word == rules.INCONSISTENT  # contradicted by line 831
    assert found["CF271"].word == rules.UNVERIFIABLE


def test_a_masked_figure_recomputes_nothing(make_store):
    found = {
        v.figure.id: v for v in audit(make_store([("QP013003", "taux_pauvrete_60", 2020, None)]))
    }
    assert found["CF100"].recomputed is None
    assert found["CF100"].word == rules.LOCAL


def test_data_settle_what_the_text_contradicts(make_store):
    right = audit(make_store([("200054807", "taux_dequalification", 2019, 21.2)]))
    wrong = audit(make_store([("200054807", "taux_dequalification", 2019, 30.0)]))
    assert {v.figure.id: v.word for v in right}["CF269"] == rules.MATCH
    assert {v.figure.id: v.word for v in wrong}["CF269"] == rules.INCONSISTENT


def test_at_least_sixty_figures_rest_on_official_data(verdicts):
    found = natures(verdicts)
    assert found[DATA] + found[WEIGHTED_MEAN] >= 60
    assert sum(found.values()) == sum(v.recomputed is not None for v in verdicts)
    assert found[MIXED] and found[ARITHMETIC]


def test_counts_hold_every_figure_once(verdicts):
    assert sum(counts(verdicts).values()) == len(verdicts) == 296
    assert list(counts(verdicts)) == list(rules.VERDICTS)


def test_no_figure_is_judged_on_another_year_without_the_verdict_saying_so(verdicts):
    for v in verdicts:
        if v.recomputed and v.figure.vintage and v.recomputed.years - {v.figure.vintage}:
            assert v.word == rules.OTHER_YEAR, v.figure.id


def test_known_checks_of_the_convention(verdicts):
    """Values established apart from this code, in the project's design notes."""
    found = {v.figure.id: v for v in verdicts}
    known = {"CF033": 63.7, "CF034": 56.0, "CF035": 31.5, "CF036": 30.7, "CF038": 78.4}
    known |= {"CF094": 49.75, "CF016": 237570, "CF008": 243471, "CF102": 34.2, "CF066": 1130}
    for name, value in known.items():
        assert found[name].recomputed.value == pytest.approx(
            value, abs=0.5 if value > 999 else 0.06
        )
    assert found["CF102"].word == rules.GAP
    assert found["CF066"].word == rules.INCONSISTENT


def test_a_line_about_2015_concerns_each_successor(verdicts):
    old = [v.figure.id for v in verdicts if "QP013044" in v.figure.territories]
    for code in ("QN01344M", "QN01345M"):
        lines = lines_about(code, verdicts)
        assert [line.verdict.figure.id for line in lines] == old
        assert {(line.perimeter.code, line.passage.nature) for line in lines} == {
            ("QP013044", "scission")
        }


def test_a_transfer_is_told_from_a_predecessor(verdicts):
    found = Counter(line.passage.nature for line in lines_about("QN01349M", verdicts))
    assert found["transfert"] >= 1


@pytest.mark.parametrize(
    ("code", "error"), [("QN01399I", UnknownTerritoryError), ("../13055", InvalidCodeError)]
)
def test_unknown_quartiers_are_refused(verdicts, code, error):
    with pytest.raises(error):
        lines_about(code, verdicts)


def test_the_table_is_deterministic_and_complete(verdicts):
    content = audit_table(verdicts)
    assert content == audit_table(audit(Observations.load(rank=ranks())))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 296
    for row in rows:
        assert bool(row["valeur_recalculee"]) == bool(row["nature"]) == bool(row["ecart"])
