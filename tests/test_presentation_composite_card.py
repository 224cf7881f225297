"""A composite's card says what it is made of, what lacks and where, and never a single rank.

Figures are fictitious, on real codes.
"""

import pandas as pd
import pytest
from lxml import html

from qpvlib.catalogue import indicator
from qpvlib.control.order import SAME, UNKNOWN
from qpvlib.indicators import digital
from qpvlib.indicators.composites import composites
from qpvlib.observations import COLUMNS, Observations
from qpvlib.presentation import composite_card, indicator_card
from qpvlib.reading import portrait
from qpvlib.territories import qpv

INDEX = next(iter(composites().values()))
LINK = portrait.definitions(".")


def tree(store, name):
    content = composite_card.composition(indicator(name), store, LINK)
    return html.fragment_fromstring(str(content), create_parent="div")


def tables(page):
    return {
        table.findtext("caption"): [
            [cell.text_content() for cell in row] for row in table.findall("tbody/tr")
        ]
        for table in page.iter("table")
    }


@pytest.fixture(scope="module")
def full(make_store):
    """Every component for every quartier of 2024, rising with its place; a lower city."""
    rows = [(q.code, name, 2021, 30.0 + i) for i, q in enumerate(qpv()) for name in INDEX.names]
    rows += [("13055", name, 2021, 5.0) for name in INDEX.names]
    rows[0] = (*rows[0][:3], None)
    told = make_store(rows).frame
    made = digital.indices(told).reindex(columns=COLUMNS).assign(source="calcul-fictif")
    return Observations(pd.concat([told, made], ignore_index=True))


def test_other_indicators_have_no_composition(make_store):
    assert composite_card.composition(indicator("gini"), make_store([]), LINK) == ""


def test_what_is_there_and_what_lacks_is_named_by_perimeter(make_store):
    present, *absent = INDEX.names
    store = make_store([("13055", present, 2018, 10.0), ("13055", present, 2016, 10.0)])
    for name in (INDEX.name, INDEX.model):
        rows = tables(tree(store, name))["Composantes présentes dans cette édition"]
        _, here, lacking, made = next(row for row in rows if row[0] == "Marseille")
        assert here == f"{indicator(present).libelle_court} (2018 : 1 sur 1)"
        assert lacking == " ; ".join(indicator(one).libelle_court for one in absent)
        assert made == "non calculé"


def test_the_model_leads_to_our_index_and_ours_to_its_components(make_store):
    store = make_store([])
    assert [a.get("href") for a in tree(store, INDEX.model).iter("a")] == [LINK(INDEX.name)]
    assert [a.get("href") for a in tree(store, INDEX.name).iter("a")] == [
        LINK(name) for name in INDEX.names
    ]
    text = indicator_card.status(indicator(INDEX.name), store)
    assert "composantes absentes" in text and "familles.yml" not in text


def test_components_too_far_apart_are_told(make_store):
    years = {name: 2015 if name == INDEX.dated_by else 2021 for name in INDEX.names}
    store = make_store([("13055", name, year, 10.0) for name, year in years.items()])
    rows = tables(tree(store, INDEX.name))["Composantes présentes dans cette édition"]
    assert ["Marseille", "aucune", "années trop éloignées"] in [
        [row[0], row[2], row[3].removeprefix("non calculé\u00a0: ").removeprefix("non calculé : ")]
        for row in rows
    ]


def test_a_computed_index_shows_its_order_and_a_range_of_ranks(full):
    found = tables(tree(full, INDEX.name))
    rows = found["Composantes présentes dans cette édition"]
    assert [row[3] for row in rows if row[0] == "QPV, périmètres 2024"] == ["2021"]
    order = next(rows for caption, rows in found.items() if "ordre" in caption)
    assert [row[1] for row in order] == [SAME, UNKNOWN]
    ranks = next(rows for caption, rows in found.items() if "Rangs" in caption)
    masked = qpv()[0].name
    assert len(ranks) == len(qpv()) - 1 and masked not in [row[0] for row in ranks]
    assert all(int(first) <= int(last) for _, first, last in ranks)


def test_no_rank_without_an_index(make_store):
    assert "Rangs" not in " ".join(tables(tree(make_store([]), INDEX.name)))
