"""Runs over HTTP: whole, in part, and as they grow."""

from __future__ import annotations

import http.client
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from tests.support.clients import Publisher
from tests.support.hub import Hub


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    """A publisher whose run is open."""
    with Publisher(hub) as opened:
        opened.open()
        yield opened


@contextmanager
def get(hub: Hub, path: str, method: str = "GET", **headers: str) -> Iterator[http.client.HTTPResponse]:
    """The response, its body still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    connection.request(method, path, headers=headers)
    with connection.getresponse() as response:
        yield response
    connection.close()


def test_parts_of_the_output(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"0123456789")
    path = f"/r/{publisher.token}/output"
    for query, part in {"": b"0123456789", "?from=3": b"3456789", "?from=3&to=5": b"34", "?to=99": b"0123456789",
                            "?from=99": b"", "?from=4&to=4": b""}.items():  # fmt: skip
        with get(hub, path + query) as response:
            assert (response.status, response.read()) == (200, part), query
    for asked, status, span, expected in [
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=7-", 206, "bytes 7-9/10", b"789"),
        ("bytes=-2", 206, "bytes 8-9/10", b"89"),
        ("bytes=10-", 416, "bytes */10", None),
        ("lines=1-2", 200, None, b"0123456789"),
        ("bytes=0-1,4-5", 200, None, b"0123456789"),
    ]:
        with get(hub, path, Range=asked) as response:
            assert (response.status, response.getheader("Content-Range")) == (status, span), asked
            assert expected is None or response.read() == expected, asked
    with get(hub, path, "HEAD") as response:
        assert (response.getheader("Content-Length"), response.read()) == ("10", b"")
        assert response.getheader("Content-Type") == "application/octet-stream"
        assert response.getheader("X-Content-Type-Options") == "nosniff"
        assert response.getheader("Cache-Control") == "no-store"
        assert response.getheader("Referrer-Policy") == "no-referrer"


@pytest.mark.parametrize(
    "query", ["output?from=x", "output?from=-1", "output?to=1.5", "output?from=5&to=3", "events?from=²"]
)
def test_queries_that_make_no_sense(hub: Hub, publisher: Publisher, query: str) -> None:
    with get(hub, f"/r/{publisher.token}/{query.replace('²', '%C2%B2')}") as response:
        assert response.status == 400
        assert response.read().decode().endswith(".\n")


def test_events_and_info(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"one\ntwo\n")
    publisher.event({"kind": "task", "id": "a", "current": 1}, {"kind": "task", "id": "a", "current": 2})
    publisher.event({"kind": "exit", "code": None, "signal": 9, "t": 2.5})
    lines = hub.get(f"/r/{publisher.token}/events?from=1").splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2]
    info = hub.info(publisher.token)
    started = info["started"]
    assert isinstance(started, float)
    assert isinstance(info["tasks"], list)
    assert [(task["seq"], task["at"], task["id"], task["current"]) for task in info["tasks"]] == [(1, 8, "a", 2)]
    expected = {"state": "killed", "signal": 9, "exit_code": None, "ended": started + 2.5, "lines": 2, "size": 8,
                "events": 3, "complete": False, "viewers": 0, "role": "view", "command": ["job"]}  # fmt: skip
    assert {name: info[name] for name in expected} == expected


def test_streams_grow_with_the_run_and_end_with_it(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"\x1b[32mfirst\x1b[0m\r\n")
    with get(hub, f"/r/{publisher.token}.txt") as text, get(hub, f"/r/{publisher.token}.ansi") as raw:
        assert text.readline() == b"first\n"
        assert raw.readline() == b"\x1b[32mfirst\x1b[0m\r\n"
        publisher.append_all(b" 50%\r100%\r\nlast")
        assert text.readline() == b"100%\n"
        assert raw.readline() == b" 50%\r100%\r\n"
        assert publisher.seal(b"\x1b[32mfirst\x1b[0m\r\n 50%\r100%\r\nlast")["complete"]
        assert text.read() == b"last"
        assert raw.read() == b"last"
        assert text.getheader("Content-Type") == "text/plain; charset=utf-8"


def test_damage_in_the_store_is_not_served(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"precious")
    with closing(sqlite3.connect(hub.data / "hub.db")) as other, other:
        other.execute("UPDATE chunks SET data = x'7072656369656e73' WHERE run = ?", [publisher.run])
    with get(hub, f"/r/{publisher.token}/output") as response:
        assert response.status == 410
        assert json.load(response) == {"hole": [0, 8]}
    assert "from byte 0 to 8 is damaged in the store" in hub.log
