"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.hub import MODES, Hub

pytest_plugins = ["tests.support.browser"]


@pytest.fixture(params=MODES)
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """A running hub, in each concurrency model."""
    with Hub(request.param) as running:
        yield running
