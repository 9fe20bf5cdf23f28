"""The doorbell: the recorder rings when the run directory has grown, and falls silent for good when it has gone."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

LOOK = 0.02
"""Seconds at least between looks at a condition."""


class Bell:
    """Waits for rings on a descriptor, and for `wake` from other threads; without a descriptor nobody ever rings.

    Args:
        ear: where the recorder says that the job has ended; nothing is read from it.

    Attributes:
        gone: the recorder has closed its side.
    """

    def __init__(self, fd: int | None, ear: int | None = None) -> None:
        self._fd = fd
        self._ear = select.poll()
        if ear is not None:
            self._ear.register(ear, select.POLLIN)
        self.gone = fd is None
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker) if fd is None else (fd, self._wake, self._waker):
            os.set_blocking(end, False)

    def wake(self) -> None:
        """End a wait from another thread."""
        try:
            os.write(self._waker, b".")
        except BlockingIOError:
            return  # wakings enough are waiting

    def wait(self, seconds: float | None) -> None:
        """Until somebody rings or wakes, or so many seconds have passed."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if self._fd is not None and not self.gone:
            poll.register(self._fd, select.POLLIN)
        for fd, _events in poll.poll(None if seconds is None else seconds * 1000):
            if not os.read(fd, 65536):
                self.gone = True

    def hears_the_end(self, seconds: float = 0.0) -> bool:
        """Whether the job has ended, after at most so many seconds, whoever rings meanwhile."""
        return bool(self._ear.poll(seconds * 1000))

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Look after rings until the condition holds, at most for so many seconds."""
        until = time.monotonic() + seconds
        while not condition() and (left := until - time.monotonic()) > 0:
            self.wait(left)
            time.sleep(min(LOOK, left))  # a busy recorder rings thousands of times a second
