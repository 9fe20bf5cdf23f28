"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.support.hub import MODES, Hub
from tests.support.runner import Home

# A hub for each test that wants one of its own, in two models of concurrency, is most of what the tests take.
Hub.forks = True

pytest_plugins = ["tests.support.browser"]

# How long an example takes says more of the machine, and of who else is at work there, than of what is tested; the
# first of any takes a second where Hypothesis has yet to write its tables of characters.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

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
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Home]:
    """A home of the test's own, its runs encrypted where `encrypted_too` says so; at its end nothing runs in it."""
    home = Home(tmp_path / "home")
    if getattr(request, "param", False):
        home.environ["PROGRESS_E2E"] = "1"
    yield home
    home.clear_away()
