"""Fixtures for the stories of runner, hub and viewers together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.end_to_end.stage import Cue, at_hub, hub_at_a_quiet_port
from tests.support.hub import Hub
from tests.support.runner import Home


@pytest.fixture(scope="module")
def standing_hub() -> Iterator[Hub]:
    """One hub for all tests of a file that leave it alone."""
    with Hub() as hub:
        yield hub


@pytest.fixture
def connected(home: Home, standing_hub: Hub) -> Home:
    """A home whose runs are published at the standing hub."""
    return at_hub(home, standing_hub.url, standing_hub.key)


@pytest.fixture
def absent_hub() -> Iterator[Hub]:
    """A hub that has an address, and is not there for now."""
    with hub_at_a_quiet_port() as hub:
        hub.stop()
        yield hub


@pytest.fixture
def cut_off(home: Home, absent_hub: Hub) -> Home:
    """A home whose hub is away."""
    return at_hub(home, absent_hub.url, absent_hub.key)


@pytest.fixture
def cue(tmp_path: Path) -> Cue:
    """Where a job waits before it begins."""
    return Cue(tmp_path)
