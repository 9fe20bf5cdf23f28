"""What viewers that don't read cost a hub and its other viewers.

    python -m bench.hostile_viewers [MODE] [VIEWERS] [SIZE] [PACE]

While SIZE MB of one run flow (1000; PACE a second, else as many as the hub takes), VIEWERS viewers of it (100) read
nothing and answer each ping. Prints by how much the hub's memory grew, when they were cut, and the latency of an honest
viewer of that run and of one of another run.
"""

from __future__ import annotations

import base64
import contextlib
import json
import multiprocessing as mp
import os
import statistics
import struct
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import psutil
from tests.support.clients import Client, Publisher
from tests.support.hostile import PONG, RawWebSocket
from tests.support.hub import Hub

from progress_run import protocol

CHUNK = 65536
PATIENCE = 60.0
"""Seconds until somebody who was not cut is given up."""


class Stopwatch(Client):
    """An honest viewer of a run whose every CHUNK begins with the time: keeps how late each one came, and no bytes."""

    namespace = protocol.WATCH

    def __init__(self, hub: Hub, token: str, chunk: int) -> None:
        self.token = token
        self.chunk = chunk
        self.at = 0
        self.late: list[float] = []
        self._behind = threading.Event()
        super().__init__(hub, {"link": token, "protocol": protocol.PROTOCOL})
        self.catch_up()
        threading.Thread(target=self._stay, daemon=True).start()

    def catch_up(self) -> None:
        """Fetch what there is, and say so."""
        while True:
            have = {"from": self.at, "events_from": 0}
            end = self.call("watch", have)["end"]
            if self.at >= end:
                return
            url = f"{self.hub.url}/r/{self.token}/output?from={self.at}&to={min(end, self.at + 1024 * 1024)}"
            with urllib.request.urlopen(url) as response:
                at, output = self.at, response.read()
            with self.changed:
                self._take(at, output)

    def on_output(self, data: Any) -> None:
        """Output, inline."""
        self._take(data["at"], base64.b64decode(data["data"]))

    def on_grown(self, data: Any) -> None:
        """A hint to catch up."""
        self._behind.set()

    def _stay(self) -> None:
        with contextlib.suppress(Exception):
            while self._behind.wait():
                self._behind.clear()
                self.catch_up()

    def _take(self, at: int, output: bytes) -> None:
        if at > self.at or at + len(output) <= self.at:
            return
        output = output[self.at - at :]
        now = time.monotonic()
        for begin in range(-self.at % self.chunk, len(output) - 7, self.chunk):
            self.late.append(now - struct.unpack_from("d", output, begin)[0])
        self.at += len(output)


def stamped(size: int) -> bytes:
    """A chunk that begins with the time."""
    return struct.pack("d", time.monotonic()) + bytes(size - 8)


def flood(hub: Any, run: str, token: str, size: int, pace: float, going: Any) -> None:
    """Publish SIZE MB, PACE a second, and no faster than the hub takes them."""
    with Publisher(hub, run, token=token) as publisher:
        publisher.open()
        going.wait()
        started, sent, total = time.monotonic(), 0, size * 1_000_000 // CHUNK * CHUNK
        while publisher.end < total:
            while sent < total and sent - publisher.end < protocol.WINDOW_BYTES:
                time.sleep(max(0.0, started + sent / 1e6 / pace - time.monotonic()))
                publisher.append(sent, stamped(8) + os.urandom(CHUNK - 8))
                sent += CHUNK
            known = publisher.end
            if known < sent:
                publisher.wait_for(lambda known=known: publisher.end > known, "an ack")


def trickle(hub: Any, run: str, token: str, over: Any) -> None:
    """Publish a line of 100 bytes every 20 ms."""
    with Publisher(hub, run, token=token) as publisher:
        publisher.open()
        at = 0
        while not over.wait(0.02):
            publisher.append(at, stamped(100))
            at += 100


def honest(hub: Any, token: str, chunk: int, over: Any, results: Any) -> None:
    """Watch, and tell how late everything was."""
    with Stopwatch(hub, token, chunk) as viewer:
        over.wait()
        results.put((viewer.at, viewer.late))


def hostile(hub: Any, token: str, count: int, joined: Any, going: Any, results: Any) -> None:
    """Watch, answer pings, read nothing; tell after how many seconds each was cut."""
    viewers = [RawWebSocket(hub).join(token) for _ in range(count)]
    for viewer in viewers:
        viewer.watch()
    joined.set()
    going.wait()
    started, cut = time.monotonic(), []
    while viewers and time.monotonic() < started + PATIENCE:
        for viewer in tuple(viewers):
            if viewer.is_cut:
                cut.append(time.monotonic() - started)
                viewers.remove(viewer)
            elif len(cut) == 0 or time.monotonic() % 1 < 0.2:
                viewer.socket.setblocking(False)
                with contextlib.suppress(OSError):
                    viewer.socket.send(b"\x81\x81\0\0\0\0" + PONG.encode())
        time.sleep(0.2)
    results.put((cut, len(viewers)))


def main() -> None:
    """Everybody in a process of their own."""
    mode = sys.argv[1] if len(sys.argv) > 1 else "eventlet"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    pace = float(sys.argv[4]) if len(sys.argv) > 4 else float("inf")
    with Hub(mode) as hub:
        siege(hub, mode, count, size, pace)


def siege(hub: Hub, mode: str, count: int, size: int, pace: float) -> None:
    """Start everybody, let it flow, and report."""
    context = mp.get_context("spawn")
    joined, going, over = context.Event(), context.Event(), context.Event()
    cuts, flooded, quiet = context.Queue(), context.Queue(), context.Queue()
    there = Place(hub.url, hub.port, hub.key)
    memory = psutil.Process(hub.process.pid).memory_info
    with Publisher(hub) as one, Publisher(hub) as other:
        one.open()
        other.open()
    before = memory().rss

    def start(target: Any, *args: Any) -> Any:
        process = context.Process(target=target, args=(there, *args), daemon=True)
        process.start()
        return process

    everybody = [
        start(trickle, other.run, other.token, over),
        start(honest, one.token, CHUNK, over, flooded),
        start(honest, other.token, 100, over, quiet),
        start(hostile, one.token, count, joined, going, cuts),
    ]
    flooding = start(flood, one.run, one.token, size, pace, going)
    assert joined.wait(120)
    base = memory().rss
    going.set()
    started, peak = time.monotonic(), 0
    for _ in until_ended(flooding, 600):
        peak = max(peak, memory().rss)
    seconds = time.monotonic() - started
    cut, left = cuts.get(timeout=PATIENCE + 30)
    over.set()
    seen, late = flooded.get(timeout=60)
    _, late_quiet = quiet.get(timeout=60)
    for process in everybody:
        process.join(10)
    print(f"{mode}: {size} MB in {seconds:.0f} s ({size / seconds:.0f} MB/s), {count} viewers that read nothing")
    print(f"  memory: {before / 1e6:.0f} MB before, {base / 1e6:.0f} with all viewers, peak {peak / 1e6:.0f}, ", end="")
    print(f"so it grew by {(peak - base) / 1e6:.0f} MB; {memory().rss / 1e6:.0f} in the end")
    first, last = (min(cut), max(cut)) if cut else (0, 0)
    print(f"  cut after {first:.0f} to {last:.0f} s: {len(cut)}; not cut within {PATIENCE:g} s: {left}")
    print(f"  honest viewer of the same run: {percentiles(late)}, got {seen / 1e6:.0f} MB")
    print(f"  honest viewer of another run: {percentiles(late_quiet)}")


class Place:
    """What the clients need to know of a hub, for other processes."""

    def __init__(self, url: str, port: int, key: str) -> None:
        self.url = url
        self.port = port
        self.key = key


def until_ended(process: Any, seconds: float) -> Iterator[None]:
    """A turn every tenth of a second while a process goes on."""
    deadline = time.monotonic() + seconds
    while process.is_alive() and time.monotonic() < deadline:
        yield
        process.join(0.1)


def percentiles(late: list[float]) -> str:
    """Median, 99th percentile and worst in ms."""
    if len(late) < 2:
        return json.dumps(late)
    p99 = statistics.quantiles(late, n=100)[98]
    return f"p50 {1000 * statistics.median(late):.0f} ms, p99 {1000 * p99:.0f} ms, worst {1000 * max(late):.0f} ms"


if __name__ == "__main__":
    main()
