"""The state of a run is a function of what is known of it."""

from __future__ import annotations

from typing import Any

import pytest

from progress_hub.state import away, derive

OK = {"code": 0, "signal": None}


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, "waiting"),
        ({"spoken": True}, "running"),
        ({"spoken": True, "overdue": True}, "stalled"),
        ({"overdue": True}, "waiting"),
        ({"spoken": True, "connected": False, "away": 9.0}, "running"),
        ({"spoken": True, "connected": False, "away": 10.0}, "lost"),
        ({"connected": False, "away": 10.0}, "lost"),
        ({"exit_event": OK}, "succeeded"),
        ({"exit_event": OK, "connected": False, "away": 1e6}, "succeeded"),
        ({"exit_event": {"code": 3, "signal": None}}, "failed"),
        ({"exit_event": {"code": 137, "signal": 9}}, "killed"),
        ({"exit_event": {"code": None, "signal": "SIGKILL"}}, "killed"),
    ],
)
def test_derive(known: dict[str, Any], state: str) -> None:
    usual = {"spoken": False, "exit_event": None, "connected": True, "overdue": False, "away": 0.0}
    assert derive(**{**usual, **known}) == state


@pytest.mark.parametrize(
    ("heard", "hub_up", "seconds"),
    [
        (990.0, 500.0, 10.0),  # the hub was there all the time
        (900.0, 998.0, 2.0),  # the hub came up two seconds ago; before, it could not hear
        (1000.0 - 86400, 998.0, 86400.0),  # it can't have been the hub's absence alone
    ],
)
def test_away(heard: float, hub_up: float, seconds: float) -> None:
    assert away(1000.0, heard, hub_up) == seconds
