"""How often somebody may do something."""

from __future__ import annotations

import time

BURST_SECONDS = 1.0
"""What was not used of this long may be made up for at once."""


class Pace:
    """So many times a second in the long run; 0 is any number."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._due = 0.0

    def step(self) -> float:
        """Once more; returns the seconds to wait before it."""
        now = time.monotonic()
        self._due = max(self._due, now - BURST_SECONDS) + self._interval
        return max(0.0, self._due - now)
