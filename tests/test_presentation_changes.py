"""« Ce qui change » names what was revised, and repeats nothing that is no longer published."""

import csv
import io

from lxml import html

from qpvlib.intake.changes import State, compare
from qpvlib.observations import COLUMNS
from qpvlib.presentation import changes

CODE = "QP013003"


def state(make_store, *rows, perimeter="identique (QP013003)"):
    return State("un état fictif", make_store(rows).frame, {"QN01303I": perimeter})


def found(make_store):
    """Fictitious figures: one revised, one since secret, one withdrawn, one new."""
    before = state(
        make_store, (CODE, "taux_emploi", 2017, 50.25), (CODE, "taux_emploi", 2018, 51.75),
        (CODE, "taux_emploi", 2016, 49.125),
    )  # fmt: skip
    after = state(
        make_store, (CODE, "taux_emploi", 2017, 50.5), (CODE, "taux_emploi", 2018, None),
        (CODE, "part_femmes", 2018, 52.5), perimeter="modifie (QP013003)",
    )  # fmt: skip
    return compare(before, after)


def link(name):
    return f"fiches/{name}.html"


def test_without_a_reference_the_page_says_so_and_shows_no_number():
    text = html.fromstring(changes.summary(None)).text_content()
    assert "rien à comparer" in text and not any(map(str.isdigit, text))


def test_the_counts_of_the_page_are_those_of_the_comparison(make_store):
    told = found(make_store)
    text = html.fromstring(f"<div>{changes.summary(told)}</div>").text_content()
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "nouveaux : 1 ; révisés : 2 ; retirés : 1" in text
    assert "périmètre identique (QP013003) → modifie (QP013003)" in text
    rows = {str(row[0]): row[2:] for row in changes.by_indicator(told, link).rows}
    assert [cells for name, cells in rows.items() if "taux_emploi" in name] == [("0", "2", "1")]


def test_a_number_put_under_secrecy_or_withdrawn_is_not_published_once_more(make_store):
    told = found(make_store)
    page = str(changes.revised(told, link).html())
    file = changes.Download(told)._repr_mimebundle_()["text/csv"]
    for text in (page, file):
        assert "50,25" in text and "50,5" in text
        assert "51,75" not in text and "secret statistique" in text
        assert "49,125" not in text
    rows = list(csv.DictReader(io.StringIO(file.lstrip("\ufeff")), delimiter=";"))
    assert sorted(row["changement"] for row in rows) == ["nouveau", "retiré", "révisé", "révisé"]
    assert set(rows[0]) >= set(COLUMNS) & {"territoire", "indicateur", "modalite", "millesime"}
