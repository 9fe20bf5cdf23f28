"""Failpoints: a process fails at the place and the time that its environment names, and nowhere without one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from tests.support.hub import environment

from progress_run import failpoint

PROGRAM = """
from progress_run import failpoint
for n in range(1, 11):
    failpoint.reach("here")
    print(n, flush=True)
    failpoint.reach("there")
"""


def play(failpoints: str, seed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program that comes by two places ten times and counts."""
    environ = {**environment(), "PROGRESS_FAILPOINTS": failpoints, "PROGRESS_FAILPOINTS_SEED": seed}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, timeout=60)


def counted(process: subprocess.CompletedProcess[str]) -> int:
    """How far it has come."""
    return len(process.stdout.split())


def test_nothing_happens_unless_somebody_asks() -> None:
    assert (played := play("")).returncode == 0
    assert counted(played) == 10
    assert counted(play("elsewhere=kill")) == 10


@pytest.mark.parametrize(("failpoints", "count"), [("here=kill", 0), ("there=kill@3", 3), ("here=kill@11", 10)])
def test_it_dies_at_the_nth_time(failpoints: str, count: int) -> None:
    played = play(failpoints)
    assert (counted(played), played.returncode) == (count, 0 if count == 10 else -signal.SIGKILL)


def test_an_error_is_a_full_disk() -> None:
    played = play("there=error@2")
    assert counted(played) == 2
    assert "No space left on device" in played.stderr


def test_sleeping_goes_on_afterwards() -> None:
    started = time.monotonic()
    assert counted(play("here=sleep:0.3@2 there=sleep:0.2@10")) == 10
    assert time.monotonic() - started > 0.5


def test_the_same_seed_fails_at_the_same_moment() -> None:
    moments = {seed: [counted(play("here=kill%0.2", seed)) for _ in range(2)] for seed in "123456"}
    assert all(first == second for first, second in moments.values())
    assert len({first for first, _ in moments.values()}) > 2


@pytest.mark.parametrize("text", ["here", "here=explode", "=kill", "here=kill@often", "here=kill%maybe"])
def test_a_slip_of_the_pen_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"PROGRESS_FAILPOINTS|invalid literal|could not convert"):
        failpoint.parse(text)


def test_this_very_process_is_not_armed() -> None:
    assert "PROGRESS_FAILPOINTS" not in os.environ
    failpoint.reach("here")
