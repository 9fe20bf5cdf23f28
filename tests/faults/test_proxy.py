"""The proxy does what its toxics say, on plain sockets: an echo behind it shows what got through."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.faults.noise import noise
from tests.faults.proxy import (
    DOWNSTREAM,
    Bandwidth,
    BlackHole,
    Duplicate,
    Latency,
    LoseAcks,
    Proxy,
    ResetPeer,
    Slicer,
    SlowClose,
    Toxic,
)
from tests.support.hub import wait_until

DATA = noise(3, 100_000)


class Echo:
    """A server that says back whatever it hears; `heard` is what each connection has said, in the order they came."""

    def __init__(self) -> None:
        self.heard: list[bytearray] = []
        self.reset = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.heard.append(bytearray())
                threading.Thread(target=self._answer, args=(client, self.heard[-1]), daemon=True).start()

    def _answer(self, client: socket.socket, heard: bytearray) -> None:
        with client:
            try:
                while data := client.recv(65536):
                    heard += data
                    client.sendall(data)
            except ConnectionError:
                self.reset += 1


@pytest.fixture
def echo() -> Iterator[Echo]:
    """What stands behind the proxy."""
    echo = Echo()
    yield echo
    echo.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    """The proxy, healthy."""
    with Proxy(echo.port, seed=1) as proxy:
        yield proxy


def call(proxy: Proxy, seconds: float = 10.0) -> socket.socket:
    """A client's connection."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=seconds)


def say(client: socket.socket, data: bytes) -> bytes:
    """Say something from another thread, then nothing more, and listen to the end."""

    def speak() -> None:
        with suppress(OSError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    threading.Thread(target=speak, daemon=True).start()
    heard = b""
    while piece := client.recv(65536):
        heard += piece
    return heard


@pytest.mark.parametrize(
    "toxics",
    [[], [Latency(0.05, 0.05)], [Bandwidth(400_000)], [Slicer(7)], [SlowClose(0.2)], [Slicer(500), Latency(0.01)]],
    ids=["none", "latency", "bandwidth", "slicer", "slow close", "two"],
)
def test_what_only_delays_changes_nothing(proxy: Proxy, toxics: list[Toxic]) -> None:
    with proxy.toxic(*toxics), call(proxy) as client:
        assert say(client, DATA) == DATA


def test_slices_are_segments_of_their_own(proxy: Proxy) -> None:
    with proxy.toxic(Slicer()), call(proxy) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"abc" * 100)
        assert len(client.recv(65536)) < 300


@pytest.mark.parametrize("toxic", [Latency(0.2), Bandwidth(400_000), SlowClose(0.2)])
def test_what_delays_takes_its_time(proxy: Proxy, toxic: Toxic) -> None:
    with proxy.toxic(toxic), call(proxy) as client:
        started = time.monotonic()
        assert say(client, DATA) == DATA
        assert time.monotonic() - started > 0.2


def test_a_black_hole_says_nothing_and_stays_for_the_connection(echo: Echo, proxy: Proxy) -> None:
    with call(proxy, 0.3) as client:
        with proxy.toxic(BlackHole()):
            client.sendall(b"lost")
            with pytest.raises(TimeoutError):
                client.recv(10)
        client.sendall(b"and this too")
        with pytest.raises(TimeoutError):
            client.recv(10)
        assert echo.heard == [b""]
    with call(proxy) as client:
        assert say(client, DATA) == DATA


def test_deaf_in_one_direction_only(echo: Echo, proxy: Proxy) -> None:
    with proxy.toxic(BlackHole(DOWNSTREAM)), call(proxy, 0.3) as client:
        client.sendall(b"heard")
        with pytest.raises(TimeoutError):
            client.recv(10)
        assert echo.heard == [b"heard"]


def test_a_reset_comes_at_the_byte_that_the_seed_names(echo: Echo, proxy: Proxy) -> None:
    with proxy.toxic(ResetPeer(after=(1000, 50_000))):
        for _ in range(20):
            with pytest.raises(ConnectionError), call(proxy) as client:
                say(client, DATA)
    assert proxy.resets == 20
    wait_until(lambda: echo.reset == 20, "the server's side is reset as well")
    got = [len(each) for each in echo.heard]
    assert len(set(got)) > 10
    assert max(got) <= 50_000


def test_acks_alone_are_lost(echo: Echo, proxy: Proxy) -> None:
    ack, other = (bytes([0x81, len(said)]) + said for said in (b'42/publish,["ack",{}]', b'42/publish,["need",{}]'))
    toxic = LoseAcks()
    with proxy.toxic(toxic), call(proxy) as client:
        assert say(client, ack + other + ack + other) == other + other
    assert toxic.lost == 2


def test_a_duplicate_says_again_what_was_said(echo: Echo, proxy: Proxy) -> None:
    with proxy.toxic(Duplicate(after=(1000, 20_000))), call(proxy) as client:
        assert say(client, DATA) == DATA
        wait_until(lambda: len(echo.heard) == 2 and len(echo.heard[1]) > 1000, "the second connection has spoken")
    first, second = echo.heard
    assert first == DATA
    assert DATA.startswith(bytes(second))


def test_a_hub_that_is_away_ends_the_connection() -> None:
    with Proxy(1) as nowhere, call(nowhere) as client:
        assert client.recv(1) == b""
