"""What do 1000 live runs that nobody watches cost a hub: 10 lines a second each, and then nothing at all?

Each has a connection of its own, and follows the pace that the hub asks for as our sender does. How late a line is
counts from when the job wrote it to the hub's durable ack.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import select
import time
from collections import deque

import psutil
from bench.harness import Figures, Row, Scale, alone
from bench.hub_crowd import LINE_BYTES, lines, percentile_99
from bench.hub_socket import HubSocket
from tests.support.hub import Hub

from progress_run import protocol

EVERY = 0.1
"""Seconds from one line of a run to its next."""
COALESCE = 0.016
WARM = 3.0


class Writer:
    """A run with a connection of its own; `late` is by how many seconds each line was acknowledged after it."""

    def __init__(self, socket: HubSocket, run: str) -> None:
        self.socket = socket
        self.late: list[float] = []
        self._run = run
        self._began = time.monotonic()
        self._sent = self._acked = 0
        self._in_flight: deque[int] = deque()
        self._pace = COALESCE
        link = {"role": "view", "sha256": hashlib.sha256(run.encode()).hexdigest()}
        socket.emit("open", {"run": run, "epoch": 1, "meta": {"name": run, "command": ["job"]}, "links": [link]}, ask=0)
        socket.reply()

    def begin(self, at: float) -> float:
        """The first line is written at that time."""
        self._began = at
        return at

    def write(self, now: float) -> float:
        """Send what was written by now, if the window permits; returns when to come again."""
        if len(self._in_flight) >= protocol.WINDOW_APPENDS:
            return now + COALESCE
        written = int((now - self._began) / EVERY) + 1
        message = {"run": self._run, "epoch": 1, "at": self._sent * LINE_BYTES, "t": now - self._began, "codec": ""}
        data = lines(written - self._sent)
        self.socket.emit("append", {**message, "data": {"_placeholder": True, "num": 0}}, attachment=data)
        self._sent = written
        self._in_flight.append(written)
        return max(now + self._pace, self._began + written * EVERY)

    def read(self, now: float) -> None:
        """Take in what is durable."""
        for message in self.socket.read():
            if b'["ack"' in message:
                ack = json.loads(message[message.index(b"[") :])[1]
                self._pace = max(COALESCE, ack["pace"] / 1000)
                acked = ack["end"] // LINE_BYTES
                self.late += [now - self._began - EVERY * number for number in range(self._acked, acked)]
                self._acked = acked
                while self._in_flight and self._in_flight[0] <= acked:
                    self._in_flight.popleft()


def at_work(writers: list[Writer], process: psutil.Process, seconds: float) -> tuple[float, float]:
    """Let them write for so long, once they have settled; what the hub takes of a processor in %, p99 of acks in ms."""
    now = time.monotonic()
    due = [(writer.begin(now + EVERY * number / len(writers)), number) for number, writer in enumerate(writers)]
    _go_on(writers, due, now + min(WARM, seconds))
    for writer in writers:
        writer.late.clear()
    before, began = process.cpu_times(), time.monotonic()
    _go_on(writers, due, began + seconds)
    after, took = process.cpu_times(), time.monotonic() - began
    busy = after.user + after.system - before.user - before.system
    return 100 * busy / took, 1000 * percentile_99([late for writer in writers for late in writer.late])


def _go_on(writers: list[Writer], due: list[tuple[float, int]], until: float) -> None:
    poll = select.epoll()
    by_file = {writer.socket.socket.fileno(): writer for writer in writers}
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    while (now := time.monotonic()) < until:
        while due[0][0] <= now:
            _, number = heapq.heappop(due)
            heapq.heappush(due, (writers[number].write(now), number))
        for file, _ in poll.poll(max(0.001, due[0][0] - now)):
            by_file[file].read(time.monotonic())
    poll.close()


def measure(scale: Scale) -> list[Row]:
    """Memory of runs at rest, then all of them at work."""
    count, seconds = (20, 1.0) if scale.small else (1000, 10.0)
    samples = [sample(count, seconds) for _ in range(scale.rounds)]
    units = ("MB", "KB", "KB", "%", "ms")
    start, idle, connected, share, late = (
        Figures.of(column, unit) for column, unit in zip(zip(*samples, strict=True), units, strict=True)
    )
    what = f"{count} runs × {1 / EVERY:g} lines/s"
    return [
        Row(f"{what}: p99 of written → durable ack", late, {}, "≤1 s", late.median <= 1000),
        Row(f"{what}: the hub, of a processor", share, {}, "≤100 %", share.median <= 100),
        Row("a hub at rest", start, {}, "≤90 MB", start.median <= 90),
        Row("an idle run", idle, {"with a connection of its own": connected}, "≤20 KB", idle.median <= 20),
    ]


def sample(count: int, seconds: float) -> tuple[float, float, float, float, float]:
    """A hub's memory at rest, that of a run and of one with a connection, its share of a processor, and p99."""
    with Hub() as hub:
        process = psutil.Process(hub.process.pid)
        auth = {"key": hub.key, "protocol": protocol.PROTOCOL}
        empty = process.memory_info().rss
        shared = HubSocket(hub.port, protocol.PUBLISH, auth)
        for number in range(count):
            Writer(shared, f"idle-{number}")
        idle = process.memory_info().rss
        writers = [Writer(HubSocket(hub.port, protocol.PUBLISH, auth), f"run-{number}") for number in range(count)]
        connected = process.memory_info().rss
        share, late = at_work(writers, process, seconds)
        for socket in (shared, *(writer.socket for writer in writers)):
            socket.close()
    return empty / 1e6, (idle - empty) / count / 1e3, (connected - idle) / count / 1e3, share, late


if __name__ == "__main__":
    alone(measure)
