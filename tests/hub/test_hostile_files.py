"""More connections than there are descriptors for: publishers go on, and have room."""

from __future__ import annotations

import os
import resource
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import Raw, RawWebSocket
from tests.support.hub import MODES, Hub, wait_until

from progress_hub.gate import Gate

IDLE = 1100


@contextmanager
def idle_connections(hub: Hub, count: int) -> Iterator[list[socket.socket]]:
    """Connections that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 500)), hard))
    opened = []
    try:
        for _ in range(count):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", hub.port))
            opened.append(connection)
        yield opened
    finally:
        for connection in opened:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def some_ended(connections: list[socket.socket]) -> bool:
    """Whether the hub has ended any: it has nothing to say to them."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    return any(events & select.POLLIN for _fd, events in poll.poll(0))


def test_idle_connections_lock_nobody_out(own_hub: Hub) -> None:
    data = os.urandom(300_000)
    with Publisher(own_hub) as publisher, viewer_of(own_hub, publisher) as viewer, idle_connections(own_hub, IDLE):
        publisher.append_all(data)
        viewer.wait_for(lambda: viewer.output == data, "the output")
        with Publisher(own_hub) as another:
            another.open()
            another.append_all(b"there is room")
        assert own_hub.get(f"/r/{another.token}/output") == b"there is room"


def test_without_a_descriptor_left_the_hub_lives_and_the_publisher_goes_on(own_hub: Hub) -> None:
    data = os.urandom(600_000)
    hub = psutil.Process(own_hub.process.pid)
    with Publisher(own_hub) as publisher, viewer_of(own_hub, publisher) as viewer:
        publisher.append_all(data[:100_000])
        _soft, hard = resource.prlimit(hub.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(hub.pid, resource.RLIMIT_NOFILE, (hub.num_fds() + 20, hard))
        with idle_connections(own_hub, IDLE) as idle:
            wait_until(lambda: some_ended(idle), "that the descriptors were used up, and the hub has made room")
            publisher.append_all(data[100_000:])
            viewer.wait_for(lambda: viewer.output == data, "the output")
            with Publisher(own_hub) as another:
                another.open()
                another.append_all(b"there is room")
            assert own_hub.process.poll() is None
        resource.prlimit(hub.pid, resource.RLIMIT_NOFILE, (hard, hard))
        assert own_hub.get(f"/r/{publisher.token}/output") == data
    assert "Traceback" not in own_hub.log


@pytest.mark.parametrize("mode", MODES)
def test_viewers_leave_room_for_publishers(mode: str) -> None:
    with Hub(mode, files=120) as hub, Publisher(hub) as publisher, ExitStack() as stack:
        publisher.open()
        room = 120 - 120 // 4
        seats = int(room * 0.75)
        for _ in range(seats):
            stack.enter_context(RawWebSocket(hub)).join(publisher.token)
        with Viewer(hub, publisher.token) as one_too_many:
            assert one_too_many.refused is not None
            assert one_too_many.refused["code"] == "unavailable"
        with Raw(hub) as reader:
            reader.request(f"GET /r/{publisher.token}/info")
            assert b" 503 " in reader.read_until(b"try again later")
        with Publisher(hub) as another, idle_connections(hub, 200):
            another.open()
            another.append_all(b"there is room")
            with Publisher(hub) as third:
                third.open()
                third.append_all(b"and here")
            publisher.append_all(b"of course")


def test_one_address_gets_so_many_seats_and_this_machine_any_number() -> None:
    gate = Gate(100, 3)
    assert [gate.sit("192.0.2.1") for _ in range(4)] == [True, True, True, False]
    assert gate.sit("192.0.2.2")
    gate.rise("192.0.2.1")
    assert gate.sit("192.0.2.1")
    for local in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert all(gate.sit(local) for _ in range(10))
    assert all(Gate(100, 0).sit("192.0.2.1") for _ in range(70))


def test_there_are_fewer_seats_than_there_is_room() -> None:
    gate = Gate(8, 0)
    assert [gate.sit("127.0.0.1") for _ in range(8)] == [True] * 6 + [False] * 2


@contextmanager
def viewer_of(hub: Hub, publisher: Publisher) -> Iterator[Viewer]:
    """A viewer of a run that is opened for it."""
    publisher.open()
    with Viewer(hub, publisher.token) as viewer:
        yield viewer
