"""Calls a function for each descriptor that is ready; `select.poll` with its bookkeeping."""

from __future__ import annotations

import select
from collections.abc import Callable

READ = select.POLLIN
WRITE = select.POLLOUT
GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL

Handler = Callable[[int], None]
"""Called with the events of its descriptor; the kernel reports GONE unasked."""


class Poller:
    """A set of descriptors, the events wanted of each, and who handles them."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._handlers: dict[int, Handler] = {}
        self._wanted: dict[int, int] = {}

    def watch(self, fd: int, events: int, handler: Handler) -> None:
        """Want these events of `fd` from now on, instead of what was wanted before."""
        if self._wanted.get(fd) != events:
            self._poll.register(fd, events)
            self._wanted[fd] = events
        self._handlers[fd] = handler

    def forget(self, fd: int) -> None:
        """Want nothing of `fd` any more."""
        if self._wanted.pop(fd, None) is not None:
            self._poll.unregister(fd)
            del self._handlers[fd]

    def turn(self, seconds: float | None) -> bool:
        """Wait at most so long (None: for ever) and handle what is ready. Returns whether anything was."""
        ready = self._poll.poll(None if seconds is None else max(0, seconds * 1000))
        for fd, events in ready:
            handler = self._handlers.get(fd)
            if handler:
                handler(events)
        return bool(ready)
