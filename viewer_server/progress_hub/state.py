"""What state a run is in, derived from what is known of it."""

from __future__ import annotations

from typing import Any

from progress_run.protocol import State

LOST_AFTER = 10.0
"""Seconds after which a run without a publisher is called lost."""


ENDED = ("succeeded", "failed", "killed")
RETURN_BY = 3600.0
"""Seconds that a hub may have been away so that a run it still knew of gets, at its start, the time to return."""


def away(now: float, heard: float, hub_up: float) -> float:
    """Seconds for which a publisher could have been heard, and was not: since `hub_up`, the hub's own start, at most.

    A run that had been silent for longer when the hub came up was lost before; it doesn't live up again.
    """
    return now - (max(heard, hub_up) if hub_up - heard < RETURN_BY else heard)


def derive(*, spoken: bool, exit_event: dict[str, Any] | None, connected: bool, overdue: bool, away: float) -> State:
    """The state of a run.

    `spoken` is whether anything came of its job yet, `exit_event` its `exit` event if there is one, `overdue` whether
    it is silent for longer than is usual for it, `away` the seconds since its publisher was last heard.
    """
    if exit_event is not None:
        return ended(exit_event)
    if not connected and away >= LOST_AFTER:
        return "lost"
    if not spoken:
        return "waiting"
    return "stalled" if connected and overdue else "running"


def ended(exit_event: dict[str, Any]) -> State:
    """The final state that an `exit` event tells."""
    if exit_event.get("signal"):
        return "killed"
    return "succeeded" if exit_event.get("code") == 0 else "failed"
