"""The project is found from anywhere in it, and a file is written whole or not at all."""

import io
import os
import zipfile

import pytest

from qpvlib import paths
from qpvlib.errors import InvalidParameterError


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "indicateurs.yml").write_text("")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.delenv("QPV_RACINE", raising=False)
    return tmp_path.resolve()


def test_root_is_found_from_a_subfolder(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    assert paths.root() == project
    assert paths.data() == project / "data"


def test_the_variable_wins_over_the_current_folder(project, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("ailleurs"))
    monkeypatch.setenv("QPV_RACINE", str(project / "notebooks"))
    assert paths.root() == project


def test_a_missing_project_is_said_in_french(monkeypatch, tmp_path):
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    with pytest.raises(InvalidParameterError, match=r"introuvable.*QPV_RACINE"):
        paths.root()


def test_a_write_makes_its_folder_and_leaves_no_draft(tmp_path):
    target = tmp_path / "nouveau" / "fichier.csv"
    paths.write_atomically(target, b"un")
    paths.write_atomically(target, b"deux")
    assert target.read_bytes() == b"deux"
    assert [path.name for path in target.parent.iterdir()] == ["fichier.csv"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "fichier.csv"
    target.write_bytes(b"ancien")

    def full_disk(*_):
        raise OSError("disque plein")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="disque plein"):
        paths.write_atomically(target, b"nouveau")
    assert target.read_bytes() == b"ancien"
    assert [path.name for path in tmp_path.iterdir()] == ["fichier.csv"]


def test_an_archive_has_the_same_bytes_in_any_order_and_can_be_read():
    files = {"b.csv": b"2", "a.csv": b"1"}
    content = paths.zipped(files)
    assert content == paths.zipped(dict(sorted(files.items())))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {one.filename: archive.read(one) for one in archive.infolist()} == files
        assert all(one.external_attr >> 16 == 0o644 for one in archive.infolist())
