"""Seals what was recorded, once and for all: behind the recorder, or in its stead when it is gone.

What was sealed stands in files of its own before anything is sent, and is never made again: so to the hub, and to
whatever continues, compares or repeats a delivery, an encrypted run is a run like any other. At any time there may be
one of these for a run: that of whoever holds its recorder.lock, or, when nobody does, its sender.lock.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from progress_run import run_directory
from progress_run.protocol import EVENTS_PER_MESSAGE, RECORD_BYTES
from progress_run.sealed.layout import SEALED, extent
from progress_run.sealed.sealer import Sealer
from progress_run.source import Piece, Source

AT_ONCE = 64
"""Records made in one go, a megabyte: whoever does it has other things to look after."""

SAMPLES = "process/"
"""What metrics begin with that say nothing of the job's own going on."""


class Sealing:
    """Goes on from what was sealed before; what a crash has left of a record or an event is cut off.

    Attributes:
        stuck: the disk had no room the last time.

    Raises:
        OSError: its files can't be opened.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._sealer = Sealer(key)
        self._plain = Source(path)
        (path / SEALED).mkdir(mode=0o700, exist_ok=True)
        self._output, self._timing, self._events = (
            os.open(path / SEALED / name, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            for name in (run_directory.OUTPUT, run_directory.TIMING, run_directory.EVENTS)
        )
        done = extent(self._output)
        last, events_end = run_directory.read_last_event(self._events)
        os.ftruncate(self._output, done.size)
        os.ftruncate(self._timing, _end_of_lines(self._timing))
        os.ftruncate(self._events, events_end)
        self._records, self._at, self._size, self._seq = done.records, done.output, done.size, last.get("seq", -1) + 1
        self.stuck = False

    @property
    def descriptors(self) -> set[int]:
        """What a forked process has to keep open to go on with it."""
        return {self._output, self._timing, self._events, *self._plain.descriptors}

    def close(self) -> None:
        """Close the files."""
        self._plain.close()
        for fd in (self._output, self._timing, self._events):
            os.close(fd)

    def take_in(self) -> bool:
        """Seal what has come, or some of it; whether that is all. What finds no room is tried again the next time."""
        self.stuck = False
        return self._take_output() and self._take_events()

    def _take_output(self) -> bool:
        for _ in range(AT_ONCE):
            piece = self._plain.piece(self._at, self._at + RECORD_BYTES)
            if piece is None:
                return True
            if not self._seal(piece):
                return False
        return False

    def _seal(self, piece: Piece) -> bool:
        record = self._sealer.record(self._records, piece.at, piece.marks, piece.data)
        if not self._append(self._timing, b"%d %.6f 1\n" % (self._size, piece.t)):
            return False
        if not self._append(self._output, record):
            return False
        self._records += 1
        self._at += len(piece.data)
        self._size += len(record)
        return True

    def _take_events(self) -> bool:
        """They come behind the output, so that the last one says that this is all."""
        while events := self._plain.events(self._seq, EVENTS_PER_MESSAGE):
            for event in events:
                if not self._append(self._events, self._sealed(event)):
                    return False
                self._seq += 1
        return True

    def _sealed(self, event: dict[str, Any]) -> bytes:
        sealed = {"seq": event["seq"], "t": event["t"], "at": self._size, "kind": "sealed"}
        if event["kind"] == "exit":  # by which the hub says how the run has ended
            sealed.update(kind="exit", code=event["code"], signal=event["signal"])
        elif event["kind"] in ("resize", "control") or str(event.get("name", "")).startswith(SAMPLES):
            sealed["quiet"] = True
        sealed["data"] = self._sealer.event(event)
        return json.dumps(sealed, separators=(",", ":")).encode() + b"\n"

    def _append(self, fd: int, data: bytes) -> bool:
        """Write all of it, or nothing where there is no room."""
        size = os.fstat(fd).st_size
        try:
            while data:
                data = data[os.write(fd, data) :]
        except OSError:
            os.ftruncate(fd, size)
            self.stuck = True
        return not self.stuck


def _end_of_lines(fd: int) -> int:
    """Where the last whole line of an open file of short lines ends."""
    size = os.fstat(fd).st_size
    start = max(0, size - 256)
    return start + os.pread(fd, 256, start).rfind(b"\n") + 1
