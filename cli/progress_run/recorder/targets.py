"""The processes that a signal for the job is for: those that Ctrl-C at its terminal would reach."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


class Targets:
    """The job's processes, looked for anew at each signal.

    Args:
        monitor: the pid of the job's parent.
        master: of the job's PTY, None where it has pipes.
    """

    def __init__(self, monitor: int, master: int | None) -> None:
        self._monitor = monitor
        self._master = master

    def send(self, signo: signal.Signals, *, job_too: bool = False) -> bool:
        """Signal the terminal's foreground, and `job_too` where that is another group; without a PTY the job's group.

        Returns:
            Whether anybody was reached.
        """
        if self._master is None:
            return self._send_to_group_in_pipes(signo)
        groups = {self._foreground(), self._own_group() if job_too else None}
        # At the job's end, and before its beginning, the monitor itself is in the foreground.
        reached = [_send(group, signo) for group in groups if group != self._monitor]
        return any(reached)

    def are_stopped(self) -> bool:
        """Whether the job itself is stopped at this moment."""
        with contextlib.suppress(psutil.Error, OSError):
            return any(job.status() == psutil.STATUS_STOPPED for job in psutil.Process(self._monitor).children())
        return False

    def _foreground(self) -> int | None:
        assert self._master is not None
        try:
            return os.tcgetpgrp(self._master)
        except OSError:
            return None  # the terminal has gone

    def _own_group(self) -> int | None:
        with contextlib.suppress(psutil.Error, OSError):
            for job in psutil.Process(self._monitor).children():
                return os.getpgid(job.pid)
        return None

    def _send_to_group_in_pipes(self, signo: signal.Signals) -> bool:
        """The group is mostly that of the user's script, with us and its pipeline in it: the job's part is meant."""
        try:
            group = self._own_group()
            family = psutil.Process(self._monitor).children(recursive=True)
        except (psutil.Error, OSError):
            return False
        reached = [_send_in_group(process, group, signo) for process in family]
        return any(reached)


def _send(group: int | None, signo: signal.Signals) -> bool:
    if not group:  # 0 is what a terminal says whose foreground is in another PID namespace, and would mean our own
        return False
    try:
        os.killpg(group, signo)
    except OSError:
        return False  # it has ended, or become another user's
    return True


def _send_in_group(process: psutil.Process, group: int | None, signo: signal.Signals) -> bool:
    try:
        if os.getpgid(process.pid) != group:
            return False
        process.send_signal(signo)
    except (psutil.Error, OSError):
        return False
    return True
