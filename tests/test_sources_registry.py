"""The registry says what each source is, refuses what it cannot vouch for, and rewrites itself."""

import pytest

import fictif
from qpvlib.errors import SourceError
from qpvlib.sources import registry
from qpvlib.sources.registry import Source


@pytest.fixture
def data(tmp_path, monkeypatch):
    yield fictif.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


def source(**changes) -> Source:
    fields = {
        "id": "source-fictive",
        "famille": "demo",
        "producteur": "Producteur fictif",
        "jeu": "Jeu fictif",
        "publication": 2021,
        "perimetre": "qpv2015",
        "blocs": {"rp": {"millesime": 2017, "connu": "inféré"}},
        "url": "",
        "licence": "Libre",
        "fichier": "x.csv",
        "sha256": "0" * 64,
        "rang": 20,
    }
    return Source(**(fields | changes))


def test_what_is_written_is_read_back(data):
    copy = {"fichier": "y.csv", "sha256": "1" * 64}
    written = source(note="Une note.", copies=(copy,))
    content = registry.dump({"source-fictive": written})
    (data / "sources.yml").write_bytes(content)
    assert registry.sources() == {"source-fictive": written}
    assert registry.dump(registry.sources()) == content
    assert registry.ranks() == {"source-fictive": 20}
    assert written.fingerprints == ("0" * 64, "1" * 64)


def test_no_registry_is_an_empty_one(data):
    assert registry.sources() == {}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"sha256": "abc"}, "SHA-256 mal formée"),
        ({"blocs": {"rp": {"millesime": 2017, "connu": "supposé"}}}, "connu"),
        ({"blocs": {"rp": {"connu": "lu"}}}, "millésime absent"),
    ],
)
def test_a_wrong_entry_is_refused(data, fault, sentence):
    (data / "sources.yml").write_bytes(registry.dump({"source-fictive": source(**fault)}))
    with pytest.raises(SourceError, match=sentence):
        registry.sources()


def test_missing_and_unknown_fields_are_named(data):
    text = registry.dump({"source-fictive": source()}).decode()
    (data / "sources.yml").write_text(text.replace("licence:", "license:"), "utf-8")
    with pytest.raises(SourceError, match=r"licence, license"):
        registry.sources()


def test_the_new_file_becomes_the_source_and_the_old_copies_stay(data):
    old = source(copies=({"fichier": "b.csv", "sha256": "2" * 64},), note="À garder.")
    new = source(sha256="3" * 64).after(old)
    assert new.note == "À garder."
    assert [copy["sha256"] for copy in new.copies] == ["2" * 64]


def test_a_known_copy_given_again_changes_nothing():
    copy = {"fichier": "copie.csv", "sha256": "c" * 64}
    known = source(copies=(copy,), note="lu")
    assert source(fichier="copie.csv", sha256="c" * 64).after(known) == known
