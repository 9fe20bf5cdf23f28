"""What state a run is in, derived from what is known of it."""

from __future__ import annotations

from typing import Any

from progress_run.protocol import State

STALLED_AFTER = 120.0
"""Seconds of silence after which a connected run is called stalled."""
LOST_AFTER = 10.0
"""Seconds after which a run without a publisher is called lost."""


def derive(*, size: int, exit_event: dict[str, Any] | None, connected: bool, silent: float, away: float) -> State:
    """The state of a run.

    `size` is its output in bytes, `exit_event` its `exit` event if there is one, `silent` the seconds since output or
    an event came, `away` the seconds since its publisher was last heard.
    """
    if exit_event is not None:
        return ended(exit_event)
    if not connected and away >= LOST_AFTER:
        return "lost"
    if not size:
        return "waiting"
    return "stalled" if connected and silent >= STALLED_AFTER else "running"


def ended(exit_event: dict[str, Any]) -> State:
    """The final state that an `exit` event tells."""
    if exit_event.get("signal"):
        return "killed"
    return "succeeded" if exit_event.get("code") == 0 else "failed"
