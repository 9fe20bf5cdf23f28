"""`--echo rich`: the job's lines above, the bars of its tasks below them, at the user's own terminal.

The bars stand below the cursor, which stays where the job left it; before the job's next byte they are erased. So the
job, the recording and a terminal that is left in any way never know of them. A job that draws itself gets none.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Mapping
from typing import Any

from progress_run.echo import amount, duration
from progress_run.lazy import Pattern
from progress_run.protocol import UNDER_WAY
from progress_run.recorder.board import Board
from progress_run.recorder.sink import Sink
from progress_run.recorder.stream import Stream
from progress_run.recorder.terminal_sink import TerminalSink

MOST = 6
"""The most bars at once."""

INTERVAL, TICK = 0.05, 1.0
"""Seconds between two drawings, and after which the time that is left has changed."""

WIDTH, LABEL = 24, 30
"""Cells of a bar, and the most of its label."""

LOOK_BACK = 16
"""Bytes of a sequence that may have come before the rest of it."""

ERASE = b"\x1b[J"

_DRAWING = Pattern(
    rb"\x1b\[[0-?]*[A-HJSTLMPXadefsu`]|\x1b\[\?[0-9;]*[hl]|\x1b[78DMEc]|\x08|\r(?![\r\n]|\Z)",
)
"""Moves of the cursor, scrolling, erasing below, other screens and modes: what places things on the screen."""


class LiveSink(TerminalSink):
    """The user's terminal with something drawn below the job's output.

    Attributes:
        plain: the job draws itself, and nothing is ever drawn below it.
        drawn: something is.
    """

    def __init__(self, fd: int) -> None:
        super().__init__(fd)
        self.plain = self.drawn = False
        self._last = b"\n"

    def write(self, data: bytes) -> None:
        """The job's, in the place of what was drawn."""
        self.boundary.feed(data)
        self.plain = self.plain or _DRAWING.search(self._last + data) is not None
        self._last = (self._last + data)[-LOOK_BACK:]
        erase, self.drawn = ERASE if self.drawn else b"", False
        Sink.write(self, erase + data)

    @property
    def ready(self) -> bool:
        """Whether the job is at the start of a line, and does not draw itself."""
        return not self.plain and self._last.endswith(b"\n")

    def draw(self, lines: list[str]) -> None:
        """Draw these below, instead of what was drawn."""
        room = b"\r\n" * (len(lines) - 1)
        up = b"\x1b[%dA" % (len(lines) - 1) if len(lines) > 1 else b""
        text = "\r\n".join(lines).encode()
        self.drawn |= self.insert(ERASE + room + up + b"\x1b7\x1b[0m\x1b[?7l" + text + b"\x1b[?7h\x1b8")

    def erase(self) -> None:
        """Leave nothing of it."""
        if self.drawn:
            self.drawn = False
            Sink.write(self, ERASE)


class LiveBars:
    """Draws the board's tasks that are under way below the output."""

    def __init__(self, board: Board, streams: list[Stream]) -> None:
        self._board = board
        self._stream = next((stream for stream in streams if isinstance(stream.sink, LiveSink)), None)
        self._sink = self._stream.sink if self._stream and isinstance(self._stream.sink, LiveSink) else None
        self._tasks: list[dict[str, Any]] = []
        self._seen = -1
        self._learned_at = self._draw_at = self._tick_at = 0.0

    def update(self) -> None:
        """Draw what is new, what a second has changed, and what the job's output has taken the place of."""
        now = time.monotonic()
        if self._stream is None or self._sink is None or not self._sink.ready or now < self._draw_at:
            return
        if self._is_news:
            self._learn(now)
        if self._tasks and (not self._sink.drawn or now >= self._tick_at):
            self._sink.draw(self._lines(now))
            self._draw_at, self._tick_at = now + INTERVAL, now + TICK
            self._stream.look_after_sink()

    @property
    def patience(self) -> float:
        """Seconds after which `update` is wanted."""
        if self._sink is None or not self._sink.ready:
            return float("inf")
        at_once = self._is_news or (self._tasks and not self._sink.drawn)
        due = self._draw_at if at_once else self._tick_at if self._tasks else float("inf")
        return due - time.monotonic()

    def clear(self) -> None:
        """Erase them; they come back with the next update."""
        if self._sink:
            self._sink.erase()

    def close(self) -> None:
        """Erase them for good."""
        self.clear()
        self._sink = None

    @property
    def _is_news(self) -> bool:
        return self._board.changes != self._seen

    def _learn(self, now: float) -> None:
        self._seen, self._learned_at, self._tick_at = self._board.changes, now, now
        self._tasks = [task for task in self._board.tasks if task["state"] in UNDER_WAY]
        if not self._tasks:
            self.clear()

    def _lines(self, now: float) -> list[str]:
        label = min(LABEL, max(_cells(task["label"] or task["id"]) for task in self._tasks[:MOST]))
        lines = [line(task, label, now - self._learned_at) for task in self._tasks[:MOST]]
        more = len(self._tasks) - MOST
        return [*lines, f"… and {more:,} more"] if more > 0 else lines


def line(task: Mapping[str, Any], label: int, elapsed: float) -> str:
    """One bar with its label in so many cells, `elapsed` seconds after its event."""
    percent, rate, eta = task["percent"], task["rate"], task["eta"]
    done = round(WIDTH * (percent or 0) / 100)
    words = [
        _fit(task["label"] or task["id"], label),
        f"\x1b[32m{'━' * done}\x1b[2m{'━' * (WIDTH - done)}\x1b[0m",
        "     " if percent is None else f"{percent:3.0f} %",
        amount(task) if task["current"] is not None else "",
        "" if rate is None else f"{rate:.3g} {task['unit'] or ('' if task['current'] is not None else '%')}/s",
        "" if eta is None else f"{duration(max(0.0, eta - elapsed))} left",
    ]
    return "  ".join(filter(None, words))


def _fit(text: str, cells: int) -> str:
    """The text in exactly so many cells of a terminal."""
    if _cells(text) > cells:
        while _cells(text) > cells - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (cells - _cells(text))


def _cells(text: str) -> int:
    """How many cells a terminal gives it: two for what is wide in East Asia, none for what combines."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
