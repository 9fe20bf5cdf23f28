"""Measuring the job's processes costs little, however many there are and whoever their parents were."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
from tests.support.hub import wait_until

from progress_run.sender.sampler import Sampler

ORPHANS = 60
LEAVE_ORPHANS = f"for i in $(seq {ORPHANS}); do (sleep 600 &); done; echo ready; sleep 600"


@contextlib.contextmanager
def job() -> Iterator[int]:
    """The leader of a session most of whose processes have lost their parents."""
    with subprocess.Popen(["sh", "-c", LEAVE_ORPHANS], stdout=subprocess.PIPE, start_new_session=True) as leader:
        try:
            assert leader.stdout
            leader.stdout.readline()
            yield leader.pid
        finally:
            os.killpg(leader.pid, signal.SIGKILL)


def calls_of_a_sample(sampler: Sampler) -> int:
    """How many functions were called: a measure of time that no other process disturbs."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        sampler.sample()
    finally:
        sys.setprofile(None)
    return calls


def test_each_process_is_looked_at_once() -> None:
    with job() as pid:
        wait_until(lambda: len([each for each in psutil.pids() if _is_in_session(each, pid)]) > ORPHANS, "orphans")
        sampler = Sampler(pid)
        sampler.sample()
        processes = len(psutil.pids())
        assert calls_of_a_sample(sampler) < 100 * ORPHANS + 50 * processes


def _is_in_session(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) == session
    except OSError:
        return False
