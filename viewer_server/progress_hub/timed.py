"""A piece of output with the times at which it was written."""

from __future__ import annotations

import json
from typing import NamedTuple

from progress_run.protocol import Mark


class Timed(NamedTuple):
    """Output from offset `at` to `end`, of a chunk that was first written at `t`; `packed` are its marks as stored."""

    at: int
    end: int
    t: float
    packed: str | None
    data: bytes = b""
    """Empty where only the times were asked for."""

    def marks(self) -> list[Mark]:
        """From when on which part of it was written, and by which descriptor; the first is at its beginning."""
        marks: list[Mark] = [(self.at, self.t, 1)]
        for at, t, fd in _unpacked(self.packed):
            if at >= self.end:
                break
            if at <= self.at:
                marks.clear()
            marks.append((max(at, self.at), t, fd))
        return marks


def _unpacked(packed: str | None) -> list[Mark]:
    try:
        marks: list[Mark] = json.loads(packed or "[]")
    except ValueError:  # no sum protects them: damaged ones are none
        return []
    return marks
