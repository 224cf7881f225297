"""What has grown old is counted at the edition's date; no date is announced without its source."""

from datetime import date

import pytest

from qpvlib import clock, paths
from qpvlib.errors import SourceError
from qpvlib.reading import vintages


@pytest.fixture
def calendar(tmp_path, monkeypatch):
    """Write a calendar and read it."""

    def put(text):
        (tmp_path / "calendrier.yml").write_text(text, "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(paths, "data", lambda: tmp_path)
            return vintages.calendar()

    return put


def test_a_figure_is_old_after_eight_years_and_judged_on_its_last_one(make_store, monkeypatch):
    rows = [("QP013003", "taux_emploi", year, 50.0) for year in (2010, 2017)]
    rows += [("QP013005", "part_femmes", 2018, 50.0), ("13055", "part_15_24", 2010, 50.0)]
    store = make_store(rows)
    store.frame["source"] = "insee-revn-2022"
    monkeypatch.setattr(clock, "edition", lambda: date(2026, 1, 1))
    told = vintages.report(store)
    assert told.stale == {2017: ["taux_emploi"]}
    assert list(told.newest.values()) == [2018]
    assert "Édition du 1 janvier 2026." in told.lines()[0].replace("1er", "1")


def test_an_announcement_is_awaited_then_to_import(calendar, make_store, monkeypatch):
    text = "- {jeu: Un jeu fictif, date: 2026-06-30, source: 'https://exemple.fr/parution'}\n"
    found = calendar(text)
    assert found[0].date == date(2026, 6, 30)
    for day, word in ((date(2026, 6, 1), "attendu le"), (date(2026, 7, 1), "à importer")):
        assert word in vintages.Report(day, {}, {}, found).lines()[-1]


@pytest.mark.parametrize(
    "entry",
    [
        "{jeu: Un jeu fictif, date: 2026-06-30}",
        "{jeu: Un jeu fictif, date: bientôt, source: 'https://exemple.fr'}",
        "{jeu: Un jeu fictif, date: 2026-06-30, source: on dit}",
        "{date: 2026-06-30, source: 'https://exemple.fr'}",
    ],
)
def test_a_date_without_its_source_is_refused(calendar, entry):
    with pytest.raises(SourceError, match="entrée 1"):
        calendar(f"- {entry}\n")


def test_the_calendar_of_the_project_is_sound():
    assert all(one.source.startswith("https://") for one in vintages.calendar())
