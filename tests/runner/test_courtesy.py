"""The sender leaves the processors to a job that wants them all, and only then."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from tests.support.hub import wait_until

from progress_run.sender.courtesy import PROCESSORS, Courtesy, is_crowded


@contextlib.contextmanager
def crowd() -> Iterator[None]:
    """More busy processes than there are processors."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(PROCESSORS + 1)]
    try:
        wait_until(is_crowded, "a crowd")
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def work() -> None:
    """Some processor time of our own."""
    until = time.process_time() + 0.005
    while time.process_time() < until:
        pass


def test_it_rests_far_longer_than_it_worked_while_others_wait() -> None:
    courtesy = Courtesy(lambda: False)
    with crowd():
        work()
        began = time.monotonic()
        courtesy.rest()
        assert time.monotonic() - began > 10 * 0.005 / PROCESSORS


def test_the_end_of_the_job_ends_the_rest() -> None:
    looks = iter([False, False, True])
    courtesy = Courtesy(lambda: next(looks))
    with crowd():
        work()
        courtesy.rest()
    assert next(looks, None) is None


def test_a_machine_with_processors_to_spare_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("progress_run.sender.courtesy.PROCESSORS", 10_000)
    wait_until(lambda: not is_crowded(), "the last crowd is a moment ago")
    looks = iter([False, True])
    courtesy = Courtesy(lambda: next(looks))
    work()
    courtesy.rest()
    assert list(looks) == [True]
