"""Viewers that mean no good hurt nobody else."""

from __future__ import annotations

import json
import secrets
import sqlite3
import struct
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import PONG, Raw, RawPolling, RawWebSocket, frame
from tests.support.hub import MODES, Hub, wait_until

from progress_run.protocol import PROTOCOL

LATENCY_SECONDS = 1.0


def answers(hub: Hub, times: int = 20) -> float:
    """Seconds that a request takes in the middle of several."""
    taken = []
    for _ in range(times):
        started = time.monotonic()
        hub.get("/healthz")
        taken.append(time.monotonic() - started)
    return sorted(taken)[times // 2]


def pour(raw: Raw, data: bytes) -> threading.Thread:
    """Send data on another thread, for as long as the hub takes it."""
    thread = threading.Thread(target=raw.send, args=(data,), daemon=True)
    thread.start()
    return thread


def test_floods_of_frames_leave_others_their_turns(hub: Hub) -> None:
    with ExitStack() as stack:
        for flood in (frame(PONG), frame("ping", 0x89), frame("", 0x8A)):
            for _ in range(2):
                pour(stack.enter_context(RawWebSocket(hub)), flood * 2_000_000)
        assert answers(hub) < LATENCY_SECONDS


def test_floods_of_requests_leave_others_their_turns(hub: Hub) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            raw = stack.enter_context(Raw(hub, 4_000_000))
            pour(raw, f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\n\r\n".encode() * 20_000)
            threading.Thread(target=raw.ends, args=(60.0,), daemon=True).start()
        assert answers(hub) < LATENCY_SECONDS


def test_a_flood_of_watch_leaves_others_their_turns(hub: Hub) -> None:
    with Publisher(hub) as publisher, ExitStack() as stack:
        publisher.open()
        for _ in range(5):
            raw = stack.enter_context(RawWebSocket(hub)).join(publisher.token)
            pour(raw, frame('42/watch,1["watch",{"from":0,"events_from":0}]') * 100_000)
            threading.Thread(target=raw.ends, args=(60.0,), daemon=True).start()
        assert answers(hub) < LATENCY_SECONDS
        with Viewer(hub, publisher.token) as viewer:
            publisher.append_all(b"still here")
            viewer.wait_for(lambda: viewer.output == b"still here", "the output")


def test_the_next_request_is_read_when_the_last_answer_was_taken(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        viewer = RawPolling(hub, publisher.token)
        viewer.post('42/watch,1["watch",{"from":0,"events_from":0}]')
        again = threading.Thread(target=viewer.post, args=('42/watch,2["watch",{"from":0,"events_from":0}]',))
        again.start()
        again.join(1)
        assert again.is_alive()
        answers = b""
        while b"43/watch,2" not in answers:
            answers += viewer.get()
        again.join()
        assert b"43/watch,1" in answers


def test_reconnecting_a_hundred_times_a_second(hub: Hub) -> None:
    with Publisher(hub) as publisher, Viewer(hub, publisher_token(publisher)) as viewer:
        over = threading.Event()

        def reconnect() -> None:
            """Leave in every stage of being let in."""
            while not over.is_set():
                with suppress(OSError, AssertionError), RawWebSocket(hub) as raw:
                    raw.say("40/watch," + json.dumps({"link": publisher.token, "protocol": PROTOCOL}))
                    if secrets.randbelow(2):
                        raw.watch()
                    if secrets.randbelow(2):
                        raw.say("41/watch,")

        threads = [threading.Thread(target=reconnect) for _ in range(4)]
        for thread in threads:
            thread.start()
        late = []
        for number in range(40):
            started = time.monotonic()
            publisher.append(number, b"x")
            viewer.wait_for(lambda n=number: len(viewer.output) > n, "the output")
            late.append(time.monotonic() - started)
        over.set()
        for thread in threads:
            thread.join()
        assert sorted(late)[-2] < LATENCY_SECONDS
        wait_until(lambda: hub.info(publisher.token)["viewers"] == 1, "that the others are forgotten")


def publisher_token(publisher: Publisher) -> str:
    """The link of a run that is opened for it."""
    publisher.open()
    return publisher.token


def test_who_leaves_while_being_let_in_is_forgotten(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()

        def come_and_go() -> None:
            viewer = RawPolling(hub)
            join = "40/watch," + json.dumps({"link": publisher.token, "protocol": PROTOCOL})
            threads = [threading.Thread(target=viewer.post, args=(packet,)) for packet in (join, "1")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        for _ in range(30):
            come_and_go()
        wait_until(lambda: hub.info(publisher.token)["viewers"] == 0, "that nobody watches")


def test_lies_about_the_position(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"0123456789")
        with Viewer(hub, publisher.token) as viewer:
            for lie in (11, 10**6, 2**53 - 1):
                watching = viewer.call("watch", {"from": lie, "events_from": lie})
                assert (watching["end"], watching["events_end"]) == (10, 0)
            nonsense: Any
            for nonsense in (-1, 2**53, 10**90, 1.5, True, None, "1", [], {}):
                for message in ({"from": nonsense, "events_from": 0}, {"from": 0, "events_from": nonsense}):
                    assert viewer.call("watch", message)["error"]["code"] == "bad_request", nonsense
            for query in ("output?from=9999999999999999", "output?to=9999999999999999", "events?from=9999999999999999"):
                assert len(hub.get(f"/r/{publisher.token}/{query}")) in (0, 10)
            assert viewer.call("watch", {"from": 0, "events_from": 0})["end"] == 10
            publisher.append_all(b"and on")
            viewer.wait_for(lambda: viewer.output == b"0123456789and on", "the output")


def test_a_filter_of_hostile_output_leaves_others_their_turns(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"x\r" * 4_000_000, 65536, "zlib")
        with ExitStack() as stack:
            for _ in range(3):
                reader = stack.enter_context(Raw(hub))
                reader.request(f"GET /r/{publisher.token}.txt")
            over, answered = time.monotonic() + 3, 0
            while time.monotonic() < over:
                hub.get("/healthz")
                answered += 1
            assert answered > 15  # in turns with the filter, it would be one for each half second of filtering


HOST = b"Host: localhost\r\n"
POST = b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" + HOST
UPGRADE = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + HOST
MALFORMED = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
    b"GET / HTTP/1.1\r\nA: " + b"b" * 200_000 + b"\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n: :\r\n\xff\r\n\r\n",
    b"GET /r/%ff%fe HTTP/1.1\r\nRange: bytes=-,-,,\r\n" + HOST + b"\r\n",
    POST + b"Content-Length: -1\r\n\r\nxxx",
    POST + b"Content-Length: x\r\n\r\nxxx",
    POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxxx\r\n",
    UPGRADE + b"\r\n",
    UPGRADE + b"Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 1 2\r\n\r\n12345678",
    UPGRADE + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %%%\r\n\r\n\xff\xff\xff\xff",
]


def test_malformed_bytes_write_little_into_the_log_and_get_no_traceback(hub: Hub) -> None:
    before = len(hub.log)
    for _ in range(3):
        for malformed in MALFORMED:
            with Raw(hub) as raw:
                raw.send(malformed)
                with suppress(OSError):
                    raw.socket.shutdown(1)
                    while piece := raw.socket.recv(65536):
                        raw.got += piece
                assert b"Traceback" not in raw.got, malformed[:80]
        for packet in ("4", "49", "42/watch", "4" + "[" * 30_000, "x", "\x1e", "451-[", "40/watch,{", "5", "2probe"):
            with RawWebSocket(hub) as raw:
                raw.say(packet)
        with RawWebSocket(hub) as raw:
            raw.send(frame(b"\xff\xfe\xfd"))
        with RawWebSocket(hub) as raw:
            raw.send(b"\x91\x00\xff")
    assert json.loads(hub.get("/healthz"))["status"] == "ok"
    assert len(hub.log) - before < 4000
    assert "Traceback" not in hub.log


def test_drafts_of_websocket_that_have_no_limits_are_refused(hub: Hub) -> None:
    with Raw(hub) as raw:
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", f"Origin: {hub.url}")
        raw.request("GET /socket.io/?EIO=4&transport=websocket", *upgrade)
        assert not raw.read_until(b"\r\n").startswith(b"HTTP/1.1 101")


def test_messages_of_viewers_are_small(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        with RawWebSocket(hub).join(publisher.token) as raw:
            raw.say('42/watch,["watch",{"from":0,"events_from":0,"more":"' + "x" * 100_000 + '"}]')
            assert raw.ends()


def test_bodies_that_nobody_asked_for_are_not_collected(hub: Hub) -> None:
    import psutil

    memory = psutil.Process(hub.process.pid).memory_info
    before = memory().rss
    with ExitStack() as stack:
        for _ in range(20):
            raw = stack.enter_context(Raw(hub))
            raw.request("GET /healthz")
            pour(raw, bytes(9_000_000))
        answers(hub)
        assert memory().rss - before < 40_000_000


def test_too_large_a_post_keeps_nobody(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        viewer = RawPolling(hub, publisher.token)
        with Raw(hub) as raw:
            raw.request("POST " + viewer.path, "Content-Length: 99999999")
            assert b" 400 " in raw.read_until(b"\r\n")
        wait_until(lambda: hub.info(publisher.token)["viewers"] == 0, "that it is gone")


@pytest.mark.parametrize("mode", MODES)
def test_keys_and_links_do_not_reach_the_log(mode: str) -> None:
    with Hub(mode) as hub, Publisher(hub) as publisher:
        publisher.open()
        secret = [hub.key, publisher.token]
        with Viewer(hub, publisher.token):
            hub.get(f"/r/{publisher.token}/info")
        polling = RawPolling(hub)
        with Raw(hub) as raw:
            body = b'40/publish,{"key":"' + hub.key.encode() + b'","protocol":1}\xff'
            raw.request("POST " + polling.path, f"Content-Length: {len(body)}", "Connection: close", body=body)
            raw.ends()
        with ExitStack() as stack:
            told = [stack.enter_context(RawWebSocket(hub)) for _ in range(3)]
            texts = (f'42/publish,["{hub.key}"]', f'40/watch,{{"link":"{publisher.token}"', f"4x{hub.key}")
            for raw, nonsense in zip(told, texts, strict=True):
                raw.say(nonsense)
            for raw in told:
                raw.ends()
        with sqlite3.connect(hub.data / "hub.db") as other:
            other.execute("ALTER TABLE links RENAME TO elsewhere")
        other.close()
        for place in ("/info", ".txt", "/output", ""):
            with Raw(hub) as raw:
                raw.request(f"GET /r/{publisher.token}{place}", "Connection: close")
                assert b" 500 " in raw.read_until(b"\r\n\r\n")
        with RawWebSocket(hub) as raw:
            raw.say("40/watch," + json.dumps({"link": publisher.token, "protocol": PROTOCOL}))
            raw.ends()
        with Publisher(hub, token=publisher.token) as another:
            assert another.open()["error"]["code"] == "unavailable"
        wait_until(lambda: "/r/<token>/info failed" in hub.log, "that the log says what failed")
        assert not [each for each in secret if each in hub.log]


def test_sizes_in_frames_that_lie(hub: Hub) -> None:
    with RawWebSocket(hub) as raw:
        raw.send(struct.pack("!BBQ", 0x81, 0x80 | 127, 2**62) + bytes(1000))
        assert raw.ends()
