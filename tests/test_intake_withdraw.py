"""A source that is withdrawn leaves the folder as if it had never been imported."""

import pytest

import fictif
from qpvlib.errors import InvalidParameterError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.intake.withdraw import withdraw


@pytest.fixture
def data(tmp_path, monkeypatch):
    yield fictif.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def load(data, tmp_path):
    def run(year: int) -> None:
        path = tmp_path / f"DEMO_{year}.csv"
        path.write_text(fictif.demo(year), "utf-8")
        import_path(path)

    return run


def content(data):
    return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}


def test_an_import_is_undone_with_what_was_computed_from_it(data, load):
    load(2019)
    before = content(data)
    load(2021)
    assert len(content(data)) == len(before) + 2  # its figures, and the change since 2019
    report = withdraw("insee-demo-2021")
    assert content(data) == before
    assert report.rows == 2 * (1 + 10) + 2  # population and shares; the arrondissement's two
    assert [line.split("\u00a0")[0] for line in report.lines()] == [
        "insee-demo-2021", "calcul-evolution-population",
    ]  # fmt: skip
    verify()


def test_figures_without_an_entry_in_the_registry_can_be_withdrawn(data, load):
    load(2019)
    (data / "sources.yml").unlink()
    withdraw("insee-demo-2019")
    assert verify().rows == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("insee-demo-2020", "insee-demo-2019"),
        ("zzz", "sources.yml"),
        ("calcul-evolution-population", "dont elle vient"),
    ],
)
def test_what_is_not_an_imported_source_is_refused_with_a_remedy(data, load, name, sentence):
    load(2019)
    load(2021)
    before = content(data)
    with pytest.raises(InvalidParameterError, match=sentence):
        withdraw(name)
    assert content(data) == before
