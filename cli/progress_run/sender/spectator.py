"""Reads the job's output as it grows and recognises progress in it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from progress_run import run_directory
from progress_run.growing_lines import GrowingLines
from progress_run.protocol import Meta
from progress_run.recognise import Recogniser
from progress_run.sender.courtesy import is_crowded

FEED_BYTES = 16 * 1024
"""How much is recognised between two looks at the clock."""

SHARE, SAVED = 0.1, 1.0
"""Of a processor, what recognising takes in the long run; how many seconds of that may be saved up for a burst of
output."""

AT_ONCE, AT_ONCE_IN_A_CROWD = 0.05, 0.005
"""Seconds of work in one look; in a crowd it is what the observer can make up for by its longest rest."""

FAR_BEHIND = 1024 * 1024
CLOSE_BEHIND = 64 * 1024
"""Bytes. Farther behind, or behind with nothing saved up or at the job's end, we skip to what is close to the end. Of a
bar only the last state matters, and of all others who writes that much can't expect more."""

LINE_BYTES = 4096
"""How long a line may be that is not to be taken up in its middle."""

_END_OF_LINE = re.compile(rb"[\r\n]")


class Spectator:
    """Feeds a recogniser with a run's output, resizes of its terminal included.

    One that is started while the run is going on continues where the last report of another one belongs, so that
    nothing is reported twice, and with the same tasks.
    """

    def __init__(self, path: Path, meta: Meta) -> None:
        self._output = os.open(path / run_directory.OUTPUT, os.O_RDONLY | os.O_CLOEXEC)
        self._events = GrowingLines(path / run_directory.EVENTS)
        self._size = meta["cols"], meta["rows"]
        self._resizes: list[tuple[int, int, int]] = []
        self._at = 0
        self._recogniser = self._resumed()
        self._saved, self._saved_at = SAVED, time.monotonic()

    def look(self) -> None:
        """Recognise what there is, or as much as may be."""
        self._note_resizes()
        self._save()
        if self._behind > (FAR_BEHIND if self._saved > 0 else CLOSE_BEHIND):
            self._skip(CLOSE_BEHIND)
        began = time.thread_time()
        self._feed(began + min(self._saved, AT_ONCE_IN_A_CROWD if is_crowded() else AT_ONCE))
        self._saved -= time.thread_time() - began

    def look_at_the_last(self) -> None:
        """Recognise all that is left: the job has ended, and somebody waits."""
        self._note_resizes()
        if self._behind > CLOSE_BEHIND:
            self._skip(CLOSE_BEHIND)
        self._feed(float("inf"))
        self._recogniser.end()

    def reports(self) -> list[dict[str, Any]]:
        """What has changed since the last call."""
        return self._recogniser.reports()

    @property
    def _behind(self) -> int:
        return os.fstat(self._output).st_size - self._at

    def _save(self) -> None:
        now = time.monotonic()
        self._saved = min(SAVED, self._saved + SHARE * (now - self._saved_at))
        self._saved_at = now

    def _skip(self, left: int) -> None:
        """Go on with the first line or bar that is whole: half a bar would be another one."""
        self._at += self._behind - left
        begun = os.pread(self._output, LINE_BYTES, self._at)
        end = _END_OF_LINE.search(begun)
        self._at += end.end() if end else len(begun)
        if self._resize():
            self._recogniser.resize(*self._size)
        self._recogniser.skip_to(self._at)

    def _feed(self, until: float) -> None:
        while time.thread_time() < until and (data := self._next()):
            self._recogniser.feed(data)
            self._at += len(data)

    def _resumed(self) -> Recogniser:
        """One that knows what another has recognised, and the offset to which that had come."""
        tasks: dict[str, dict[str, Any]] = {}
        for event in self._recognised():
            self._at = max(self._at, event["at"])
            if event["kind"] == "task":
                tasks[event["id"]] = event
        self._resize()
        return Recogniser(*self._size, at=self._at, known=tasks.values())

    def _next(self) -> bytes:
        """The next output, up to where the terminal changes its size."""
        if self._resize():
            self._recogniser.resize(*self._size)
        end = self._at + FEED_BYTES
        if self._resizes:
            end = min(end, self._resizes[0][0])
        return os.pread(self._output, end - self._at, self._at)

    def _resize(self) -> bool:
        """Take the sizes that hold from here on; whether there were any."""
        due = [resize for resize in self._resizes if resize[0] <= self._at]
        if due:
            self._size = due[-1][1:]
            del self._resizes[: len(due)]
        return bool(due)

    def _note_resizes(self) -> None:
        for _ in self._recognised():
            pass  # by ourselves

    def _recognised(self) -> Iterator[dict[str, Any]]:
        """Those of the new events that were recognised; the resizes among the others are noted."""
        while line := self._events.next():
            if b'"kind":"resize"' in line:
                event = json.loads(line)
                self._resizes.append((event["at"], event["cols"], event["rows"]))
            elif b'"source":"text"' in line or b'"source":"osc"' in line:
                yield json.loads(line)
