"""The stored complements are those that the official files give."""

import pytest

from qpvlib.control import complements, convention, peers
from qpvlib.errors import SourceError
from qpvlib.sources.registry import sources


def test_the_official_files_give_the_stored_complements(shared):
    content = (convention.folder() / complements.FILE).read_bytes()
    assert complements.to_csv(peers.extract(shared / "data")) == content


def test_every_file_is_that_of_the_registry():
    own = {row["id"] for row in convention.rows(convention.folder() / "sources.csv")}
    registry = sources()
    for complement in complements.complements():
        for source, stamp in zip(complement.sources, complement.files, strict=True):
            if source not in own:
                assert stamp.split()[1] in registry[source].fingerprints, source


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"0 fichiers s'appellent DEMO_2022\.csv"):
        peers.extract(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "DEMO_2022.csv").write_text("", "utf-8")
    with pytest.raises(SourceError, match="2 fichiers"):
        peers.extract(tmp_path)
