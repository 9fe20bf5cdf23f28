"""A run that many watch: what comes while they are being told goes out together, and all of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import psutil
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import RawWebSocket
from tests.support.hub import Hub, wait_until

MANY = 100
PING = b"\x81\x012"


class Counting(Viewer):
    """Counts the messages of output that it gets."""

    messages = 0

    def on_output(self, data: Any) -> None:
        """Output, inline."""
        self.messages += 1
        super().on_output(data)


def test_what_comes_while_many_are_told_goes_out_together(hub: Hub) -> None:
    lines = [b"line %06d\n" % number for number in range(1000)]
    with Publisher(hub) as publisher, ExitStack() as crowd:
        publisher.open()
        for _ in range(MANY):
            crowd.enter_context(RawWebSocket(hub).join(publisher.token)).watch()
        viewer = crowd.enter_context(Counting(hub, publisher.token))
        for number, line in enumerate(lines):
            publisher.append(number * len(line), line)
        viewer.wait_for(lambda: len(viewer.output) == len(b"".join(lines)), "all lines")
        assert viewer.output == b"".join(lines)
        assert viewer.inline == len(viewer.output)
        assert viewer.messages < len(lines) / 4


def test_pings_take_no_thread_of_a_client_and_come_all_the_same() -> None:
    """One that waits for the next would keep what belongs to a client for as long after that was cut."""
    with Hub("threading") as hub, Publisher(hub) as publisher, ExitStack() as crowd:
        publisher.open()
        threads = psutil.Process(hub.process.pid).num_threads
        before = threads()
        clients = [crowd.enter_context(RawWebSocket(hub).join(publisher.token)) for _ in range(MANY)]
        wait_until(lambda: threads() - before < 4 * MANY, "each has three, to be read, served and written to", 5)
        for client in clients:
            client.read_until(PING)


def test_the_last_words_to_many_wait_for_no_further_ones(hub: Hub) -> None:
    with Publisher(hub) as publisher, ExitStack() as crowd:
        publisher.open()
        for _ in range(MANY):
            crowd.enter_context(RawWebSocket(hub).join(publisher.token)).watch()
        viewer = crowd.enter_context(Viewer(hub, publisher.token))
        for at, line in ((0, b"first\n"), (6, b"last\n")):
            publisher.append(at, line)
        publisher.event({"kind": "note", "level": "info", "text": "and an event"})
        viewer.wait_for(lambda: viewer.output == b"first\nlast\n", "both lines")
        viewer.wait_for(lambda: len(viewer.events) == 1, "the event")
