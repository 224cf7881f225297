"""Fixtures shared by all tests."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from qpvlib.observations import COLUMNS, SECRET, VALUE, Observations, validate
from qpvlib.territories import get

# A loaded machine is slow, not wrong; and the same examples are drawn in every run.
settings.register_profile("qpvlib", deadline=None, derandomize=True)
settings.load_profile("qpvlib")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The read-only folder of official files; absent on a reader's machine, present in CI."""
    named = os.environ.get("QPV_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data" / "PROVENANCE.md").is_file():
        pytest.skip(f"dossier shared/ absent ({folder})")
    return folder


@pytest.fixture(scope="session")
def make_store():
    """Build a store from (territory, indicator, year, value) rows; a None value is a secret.

    ``indicator/category`` names a category other than ``ensemble``.
    """

    def build(rows) -> Observations:
        frame = pd.DataFrame(
            [
                {
                    "territoire": territory,
                    "geographie": get(territory).geography,
                    "indicateur": name.partition("/")[0],
                    "modalite": name.partition("/")[2] or "ensemble",
                    "millesime": year,
                    "valeur": np.nan if value is None else value,
                    "numerateur": np.nan,
                    "denominateur": np.nan,
                    "borne_basse": np.nan,
                    "borne_haute": np.nan,
                    "etat": SECRET if value is None else VALUE,
                    "source": "source-fictive",
                }
                for territory, name, year, value in rows
            ],
            columns=COLUMNS,
        )
        return Observations(validate(frame) if rows else frame)

    return build


# The browser itself would otherwise ask its maker's hosts for updates.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the session, that of the system; ``QPV_NAVIGATEUR`` names another."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
    names = (os.environ.get("QPV_NAVIGATEUR"), "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if program is None:
        pytest.skip("no browser: install chromium, or name one in QPV_NAVIGATEUR")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()
