"""A real Chromium for tests: one a worker, a fresh context a reader. A plugin of tests/conftest.py."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.support.reader import Place, Reader

PAGE = Path(__file__).parents[2] / "viewer_server" / "progress_hub" / "page" / "index.html"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The last --disable-features is the one that counts, so it repeats of Playwright's own what concerns pages like ours.
PLAYWRIGHTS = (
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Each window's address bar would load two pages of the browser's own, which cost more than opening ours.
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join((*PLAYWRIGHTS, "WebUIOmniboxPopup", "WebUIOmniboxAimPopup")),
)

Open = Callable[..., Reader]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for the browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def chromium() -> str | None:
    """Where Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    found = chromium()
    if found is None:
        pytest.fail("The page's tests need Chromium on PATH: `apt-get install chromium`, or see CONTRIBUTING.md.")
    if not PAGE.is_file():
        pytest.fail("The page is not built: run `make page`.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=QUIETLY)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens the page of a run as a new visitor; what its browser refused or threw fails the test at its end."""
    with ExitStack() as visits:

        def opened(hub: Place, token: str, **context: Any) -> Reader:
            return visits.enter_context(Reader(browser, hub, token, **context))

        yield opened
