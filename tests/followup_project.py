"""A copy of the follow-up in a throw-away project: real data, a protocol that may be spoilt."""

import shutil
from pathlib import Path

import pytest

from qpvlib.followup import study

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    shutil.copytree(REPOSITORY / "suivi", tmp_path / "suivi")
    monkeypatch.setenv("QPV_RACINE", str(tmp_path))
    study.load.cache_clear()
    yield tmp_path
    study.load.cache_clear()
