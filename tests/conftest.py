"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.hub import MODES, Hub

pytest_plugins = ["tests.support.browser"]


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
