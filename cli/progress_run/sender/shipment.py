"""One run on its way: attempts to deliver it, and how far it has come on disk."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from progress_run import run_directory
from progress_run.protocol import Position
from progress_run.run_directory import read_record, try_lock, write_delivery
from progress_run.sender.bell import Bell
from progress_run.sender.connection import Connection
from progress_run.sender.delivery import Delivery

log = logging.getLogger("progress.sender")

TRANSPORTS = ("websocket", "polling")
"""Tried in turn: long polling gets through where WebSocket is blocked."""

LOOK = 1.0
"""Seconds between looks for the end of a recorder that rings no more."""

WRITE_INTERVAL = 0.5
"""Seconds between writes of delivery.json."""


class Shipment:
    """A run directory with what it takes to deliver it; made by `take`, which keeps others away until `close`."""

    def __init__(self, path: Path, key: str, bell: Bell, lock: int) -> None:
        self._path = path
        self._lock = lock
        self._bell = bell
        self._written = float("-inf")
        self._position: Position | None = None
        record = read_record(path)
        self.key = key
        self.hub = record["hub"]
        self._delivery = Delivery(path, record, _next_epoch(lock), self._on_progress)

    @classmethod
    def take(cls, path: Path, key: str, bell: Bell) -> Shipment | None:
        """The run at `path`, None while another sender has it."""
        lock = try_lock(path / run_directory.SENDER_LOCK)
        if lock is None:
            return None
        try:
            return cls(path, key, bell, lock)
        except BaseException:
            os.close(lock)
            raise

    @property
    def job_has_ended(self) -> bool:
        """The recorder has written the run's last event."""
        return self._delivery.job_has_ended

    def attempt(self, number: int, on_connected: Callable[[], None]) -> None:
        """Deliver over one connection until the hub has it all; for a run whose recorder died that is what there is.

        Raises:
            UnreachableError, RefusedError: it came to nothing, or not to the end.
        """
        transport = TRANSPORTS[number % len(TRANSPORTS)]
        connection = Connection(self.hub, self.key, transport, self._bell.wake)
        try:
            self._delivery.open(connection)
            pause = 0.0 if self._is_done() else self._delivery.give(connection)
            on_connected()
            while not self._is_done():
                self._bell.wait(min(pause, LOOK) if self._bell.gone else pause)
                self._delivery.take(connection)
                pause = self._delivery.give(connection)
        finally:
            connection.close()
            self._write_position()

    def close(self) -> None:
        """Let another sender have it."""
        self._delivery.source.close()
        os.close(self._lock)

    def _is_done(self) -> bool:
        if self._delivery.complete:
            return True
        # In this order: the lock is let go of after the last event.
        died = self._bell.gone and not run_directory.is_recording(self._path) and not self.job_has_ended
        return died and self._delivery.is_level

    def _on_progress(self, position: Position) -> None:
        self._position = position
        if position["complete"] or time.monotonic() - self._written > WRITE_INTERVAL:
            self._write_position()

    def _write_position(self) -> None:
        if self._position:
            self._written = time.monotonic()
            try:
                write_delivery(self._path, self._position)
            except OSError as error:
                log.warning("delivery.json: %s", error)


def _next_epoch(lock: int) -> int:
    """More than that of any sender before: the lock file remembers the last, the clock stands in if it was lost."""
    last = int(os.pread(lock, 32, 0).strip() or b"0")
    epoch = max(last + 1, int(time.time()))
    with contextlib.suppress(OSError):  # on a full disk the clock alone has to do
        os.pwrite(lock, b"%d\n" % epoch, 0)
    return epoch
