"""How often something may be written: each thing at most so often, all of them together at most so many a second."""

from __future__ import annotations

from progress_run.allowance import Allowance

NEVER = float("inf")

BATCH = 0.02
"""Seconds between rounds where there is more to write than may be."""


class Pace:
    """Whose turn it is. What can't be written yet waits, and what waits is never forgotten.

    Args:
        interval: seconds between two writings of one thing.

    Attributes:
        next: when there is something to take, NEVER if nothing waits.
    """

    def __init__(self, interval: float, per_second: float) -> None:
        self._interval = interval
        self._allowance = Allowance(per_second, per_second)
        self._written: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        self.next = NEVER

    def want(self, key: str, t: float, *, at_once: bool = False) -> None:
        """It has changed at `t` and is to be written: after its interval, or `at_once`."""
        due = t if at_once else max(t, self._written.get(key, -NEVER) + self._interval)
        self._waiting[key] = min(due, self._waiting.get(key, due))
        self.next = min(self.next, due)

    def take(self, t: float) -> list[str]:
        """What is to be written at `t`, those that wait longest first."""
        if t < self.next:
            return []
        due = [key for key, at in self._waiting.items() if at <= t]
        taken = due[: self._allowance.room(t)]
        self._allowance.spend(len(taken))
        for key in taken:
            del self._waiting[key]
            self._written[key] = t
        self.next = min(self._waiting.values(), default=NEVER)
        if len(taken) < len(due):
            self.next = t + BATCH
        return taken

    def forget(self, key: str) -> bool:
        """It will not come again; whether it was waiting."""
        self._written.pop(key, None)
        return self._waiting.pop(key, None) is not None

    def take_all(self) -> list[str]:
        """What still waits at the end, whatever the pace."""
        taken = list(self._waiting)
        self._waiting.clear()
        self.next = NEVER
        return taken
