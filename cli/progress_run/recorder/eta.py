"""How fast something goes and how long it will take, from nothing but its numbers and their times."""

from __future__ import annotations

import math

KNOWN_AFTER = 0.5
"""Seconds of observation before a rate is more than noise."""

SLICE = 0.05
"""Seconds at least that one measurement spans: what comes in between only counts in the next."""

MEMORY = 0.15
SHORTEST, LONGEST = 5.0, 900.0
"""What is remembered is about a seventh of the time observed, within these bounds in seconds. So a bar of a minute
follows a change of pace within seconds, and one of ten hours is not thrown by a slow minute."""


class Meter:
    """The recent rate of a number that grows: its mean, with weights that fade exponentially into the past.

    Time in which the number does not move counts once it moves again, so that a number which moves seldom and far is
    no faster and no slower than it is. One that falls has been started anew.
    """

    def __init__(self) -> None:
        self._began = self._t = 0.0
        self._value: float | None = None
        self._units = self._seconds = 0.0

    def observe(self, t: float, value: float) -> None:
        """The number has this value at `t`, in seconds of a clock that is never set back."""
        if self._value is None or value < self._value:
            self._restart(t, value)
        elif value > self._value and t - self._t >= SLICE:
            self._measure(t - self._t, value - self._value, t - self._began)
            self._t, self._value = t, value

    def rest(self, t: float) -> None:
        """It is paused at `t`: the time since it last moved says nothing of its pace."""
        self._began += t - self._t
        self._t = t

    def forget(self) -> None:
        """What comes now is another number."""
        self._value = None
        self._units = self._seconds = 0.0

    @property
    def rate(self) -> float | None:
        """Units per second, None until known."""
        if self._t - self._began < KNOWN_AFTER or not self._seconds:
            return None
        return self._units / self._seconds

    def _restart(self, t: float, value: float) -> None:
        self.forget()
        self._began, self._t, self._value = t, t, value

    def _measure(self, seconds: float, units: float, age: float) -> None:
        """Add a stretch of constant rate: the mean is an integral, however long or short the stretches are."""
        memory = min(LONGEST, max(SHORTEST, MEMORY * age))
        kept = math.exp(-seconds / memory)
        weight = memory * (1 - kept)
        self._units = self._units * kept + units / seconds * weight
        self._seconds = self._seconds * kept + weight


def remaining(current: float | None, total: float | None, percent: float | None) -> float | None:
    """How many units are left, or percent where units are unknown; None where that can't be told."""
    if current is not None and total is not None:
        return max(0.0, total - current)
    if current and percent:
        return current * (100 / percent - 1)
    return None if percent is None or current is not None else 100 - percent
