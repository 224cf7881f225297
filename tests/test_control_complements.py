"""Complements are read whole, and broken ones are refused with their line."""

import pytest

from qpvlib.control import complements, convention
from qpvlib.errors import CheckError, UnknownTerritoryError

HEADER = ",".join(complements.COLUMNS)
GOOD = "13055,nb_parcs,ensemble,2018,12,,,,donnee,0,0,source-fictive,liste.csv abc,Décompte fictif."


def write(tmp_path, monkeypatch, *lines):
    for file in convention.folder().glob("territoires.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / complements.FILE).write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    monkeypatch.setattr(complements, "folder", lambda: tmp_path)


def test_writing_gives_back_the_bytes_that_were_read():
    content = (convention.folder() / complements.FILE).read_bytes()
    assert complements.to_csv(complements.complements()) == content


def test_a_row(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch, GOOD)
    (row,) = complements.complements()
    assert (row.value, row.numerator, row.sources) == (12.0, None, ("source-fictive",))


def test_broken_rows_are_said_at_once(tmp_path, monkeypatch):
    spoiled = GOOD.replace("donnee", "rumeur"), GOOD.replace(",12,", ",douze,")
    write(tmp_path, monkeypatch, GOOD, *spoiled)
    with pytest.raises(CheckError) as error:
        complements.complements()
    assert [problem.line for problem in error.value.problems] == [3, 4]


def test_an_unknown_territory_is_refused(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch, GOOD.replace("13055", "QPV2015-ATLANTIDE"))
    with pytest.raises(UnknownTerritoryError):
        complements.complements()


def test_no_complement_repeats_an_observation_series():
    keys = [(c.territory, c.indicator, c.category, c.vintage) for c in complements.complements()]
    assert len(set(keys)) == len(keys)
