"""How long a run usually is silent, so that a silence can be called long for this run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

STALLED_AFTER = 60.0
"""Seconds of silence after which a run is called stalled at the earliest, unless the settings say otherwise."""
TIMES = 3.0
"""How many times its longest recent silence a run may be silent."""
HALF_LIFE = 3600.0
"""Seconds in which a silence counts for half: one long start is forgotten by a run that then speaks all the time."""


class Rhythm(NamedTuple):
    """A run's words on its own clock, in seconds: when the `last` one was, and the `longest` silence, faded since."""

    last: float = 0.0
    longest: float = 0.0

    def heard(self, times: Iterable[float]) -> Rhythm:
        """The rhythm once the run has spoken at these times. It is its clock that counts: words may come late."""
        last, longest = self
        for t in times:
            if t > last:
                longest = max(t - last, longest * 0.5 ** ((t - last) / HALF_LIFE))
                last = t
        return Rhythm(last, longest)

    def patience(self, floor: float) -> float:
        """The seconds of silence after which the run is called stalled, `floor` at least."""
        return max(floor, TIMES * self.longest)
