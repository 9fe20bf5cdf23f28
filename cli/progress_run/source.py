"""Reads a run directory from any offset, while the recorder is still writing it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from progress_run import run_directory
from progress_run.growing_lines import GrowingLines
from progress_run.protocol import CHUNK_BYTES, EVENTS_PER_MESSAGE, MARKS_PER_CHUNK, Mark, Meta

HASH_BYTES = 1024 * 1024


class Piece(NamedTuple):
    """A stretch of output: from offset `at`, first written at `t`; the first of its marks is at `at`."""

    at: int
    t: float
    data: bytes
    marks: list[Mark]


class Source:
    """The reading end of a run directory. Memory stays flat whatever its size."""

    compressible = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._output = os.open(path / run_directory.OUTPUT, os.O_RDONLY | os.O_CLOEXEC)
        self._marks = _Marks(path / run_directory.TIMING)
        self._events = _Events(path / run_directory.EVENTS)
        self._hash = hashlib.sha256()
        self._hashed = 0

    def close(self) -> None:
        """Close the files."""
        os.close(self._output)
        self._marks.close()
        self._events.close()

    @property
    def descriptors(self) -> set[int]:
        """Of its files."""
        return {self._output, self._marks.fileno, self._events.fileno}

    def take_in(self) -> bool:
        """See to it that what was recorded can be read; whether that is so."""
        return True

    @property
    def stuck(self) -> bool:
        """There was no room for what that takes."""
        return False

    def shown(self, meta: Meta) -> Meta:
        """What the hub is told of the run."""
        return meta

    @property
    def size(self) -> int:
        """Bytes of output there are now."""
        return os.fstat(self._output).st_size

    def piece(self, at: int, end: int | None = None) -> Piece | None:
        """The output from `at` to at most `end`, as much as one `append` may carry; None if there is none yet."""
        data = os.pread(self._output, CHUNK_BYTES if end is None else min(CHUNK_BYTES, end - at), at)
        if not data:
            return None
        marks, end = self._marks.over(at, at + len(data))
        return Piece(at, marks[0][1], data[: end - at], marks)

    def events(self, seq: int, at_most: int = EVENTS_PER_MESSAGE) -> list[dict[str, Any]]:
        """The events from `seq`, no more than one message may carry."""
        return self._events.read(seq, at_most)

    @property
    def last_event(self) -> dict[str, Any]:
        """The last complete one, {} if there is none; of the open file, whatever became of the directory."""
        return self._events.last

    def sha256(self, size: int) -> str:
        """The SHA-256 of the first `size` bytes, of which no more may have been hashed, in lower-case hex."""
        self.hash_up_to(size)
        return self._hash.hexdigest()

    def sha256_of(self, start: int, end: int) -> str:
        """The SHA-256 of a block of the output, in lower-case hex."""
        return hashlib.sha256(os.pread(self._output, end - start, start)).hexdigest()

    def hash_up_to(self, size: int, at_most: int | None = None) -> None:
        """Hash on the way, no more than `at_most` bytes at once, so that the end needs no second reading.

        Raises:
            OSError: there are fewer bytes than `size`.
        """
        if at_most is not None:
            size = min(size, self._hashed + at_most)
        while self._hashed < size:
            data = os.pread(self._output, min(HASH_BYTES, size - self._hashed), self._hashed)
            if not data:
                raise OSError(f"output.log ends at {self._hashed}, not at {size}")
            self._hash.update(data)
            self._hashed += len(data)


class _Marks:
    """Time marks in the order of their offsets; only the last and the next one are kept."""

    def __init__(self, path: Path) -> None:
        self._lines = GrowingLines(path)
        self.fileno = self._lines.fileno
        self._restart()

    def close(self) -> None:
        self._lines.close()

    def _restart(self) -> None:
        self._lines.rewind()
        self._current: Mark = (0, 0.0, 1)
        self._next: Mark | None = None

    def over(self, at: int, end: int) -> tuple[list[Mark], int]:
        """The mark that holds at `at` and those up to `end`, as many as one message carries, and where they end."""
        if self._current[0] > at:
            self._restart()
        while (following := self._peek()) and following[0] <= at:
            self._advance()
        marks: list[Mark] = [(at, *self._current[1:])]
        while (following := self._peek()) and following[0] < end:
            if len(marks) == MARKS_PER_CHUNK:
                return marks, following[0]
            marks.append(following)
            self._advance()
        return marks, end

    def _peek(self) -> Mark | None:
        while self._next is None and (line := self._lines.next()):
            self._next = _mark(line)
        return self._next

    def _advance(self) -> None:
        if self._next:
            self._current, self._next = self._next, None


def _mark(line: bytes) -> Mark | None:
    """A line of `timing`; None for one that a crash has torn."""
    try:
        offset, seconds, fd = line.split()
        return int(offset), float(seconds), int(fd)
    except ValueError:
        return None


class _Events:
    """Events in order; going back means reading from the start."""

    def __init__(self, path: Path) -> None:
        self._lines = GrowingLines(path)
        self.fileno = self._lines.fileno
        self._seq = 0

    def close(self) -> None:
        self._lines.close()

    @property
    def last(self) -> dict[str, Any]:
        return run_directory.read_last_event(self.fileno)[0]

    def read(self, seq: int, at_most: int) -> list[dict[str, Any]]:
        if seq < self._seq:
            self._lines.rewind()
            self._seq = 0
        events: list[dict[str, Any]] = []
        while len(events) < at_most and (line := self._lines.next()):
            if self._seq >= seq:
                events.append(json.loads(line))
            self._seq += 1
        return events
