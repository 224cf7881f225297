"""A deposited timetable gives the stops and the passages of a full week, counted by hand.

Stops, lines and quartiers are fictitious.
"""

import pytest

import fictif
from deposit_project import FIRST, SECOND, build, stored
from qpvlib.errors import QpvError, SourceError
from qpvlib.intake.importer import import_path
from qpvlib.sources import registry
from timetable import TABLES, archive

STOPS, PASSAGES = "arrets_tc_300m", "departs_tc_300m"


@pytest.fixture
def project(tmp_path, monkeypatch):
    yield build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


def test_stops_and_passages_are_those_of_the_busiest_full_week(project, tmp_path):
    import_path(archive(tmp_path / "reseau.zip"))
    found = stored(project, "gtfs-arrets-2026")["valeur"]
    assert found[STOPS, "horaires"].to_dict() == {FIRST: 2, SECOND: 0}
    # Two trips on five days at both stops, the Sunday trip at one, the fair's at the other.
    assert found[PASSAGES, "ensemble"].to_dict() == {FIRST: 2 * 5 * 2 + 1 + 1, SECOND: 0}
    block = registry.sources()["gtfs-arrets-2026"].blocs["detail"]
    assert (block["connu"], "16/11/2026" in block["preuve"]) == ("lu", True)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ((6_240_000, 890_000), "ne sont pas en degrés : 3"),
        ((5.355, 43.255), "aucun arrêt desservi de ce fichier n'est à Marseille"),  # swapped
    ],
)
def test_stops_that_are_elsewhere_are_refused(project, tmp_path, place, sentence):
    stops = [TABLES["stops.txt"][0], *(f"{s},,{place[0]},{place[1]},"
             for s in ("quai", "bord", "loin"))]  # fmt: skip
    with pytest.raises(SourceError, match=sentence.replace(" : ", "\u00a0: ")):
        import_path(archive(tmp_path / "reseau.zip", {"stops.txt": stops}))
    assert not (project / "observations").exists()


def test_a_damaged_archive_is_refused(project, tmp_path):
    path = archive(tmp_path / "reseau.zip")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(QpvError, match="zip lisible"):
        import_path(path)


def test_an_archive_without_a_mandatory_file_is_still_a_timetable(project, tmp_path):
    path = archive(tmp_path / "reseau.zip", {"stop_times.txt": None, "trips.txt": None})
    with pytest.raises(SourceError) as refusal:
        import_path(path)
    assert [problem.fact for problem in refusal.value.problems] == [
        "le fichier stop_times.txt manque.",
        "le fichier trips.txt manque.",
    ]
