"""Whoever doesn't read, never speaks or stays uninvited is cut, and costs the hub little until then."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import pytest
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import PONG, Raw, RawPolling, RawWebSocket
from tests.support.hub import Hub, wait_until

CUT_SECONDS = 45.0
MEMORY_BYTES = 50_000_000


@contextmanager
def meanwhile(action: Callable[[], object], pause: float) -> Iterator[None]:
    """Do something again and again on another thread."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(pause):
            with suppress(OSError, AssertionError):
                action()

    thread = threading.Thread(target=go_on)
    thread.start()
    yield
    over.set()
    thread.join()


def test_viewers_that_take_nothing_are_cut_and_cost_nothing(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher, ExitStack() as stack:
        publisher.open()
        publisher.append_all(os.urandom(10_000_000), 65536)
        idle = [stack.enter_context(Raw(own_hub)) for _ in range(5)]
        idle[0].send(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        deaf = [stack.enter_context(RawWebSocket(own_hub)).join(publisher.token) for _ in range(20)]
        greedy = [stack.enter_context(RawWebSocket(own_hub)).join(publisher.token) for _ in range(5)]
        drop_by_drop = stack.enter_context(RawWebSocket(own_hub)).join(publisher.token)
        silent, half_silent = RawPolling(own_hub, publisher.token), RawPolling(own_hub, publisher.token)
        slow_reader = stack.enter_context(Raw(own_hub))
        slow_reader.request(f"GET /r/{publisher.token}.ansi")
        honest = stack.enter_context(Viewer(own_hub, publisher.token))
        for viewer in (*deaf, *greedy, drop_by_drop):
            viewer.watch(publisher.end)
        half_silent.post(f'42/watch,["watch",{{"from":{publisher.end},"events_from":0}}]')
        hub = psutil.Process(own_hub.process.pid)
        before = hub.memory_info().rss
        started = time.monotonic()

        def pester() -> None:
            for viewer in (*deaf, drop_by_drop):
                viewer.say(PONG)
            for viewer in greedy:
                viewer.socket.setblocking(False)  # it is not read from either
                viewer.watch(publisher.end - 200_000, id_="1")
            half_silent.post(PONG)
            slow_reader.socket.recv(1)
            drop_by_drop.socket.recv(1)

        with meanwhile(pester, 0.5):
            data = os.urandom(60_000_000)
            publisher.append_all(data, 65536)
            honest.wait_for(lambda: len(honest.output) == publisher.end, "all output")
            assert hub.memory_info().rss - before < MEMORY_BYTES
            everybody = [*idle, *deaf, *greedy, drop_by_drop, silent, half_silent]
            left = started + CUT_SECONDS - time.monotonic()
            wait_until(lambda: all(each.is_cut for each in everybody), "that they are cut", left)
        assert honest.output[-1000:] == data[-1000:]
        publisher.append_all(b"the end")
        honest.wait_for(lambda: honest.output.endswith(b"the end"), "that the honest one is still there")
        wait_until(lambda: own_hub.info(publisher.token)["viewers"] == 1, "that the others don't count any more")
    assert "Traceback" not in own_hub.log


def test_a_client_without_a_namespace_is_cut(hub: Hub) -> None:
    with RawWebSocket(hub) as nobody, RawWebSocket(hub) as refused:
        refused.say('40/watch,{"link":"x","protocol":1}')
        refused.read_until(b"bad_link")
        assert nobody.ends(20)
        assert refused.ends(20)


@pytest.mark.parametrize("tail", [".ansi", ".txt"])
def test_the_reader_of_a_silent_run_is_missed_when_it_leaves(hub: Hub, tail: str) -> None:
    def abandoned() -> int:
        connections = psutil.Process(hub.process.pid).net_connections("tcp")
        return sum(each.status == psutil.CONN_CLOSE_WAIT for each in connections)

    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"hello\n")
        with Raw(hub) as reader:
            reader.request(f"GET /r/{publisher.token}{tail}")
            reader.read_until(b"hello")
        wait_until(lambda: abandoned() == 0, "that the hub closes its end", 20)
