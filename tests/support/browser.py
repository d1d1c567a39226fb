"""Debian's Chromium, for the packages whose tests walk pages: their `conftest.py` imports all three fixtures."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The first has no window to draw: less than half of the processor time for each page."""


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def launched(playwright: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (root: apt-get install chromium-headless-shell)")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])  # tests may run as root
    yield browser
    browser.close()


@pytest.fixture
def chromium(launched: Browser) -> Iterator[Browser]:
    """Its pages are closed with the test: an open one asks the portal every few seconds whether it has changed."""
    yield launched
    for context in launched.contexts:
        context.close()
