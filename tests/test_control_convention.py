"""Every figure of the convention is printed where it is said to be."""

import csv
import re

import pytest

from qpvlib import catalogue, paths
from qpvlib.control import convention
from qpvlib.control.convention import figure_ids, figures, inconsistencies, territory
from qpvlib.errors import CheckError, UnknownTerritoryError

# Figures that the quotation writes without digits: « un quart », « six chargés de missions »…
IN_WORDS = figure_ids(
    "CF018 CF053-CF063 CF069 CF093 CF095 CF104 CF123 CF174 CF270 CF277 CF291 CF296"
)
MARKUP = re.compile(r"\*+|[\^{}]|[¹²³⁴⁵⁶⁷⁸⁹⁰]")
NUMBER = re.compile(r"\d+(?: \d{3})*(?:[.,]\d+)?")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of data/convention that a test may spoil."""
    for file in convention.folder().iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(convention, "folder", lambda: tmp_path)
    return tmp_path


def plain(text: str) -> str:
    return " ".join(MARKUP.sub("", text).replace("’", "'").split())


def spoil(path, line, column, value):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[line - 2][column] = value
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def text(shared):
    path = shared / "mission" / "convention_marseille.txt"
    return [plain(line) for line in path.read_text("utf-8").split("\n")]


def test_every_quotation_is_on_its_line(text):
    absent = [f.id for f in figures() if plain(f.quote) not in text[f.line - 1]]
    assert absent == []


def test_every_quotation_prints_its_figure(text):
    def prints(figure):
        found = NUMBER.findall(plain(figure.quote))
        return abs(figure.value) in {float(n.replace(" ", "").replace(",", ".")) for n in found}

    assert [f.id for f in figures() if not prints(f) and f.id not in IN_WORDS] == ["CF019"]
    assert "4ème commune de France" in text[137]  # CF019: the rank precedes the quotation


def test_the_year_is_printed_when_it_is_said_to_be(text):
    missing = [
        f.id
        for f in figures()
        if f.year_origin == "imprimee"
        and f.vintage
        and not any(f.year in line for line in text[f.line - 2 : f.line])
    ]
    assert missing == []


def test_there_are_296_figures_and_38_inconsistencies():
    assert [f.id for f in figures()] == [f"CF{n:03d}" for n in range(1, 297)]
    assert [i.id for i in inconsistencies()] == [f"INC{n:02d}" for n in range(1, 39)]


def test_figures_agree_with_the_specification(shared):
    with open(shared / "specs" / "convention_figures.csv", encoding="utf-8", newline="") as file:
        specified = {row["id"]: row for row in csv.DictReader(file)}
    for figure in figures():
        row = specified[figure.id]
        assert (figure.line, figure.comparator) == (int(row["ligne"]), row["comparateur"])
        assert figure.value == float(row["valeur"])
        assert figure.indicator == row["indicateur"]


def test_most_indicators_are_those_of_the_catalogue():
    known = catalogue.indicators()
    named = {f.indicator for f in figures() if f.indicator in known}
    assert len(named) >= 40


def test_rounding_divides_the_printed_value():
    for figure in figures():
        if figure.rounding != 5:
            steps = figure.value / figure.rounding
            assert steps == pytest.approx(round(steps)), figure.id


def test_territories_of_peers_are_known_and_others_refused():
    assert territory("QPV2015-NORD").geography == "ensemble"
    assert territory("QP013032").geography == "qpv2015"
    with pytest.raises(UnknownTerritoryError):
        territory("QPV2015-ATLANTIDE")


def test_an_unknown_territory_is_refused_with_its_line(folder):
    spoil(folder / "figures.csv", 5, "territoire", "QP999999")
    with pytest.raises(UnknownTerritoryError, match="ligne 5, colonne territoire"):
        figures()


def test_all_problems_of_the_figures_are_said_at_once(folder):
    path = folder / "figures.csv"
    spoil(path, 2, "comparateur", "presque")
    spoil(path, 3, "valeur", "beaucoup")
    spoil(path, 4, "annee", "2020")
    spoil(path, 4, "annee_origine", "")
    with pytest.raises(CheckError) as error:
        figures()
    assert [problem.line for problem in error.value.problems] == [2, 3, 4]


def test_an_inconsistency_cites_existing_figures_only(folder):
    spoil(folder / "incoherences.csv", 2, "figures", "CF999")
    with pytest.raises(CheckError, match="n'existe pas"):
        inconsistencies()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [("CF001", ("CF001",)), ("CF009-CF011 CF296", ("CF009", "CF010", "CF011", "CF296")), ("", ())],
)
def test_selections(selection, expected):
    assert figure_ids(selection) == expected


@pytest.mark.parametrize("selection", ["CF1", "tout", "CF001-CF002-CF003"])
def test_malformed_selections_are_refused(selection):
    with pytest.raises(CheckError, match="sélection"):
        figure_ids(selection)


def test_decimals_follow_the_last_printed_place():
    found = {f.id: f.decimals for f in figures()}
    assert (found["CF222"], found["CF094"], found["CF153"], found["CF008"]) == (1, 0, 2, 0)


def test_the_folder_is_in_data():
    assert convention.folder() == paths.data() / "convention"
