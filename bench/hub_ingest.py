"""How fast does a hub take in output durably, what do others notice, and how much of it is in the store?

Four runs at once, over connections that keep to the window; the publishers have packed everything beforehand.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import select
import time
import urllib.request
import zlib
from typing import Any

import psutil
from bench.harness import Figures, Row, Scale, alone
from bench.hub_crowd import lines, percentile_99
from bench.hub_socket import HubSocket
from tests.support.hub import Hub

from progress_run import protocol

RUNS = 4
CHUNK_LINES = 655
DIFFERENT = 64
"""How many different chunks are sent again and again."""
TOKEN = "late-comer-with-a-token"
LOOK_SECONDS = 0.01


class Source:
    """A run that is published as fast as the window permits."""

    def __init__(self, socket: HubSocket, run: str, chunks: list[tuple[bytes, int]], count: int) -> None:
        self.socket = socket
        self._run = run
        self._chunks = chunks
        self._left = count
        self._sent = self._acked = 0
        link = {"role": "view", "sha256": hashlib.sha256(f"{TOKEN}-{run}".encode()).hexdigest()}
        socket.emit("open", {"run": run, "epoch": 1, "meta": {"name": run, "command": ["job"]}, "links": [link]}, ask=0)
        socket.reply()

    def send(self) -> None:
        """Send what the window permits."""
        while self._left and self._sent + protocol.CHUNK_BYTES - self._acked <= protocol.WINDOW_BYTES:
            data, size = self._chunks[self._left % DIFFERENT]
            message = {"run": self._run, "epoch": 1, "at": self._sent, "t": 0.0, "codec": "zlib"}
            self.socket.emit("append", {**message, "data": {"_placeholder": True, "num": 0}}, attachment=data)
            self._sent += size
            self._left -= 1

    def read(self) -> bool:
        """Take in acks, and send on; whether all of it is durable."""
        for message in self.socket.read():
            if b'["ack"' in message:
                self._acked = json.loads(message[message.index(b"[") :])[1]["end"]
        self.send()
        return not self._left and self._acked == self._sent


def publish(port: int, key: str, runs: list[str], noise: bool, count: int, took: Any) -> None:
    """Runs of `count` chunks each; says how long it took, and how many bytes they were."""
    raw = [os.urandom(protocol.CHUNK_BYTES) if noise else lines(CHUNK_LINES) for _ in range(DIFFERENT)]
    chunks = [(zlib.compress(data, 1 if noise else 6), len(data)) for data in raw]
    auth = {"key": key, "protocol": protocol.PROTOCOL}
    sources = [Source(HubSocket(port, protocol.PUBLISH, auth), run, chunks, count) for run in runs]
    by_file = {source.socket.socket.fileno(): source for source in sources}
    poll = select.epoll()
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    began = time.monotonic()
    for source in sources:
        source.send()
    while by_file:
        for file, _ in poll.poll():
            if by_file[file].read():
                poll.unregister(file)
                del by_file[file]
    took.put((time.monotonic() - began, len(runs) * count * len(raw[0])))


def request(url: str | urllib.request.Request, most: int = -1) -> float:
    """Seconds until the answer, or the first `most` bytes of it, was there."""
    began = time.monotonic()
    with urllib.request.urlopen(url) as response:
        response.read(most)
    return time.monotonic() - began


def sample(noise: bool, megabytes: int) -> tuple[float, float, float, float, float]:
    """MB/s, p99 of others' requests in ms, share of a processor in %, stored / raw, first bytes of a run in ms."""
    context = multiprocessing.get_context("spawn")
    took = context.Queue()
    count = max(1, megabytes * 1_000_000 // RUNS // protocol.CHUNK_BYTES)
    with Hub() as hub:
        hub_process = psutil.Process(hub.process.pid)
        before = hub_process.cpu_times()
        runs = [f"run-{number}" for number in range(RUNS)]
        publisher = context.Process(target=publish, args=(hub.port, hub.key, runs, noise, count, took))
        publisher.start()
        late = []
        while publisher.is_alive():
            late.append(request(f"{hub.url}/healthz"))
            publisher.join(LOOK_SECONDS)
        seconds, size = took.get()
        after = hub_process.cpu_times()
        first = request(f"{hub.url}/r/{TOKEN}-run-0.ansi", 1024)
        hub.stop()  # which takes the write-ahead log into the database
        stored = sum(file.stat().st_size for file in hub.data.glob("hub.db*"))
    busy = after.user + after.system - before.user - before.system
    return size / seconds / 1e6, 1000 * percentile_99(late), 100 * busy / seconds, stored / size, 1000 * first


def measure(scale: Scale) -> list[Row]:
    """Lines of a log, then bytes that can't be compressed."""
    megabytes = 8 if scale.small else 400
    text = [sample(False, megabytes) for _ in range(scale.rounds)]
    noise = [sample(True, megabytes // 4) for _ in range(scale.rounds)]
    units = ("MB/s", "ms", "% of a processor", "× raw", "ms")
    rate, late, share, stored, first = (Figures.of(c, u) for c, u in zip(zip(*text, strict=True), units, strict=True))
    hard, hard_late, *_ = (Figures.of(c, u) for c, u in zip(zip(*noise, strict=True), units, strict=True))
    return [
        Row("lines of a log into one hub, durable", rate, {"the hub": share}, "≥80 MB/s", rate.median >= 80),
        Row("others' requests meanwhile, p99", late, {}, "≤50 ms", late.median <= 50),
        Row("bytes that can't be compressed", hard, {}, "≥15 MB/s", hard.median >= 15),
        Row("others' requests meanwhile, p99", hard_late),
        Row("the store of the lines", stored, {}, "≤0.2 × raw", stored.median <= 0.2),
        Row(f"first bytes of a run of {megabytes // RUNS} MB", first, {}, "≤100 ms", first.median <= 100),
    ]


if __name__ == "__main__":
    alone(measure)
