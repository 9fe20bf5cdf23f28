"""Fixtures for tests of the runner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.runner import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of the test's own."""
    home = Home(tmp_path / "home")
    yield home
    home.clear_away()
