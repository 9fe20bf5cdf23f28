"""A run goes in by /publish and comes out by /watch and HTTP, byte for byte."""

from __future__ import annotations

import random

import pytest
from tests.support.clients import Publisher, Viewer, sha256
from tests.support.hub import Hub

TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
def test_the_same_bytes_everywhere(hub: Hub, transports: list[str]) -> None:
    data = random.Random(1).randbytes(300_000)
    with Publisher(hub, transports=transports) as publisher:
        assert publisher.open() == {"end": 0, "events_end": 0, "complete": False}
        with Viewer(hub, publisher.token, transports) as early:
            assert early.run["state"] == "waiting"
            publisher.append_all(data[:200_000])
            with Viewer(hub, publisher.token, transports) as late:
                publisher.append_all(data[200_000:], codec="zlib")
                publisher.event({"kind": "exit", "code": 0, "signal": None})
                assert publisher.seal(data) == {"end": len(data), "events_end": 1, "complete": True}
                for viewer in (early, late):
                    viewer.wait_for(lambda v=viewer: len(v.output) == len(data), "all output")
                    viewer.wait_for(lambda v=viewer: v.run["complete"], "that it is complete")
                    assert viewer.output == data
                    assert [event["kind"] for event in viewer.events] == ["exit"]
                    assert viewer.run["state"] == "succeeded"
                    assert viewer.run["sha256"] == sha256(data)
                assert early.inline == len(data)
        assert hub.get(f"/r/{publisher.token}.ansi") == data
        assert hub.get(f"/r/{publisher.token}/output") == data
