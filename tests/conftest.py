"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub import MODES, Hub
from tests.support.runner import Home

pytest_plugins = ["tests.support.browser"]

# Started by nohup or in the background, this process ignores signals, and so would every job that it starts.
for signo in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(signo) == signal.SIG_IGN:
        signal.signal(signo, signal.SIG_DFL)


@pytest.fixture(scope="module", params=MODES)
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """A running hub, in each concurrency model, which the tests of a file share: let it live."""
    with Hub(request.param) as running:
        yield running


@pytest.fixture(params=MODES)
def own_hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """A running hub, in each concurrency model, for one test to do with what it likes."""
    with Hub(request.param) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of the test's own; at its end nothing runs in it any more."""
    home = Home(tmp_path / "home")
    yield home
    home.clear_away()
