"""Hints within this process that a run has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

log = logging.getLogger(__name__)

Listener = Callable[[], None]


class Bus:
    """Says "look at this run again" to whoever cares; a hint carries nothing, so losing one costs latency only."""

    def __init__(self) -> None:
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._everywhere: tuple[Callable[[str], None], ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, run: str, listener: Listener) -> None:
        """Call `listener` at every hint about the run with this id."""
        with self._lock:
            self._listeners[run] = (*self._listeners.get(run, ()), listener)

    def unsubscribe(self, run: str, listener: Listener) -> None:
        """Undo one `subscribe`."""
        with self._lock:
            remaining = list(self._listeners.pop(run))
            remaining.remove(listener)
            if remaining:
                self._listeners[run] = tuple(remaining)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the id of the run at every hint about any run."""
        with self._lock:
            self._everywhere = (*self._everywhere, listener)

    def ignore(self, listener: Callable[[str], None]) -> None:
        """Undo one `listen`."""
        with self._lock:
            remaining = list(self._everywhere)
            remaining.remove(listener)
            self._everywhere = tuple(remaining)

    def announce(self, run: str) -> None:
        """Hint that the run with this id has grown or changed."""
        everywhere: list[Listener] = [partial(listener, run) for listener in self._everywhere]
        for listener in (*self._listeners.get(run, ()), *everywhere):
            try:
                listener()
            except Exception:
                log.exception("A listener of run %s failed", run)  # the others, and the hub, go on
