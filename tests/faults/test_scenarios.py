"""The fault bench in short: every kind of trouble once, for seconds. `make faults` makes it for minutes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.faults.__main__ import command, play
from tests.faults.scenarios import SCENARIOS, Result
from tests.faults.seeds import places

SHORT = {
    "hub_killed": (30, 5_000_000),
    "sender_killed": (5, 1_000_000),
    "latency": (3, 600_000),
    "bandwidth": (2, 300_000),
    "slicer": (2, 10_000),
    "slow_close": (3, 600_000),
    "resets": (5, 1_000_000),
    "publisher_reset": (30, 100),
    "duplicate": (4, 1_500_000),
    "hub_failpoints": (60, 2 * len(places("hub"))),
    "sender_failpoints": (60, 2 * len(places("sender"))),
}
HARMLESS = ("latency", "bandwidth", "slicer")
"""Under these no connection comes to its end."""
WAITS = {
    "acks_lost": (4, 400_000),
    "all_acks_lost": (15, 0),
    "deaf": (2, 20_000),
    "black_hole": (5, 500_000),
}
"""A sender that hears nothing waits 15 seconds before it gives a connection up; these wait side by side."""

SHORTER = {
    "hub_killed": (20, 3_000_000),
    "publisher_reset": (30, 30),
    "hub_failpoints": (60, len(places("hub"))),
}
"""Where an encrypted run is given less: to a hub its bytes are bytes like any."""


def shortly(name: str, seconds: float, amount: int, *, e2e: bool = False) -> Result:
    """A scenario; always the same seed unless another is in the environment, new ones are for `make faults`."""
    result = play(name, int(os.environ.get("SEED") or 1), seconds, amount, e2e=e2e)
    again = command(name, result.seed, seconds / 60, amount, e2e=e2e)
    assert result.verdict.flawless, f"{result}\nTo repeat it: {again}"
    return result


@pytest.mark.parametrize("e2e", [False, True], ids=["plain", "e2e"])
@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost(name: str, e2e: bool) -> None:
    amounts = {**SHORT, **SHORTER} if e2e else SHORT
    result = shortly(name, *amounts[name], e2e=e2e)
    assert result.kills or name in HARMLESS


@pytest.mark.parametrize("e2e", [False, True], ids=["plain", "e2e"])
def test_nothing_is_lost_in_silence(e2e: bool) -> None:
    with ThreadPoolExecutor() as pool:
        assert all(result.kills for result in pool.map(lambda name: shortly(name, *WAITS[name], e2e=e2e), WAITS))


def test_every_scenario_is_played() -> None:
    assert {*SHORT, *WAITS} == set(SCENARIOS)
