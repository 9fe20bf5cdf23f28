"""A hub and a publisher for the page's tests; the browser is tests/support/browser.py's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.clients import Publisher
from tests.support.hub import Hub


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """A hub that the tests of a file share, each with runs of its own: let it live, and don't ask for its list.

    It is as by default; what differs between concurrency models is the hub's own tests' to say.
    """
    with Hub() as running:
        yield running


@pytest.fixture
def own_hub() -> Iterator[Hub]:
    """A hub for one test to do with what it likes."""
    with Hub() as running:
        yield running


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    """A publisher of one run, opened."""
    with Publisher(hub) as running:
        running.open()
        yield running


@pytest.fixture
def own_publisher(own_hub: Hub) -> Iterator[Publisher]:
    """The same at the test's own hub."""
    with Publisher(own_hub) as running:
        running.open()
        yield running
