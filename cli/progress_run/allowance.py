"""How much of something may be taken in the long run, and how much at once."""

from __future__ import annotations


class Allowance:
    """So many a second, and no more than `burst` saved up."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = self._room = burst
        self._t = 0.0

    def room(self, t: float) -> int:
        """How many may be taken at `t`."""
        self._room = min(self._burst, self._room + (t - self._t) * self._per_second)
        self._t = t
        return int(self._room)

    def take(self, t: float) -> bool:
        """Take one if there is one."""
        there = self.room(t) >= 1
        self._room -= there
        return there

    def spend(self, count: int) -> None:
        """Take as many, that `room` has just said are there."""
        self._room -= count
