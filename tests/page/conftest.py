"""A hub and a publisher for the page's tests; the browser is tests/support/browser.py's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.clients import Publisher
from tests.support.hub import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A running hub as it is by default; what differs between concurrency models is the hub's own tests' to say."""
    with Hub() as running:
        yield running


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    """A publisher of one run, opened."""
    with Publisher(hub) as running:
        running.open()
        yield running
