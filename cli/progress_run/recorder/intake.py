"""Takes reports from the events socket to the board, without ever keeping the job's output waiting."""

from __future__ import annotations

import time

from progress_run.allowance import Allowance
from progress_run.recorder.board import Board
from progress_run.recorder.events_socket import EventsSocket
from progress_run.recorder.pace import NEVER
from progress_run.recorder.poller import READ, Poller
from progress_run.recorder.run_log import RunLog

PER_TURN = 64
"""The most datagrams between two looks at the job's output."""

PER_SECOND, AT_ONCE = 2000, 1000
"""The most datagrams at all: what comes faster costs neither us nor the job's processor more than some percent."""

REST = 0.02
"""Seconds for which a flood is left to the kernel, whose queue is short and then full."""


class Intake:
    """Reads the socket when there is something and there is time for it."""

    def __init__(self, poller: Poller, events: EventsSocket, board: Board, log: RunLog) -> None:
        self._poller = poller
        self._events = events
        self._board = board
        self._log = log
        self._allowance = Allowance(PER_SECOND, AT_ONCE)
        self._resume_at = NEVER
        self._listen()

    def tend(self) -> None:
        """After each turn of the poller: write what has become due, end a rest that is over."""
        now = self._log.seconds()
        if now >= self._resume_at:
            self._listen()
        if now >= self._board.flush_at:
            self._board.flush()

    @property
    def patience(self) -> float:
        """Seconds after which `tend` is wanted, infinity if nothing is to be done."""
        return min(self._resume_at, self._board.flush_at) - self._log.seconds()

    def drain(self, seconds: float) -> None:
        """Take what is there at the end; of a flood, what can be taken in that time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (data := self._events.receive()) is not None:
            self._board.report(data)

    def close(self) -> None:
        """Hear no more."""
        self._poller.forget(self._events.fd)
        self._events.close()

    def _listen(self) -> None:
        self._resume_at = NEVER
        self._poller.watch(self._events.fd, READ, self._on_reports)

    def _on_reports(self, _events: int) -> None:
        for _ in range(PER_TURN):
            data = self._events.receive()
            if data is None:
                return
            self._board.report(data)
            if not self._allowance.take(self._log.seconds()):
                self._rest()
                return

    def _rest(self) -> None:
        self._poller.forget(self._events.fd)
        self._resume_at = self._log.seconds() + REST
