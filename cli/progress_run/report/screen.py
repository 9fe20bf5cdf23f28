"""Draws bars on a terminal, one a row below the other; the cursor rests at the first of them between two drawings."""

from __future__ import annotations

import contextlib
import os
import threading

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from typing import Protocol, TextIO

    class Bar(Protocol):
        """Something to draw."""

        file: TextIO

        def drawn(self, columns: int) -> str:
            """Its line as it is now, at most that wide."""


CLEAR = "\r\033[K"
COLUMNS = 80
MOST_ROWS = 20


class Screen:
    """The bars of this process that are drawn, by their row."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bars: dict[int, Bar] = {}
        self._lines: dict[int, str] = {}

    @property
    def shows(self) -> bool:
        """Whether there is any bar."""
        return bool(self._bars)

    def add(self, bar: Bar, row: int | None = None) -> None:
        """Draw a bar, in that row or the first that is free."""
        with self._lock:
            if len(self._bars) >= MOST_ROWS:
                return
            if type(row) is not int or not 0 <= row < MOST_ROWS or row in self._bars:
                row = next(n for n in range(len(self._bars) + 1) if n not in self._bars)
            self._bars[row] = bar
            self._draw(row)

    def draw(self) -> None:
        """Draw what has changed."""
        with self._lock:
            for row in sorted(self._bars):
                self._draw(row)

    def remove(self, bar: Bar, leave: bool | None) -> None:
        """Draw a bar for the last time: it stays, above the others, or goes; None: it stays if it was the first."""
        with self._lock:
            row = next((row for row, each in self._bars.items() if each is bar), None)
            if row is None:
                return
            if row == 0 if leave is None else leave:
                self._write(bar.file, _at(row, CLEAR) + CLEAR + _line(bar) + "\n")
                self._lines.clear()  # the others have moved on by a row
            else:
                self._write(bar.file, _at(row, CLEAR))
            del self._bars[row]
            self._lines.pop(row, None)

    def write(self, text: str, file: TextIO) -> None:
        """Print above the bars."""
        with self._lock:
            for row, bar in self._bars.items():
                self._write(bar.file, _at(row, CLEAR))
            self._lines.clear()
            self._write(file, text)
            self.draw()

    def _draw(self, row: int) -> None:
        bar = self._bars[row]
        text = _line(bar)
        if text != self._lines.get(row):
            self._lines[row] = text
            self._write(bar.file, _at(row, f"{CLEAR}{text}"))

    def _write(self, file: TextIO, text: str) -> None:
        with contextlib.suppress(Exception):  # closed, an encoding without our characters, or the job's own type
            file.write(text)
            file.flush()


def _line(bar: Bar) -> str:
    try:
        return bar.drawn(_columns(bar.file))
    except Exception:  # noqa: BLE001 -- numbers beyond all measure: a report never harms the job
        return ""


def is_terminal(file: TextIO) -> bool:
    """Whether bars are drawn there."""
    try:
        return bool(file.isatty())
    except Exception:  # noqa: BLE001 -- closed, none, or the job's own type
        return False


def fill(file: TextIO) -> str:
    """What a bar is made of, in the file's encoding."""
    try:
        "█".encode(file.encoding or "ascii")
    except (AttributeError, LookupError, UnicodeEncodeError):
        return "#"
    return "█"


def _at(row: int, text: str) -> str:
    return "\n" * row + text + "\033[A" * row


def _columns(file: TextIO) -> int:
    """One less than there are: a cursor beyond the last column may be in the next row."""
    try:
        return (os.get_terminal_size(file.fileno()).columns or COLUMNS) - 1
    except (OSError, ValueError, AttributeError):
        return COLUMNS - 1
