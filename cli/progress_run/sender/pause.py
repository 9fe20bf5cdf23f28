"""How long to wait before the next attempt: full jitter, so that a hub that comes back is not run over."""

from __future__ import annotations

import random

FIRST = 0.2
LAST = 5.0
"""Seconds: the bounds of the range from which a pause is drawn."""


class Pause:
    """Doubles the range with each attempt that failed."""

    def __init__(self) -> None:
        self.attempts = 0
        self._succeeded = False

    def reset(self) -> None:
        """An attempt succeeded; a connection that is lost later counts for none that failed."""
        self.attempts, self._succeeded = 0, True

    def next(self) -> float:
        """Seconds to wait after another failed attempt."""
        self.attempts += not self._succeeded
        self._succeeded = False
        return random.uniform(0, min(LAST, FIRST * 2.0 ** min(self.attempts, 20)))
