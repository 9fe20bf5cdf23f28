"""Many viewers of one run, or clients of a relay, in a process of their own: they read, and see how late it is."""

from __future__ import annotations

import base64
import multiprocessing
import re
import select
import statistics
import time
from typing import Any, NamedTuple

from bench.hub_socket import HubSocket

from progress_run import protocol

LINE_BYTES = 100
EVERY_NTH = 25
"""One viewer in so many looks at the times in the lines."""
TELL_SECONDS = 0.002
_MESSAGE = re.compile(rb'42(?:/watch,)?\["(?:output",\{"at":(\d+),"t":[^,]+,"data":|line",)"')


class Seat(NamedTuple):
    """What a viewer connects to: a hub's run by its token, or a relay where that is empty."""

    port: int
    token: str


class Spectator:
    """One viewer; `at` is how many bytes of lines it has, `late` how many seconds each line took, where it looks."""

    def __init__(self, seat: Seat, looks: bool) -> None:
        auth = {"link": seat.token, "protocol": protocol.PROTOCOL}
        self.socket = HubSocket(seat.port, *((protocol.WATCH, auth) if seat.token else ()))
        if seat.token:
            self.socket.emit("watch", {"from": 0, "events_from": 0}, ask=0)
        self.at = 0
        self.late: list[float] = []
        self._looks = looks

    def read(self) -> None:
        """Take what has come."""
        for message in self.socket.read():
            if found := _MESSAGE.match(message):
                self._take(found[1], message[found.end() :].rstrip(b'"}]'))
            elif b'["grown"' in message[:20]:
                raise AssertionError("a viewer has fallen behind: the publisher is to wait for the slowest")

    def _take(self, at: bytes | None, text: bytes) -> None:
        if at is None:
            lines, self.at = text, self.at + LINE_BYTES
        else:
            lines = base64.b64decode(text) if self._looks else b""
            self.at = int(at) + len(text) * 3 // 4 - text[-2:].count(b"=")
        if self._looks:
            now = time.monotonic()
            self.late += [now - float(line[:20]) for line in lines.split(b"\n") if len(line) >= 20]


class Crowd:
    """`with Crowd(seat, 500) as crowd:` … `crowd.slowest` is how many bytes every viewer has."""

    def __init__(self, seat: Seat, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._slowest = context.Value("q", -1, lock=False)
        self._stop = context.Event()
        self._late, self._there = context.Pipe(duplex=False)
        self._process = context.Process(target=_watch, args=(seat, count, self._slowest, self._stop, self._there))

    def __enter__(self) -> Crowd:
        self._process.start()
        self._there.close()
        self.wait_for(0)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    @property
    def slowest(self) -> int:
        """How many bytes of lines every viewer has; negative before all have come."""
        return int(self._slowest.value)

    def wait_for(self, size: int) -> None:
        """Wait until everybody has so many bytes."""
        while self.slowest < size:
            assert self._process.is_alive(), "the viewers have gone"
            time.sleep(0.001)

    def late(self) -> list[float]:
        """How late lines came, in seconds; ends the crowd."""
        self._stop.set()
        late: list[float] = self._late.recv()
        return late


def _watch(seat: Seat, count: int, slowest: Any, stop: Any, there: Any) -> None:
    spectators = [Spectator(seat, number % EVERY_NTH == 0) for number in range(count)]
    by_file = {spectator.socket.socket.fileno(): spectator for spectator in spectators}
    poll = select.epoll()
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    told, slowest.value = time.monotonic(), 0
    while not stop.is_set():
        for file, _ in poll.poll(0.01):
            by_file[file].read()
        if time.monotonic() - told >= TELL_SECONDS:
            told, slowest.value = time.monotonic(), min(spectator.at for spectator in spectators)
    there.send([late for spectator in spectators for late in spectator.late])


def lines(count: int) -> bytes:
    """So many lines of LINE_BYTES as logs have them, each beginning with the time."""
    now = time.monotonic()
    return b"".join(_line(now, number) for number in range(count))


def _line(now: float, number: int) -> bytes:
    words = (now, number % 16, number, number * 7919 % 1_000_000, number * 31 % 9000)
    text = b"%020.9f INFO worker-%02d: step %06d done, loss=0.%06d, rate 0.0003, took %04d ms" % words
    return text.ljust(LINE_BYTES - 1) + b"\n"


def percentile_99(samples: list[float]) -> float:
    """Of at least two samples."""
    return statistics.quantiles(samples, n=100)[98]
