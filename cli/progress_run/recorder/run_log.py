"""Writes a run's output, timing and events; a full disk costs the recording a gap, never the job a wait."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from progress_run import run_directory
from progress_run.protocol import EVENT_BYTES
from progress_run.shown import shown_text

if TYPE_CHECKING:
    from progress_run.sealed.sealing import Sealing

MARK_INTERVAL = 0.002
"""Seconds that output may share one time mark."""

NEVER = float("inf")

SEAL_INTERVAL = 0.005
"""Seconds between two records of a run that is encrypted: what comes sooner shares one."""

RESERVE_BYTES = 64 * 1024
BACKLOG_BYTES = 1024 * 1024
"""The most unwritten event text kept in memory while the disk is full."""
PATIENCE = 3600.0
"""Seconds for which the last events wait for room on the disk."""
LOOK = 1.0
"""Seconds between looks whether there is room."""

EVENTS_DROPPED = "{:,} of the job's reports found no room on its disk."
NOT_SEALED = "The rest of this run is encrypted, and sent to its hub, when it is over: {}."
END_UNKNOWN = "The process that watches the job was killed; how the job ended is not known."


class RunLog:
    """The writing end of a run directory; the only writer of output.log, timing and events.ndjson.

    It holds the recorder's lock until the end of the run is written. A forked process holds it likewise, and can take
    over when the recorder is killed.

    Attributes:
        end: bytes of output recorded.
        lines: newlines among them.
        missing: bytes of output that could not be recorded.
        fresh_line: the last byte of output ended a line.
    """

    def __init__(self, path: Path, started: float) -> None:
        self.path = path
        self.end = self.lines = self.missing = 0
        self.fresh_line = True
        self._zero = _clock() - (time.time() - started)
        self._seq = 0
        self._gap = 0
        self._dropped = 0
        self._last_mark = (float("-inf"), 0)
        self._unwritten_events = b""
        self._unwritten_marks = b""
        self._sealing: Sealing | None = None
        self._seal_at = NEVER
        self._sealed_at = -NEVER
        self._output = _create(path / run_directory.OUTPUT)
        self._timing = _create(path / run_directory.TIMING)
        self._events = _create(path / run_directory.EVENTS, os.O_RDWR)
        self._lock = run_directory.try_lock(path / run_directory.RECORDER_LOCK)
        _reserve(path / run_directory.RESERVE)
        os.close(_create(path / run_directory.SENDER_LOCK))  # later there may be no room for another file
        self.on_growth: Callable[[], None] = lambda: None

    @property
    def descriptors(self) -> set[int]:
        """What a forked process has to keep open to go on with it."""
        sealing = self._sealing.descriptors if self._sealing else set()
        return {self._output, self._timing, self._events, *([] if self._lock is None else [self._lock]), *sealing}

    @property
    def has_exit(self) -> bool:
        """The end of the run has been written, by whatever process."""
        return run_directory.read_last_event(self._events)[0].get("kind") == "exit"

    @property
    def settled(self) -> bool:
        """Every event has found its place on the disk."""
        return not self._unwritten_events

    def seconds(self) -> float:
        """Seconds since the run's start, by a clock that is never set back."""
        return _clock() - self._zero

    def take_over(self) -> None:
        """Go on with what another process wrote until it was killed, maybe in the middle of a line."""
        last, size = run_directory.read_last_event(self._events)
        with contextlib.suppress(OSError):  # read-only by now: nothing more will be written, either
            os.ftruncate(self._events, size)
        self.end = os.fstat(self._output).st_size
        self._seq = last.get("seq", -1) + 1
        with contextlib.suppress(Exception):  # whatever there is against it, the sender does it in our stead
            if key := run_directory.read_record(self.path).get("key"):
                self.seal(key)

    def seal(self, key: str) -> None:
        """From now on encrypt what is recorded, and what has been; viewers get nothing else.

        Raises:
            OSError: there is no room for it. ImportError: the library for it is missing.
        """
        from progress_run.sealed.sealing import Sealing  # a library that others need not have

        self._sealing = Sealing(self.path, key)
        self._grown()

    def tend(self, *, at_once: bool = False) -> None:
        """Encrypt what has come since the last time, if it is time for that or has to be done at once."""
        if self._sealing is None or self._seal_at == NEVER or (self.patience > 0 and not at_once):
            return
        try:
            done = self._sealing.take_in()
            self._sealed_at = time.monotonic()
            self._seal_at = NEVER if done else self._sealed_at + (LOOK if self._sealing.stuck else 0)
            self.on_growth()
        except Exception as error:  # noqa: BLE001 -- a disk that fails, maybe; the job goes on all the same
            # The sender does it, once we hold the lock no more.
            failed, self._sealing, self._seal_at = self._sealing, None, NEVER
            with contextlib.suppress(OSError):
                failed.close()
            self.event("note", {"level": "error", "text": NOT_SEALED.format(shown_text(str(error)))})

    @property
    def patience(self) -> float:
        """Seconds after which `tend` is wanted, infinity if nothing is left to encrypt."""
        return self._seal_at - time.monotonic()

    def append(self, data: bytes, fd: int = 1, t: float | None = None) -> None:
        """Record output that was read at `t`, now by default; what finds no room becomes a gap of exactly its size."""
        self.fresh_line = data.endswith(b"\n")
        self._mark(self.seconds() if t is None else t, fd)
        if self._gap:
            self._resume(data)
        else:
            self._write_output(data)
        self._grown()

    def leave_out(self, data: bytes) -> None:
        """Record of output only that it was there."""
        self._gap += len(data)
        self.missing += len(data)

    def event(self, kind: str, fields: dict[str, Any], at: int | None = None) -> None:
        """Record one event; `at` is the output offset it belongs to, now by default.

        Raises:
            ValueError: the event is larger than the protocol allows.
        """
        if len(self._unwritten_events) > BACKLOG_BYTES:
            self._dropped += 1
        else:
            self._record(kind, fields, self.end if at is None else at)

    def _record(self, kind: str, fields: dict[str, Any], at: int, t: float | None = None) -> None:
        head = {"seq": self._seq, "t": round(self.seconds() if t is None else t, 6), "at": at, "kind": kind}
        line = json.dumps({**fields, **head}, separators=(",", ":")).encode() + b"\n"
        if len(line) > EVENT_BYTES:
            raise ValueError(f"an event of {len(line)} bytes; {EVENT_BYTES} are allowed")
        self._seq += 1
        self._unwritten_events += line
        self._write_events()
        self._grown()

    def finish(self, code: int | None, signal: int | None, t: float | None = None) -> None:
        """Record how the job ended: by `code`, by `signal`, or with neither in a way that nobody has seen.

        Args:
            t: when that was, in seconds of the run; now by default.
        """
        self._note_gap()
        if self._dropped:
            self._record("note", {"level": "warning", "text": EVENTS_DROPPED.format(self._dropped)}, self.end)
        if code is None and signal is None:
            self._record("note", {"level": "error", "text": END_UNKNOWN}, self.end)
        else:
            self._record("exit", {"code": code, "signal": signal}, self.end, t)
        self._free_reserve()
        self._conclude()
        self._seal_at = self._sealed_at = NEVER  # from here on that is the business of whoever holds the lock

    def settle(self) -> None:
        """Wait until the last events have found room on the disk, or all patience is lost."""
        until = time.monotonic() + PATIENCE
        while not self.settled and time.monotonic() < until:
            time.sleep(LOOK)
            self._conclude()

    def _conclude(self) -> None:
        """Let go of the lock once there is nothing more to be written: whoever delivers the run has waited for that."""
        self._write_events()
        if self._sealing:
            self._seal_the_rest(self._sealing)
        if self.settled and self._lock is not None:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _seal_the_rest(self, sealing: Sealing) -> None:
        """What finds no room, or can't be done, is the sender's business once we hold the lock no more."""
        with contextlib.suppress(Exception):
            while not sealing.take_in() and not sealing.stuck:
                pass
        self.on_growth()

    def _grown(self) -> None:
        if self._sealing is None:
            self.on_growth()
        else:
            self._seal_at = min(self._seal_at, self._sealed_at + SEAL_INTERVAL)

    def _mark(self, t: float, fd: int) -> None:
        last_t, last_fd = self._last_mark
        if t - last_t < MARK_INTERVAL and fd == last_fd:
            return
        self._unwritten_marks += b"%d %.6f %d\n" % (self.end, t, fd)
        try:
            self._unwritten_marks = self._unwritten_marks[os.write(self._timing, self._unwritten_marks) :]
            self._last_mark = (t, fd)
        except OSError:
            # The next output gets a mark at once; of this one, only what a short write has left of it is still owed.
            self._last_mark = (float("-inf"), 0)
            self._unwritten_marks = self._unwritten_marks[: self._unwritten_marks.find(b"\n") + 1]

    def _write_output(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._output, data[written:] if written else data)
        except OSError:
            self._gap += len(data) - written
            self.missing += len(data) - written
        self.end += written
        self.lines += data.count(b"\n", 0, written)

    def _resume(self, data: bytes) -> None:
        """Try to write again after a gap, whose event belongs before the bytes that follow it."""
        at, gap = self.end, self._gap
        self._write_output(data)
        if self.end > at:
            self._gap -= gap
            self._record("gap", {"bytes": gap}, at)

    def _note_gap(self) -> None:
        if self._gap:
            self._record("gap", {"bytes": self._gap}, self.end)
            self._gap = 0

    def _write_events(self) -> None:
        try:
            self._flush_events()
        except OSError:
            self._free_reserve()
            try:
                self._flush_events()
            except OSError:
                return  # kept in memory; tried again with the next event

    def _flush_events(self) -> None:
        while self._unwritten_events:
            written = os.write(self._events, self._unwritten_events)
            self._unwritten_events = self._unwritten_events[written:]

    def _free_reserve(self) -> None:
        with contextlib.suppress(OSError):  # read-only by now, or gone with the directory
            (self.path / run_directory.RESERVE).unlink(missing_ok=True)


def _clock() -> float:
    """Seconds that go on while the machine sleeps, where it has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _create(path: Path, access: int = os.O_WRONLY) -> int:
    return os.open(path, access | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _reserve(path: Path) -> None:
    """Keep back as much as there is room for; with none at all the recording is as good as the disk."""
    fd = _create(path)
    try:
        for size in (RESERVE_BYTES, RESERVE_BYTES // 16):
            with contextlib.suppress(OSError):
                os.posix_fallocate(fd, 0, size)
                return
    finally:
        os.close(fd)
