"""Every way of abusing the wire that is known to us, before and after a client has shown who it is.

Each of these peers is cut; the hub's memory and log hardly grow, and whoever watches meanwhile gets every line in time.
What floods rather than breaks the protocol, and who doesn't read, is in test_hostile.py and test_hostile_slow.py.
"""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest
from tests.hub.test_hostile import MALFORMED
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import Raw, RawPolling, RawWebSocket, frame
from tests.support.hub import Hub, wait_until

from progress_run.protocol import MESSAGE_BYTES, PROTOCOL

MEMORY_BYTES, LOG_BYTES = 5_000_000, 10_000
LATE_SECONDS = 2.0

TEXT, CONTINUED, BINARY, PING, MORE = 0x81, 0x80, 0x82, 0x89, 0x7F
"""First bytes of frames; `& MORE` takes away the mark of a message's last frame."""
COMPRESSED = 0x40

PACKETS = {
    "an event of the library's own": '42/{},["connect",{{}}]',
    "the end of somebody": '42/{},["disconnect"]',
    "an event of Python's own": '42/{},["__class__",{{}}]',
    "an event that nobody listens to": '42/{},["nothing",{{}}]',
    "an event without a name": "42/{},[]",
    "an event that is no list": '42/{},{{"a":1}}',
    "too many arguments": '42/{},["watch",{{}},{{}}]',
    "an answer to nothing": "43/{},0[]",
    "an answer to nothing, with a number that is none": "43/{},99999999999999999999[]",
    "attachments without end": '4599999-/{},["append",{{}}]',
    "attachments below zero": '45-1-/{},["append",{{}}]',
    "an attachment that is not announced": '451-/{},["watch",{{"_placeholder":true,"num":7}}]',
    "a binary answer": "461-/{},0[]",
    "nesting without end": "42/{}," + "[" * 60_000,
    "half an event": '42/{},["watch"',
    "a number without end": '42/{},["watch",{{"from":' + "9" * 60_000 + "}}]",
    "a packet of no type": "49/{}",
    "a connect error from a client": '44/{},{{"message":"x"}}',
    "an engine's packet of no type": "9",
    "no type at all": "x",
    "an upgrade to what it is": "5",
}

FRAMES: dict[str, Callable[[], bytes]] = {
    "no text": lambda: frame(b"\xff\xfe\xfd", TEXT),
    "half a character": lambda: frame(b"4\xe2\x82", TEXT),
    "bytes that nobody announced": lambda: frame(bytes(1000), BINARY),
    "a message that is too large": lambda: frame(b"4" * (MESSAGE_BYTES + 1), TEXT),
    "fragments of too large a message": lambda: (
        frame(b"4" * 50_000, TEXT & MORE) + frame(b"4" * 50_000, CONTINUED & MORE) * (MESSAGE_BYTES // 50_000 + 1)
    ),
    "the rest of nothing": lambda: frame(b"4", CONTINUED),
    "one message in the other": lambda: frame(b"4", TEXT & MORE) + frame(b"4", TEXT & MORE),
    "a frame of no type": lambda: frame(b"4", 0x83),
    "a control frame of no type": lambda: frame(b"", 0x8B),
    "half a ping": lambda: frame(b"", PING & MORE),
    "a ping that is too long": lambda: frame(b"x" * 200, PING),
    "compressed, though it was not agreed on": lambda: frame(b"\xff\xff", TEXT | COMPRESSED),
    "a length that lies": lambda: struct.pack("!BBQ", TEXT, 0x80 | 127, 2**62) + bytes(MESSAGE_BYTES + 100),
    "a length below zero": lambda: struct.pack("!BBQ", TEXT, 0x80 | 127, 2**63 + 7) + bytes(1000),
    "no mask": lambda: b"\x81\x01" + b"9",
    "no frame": lambda: b"GET / HTTP/1.1\r\n\r\n" * 10,
}


@pytest.fixture
def publisher(own_hub: Hub) -> Iterator[Publisher]:
    """A publisher whose run is open."""
    with Publisher(own_hub) as opened:
        opened.open()
        yield opened


def introduced(raw: RawWebSocket, who: str, publisher: Publisher) -> RawWebSocket:
    """The client as somebody that the hub knows."""
    if who == "watch":
        return raw.join(publisher.token)
    if who == "publish":
        raw.say("40/publish," + json.dumps({"key": raw.hub.key, "protocol": PROTOCOL}))
    elif who == "runs":
        raw.say("40/runs," + json.dumps({"key": raw.hub.owner_key, "protocol": PROTOCOL}))
    if who:
        raw.read_until(f"40/{who},".encode())
    return raw


def attacks(namespace: str) -> dict[str, bytes]:
    """What is sent, by its name."""
    packets = {name: frame(packet.format(namespace)) for name, packet in PACKETS.items()}
    return {**packets, **{name: make() for name, make in FRAMES.items()}}


def attack(hub: Hub, who: str, publisher: Publisher) -> list[str]:
    """Send each from a client of its own; returns those after which it was not cut."""
    survived = []
    for name, sent in attacks(who or "watch").items():
        with RawWebSocket(hub) as raw:
            introduced(raw, who, publisher).send(sent)
            if not raw.ends(7):
                survived.append(name)
    return survived


def attack_without_websocket(hub: Hub) -> None:
    """The same packets by long polling, and HTTP that is none."""
    for packet in PACKETS.values():
        RawPolling(hub).post(packet.format("watch"))
    for malformed in MALFORMED:
        with Raw(hub) as raw:
            raw.send(malformed)
            with suppress(OSError):
                raw.socket.shutdown(1)
            raw.ends(7)


@contextmanager
def an_honest_viewer(hub: Hub, publisher: Publisher) -> Iterator[None]:
    """Somebody watches a run that goes on; every line comes, and in time."""
    over, late = threading.Event(), [0.0]
    with Viewer(hub, publisher.token) as viewer:
        began = publisher.end

        def go_on() -> None:
            at = began
            while not over.wait(0.02):
                started = time.monotonic()
                publisher.append(at, b"another line\n")
                at += 13
                viewer.wait_for(lambda: len(viewer.output) >= at, "the line")  # noqa: B023 - it is waited for here
                late.append(time.monotonic() - started)

        going = threading.Thread(target=go_on)
        going.start()
        try:
            yield
            wait_until(lambda: len(late) > 10 or not going.is_alive(), "it went on for some lines")
        finally:
            over.set()
            going.join()
        assert viewer.output == b"another line\n" * (len(viewer.output) // 13)
    assert len(late) > 10
    assert max(late) < LATE_SECONDS


@pytest.mark.parametrize("who", ["", "watch", "publish", "runs"])
def test_who_abuses_the_wire_is_cut_and_costs_nothing(own_hub: Hub, publisher: Publisher, who: str) -> None:
    memory = psutil.Process(own_hub.process.pid).memory_info
    with an_honest_viewer(own_hub, publisher):
        assert attack(own_hub, who, publisher) == []
        attack_without_websocket(own_hub)
        before, logged = memory().rss, len(own_hub.log)
        assert attack(own_hub, who, publisher) == []
        attack_without_websocket(own_hub)
        grown = memory().rss - before
    assert grown < MEMORY_BYTES
    assert len(own_hub.log) - logged < LOG_BYTES
    assert len(own_hub.log) < LOG_BYTES
    assert "Traceback" not in own_hub.log
