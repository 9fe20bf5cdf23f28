"""What one process keeps for its reports: begun with the first of them, anew in each forked child."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import sys
import threading
import time

from progress_run.report.outbox import Outbox
from progress_run.report.screen import Screen
from progress_run.report.ticker import Ticker

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
DELIVERY = 0.05
LAST_DELIVERY = 0.5
"""The most seconds a delivery waits for room in the recorder's queue: usually, and at the interpreter's end."""

MOST_CLOSED = 1000
FORGIVEN = 0.3
"""Seconds after which a loop that was left early was left by a break, not by an exception that ends the program."""

if TYPE_CHECKING:
    from typing import Protocol

    Origin = tuple[str, "str | None"]

    class Leavable(Protocol):
        """A loop that may be left early; what has the same origin is the same task once more."""

        origin: Origin

        def end(self) -> None:
            """It has ended well."""


class Process:
    """This process's reports.

    Attributes:
        is_over: it has ended or is another's: what is left of it says nothing more.
    """

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.screen = Screen()
        self.ticker = Ticker(self._tick)
        self.is_over = False
        self._prefix = os.urandom(4).hex()  # process ids repeat themselves in containers
        self._numbers = itertools.count(1)
        self._closed: dict[Origin, str] = {}
        self._left: dict[Origin, tuple[float, Leavable]] = {}
        self._leave_multiprocessing()

    def id_for(self, origin: Origin) -> str:
        """A new task's id: that of the one before, if it has ended, so that a loop in a loop is one that restarts."""
        if origin in self._left:
            self._left.pop(origin)[1].end()
        return self._closed.pop(origin, None) or f"{self._prefix}-{next(self._numbers)}"

    def closed(self, origin: Origin, key: str) -> None:
        """A task has ended; its id is free for the same again."""
        if len(self._closed) < MOST_CLOSED:
            self._closed[origin] = key

    def left(self, loop: Leavable) -> None:
        """A loop was left early: it has ended if the program goes on, else the recorder will say how it ended."""
        self._left[loop.origin] = (time.monotonic(), loop)

    def finish(self) -> None:
        """Say the last of everything, as the interpreter ends."""
        if not self.is_over:
            self.ticker.pause()
            self.outbox.deliver(LAST_DELIVERY)
            self.is_over = True
            self.outbox.close()

    def _tick(self) -> bool:
        for origin, (at, loop) in list(self._left.items()):
            if time.monotonic() - at > FORGIVEN:
                self._left.pop(origin, None)
                loop.end()
        self.outbox.deliver(DELIVERY)
        self.screen.draw()
        return self.outbox.waits or self.screen.shows

    def _leave_multiprocessing(self) -> None:
        """Children of multiprocessing end without atexit, but with finalizers of their own."""
        multiprocessing = sys.modules.get("multiprocessing.util")
        if multiprocessing is not None:
            multiprocessing.Finalize(None, self.finish, exitpriority=0)


_process: Process | None = None
_making = threading.RLock()  # a signal's handler may be the next to ask


def here() -> Process:
    """This process's."""
    return _process or _make()


def _make() -> Process:
    global _process  # noqa: PLW0603 -- there is one process, and a fork makes another of it
    with _making:
        if _process is None:
            made = Process()
            _process = _process or made
        return _process


def _before_fork() -> None:
    if _process is not None:
        _process.ticker.pause()


def _after_fork_in_parent() -> None:
    if _process is not None and not _process.is_over and (_process.outbox.waits or _process.screen.shows):
        _process.ticker.wake()


def _after_fork_in_child() -> None:
    """What was begun before is the parent's to report."""
    global _process, _making  # noqa: PLW0603 -- see above
    _making = threading.RLock()
    if _process is not None:
        _process.is_over = True
        _process.outbox.abandon()
        _process = None


def _finish() -> None:
    if _process is not None:
        with contextlib.suppress(Exception):  # the interpreter is ending, and the job's own types are in our tasks
            _process.finish()


atexit.register(_finish)
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
