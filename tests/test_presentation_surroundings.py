"""The second reading says it is one, and its figures and states are those of the page's file."""

import csv
import io

import pytest

from qpvlib.catalogue import indicator
from qpvlib.presentation import tables
from qpvlib.presentation.surroundings import CAPTION, section, table
from qpvlib.reading import surroundings
from qpvlib.reading.indicator import read
from qpvlib.typography import WIDE

POVERTY, CODE, FIRST = "taux_pauvrete_60", "QN01304I", "132151101"


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(
        [(CODE, POVERTY, 2021, None), (FIRST, POVERTY, 2019, 31.0), (FIRST, POVERTY, 2021, None)]
    )


@pytest.fixture(scope="module")
def neighbours(store):
    return surroundings.around([read(indicator(POVERTY), CODE, store)], store)


def test_a_row_gives_the_iris_the_two_shares_the_figure_and_the_masked_year(neighbours):
    _, iris, share, inside, figure, year, later = table(neighbours).rows[0]
    assert (iris, year) == (FIRST, "2019")
    assert (share, inside) == (f"60{WIDE}%", f"90{WIDE}%")
    assert f">31{WIDE}%</data>" in figure
    assert later == f"2021{WIDE}: secret statistique"


def test_the_warning_comes_before_the_table_and_nothing_is_shown_without_need(neighbours):
    html = section(neighbours)
    assert html.index("n'est pas celui du quartier") < html.index("<table>")
    assert CAPTION in html
    assert section(()) == ""


def test_the_figures_and_the_masked_year_enter_the_file_of_the_page(neighbours, store):
    content = tables.page_csv(neighbours, store, {}).decode("utf-8-sig")
    rows = {
        (r["territoire"], r["millesime"]): (r["valeur"], r["etat"])
        for r in csv.DictReader(io.StringIO(content), delimiter=";")
    }
    assert rows[FIRST, "2019"] == ("31", "valeur")
    assert rows[FIRST, "2021"] == ("", "secret")
    assert rows["132151102", ""] == ("", "non_disponible")
