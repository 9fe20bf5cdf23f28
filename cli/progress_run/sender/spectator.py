"""Reads the job's output as it grows and recognises progress in it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from progress_run import run_directory
from progress_run.protocol import Meta
from progress_run.recognise import Recogniser

FEED_BYTES = 64 * 1024
"""How much is recognised between two looks at the clock."""

FAR_BEHIND = 4 * 1024 * 1024
"""From which on the rest is skipped: of progress, only the end matters."""

CLOSE_BEHIND = 64 * 1024
"""What is looked at before the end after a skip: the bars on a screen that was redrawn since."""


class Spectator:
    """Feeds a recogniser with a run's output, resizes of its terminal included.

    One that is started while the run is going on continues where the last report of another one belongs, so that
    nothing is reported twice.
    """

    def __init__(self, path: Path, meta: Meta) -> None:
        self._output = os.open(path / run_directory.OUTPUT, os.O_RDONLY | os.O_CLOEXEC)
        self._events = open(path / run_directory.EVENTS, "rb")  # noqa: SIM115 -- held as long as the spectator is
        self._size = meta["cols"], meta["rows"]
        self._resizes: list[tuple[int, int, int]] = []
        self._at = self._read_events()
        self._skip()
        self._recogniser = self._new_recogniser()

    def look(self, seconds: float) -> None:
        """Recognise what there is, for at most so much processor time."""
        if self._skip():
            self._recogniser = self._new_recogniser()
        self._read_events()
        until = time.thread_time() + seconds
        while time.thread_time() < until and (data := self._next()):
            self._recogniser.feed(data)
            self._at += len(data)

    def reports(self) -> list[dict[str, Any]]:
        """What has changed since the last call."""
        return self._recogniser.reports()

    def _new_recogniser(self) -> Recogniser:
        self._resize()
        return Recogniser(*self._size, at=self._at)

    def _next(self) -> bytes:
        """The next output, up to where the terminal changes its size."""
        if self._resize():
            self._recogniser.resize(*self._size)
        end = self._at + FEED_BYTES
        if self._resizes:
            end = min(end, self._resizes[0][0])
        return os.pread(self._output, end - self._at, self._at)

    def _skip(self) -> bool:
        """Whether we were so far behind that something had to be left out."""
        size = os.fstat(self._output).st_size
        if size - self._at <= FAR_BEHIND:
            return False
        self._at = size - CLOSE_BEHIND
        return True

    def _resize(self) -> bool:
        """Take the sizes that hold from here on; whether there were any."""
        due = [resize for resize in self._resizes if resize[0] <= self._at]
        if due:
            self._size = due[-1][1:]
            del self._resizes[: len(due)]
        return bool(due)

    def _read_events(self) -> int:
        """Note the resizes among new events; the offset of the last report that was recognised, 0 without."""
        last = 0
        while line := self._next_event():
            if b'"kind":"resize"' in line:
                event = json.loads(line)
                self._resizes.append((event["at"], event["cols"], event["rows"]))
            elif b'"source":"text"' in line or b'"source":"osc"' in line:
                last = max(last, json.loads(line)["at"])
        return last

    def _next_event(self) -> bytes | None:
        start = self._events.tell()
        line = self._events.readline()
        if line.endswith(b"\n"):
            return line
        self._events.seek(start)
        return None
