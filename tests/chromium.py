"""A headless Chromium for the tests that need one; they are skipped where there is none."""

import shutil

import pytest

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


def launched():
    """Yield a browser, for a fixture."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
    program = shutil.which("chromium")
    if not program:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()
