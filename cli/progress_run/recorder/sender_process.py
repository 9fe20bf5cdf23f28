"""Keeps the sender alive and in the know: starts it, rings when there is something new, hears how far it is."""

from __future__ import annotations

import _socket  # as in events_socket.py
import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from progress_run import run_directory
from progress_run.protocol import Position
from progress_run.spawn import STAND_BACK, spawn

FIRST_RESTART = 0.5
LAST_RESTART = 60.0
"""Seconds: the pause before a restart doubles from the first to the last as long as nothing gets to the hub."""


class SenderProcess:
    """The sender as seen by the recorder.

    Attributes:
        report: the last thing it said: `{"state": "connected" | "unreachable" | "refused" | "delivered",
            "message": sentence}`, {} before the first.
        observer: how far it is with observing the job: "" (not begun), "watching" or "finished".
        reports: the descriptor on which it says so, None while it doesn't run.
        monitor: the pid of the job's monitor, set before the start.
        on_control: called with each request to control the job that it hands on.
    """

    def __init__(self, run: Path, events: Path, environ: Mapping[str, str]) -> None:
        self._run = run
        self._events = events
        self._environ = environ
        self._pid: int | None = None
        self._doorbell: int | None = None
        self._buffer = b""
        self._delay = FIRST_RESTART
        self._position: Position | None = None
        self.report: dict[str, Any] = {}
        self.observer = ""
        self.reports: int | None = None
        self.monitor = 0
        self.on_control: Callable[[dict[str, Any]], None] = lambda _asked: None
        self.restart_at: float | None = None

    @property
    def state(self) -> str:
        """The state in its last report, "" before the first."""
        return str(self.report.get("state", ""))

    def start(self) -> None:
        """Start it; what keeps it from starting is tried again later, since the job must not suffer from it."""
        try:
            self._spawn()
        except OSError:
            self._close()
            self._plan_restart()

    def _spawn(self) -> None:
        self.restart_at = None
        bell, self._doorbell = os.pipe()
        ours, theirs = _socket.socketpair()
        self.reports, reports = ours.detach(), theirs.detach()
        os.set_blocking(self._doorbell, False)
        try:
            log = self._open_log()
            try:
                args = [os.fspath(self._run), os.fspath(self._events), str(self.monitor)]
                self._pid = spawn(
                    "progress_run.sender.process",
                    args,
                    self._environ,
                    stdin=bell,
                    stdout=reports,
                    output=log,
                    nice=STAND_BACK,
                )
            finally:
                os.close(log)
        finally:
            os.close(bell)
            os.close(reports)

    def _open_log(self) -> int:
        """Where the directory takes no more files, delivering is worth more than telling of it."""
        try:
            return os.open(self._run / run_directory.SENDER_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:
            return os.open(os.devnull, os.O_WRONLY)

    def ring(self) -> None:
        """Tell it that the run directory has grown."""
        if self._doorbell is not None:
            try:
                os.write(self._doorbell, b".")
            except OSError:
                return  # it has rings enough waiting, or is dying, which its reports tell

    def hear(self) -> None:
        """Read what it reports; when it has died, plan its restart."""
        if self.reports is None:
            return
        try:
            data = os.read(self.reports, 4096)
        except ConnectionResetError:
            data = b""  # it died before it read what we had asked
        if not data:
            self._bury()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "observer" in said:
                self.observer = said["observer"]
            elif "control" in said:
                self.on_control(said["control"])
            else:
                self.report = said

    def ask_for_the_last(self) -> None:
        """The job has ended and all its output is recorded: what is still to be observed, it shall report now."""
        if self.reports is not None:
            with contextlib.suppress(OSError):  # it has just died, which its reports tell
                os.write(self.reports, b".")

    @property
    def may_observe(self) -> bool:
        """Whether something may still be reported by it."""
        return self.reports is not None and self.observer != "finished"

    def restart_if_due(self) -> None:
        """Start it again once its pause is over."""
        if self.restart_at is not None and time.monotonic() >= self.restart_at:
            self.start()

    def hurry(self) -> None:
        """The job has ended and somebody waits: one that died is started without a pause."""
        if self.restart_at is not None:
            self.start()

    def leave(self) -> None:
        """Close our ends: it takes that as our end, delivers what is left and goes."""
        self.hurry()
        self._close()

    def _close(self) -> None:
        for fd in (self._doorbell, self.reports):
            if fd is not None:
                os.close(fd)
        self._doorbell = self.reports = None

    def _bury(self) -> None:
        assert self._pid is not None
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._close()
        self._buffer = b""
        self.observer = ""
        if code:
            self._plan_restart()

    def _plan_restart(self) -> None:
        """One that dies before it gets anywhere must not keep the machine busy with starting it."""
        position = run_directory.read_delivery(self._run)
        if position != self._position:
            self._position, self._delay = position, FIRST_RESTART
        self.restart_at = time.monotonic() + self._delay
        self._delay = min(2 * self._delay, LAST_RESTART)
