"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The read-only folder of official files; absent on a reader's machine, present in CI."""
    named = os.environ.get("QPV_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data" / "PROVENANCE.md").is_file():
        pytest.skip(f"dossier shared/ absent ({folder})")
    return folder
