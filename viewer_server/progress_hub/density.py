"""When a run wrote how much, and when it was silent, in bounded memory however long it runs. Pure."""

from __future__ import annotations

import heapq
from typing import Any

BUCKETS = 4096
FIRST_WIDTH = 1 / 16
"""Seconds a bucket is long at first; doubled whenever the run outlasts all buckets."""
SILENT_SECONDS = 10.0
SILENCES = 200

Silence = tuple[float, float, int]
"""`(t, seconds, at)`: from when on, how long, and the offset at which output went on."""


class Density:
    """`silences` are the longest ones."""

    def __init__(self) -> None:
        self._width = FIRST_WIDTH
        self._bytes: list[int] = []
        self._silences: list[tuple[float, float, int]] = []  # a heap, the shortest first
        self._last = 0.0

    def add(self, at: int, t: float, size: int) -> None:
        """`size` bytes from offset `at` were written at `t`."""
        if t - self._last >= SILENT_SECONDS:
            heapq.heappush(self._silences, (t - self._last, self._last, at))
            if len(self._silences) > SILENCES:
                heapq.heappop(self._silences)
        self._last = max(self._last, t)
        while t >= BUCKETS * self._width:
            self._widen()
        bucket = int(t / self._width)
        self._bytes.extend([0] * (bucket + 1 - len(self._bytes)))
        self._bytes[bucket] += size

    def _widen(self) -> None:
        self._width *= 2
        pairs = zip(self._bytes[::2], [*self._bytes[1::2], 0], strict=False)
        self._bytes = [one + other for one, other in pairs]

    @property
    def last(self) -> float:
        """When something was last written, in seconds since the start."""
        return self._last

    @property
    def silences(self) -> list[Silence]:
        """Those of ten seconds and more, in their order."""
        return sorted((t, seconds, at) for seconds, t, at in self._silences)

    def over(self, duration: float, buckets: int) -> list[int]:
        """How many bytes were written in each of so many equal parts of a time from 0 on."""
        counts = [0] * buckets
        for number, size in enumerate(self._bytes):
            middle = (number + 0.5) * self._width
            counts[min(buckets - 1, int(middle * buckets / duration))] += size
        return counts

    def state(self) -> dict[str, Any]:
        """What `restore` needs, as JSON."""
        return {"width": self._width, "bytes": self._bytes, "silences": self._silences, "last": self._last}

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Density:
        """A density that goes on from a state."""
        density = cls()
        density._width, density._bytes, density._last = state["width"], state["bytes"], state["last"]
        density._silences = [(seconds, t, at) for seconds, t, at in state["silences"]]
        return density
