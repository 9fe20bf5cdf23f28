"""Fixtures for tests of what a job imports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

import pytest
from tests.support.runner import Home, Run


class Reports(Protocol):
    """Runs a Python program under `progress run`, to its end; what it left behind."""

    def __call__(self, program: str, *, code: int = 0) -> Run: ...


@pytest.fixture
def reports(home: Home, tmp_path: Path) -> Reports:
    """Run a program that reports, without a hub: events.ndjson has what became of it."""

    def run(program: str, *, code: int = 0) -> Run:
        script = tmp_path / "job.py"
        script.write_text(program)
        done = home.run("--quiet", sys.executable, "-W", "error", str(script))
        assert done.returncode == code, done.stderr.decode()
        assert code or not done.stderr, done.stderr.decode()
        return home.runs[-1]

    return run
