"""What does one run with 500 viewers cost a hub, and naive relays that send a message a line?

The publisher goes on when the slowest viewer is BEHIND_BYTES behind, so that all that is sent is delivered; viewers
share the two processors with the server, whose own processor time is told beside.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import psutil
from bench import peers
from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.hub_crowd import LINE_BYTES, Crowd, Seat, lines, percentile_99
from bench.hub_socket import HubSocket
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until

from progress_run import protocol

RELAYS = Path(__file__).parent / "relays"
SOCKET_IO = "4.8.4"
CHUNK_LINES = protocol.CHUNK_BYTES // LINE_BYTES
LIVE_RATE = 200
BEHIND_BYTES = 256 * 1024
"""More at once would be a flood, of which viewers fetch what they want to see."""


class Service(Protocol):
    """What lines are published to and watched at, and what it takes of the machine."""

    seat: Seat
    process: psutil.Process

    def publish(self, data: bytes) -> None:
        """Send some lines."""


class Relay:
    """A naive relay: a message a line."""

    def __init__(self, port: int, process: psutil.Process) -> None:
        self.seat = Seat(port, "")
        self.process = process
        self._publisher = HubSocket(port)

    def publish(self, data: bytes) -> None:
        """Send some lines."""
        for line in data.splitlines(keepends=True):
            self._publisher.emit("publish", line.decode())


class OurHub:
    """A hub, and a publisher that packs as the sender does."""

    def __init__(self, hub: Hub, publisher: Publisher) -> None:
        self.seat = Seat(hub.port, publisher.token)
        self.process = psutil.Process(hub.process.pid)
        self._publisher = publisher
        self._sent = 0

    def publish(self, data: bytes) -> None:
        """Send some lines."""
        self._publisher.append(self._sent, data, "zlib" if len(data) > 512 else "")
        self._sent += len(data)


@contextlib.contextmanager
def our_hub() -> Iterator[Service]:
    """A hub of its own, with one run."""
    with Hub("eventlet", "--viewers-per-address", "0") as hub, Publisher(hub) as publisher:
        publisher.open()
        yield OurHub(hub, publisher)


@contextlib.contextmanager
def relay(*command: str) -> Iterator[Service]:
    """A relay on a free port, which is added to the command."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(port), "the relay listens")
        yield Relay(port, psutil.Process(process.pid))
    finally:
        process.kill()
        process.wait()


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def node_relay() -> contextlib.AbstractContextManager[Service]:
    """With Node's socket.io."""
    return relay("node", str(RELAYS / "relay.mjs"), str(peers.node_modules("socket.io", SOCKET_IO)))


def flask_relay() -> contextlib.AbstractContextManager[Service]:
    """With Flask-SocketIO."""
    return relay(sys.executable, str(RELAYS / "relay.py"))


class Flood:
    """As many lines as can be delivered; `cpu` collects the server's share of one processor."""

    def __init__(self, service: Callable[[], contextlib.AbstractContextManager[Service]], viewers: int, count: int):
        self._service = service
        self._viewers = viewers
        self._count = count
        self.cpu: list[float] = []

    def __call__(self) -> float:
        """Lines delivered a second."""
        with self._service() as service, Crowd(service.seat, self._viewers) as crowd:
            began, cpu = time.monotonic(), processor_seconds(service)
            for first in range(0, self._count, CHUNK_LINES):
                crowd.wait_for(first * LINE_BYTES - BEHIND_BYTES)
                service.publish(lines(min(CHUNK_LINES, self._count - first)))
            crowd.wait_for(self._count * LINE_BYTES)
            took = time.monotonic() - began
            self.cpu.append(100 * (processor_seconds(service) - cpu) / took)
        return self._count * self._viewers / took


class Live:
    """LIVE_RATE lines a second; collects what the hub takes of processor and memory beside how late lines come."""

    def __init__(self, viewers: int, seconds: float) -> None:
        self._viewers = viewers
        self._seconds = seconds
        self.cpu: list[float] = []
        self.viewer_kb: list[float] = []
        self.growth: list[float] = []

    def __call__(self) -> float:
        """The 99th percentile of how late a line came, in ms."""
        with our_hub() as service:
            memory = service.process.memory_info
            alone = memory().rss
            with Crowd(service.seat, self._viewers) as crowd:
                joined, cpu = memory().rss, processor_seconds(service)
                self.viewer_kb.append((joined - alone) / self._viewers / 1000)
                count = int(self._seconds * LIVE_RATE)
                at_an_even_pace(service, count)
                crowd.wait_for(count * LINE_BYTES)
                self.cpu.append(100 * (processor_seconds(service) - cpu) / self._seconds)
                self.growth.append((memory().rss - joined) / 1e6)
                return 1000 * percentile_99(crowd.late())


def at_an_even_pace(service: Service, count: int) -> None:
    """Publish so many lines, each by itself, LIVE_RATE a second."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / LIVE_RATE - time.monotonic()))
        service.publish(lines(1))


def processor_seconds(service: Service) -> float:
    """What it has used so far."""
    times = service.process.cpu_times()
    return times.user + times.system


def measure(scale: Scale) -> list[Row]:
    """Floods through each, then lines at an even pace through the hub."""
    viewers, count = (20, 2_000) if scale.small else (500, 40_000)
    floods = {"hub": Flood(our_hub, viewers, count), "Flask-SocketIO relay": Flood(flask_relay, viewers, count // 20)}
    if not scale.small:
        floods["Node socket.io relay"] = Flood(node_relay, viewers, count // 20)
    delivered = {name: Figures.of(of, "lines/s") for name, of in interleaved(scale.rounds, floods).items()}
    live = Live(viewers, 2.0 if scale.small else 10.0)
    late = Figures.of([live() for _ in range(scale.rounds)], "ms")
    growth, each = Figures.of(live.growth, "MB"), Figures.of(live.viewer_kb, "KB")
    node = delivered.get("Node socket.io relay")
    ours = delivered.pop("hub")
    enough = ours.median >= 30 * node.median if node else None
    shares = {f"{name}, of a processor": Figures.of(flood.cpu, "%") for name, flood in floods.items()}
    return [
        Row(f"1 publisher, {viewers} viewers: lines delivered", ours, {**delivered, **shares}, "≥30 × Node", enough),
        Row(
            f"the same at {LIVE_RATE} lines/s: p99 of write → viewer",
            late,
            {"the hub, of a processor": Figures.of(live.cpu, "%")},
            "≤500 ms",
            late.median <= 500,
        ),
        Row(f"growth of the hub while {viewers} watch", growth, {}, "≤50 MB", growth.median <= 50),
        Row("a viewer, in the hub's memory", each, {}, "≤70 KB", each.median <= 70),
    ]


if __name__ == "__main__":
    alone(measure)
