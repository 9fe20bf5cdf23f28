"""Masks secrets in the output on its way to the run log, however the job's writes cut them in pieces.

A line that may have the beginning of a secret is held back until it has ended, or for a moment. Everything read after
it, from whichever stream, waits as well, so that order, times and descriptors are those of the reading.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from progress_run.lazy import Pattern
from progress_run.recorder.run_log import RunLog
from progress_run.redact.mask import Mask
from progress_run.redact.wish import MASK

if TYPE_CHECKING:
    from progress_run.redact.rules import Span

HOLD = 0.04
"""Seconds for which output is held back at most. What of a secret comes later is masked, what has gone is not."""

KEPT = 16 * 1024
"""The most bytes of a line that are held back: of a longer secret, cut in pieces, only the beginning is masked."""

LOOK_BACK = 2 * 1024
"""The most bytes of it that are remembered when they have been passed on: what a secret may have begun with."""

MASKED = "Masked from here on: {}."
MASKED_IN_ALL = "Masked in this recording: {}."
MOST_NOTES, NOTE_CHARACTERS = 20, 600

_LINE_END = Pattern(rb"[\r\n]")


class _Piece:
    """What was read at once of one stream, or its last line."""

    __slots__ = ("data", "fd", "settled", "t")

    def __init__(self, data: bytes, fd: int, t: float) -> None:
        self.data, self.fd, self.t = data, fd, t
        self.settled = False


class _Line:
    """The line that a stream is in.

    Attributes:
        seen: its bytes, as they were read.
        shown: how many of them have been passed on; the others are those of the pieces `held`.
        masked: where the last mask ended.
    """

    def __init__(self) -> None:
        self.seen = b""
        self.shown = 0
        self.held: deque[_Piece] = deque()
        self.masked = -1

    def forget(self, until: int) -> None:
        """What was before is not needed any more."""
        self.seen = self.seen[until:]
        self.shown -= until
        self.masked -= until


class Redactor:
    """Stands between the streams and the run log."""

    def __init__(self, log: RunLog, mask: Mask) -> None:
        self._log = log
        self._mask = mask
        self._lines = {1: _Line(), 2: _Line()}
        self._queue: deque[_Piece] = deque()
        self._told = 0

    def append(self, data: bytes, fd: int = 1) -> None:
        """Record output of a stream."""
        t, line = self._log.seconds(), self._lines[fd]
        if not self._queue and self._passes(line, data):
            self._log.append(data, fd, t)
        else:
            self._take(line, data, fd, t)
            self._settle(line, self._decided(line))

    def tend(self) -> None:
        """Hold nothing back for longer than may be, and say what is masked."""
        while self._queue and self.patience <= 0:
            line = self._lines[self._queue[0].fd]
            self._settle(line, len(line.seen))
        if len(self._mask.counts) > self._told:
            self._tell()

    @property
    def patience(self) -> float:
        """Seconds after which `tend` is wanted, infinity if nothing is held."""
        return self._queue[0].t + HOLD - self._log.seconds() if self._queue else float("inf")

    def settle(self) -> None:
        """Hold nothing back any more."""
        for line in self._lines.values():
            self._settle(line, len(line.seen))

    def _tell(self) -> None:
        """Each kind once, where it came first."""
        for name in list(self._mask.counts)[self._told : MOST_NOTES]:
            _note(self._log, MASKED.format(name))
        self._told = len(self._mask.counts)

    # --- what needs no second look

    def _passes(self, line: _Line, data: bytes) -> bool:
        """Whether nothing in it is a secret or the beginning of one; then it is what the line goes on with."""
        found = _LINE_END.search(data)
        first = found.end() if found else len(data)
        joint = line.seen + data[:first]
        if self._mask.concerns(joint) or (found and self._mask.concerns(data, first)):
            return False
        last = data[_end_of_lines(data) :] if found else joint
        if last and self._mask.begins(last):
            return False
        line.seen = last[-LOOK_BACK:]
        line.shown, line.masked = len(line.seen), -1
        return True

    # --- what does

    def _take(self, line: _Line, data: bytes, fd: int, t: float) -> None:
        """Cut it where it may become clear later what the rest is."""
        cut = max(_end_of_lines(data), len(data) - KEPT)
        for part in filter(None, (data[:cut], data[cut:])):
            piece = _Piece(part, fd, t)
            line.held.append(piece)
            self._queue.append(piece)
        line.seen += data

    def _decided(self, line: _Line) -> int:
        """Up to where it is clear what is secret."""
        if not self._mask.begins(line.seen[self._mask.open_at(line.seen) :]):
            return len(line.seen)
        return max(_end_of_lines(line.seen), len(line.seen) - KEPT)

    def _settle(self, line: _Line, end: int) -> None:
        """Mask the pieces that end there or before, and pass on what nothing stands before."""
        spans = self._mask.spans(line.seen) if line.held else []
        while line.held and line.shown + len(line.held[0].data) <= end:
            piece = line.held.popleft()
            stop = line.shown + len(piece.data)
            piece.data, piece.settled = b"".join(self._masked(line, stop, spans)), True
            line.shown = stop
        line.forget(self._needless(line))
        while self._queue and self._queue[0].settled:
            piece = self._queue.popleft()
            if piece.data:
                self._log.append(piece.data, piece.fd, piece.t)

    def _needless(self, line: _Line) -> int:
        """How much of what is seen tells nothing any more of what follows."""
        start = self._mask.open_at(line.seen)
        in_key = start < _end_of_lines(line.seen)
        return min(line.shown, start if in_key else max(start, line.shown - LOOK_BACK))

    def _masked(self, line: _Line, stop: int, spans: Sequence[Span]) -> Iterator[bytes]:
        """What is seen of the line from what was shown up to `stop`; a secret gets one mask in however many pieces."""
        at = line.shown
        for start, end, name in spans:
            if at < end and start < stop:
                yield line.seen[at:start]
                if start >= at or line.masked != at:
                    self._mask.count(name)
                    yield MASK.encode()
                at = line.masked = min(end, stop)
        yield line.seen[at:stop]


def note_all(log: RunLog, counts: Mapping[str, int]) -> None:
    """Say in the run what was masked, and how often."""
    _note(log, MASKED_IN_ALL.format(", ".join(f"{name} × {count:,}" for name, count in counts.items())))


def _note(log: RunLog, text: str) -> None:
    log.event("note", {"level": "info", "text": text[:NOTE_CHARACTERS]})


def _end_of_lines(data: bytes) -> int:
    """Where the last line begins, that has not ended."""
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
