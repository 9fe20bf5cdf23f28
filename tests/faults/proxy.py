"""A TCP proxy that misbehaves as it is told, after the model of Shopify's toxiproxy.

    with Proxy(hub.port, seed) as proxy:          # clients use proxy.url in place of the hub's
        with proxy.toxic(Latency(0.1, jitter=0.05)):
            ...

A toxic works on the bytes that pass while it is there, `upstream` (towards the hub), `downstream`, or both. Whatever is
random in it is drawn from the seed, the number of the connection, and the direction.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

UPSTREAM, DOWNSTREAM = "upstream", "downstream"
BOTH = (UPSTREAM, DOWNSTREAM)
READ_BYTES = 65536
READ_AHEAD = 64
"""Pieces that are read while those before them are still being held up."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST instead of FIN, and drops what is unsent."""


class Flow:
    """One direction of a connection; `passed` counts the bytes that came before the ones now on their way."""

    def __init__(self, link: Link, stream: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.link = link
        self.stream = stream
        self.random = random.Random(f"{link.seed} {stream}")
        self.passed = 0
        self.arrived = 0.0
        self.deaf = False
        """Nothing of it gets through any more, though nobody is told."""
        self.notes: dict[object, int] = {}
        """What toxics remember of it."""
        self._reader = reader
        self._writer = writer
        self._pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(READ_AHEAD)

    async def run(self) -> None:
        """Pass on what comes, until an end has come and gone through."""
        reading = asyncio.ensure_future(self._read())
        try:
            while True:
                self.arrived, data = await self._pieces.get()
                if not data:
                    break
                await self._pour(self.link.proxy.toxics_of(self.stream), data)
                self.passed += len(data)
            for toxic in self.link.proxy.toxics_of(self.stream):
                await toxic.close(self)
            if not self.deaf:
                self._writer.write_eof()
        finally:
            reading.cancel()

    async def _read(self) -> None:
        data = b"?"
        while data:
            data = b""
            with suppress(OSError):
                data = await self._reader.read(READ_BYTES)
            await self._pieces.put((asyncio.get_running_loop().time(), data))

    async def _pour(self, toxics: list[Toxic], data: bytes) -> None:
        if self.deaf:
            return
        if not toxics:
            self._writer.write(data)
            await self._writer.drain()
            return
        async for piece in toxics[0].pour(self, data):
            await self._pour(toxics[1:], piece)


class Link:
    """A client's connection, and ours to the hub in its stead."""

    def __init__(self, proxy: Proxy, number: int) -> None:
        self.proxy = proxy
        self.seed = f"{proxy.seed} {number}"
        self.writers: list[asyncio.StreamWriter] = []

    def reset(self) -> None:
        """Send RST to both sides."""
        self.proxy.resets += 1
        for writer in self.writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        raise ConnectionResetError


class Toxic:
    """Lets everything through; `streams` are the directions that it works on."""

    streams: tuple[str, ...] = BOTH

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """What becomes of bytes that have come: pieces, at the moments at which they go on."""
        yield data

    async def close(self, flow: Flow) -> None:
        """Called before an end is passed on."""


class Latency(Toxic):
    """Everything comes later by some seconds, give or take the jitter, in its order."""

    def __init__(self, seconds: float, jitter: float = 0.0) -> None:
        self._range = (seconds - jitter, seconds + jitter)

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """After a while."""
        due = flow.arrived + flow.random.uniform(*self._range)
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        yield data


class Bandwidth(Toxic):
    """So many bytes a second and connection."""

    def __init__(self, rate: int, *streams: str) -> None:
        self._rate = rate
        self.streams = streams or BOTH

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """A twentieth of a second's worth at a time."""
        step = max(1, self._rate // 20)
        for at in range(0, len(data), step):
            await asyncio.sleep(len(data[at : at + step]) / self._rate)
            yield data[at : at + step]


class Slicer(Toxic):
    """Everything in segments of so many bytes: one by one, unless another size is named."""

    def __init__(self, size: int = 1) -> None:
        self._size = size

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """Slice by slice, each a write of its own."""
        for at in range(0, len(data), self._size):
            yield data[at : at + self._size]
            await asyncio.sleep(0)


class BlackHole(Toxic):
    """Swallows everything after `after` bytes of a connection; no RST, no FIN, and what is swallowed is gone for good.

    With one stream named it is deaf in one direction only. A connection that has lost bytes stays deaf when this heals.
    """

    def __init__(self, *streams: str, after: tuple[int, int] = (0, 0)) -> None:
        self.streams = streams or BOTH
        self._after = after

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """What comes before the hole."""
        edge = flow.notes.setdefault(self, flow.random.randint(*self._after))
        if flow.passed + len(data) > edge:
            flow.deaf = True
        else:
            yield data


class LoseAcks(Toxic):
    """Takes each `ack` out of a WebSocket with some probability, and lets everything else through."""

    streams = (DOWNSTREAM,)

    def __init__(self, probability: float = 1.0) -> None:
        self._probability = probability
        self.lost = 0

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """The frames that are left. The hub sends each in one piece, which is all that has to be known of WebSocket."""
        kept = b"".join(self._kept(flow, data))
        if kept:
            yield kept

    def _kept(self, flow: Flow, data: bytes) -> Iterator[bytes]:
        while data[:1] in (b"\x81", b"\x82"):
            size = 2 + data[1] if data[1] < 126 else 4 + int.from_bytes(data[2:4], "big")
            frame, data = data[:size], data[size:]
            if b'/publish,["ack"' in frame and flow.random.random() < self._probability:
                self.lost += 1
            else:
                yield frame
        yield data


class ResetPeer(Toxic):
    """RST to both sides after some number of bytes of a connection, in the middle of whatever it was."""

    def __init__(self, after: tuple[int, int]) -> None:
        self._after = after

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """The bytes before the edge."""
        edge = flow.notes.setdefault(self, flow.random.randint(*self._after))
        yield data[: max(0, edge - flow.passed)]
        if flow.passed + len(data) > edge:
            flow.link.reset()


class SlowClose(Toxic):
    """The end of a connection is passed on later by some seconds; it lingers half closed meanwhile."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def close(self, flow: Flow) -> None:
        """Linger."""
        await asyncio.sleep(self._seconds)


class Duplicate(Toxic):
    """After some number of bytes the hub gets a second connection, on which all that the client has said is said again.

    It has to be there from a connection's first byte on.
    """

    streams = (UPSTREAM,)

    def __init__(self, after: tuple[int, int]) -> None:
        self._after = after
        self._said: dict[Flow, bytes] = {}
        self._replays: set[asyncio.Task[None]] = set()
        self.replayed = 0

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """Everything."""
        yield data
        edge = flow.notes.setdefault(self, flow.random.randint(*self._after))
        said = self._said.get(flow, b"") + data if flow.passed <= edge else b""
        self._said[flow] = said
        if flow.passed <= edge < flow.passed + len(data):
            replay = asyncio.ensure_future(self._replay(flow.link.proxy.target, said))
            self._replays.add(replay)
            replay.add_done_callback(self._replays.discard)

    async def _replay(self, port: int, said: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.replayed += 1
        try:
            writer.write(said)
            while await reader.read(READ_BYTES):
                continue
        except OSError:
            return
        finally:
            writer.close()


class Proxy:
    """Listens on a port of its own at `url` and passes on to `target`.

    Attributes:
        toxics: those at work now.
        connections, resets: how many there have been.
    """

    def __init__(self, target: int, seed: int = 0) -> None:
        self.target = target
        self.seed = seed
        self.toxics: list[Toxic] = []
        self.connections = self.resets = 0
        self._tasks: set[asyncio.Task[None] | None] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="proxy", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The hub as seen through it."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @contextmanager
    def toxic(self, *toxics: Toxic) -> Iterator[None]:
        """Misbehave for a while."""
        self.toxics = [*self.toxics, *toxics]
        try:
            yield
        finally:
            self.toxics = [toxic for toxic in self.toxics if toxic not in toxics]

    def toxics_of(self, stream: str) -> list[Toxic]:
        """Those that work on a direction."""
        return [toxic for toxic in self.toxics if stream in toxic.streams]

    async def _run(self) -> None:
        """Serve until told to stop; the connections that are left end with the loop."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, sock=self._listener)
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its first byte to the end of both directions."""
        self.connections += 1
        link, task = Link(self, self.connections), asyncio.current_task()
        self._tasks.add(task)  # asyncio itself would let them be collected while they wait
        try:
            hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        link.writers = [writer, hub_writer]
        flows = Flow(link, UPSTREAM, reader, hub_writer), Flow(link, DOWNSTREAM, hub_reader, writer)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(*(flow.run() for flow in flows))
        writer.close()
        hub_writer.close()
        self._tasks.discard(task)
