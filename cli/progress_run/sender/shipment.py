"""One run on its way: attempts to deliver it, and how far it has come on disk."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from progress_run import run_directory
from progress_run.protocol import Position
from progress_run.run_directory import Record, read_record, try_lock, write_delivery, write_record
from progress_run.sender.bell import Bell
from progress_run.sender.connection import Connection, RefusedError, UnreachableError
from progress_run.sender.courtesy import Courtesy
from progress_run.sender.delivery import Delivery

log = logging.getLogger("progress.sender")

TRANSPORTS = ("websocket", "polling")
"""Tried in turn: long polling gets through where WebSocket is blocked."""

LOOK = 1.0
"""Seconds between looks for the end of a recorder that rings no more."""

WRITE_INTERVAL = 0.5
"""Seconds between writes of delivery.json."""

MOMENT, LITTLE = 0.1, 64 * 1024
"""Seconds, and bytes: a job that wrote less than that in the last moment is not hurt by being followed."""

UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError)
"""What reading a directory that a crash, another user or another version left behind may raise; others go on."""

NO_ROOM = "no_room"
NO_LIBRARY = "It is end-to-end encrypted, and the package {} is not installed here."

HOPELESS = ("bad_key", "bad_protocol", "not_a_hub")
"""Refusals that hold for every run."""


class Hub(NamedTuple):
    """Where runs are delivered to, with the publish key; `own`: the user's own, whose port may have changed."""

    url: str
    key: str
    own: bool = False

    def is_for(self, record: Record) -> bool:
        """Whether the run was recorded for this hub."""
        return record["hub"] == self.url or (self.own and record.get("own_hub", False))


class Outcome(NamedTuple):
    """How an attempt ended; the message is a sentence for people.

    `state` is delivered, unreachable (no connection), lost (the connection, on the way), refused (`code` says why) or
    unreadable (the directory; `code` is no_library where it is encrypted and nothing here can do that, no_room where
    there is none to do it).
    """

    state: str
    message: str = ""
    code: str = ""

    @property
    def is_hopeless(self) -> bool:
        """No other run has a chance at this hub either."""
        return self.code in HOPELESS

    @property
    def is_fenced(self) -> bool:
        """Another sender has the run."""
        return self.code == "fenced"


def unreadable(error: Exception) -> Outcome:
    """The outcome for a run directory that one of UNREADABLE came from."""
    if isinstance(error, ImportError):
        return Outcome("unreadable", NO_LIBRARY.format((error.name or "").partition(".")[0]), "no_library")
    if isinstance(error, OSError):
        code = NO_ROOM if error.errno == errno.ENOSPC else ""
        return Outcome("unreadable", f"{error.filename or 'Its directory'}: {error.strerror or error}.", code)
    return Outcome("unreadable", f"Its files make no sense ({type(error).__name__}: {error}).")


class Shipment:
    """A run directory with what it takes to deliver it; made by `take`, which keeps others away until `close`.

    Attributes:
        hub: where it goes.
        position: how far that has it, None before it was asked.
        on_progress: told the position whenever it has moved.
        on_control: given what viewers ask of the job, as the hub hands it on.
    """

    def __init__(self, path: Path, hub: Hub, bell: Bell, lock: int, *, yields: bool, reread: bool) -> None:
        self.hub = hub
        self.position: Position | None = None
        self.on_progress: Callable[[Position], None] = lambda _position: None
        self.on_control: Callable[[dict[str, Any]], None] = lambda _message: None
        self._path = path
        self._lock = lock
        self._bell = bell
        self._yields = yields
        self._reread = reread
        self._connected = False
        self._written = float("-inf")
        self._seen, self._seen_at, self._writes_little = 0, float("-inf"), True
        self._record = read_record(path)
        self._delivery = self._new_delivery(_next_epoch(lock))

    @classmethod
    def take(cls, path: Path, hub: Hub, bell: Bell, *, yields: bool = False, reread: bool = False) -> Shipment | None:
        """The run at `path`, None while another sender on this machine has it.

        Args:
            yields: never take it from another sender that is connected, wherever that is.
            reread: have the hub compare all of it, also what it has confirmed before.

        Raises:
            OSError, ValueError, KeyError, TypeError, AttributeError, ImportError: it can't be read.
        """
        lock = try_lock(path / run_directory.SENDER_LOCK)
        if lock is None:
            return None
        try:
            return cls(path, hub, bell, lock, yields=yields, reread=reread)
        except BaseException:
            os.close(lock)
            raise

    @property
    def job_has_ended(self) -> bool:
        """The recorder has written the run's last event."""
        return self._delivery.job_has_ended

    def attempt(self, number: int, on_connected: Callable[[], None]) -> Outcome:
        """Deliver over one connection until the hub has it all; for a run whose recorder died that is what there is."""
        try:
            self._deliver(TRANSPORTS[number % len(TRANSPORTS)], on_connected)
        except RefusedError as error:
            if error.code == "fenced":
                self._outbid(error.epoch)
            return Outcome("refused", str(error), error.code)
        except UnreachableError as error:
            return Outcome("lost" if self._connected else "unreachable", str(error))
        except UNREADABLE as error:
            log.exception("%s", self._path)
            return unreadable(error)
        return Outcome("delivered")

    def close(self) -> None:
        """Let another sender have it."""
        self._delivery.source.close()
        os.close(self._lock)

    def _deliver(self, transport: str, on_connected: Callable[[], None]) -> None:
        self._connected = False
        connection = Connection(self.hub.url, self.hub.key, transport, self._bell.wake)
        self._connected = True
        try:
            self._delivery.open(connection)
            self._remember_hub()
            pause = 0.0 if self._is_done() else self._delivery.give(connection)
            on_connected()
            courtesy = Courtesy(self._is_unhurt, self._bell.hears_the_end)
            while not self._is_done():
                self._bell.wait(min(pause, LOOK) if self._bell.gone else pause)
                courtesy.rest()
                self._delivery.take(connection)
                pause = self._delivery.give(connection)
        finally:
            connection.close()
            self._write_position()

    def _is_unhurt(self) -> bool:
        """The job has ended, or writes little at the moment: what else it may do, our niceness spares."""
        if self._bell.hears_the_end():
            return True
        now = time.monotonic()
        if now - self._seen_at >= MOMENT:
            size = self._delivery.source.size
            self._writes_little = size - self._seen < LITTLE * (now - self._seen_at) / MOMENT
            self._seen, self._seen_at = size, now
        return self._writes_little or self.job_has_ended

    def _outbid(self, told: int | None) -> None:
        """Come next time with a higher epoch than who has the run; one that yields waits for that one to go."""
        self._delivery.source.close()
        self._delivery = self._new_delivery(_next_epoch(self._lock, told or 0))

    def _new_delivery(self, epoch: int) -> Delivery:
        return Delivery(
            self._path,
            self._record,
            epoch,
            self._on_progress,
            self._on_control,
            yields=self._yields,
            reread=self._reread,
        )

    def _is_done(self) -> bool:
        if self._delivery.complete:
            return True
        # In this order: the lock is let go of after the last event.
        died = self._bell.gone and not run_directory.is_recording(self._path) and not self.job_has_ended
        return died and self._delivery.has_all_there_is()

    def _on_progress(self, position: Position) -> None:
        self.position = position
        self.on_progress(position)
        if position["complete"] or time.monotonic() - self._written > WRITE_INTERVAL:
            self._write_position()

    def _on_control(self, message: dict[str, Any]) -> None:
        self.on_control(message)

    def _write_position(self) -> None:
        if self.position:
            self._written = time.monotonic()
            try:
                write_delivery(self._path, self.position)
            except OSError as error:
                log.warning("delivery.json: %s", error)

    def _remember_hub(self) -> None:
        """The run is where it was accepted: its link leads there, and whoever delivers the rest does so there."""
        if self._record["hub"] == self.hub.url:
            return
        self._record = {**self._record, "hub": self.hub.url, "own_hub": self.hub.own}
        try:
            write_record(self._path, self._record)
        except OSError as error:
            log.warning("meta.json: %s", error)


def _next_epoch(lock: int, above: int = 0) -> int:
    """More than that of any sender before: the lock file remembers the last, the clock stands in if it was lost."""
    epoch = max(_last_epoch(lock) + 1, above + 1, int(time.time()))
    try:
        os.pwrite(lock, b"%d\n" % epoch, 0)
    except OSError as error:
        log.warning("sender.lock: %s", error)  # on a full disk the clock alone has to do
    return epoch


def _last_epoch(lock: int) -> int:
    try:
        return int(os.pread(lock, 32, 0).partition(b"\n")[0])
    except ValueError:
        return 0
