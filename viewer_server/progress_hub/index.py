"""Where in a run's output lines are, when they were written, and which stretches of it a terminal has to draw. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from progress_hub.density import Density
from progress_hub.scan import Scanner
from progress_hub.timed import Timed

STRETCH_BYTES = 256 * 1024
"""A stretch ends with the first newline at or behind each multiple of this."""


@dataclass
class Stretch:
    """Output from offset `at`, which begins a line, to the next stretch.

    `line` is how many newlines come before it, `t` when it was begun, in seconds since the run's start. `drawn`: it has
    more than plain text and colours, see scan.py. `style` is an SGR sequence for what is in force where it begins,
    and `modes` are the other sequences that are: they put a new terminal into the state that plain text would find.
    """

    at: int
    line: int
    t: float
    drawn: bool
    style: str
    modes: str


class Index:
    """The stretches of the first `size` bytes; `density` tells of their times."""

    def __init__(self) -> None:
        self.size = 0
        self.stretches: list[Stretch] = []
        self.density = Density()
        self._scanner = Scanner()
        self._line = 0
        self._beginning = True
        """What comes next begins a stretch."""

    def take(self, pieces: Sequence[Timed]) -> None:
        """Take what comes next, as whole as it was stored."""
        marks = [mark for piece in pieces for mark in piece.marks()]
        output = b"".join(piece.data for piece in pieces)
        end = self.size + len(output)
        for mark, following in zip(marks, [*(at for at, _, _ in marks[1:]), end], strict=True):
            self.density.add(mark[0], mark[1], following - mark[0])
        starts, times = [mark[0] for mark in marks], [mark[1] for mark in marks]
        done = 0
        while done < len(output):
            if self._beginning:
                self._begin(times[max(0, bisect_right(starts, self.size) - 1)])
            done += self._go_on(output, done)

    def skip(self, end: int) -> None:
        """What comes next up to `end` is damaged."""
        self.size, self._beginning = end, True
        self._scanner.lose()

    def before(self, at: int) -> Stretch | None:
        """The stretch that has offset `at`, or the last one before it."""
        number = bisect_right([stretch.at for stretch in self.stretches], at)
        return self.stretches[number - 1] if number else None

    def at_time(self, t: float) -> int:
        """The number of the stretch in which the output was at `t`; there is one at least."""
        return max(0, bisect_right([stretch.t for stretch in self.stretches], t) - 1)

    def _begin(self, t: float) -> None:
        self._scanner.cut()
        style, modes = self._scanner.style.sequence(), self._scanner.modes
        self.stretches.append(Stretch(self.size, self._line, t, self._scanner.drawn, style, modes))
        self._beginning = False

    def _go_on(self, output: bytes, done: int) -> int:
        """Take output from `done` on, to the end of this stretch at most; returns how much."""
        stretch = self.stretches[-1]
        boundary = (stretch.at // STRETCH_BYTES + 1) * STRETCH_BYTES
        newline = output.find(b"\n", done + max(0, boundary - self.size))
        self._beginning = newline >= 0
        part = output[done : newline + 1 if self._beginning else None]
        self._scanner.feed(part)
        stretch.drawn = self._scanner.drawn or self._scanner.unfinished
        self._line += part.count(b"\n")
        self.size += len(part)
        return len(part)

    def state(self) -> dict[str, Any]:
        """What `restore` needs beside the size and the stretches, as JSON."""
        return {
            "line": self._line,
            "beginning": self._beginning,
            "scanner": self._scanner.state(),
            "density": self.density.state(),
        }

    @classmethod
    def restore(cls, size: int, stretches: list[Stretch], state: dict[str, Any]) -> Index:
        """An index that goes on from a state."""
        index = cls()
        index.size, index.stretches = size, stretches
        index._line, index._beginning = state["line"], state["beginning"]
        index._scanner, index.density = Scanner.restore(state["scanner"]), Density.restore(state["density"])
        return index
