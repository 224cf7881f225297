"""Women are set beside men where both are published, else beside everyone; nothing is rebuilt."""

import pytest

from qpvlib.observations import SECRET
from qpvlib.reading import portrait, sexes
from qpvlib.reading.compare import BELOW, INDISTINCT, UNKNOWN

CODE, PLACE, YEAR = "QN01304I", "QP013005", 2018
WORK, INDEX, PRECARIOUS = "taux_emploi", "indice_jeunesse", "part_emplois_duree_limitee"


@pytest.fixture(scope="module")
def found(make_store):
    """Return the pairs of La Viste, all figures fictitious, by indicator."""
    common = {"population_qpv": 2000.0, "part_femmes": 50.0}

    def build(**figures):
        rows = [(PLACE, name, YEAR, value) for name, value in (common | figures).items()]
        store = make_store(rows)
        pairs = sexes.pairs(portrait.details(CODE, store), store)
        return {pair.indicator.id: pair for pair in pairs}

    return build


def test_women_are_compared_with_everyone_of_the_same_measure(found):
    pairs = found(**{WORK: 40.0, f"{WORK}/femmes": 30.0, f"{PRECARIOUS}/precaires": 20.0,
                     f"{PRECARIOUS}/precaires_femmes": 21.0, PRECARIOUS: 60.0})  # fmt: skip
    work, precarious = pairs[WORK], pairs[PRECARIOUS]
    assert (work.gap.value, work.comparison.verdict, work.beside_men) == (-10.0, BELOW, False)
    assert precarious.other.category == "precaires"
    assert precarious.comparison.verdict == INDISTINCT


def test_men_are_preferred_where_they_are_published(found):
    pair = found(**{INDEX: 1.5, f"{INDEX}/femmes": 1.0, f"{INDEX}/hommes": 2.5})[INDEX]
    assert pair.beside_men and pair.gap.value == -1.5


@pytest.mark.parametrize(
    "figures",
    [
        {INDEX: 1.5, f"{INDEX}/femmes": None, f"{INDEX}/hommes": None},
        {INDEX: 1.5, f"{INDEX}/femmes": 1.0, f"{INDEX}/hommes": None},
        {INDEX: None, f"{INDEX}/femmes": None},
    ],
)
def test_a_masked_side_stays_masked_and_gives_no_gap(found, figures):
    pair = found(**figures)[INDEX]
    sides = {pair.women.state, pair.other.state}
    assert SECRET in sides
    assert (pair.gap, pair.comparison.verdict) == (None, UNKNOWN)
    for side in (pair.women, pair.other):
        assert (side.low is None) == (side.value is None)


def test_counts_and_figures_of_no_survey_make_no_pair(found):
    assert not found(**{"defm_abc/femmes": 100.0, "defm_abc/hommes": 120.0})
