"""Whatever stands or falls between runner and hub, everything arrives by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.end_to_end.no_websocket import NoWebSocket
from tests.end_to_end.stage import JOBS, Cue, at_hub, encrypted_too, published
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

LINES = "".join(f"line {number}\n" for number in range(1, 601)).encode()


@encrypted_too
def test_the_sender_is_killed_again_and_again(connected: Home, cue: Cue) -> None:
    runner = connected.start(str(JOBS / "count.py"), cue.path, "600", "6")
    run = published(connected).on_the_hub()
    cue.give()
    for _ in range(4):
        wait_until(lambda: bool(run.senders()), "a sender is at work")
        for sender in run.senders():
            sender.kill()
            wait_until(lambda killed=sender: killed not in run.senders(), "it is dead")  # type: ignore[misc]
    assert runner.communicate(timeout=60)[0] == LINES
    assert runner.returncode == 0
    run.arrives()
    assert run.ansi == run.run.output == LINES


@pytest.fixture
def without_websocket(standing_hub: Hub) -> Iterator[NoWebSocket]:
    """The way to the hub leads through a proxy that lets no WebSocket through."""
    with NoWebSocket(standing_hub.port) as proxy:
        yield proxy


@encrypted_too
def test_where_websocket_is_blocked(home: Home, standing_hub: Hub, without_websocket: NoWebSocket, cue: Cue) -> None:
    at_hub(home, without_websocket.url, standing_hub.key)
    runner = home.start(str(JOBS / "count.py"), cue.path, "600", "1")
    run = published(home)
    cue.give()
    assert runner.communicate(timeout=60)[0] == LINES
    run.arrives()
    assert without_websocket.refused
    assert run.ansi == run.run.output == LINES
