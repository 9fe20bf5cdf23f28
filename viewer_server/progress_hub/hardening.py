"""Defences against what the WebSocket and Socket.IO libraries let clients do; all that touches their private parts.

Public hooks are used where there are any (the packet class, engineio's handlers and queue class, a logger, WSGI). What
patches private parts was written for the versions below, and is tried out at start whatever the version.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import time
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import engineio.socket
import socketio.packet
from engineio.exceptions import SocketIsClosedError
from engineio.packet import CLOSE, MESSAGE, PING, PONG
from engineio.packet import Packet as EnginePacket

from progress_hub.concurrency import Concurrency, WSGIApp
from progress_hub.gate import Connection, Gate, address_of
from progress_hub.outbox import PACKET_COST, Outbox
from progress_hub.quiet_log import describe, quiet_logger
from progress_run import protocol

log = logging.getLogger(__name__)

WRITTEN_FOR = {
    "python-socketio": "5.18.",
    "python-engineio": "4.15.",
    "Flask-SocketIO": "5.7.",
    "eventlet": "0.41.",
    "simple-websocket": "1.1.",
}
FILES_WANTED = 65536
M_ARENA_MAX = -8
"""glibc's malloc.h."""

OUTBOX_BYTES = 4 * 1024 * 1024
"""How much may wait for a publisher that asks on without reading the answers."""
NOBODY_SECONDS = 10.0
"""How long a client may be connected without having joined a namespace."""
CLOSING_SECONDS = 5.0
"""How long a client that was closed in good order may take to close its connection."""
VIEWER_MESSAGE_BYTES = 64 * 1024
"""The most that one message of a client may take that has not shown the publish key."""
ANSWER_LOOK_SECONDS = 0.2
"""How often to look, at last, whether a viewer has taken an answer."""
INBOX_MESSAGES = 64
"""How many messages of one client may wait to be handled in the threading model."""
INBOX_LOOK_SECONDS = 0.01

_REQUESTS: dict[str, tuple[str, ...]] = {
    protocol.PUBLISH: protocol.PUBLISH_REQUESTS,
    protocol.WATCH: protocol.WATCH_REQUESTS,
    protocol.RUNS: protocol.RUNS_REQUESTS,
}


class ClientPacket(socketio.packet.Packet):  # type: ignore[misc]
    """A Socket.IO packet that takes from clients only what the protocol lists.

    Without it a client can send events named `connect` or `disconnect` into the handlers of these names, acknowledge
    what was never asked, and announce any number of binary attachments.
    """

    def decode(self, encoded_packet: Any) -> int:
        """Decode a packet; raises ValueError when it is none that a client may send."""
        attachments: int = super().decode(encoded_packet) or 0
        if self.packet_type in (socketio.packet.EVENT, socketio.packet.BINARY_EVENT):
            self._check_event(attachments)
        elif self.packet_type not in (socketio.packet.CONNECT, socketio.packet.DISCONNECT) or attachments:
            raise ValueError("a packet of a type that clients have no reason to send")
        return attachments

    def _check_event(self, attachments: int) -> None:
        requests = _REQUESTS.get(self.namespace or "/", ())
        if not isinstance(self.data, list) or len(self.data) != 2 or self.data[0] not in requests:
            raise ValueError("an event that the protocol doesn't list")
        allowed = self.packet_type == socketio.packet.BINARY_EVENT and self.namespace == protocol.PUBLISH
        if attachments != int(allowed):
            raise ValueError("binary attachments where there is no place for them")


class ClientSocket(engineio.socket.Socket):  # type: ignore[misc]
    """An engineio socket whose client is cut for packets that it has no reason to send, as soon as it does.

    Without it some are answered without end, whether the answers are read or not, and others ignored. Pings are sent by
    the hub's tick: a task for each would keep what belongs to a client that was cut until the next ping were due.
    """

    last_ping: float | None
    ping_at = float("inf")
    """When it is to be pinged, as time.monotonic() has it."""

    def schedule_ping(self) -> None:
        """The client has answered the last ping."""
        if self.last_ping:
            self.last_ping = None
            self.ping_at = time.monotonic() + self.server.ping_interval

    def ping_if_due(self, now: float) -> None:
        """Ping it when it is time."""
        if now >= self.ping_at and not self.closing and not self.closed:
            self.ping_at, self.last_ping = float("inf"), time.time()
            with suppress(SocketIsClosedError):
                self.send(EnginePacket(PING))

    def receive(self, pkt: Any) -> None:
        """Handle a packet, outside of an upgrade to WebSocket."""
        if pkt.packet_type in (CLOSE, PONG, MESSAGE):
            super().receive(pkt)
        else:
            quiet_logger("packets").error("A client sent what it may not, and was cut: a packet of engineio's own")
            self.server.cut(self)


class Clients:
    """The Socket.IO clients of a hub: how far behind they are, and the end of those who abuse it."""

    def __init__(self, concurrency: Concurrency, gate: Gate, messages_per_second: float) -> None:
        """A publisher's messages are taken at that rate."""
        self._concurrency = concurrency
        self._messages_per_second = messages_per_second
        self._gate = gate
        self._server: Any = None
        self._closing: list[tuple[float, Connection]] = []

    def harden(self, server: Any) -> None:
        """Put the defences into a socketio.Server, and prove that they hold; raises RuntimeError if not."""
        self._server = server
        _warn_of_unknown_versions(self._concurrency)
        queue, empty = server.eio._async["queue"], server.eio._async["queue_empty"]
        limits = {"Empty": empty, "messages_per_second": self._messages_per_second}
        outbox = type("ClientOutbox", (Outbox, queue), limits)
        server.eio._async = {**server.eio._async, "websocket": self._websocket, "queue": outbox}
        server.eio.cut, engineio.socket.Socket = self.cut, ClientSocket
        _try_outbox(server.eio)
        server.eio.on("message", self._message)
        server.eio.on("disconnect", self._disconnected)
        for part in self._concurrency.parts:
            {"eventlet": _harden_eventlet, "threading": _harden_simple_websocket}[self._concurrency.name](
                part, self._concurrency.sleep
            )

    def outbox(self, sid: str, namespace: str) -> Outbox | None:
        """What waits for the client of that name in a namespace; None when it has gone."""
        socket = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, namespace))
        return None if socket is None or socket.closed else socket.queue

    def host(self, sid: str, namespace: str) -> str:
        """The address that a client comes from."""
        return address_of(self._server.get_environ(sid, namespace))

    def forget(self, sid: str, namespace: str) -> None:
        """Let go of a client that went while it was being let in, which socketio itself doesn't."""
        self._server.manager.disconnect(sid, namespace)

    def cut(self, socket: Any) -> None:
        """End a client without waiting for it, and free what waited for it."""
        outbox: Outbox = socket.queue
        outbox.drop()
        socket.close(wait=False, abort=True)
        if outbox.connection is not None:
            outbox.connection.cut()
        self._server.eio.sockets.pop(socket.sid, None)

    def end(self, sid: str, namespace: str) -> None:
        """Cut the client of that name in a namespace, unless it has gone."""
        socket = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, namespace))
        if socket is not None:
            self.cut(socket)

    def tick(self) -> None:
        """Cut whoever takes nothing, has joined no namespace, or was closed and stays; ping the others."""
        now = time.monotonic()
        for socket in self._server.eio.sockets.copy().values():
            if socket.queue.is_stuck(now) or (now - socket.queue.born >= NOBODY_SECONDS and self._is_nobody(socket)):
                self.cut(socket)
            else:
                socket.ping_if_due(now)
        while self._closing and self._closing[0][0] <= now:
            self._closing.pop(0)[1].cut()

    def _websocket(self, handler: Any, server: Any) -> Any:
        """A WebSocket driver in the shape that engineio asks for, which knows the client and its connection."""
        socket = handler.__self__

        def handle(websocket: Any) -> Any:
            websocket.outbox = socket.queue
            return handler(websocket)

        def serve(environ: dict[str, Any], start_response: Any) -> Any:
            socket.queue.connection = self._gate.of(environ)
            return websocket(environ, start_response)

        websocket = self._concurrency.websocket(handle, server)
        return serve

    def _message(self, eio_sid: str, data: Any) -> None:
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is None or socket.closed:
            return
        outbox: Outbox = socket.queue
        try:
            self._await_turn(socket, data)
            self._server._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - whatever a client's bytes may raise
            quiet_logger("packets").error("A client sent what it may not, and was cut: %s", describe(error))
            self.cut(socket)
        outbox.answered = outbox.given
        outbox.trusted = outbox.trusted or self._publishes(socket)

    def _await_turn(self, socket: Any, data: Any) -> None:
        """A viewer's next request is read when the answer to the last one has gone out: it can't pile up answers.

        A publisher's is read when it is due.
        """
        outbox: Outbox = socket.queue
        if outbox.trusted:
            if outbox.size > OUTBOX_BYTES:
                raise ValueError("it asks on without reading the answers")
            if (wait := outbox.pace.step()) > 0:
                self._concurrency.sleep(wait)
            return
        if len(data) > VIEWER_MESSAGE_BYTES:
            raise ValueError("a message that is too large")
        pause = 0.0
        while outbox.taken < outbox.answered and not socket.closed:
            self._concurrency.sleep(pause)
            pause = min(2 * pause + 0.001, ANSWER_LOOK_SECONDS)

    def _disconnected(self, eio_sid: str, reason: str) -> None:
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is not None and socket.queue.connection is not None:
            self._closing.append((time.monotonic() + CLOSING_SECONDS, socket.queue.connection))
        self._server._handle_eio_disconnect(eio_sid, reason)

    def _is_nobody(self, socket: Any) -> bool:
        sid_of = self._server.manager.sid_from_eio_sid
        return not any(sid_of(socket.sid, namespace) for namespace in _REQUESTS)

    def _publishes(self, socket: Any) -> bool:
        manager = self._server.manager
        is_connected: bool = manager.is_connected(
            manager.sid_from_eio_sid(socket.sid, protocol.PUBLISH), protocol.PUBLISH
        )
        return is_connected


def without_deflate(app: WSGIApp) -> WSGIApp:
    """Hide WebSocket extensions from the server: compressing for each viewer costs a hundred times its sending."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return app(environ, start_response)

    return wrapped


def raise_file_limit() -> None:
    """Let this process open as many files as it may: each viewer takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def share_memory_pools() -> None:
    """Have threads share two of glibc's memory pools, of which else each may get its own, that it never gives back."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none, or one that does nothing
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def unmask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
    """XOR `data` with a repeated 4-byte mask, beginning at `offset` in it: as one large integer, 70 times as fast."""
    size = len(data) if length is None else length
    shift = offset % 4
    turned = bytes(mask[shift:] + mask[:shift])
    key = int.from_bytes((turned * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(data[:size], "little") ^ key).to_bytes(size, "little")


def _warn_of_unknown_versions(concurrency: Concurrency) -> None:
    for package in ("python-socketio", "python-engineio", "Flask-SocketIO", *concurrency.packages):
        if not version(package).startswith(WRITTEN_FOR[package]):
            log.warning("%s %s is not the version the hub was hardened for.", package, version(package))


def _try_outbox(server: Any) -> None:
    """Prove that what waits for a client is counted, and that its end waits for nothing."""
    socket = engineio.socket.Socket(server, "a trial")
    for data in ("one", "two"):
        socket.queue.put(EnginePacket(MESSAGE, data))
    counted = socket.queue.size == 2 * (PACKET_COST + 3)
    socket.queue.connection = Connection(None)
    alone = len(socket.poll()) == 1 and socket.queue.taken == 1
    socket.queue.join()
    socket.queue.drop()
    if not (counted and alone and socket.poll() == [] and socket.queue.size == 0 and type(socket) is ClientSocket):
        raise RuntimeError("This version of engineio keeps packets for a client in another way than the hub knows.")


def _harden_eventlet(websocket_class: Any, sleep: Any) -> None:
    _unmask_fast(websocket_class)
    _limit_messages(websocket_class)
    _take_turns(websocket_class, sleep)
    _share_frames(websocket_class)


def _harden_simple_websocket(server_class: Any, sleep: Any) -> None:
    """Read no further while many messages wait to be handled, where simple-websocket collects without bound."""
    handle_events = server_class._handle_events

    def _handle_events(self: Any) -> bool:
        try:
            going_on: bool = handle_events(self)
        except Exception as error:  # noqa: BLE001 - whatever a client's frames may raise; its thread would end with it
            quiet_logger("frames").error("A client sent frames that can't be, and was cut: %s", describe(error))
            return False
        while going_on and len(self.input_buffer) > INBOX_MESSAGES and self.connected and self.sock.fileno() >= 0:
            sleep(INBOX_LOOK_SECONDS)
        return going_on

    server_class._handle_events = _handle_events


def _share_frames(websocket_class: Any) -> None:
    """Pack a text that goes to many viewers once: those who don't read then wait with the same bytes."""
    pack, send = websocket_class._pack_message, websocket_class._send
    last: tuple[Any, bytes] = "", b""

    def _pack_message(self: Any, message: Any, masked: bool = False, **options: Any) -> bytes:
        nonlocal last
        if masked or options or not isinstance(message, str):
            packed: bytes = pack(self, message, masked=masked, **options)
            return packed
        if message is not last[0]:
            last = message, pack(self, message)
        return last[1]

    def _send(self: Any, frame: bytes) -> None:
        send(self, memoryview(frame))  # what is left of it after a part was sent is no copy

    websocket_class._pack_message, websocket_class._send = _pack_message, _send


def _take_turns(websocket_class: Any, sleep: Any) -> None:
    """Leave others their turns between frames, and read no large ones from whoever has not shown the publish key."""
    receive = websocket_class._recv_frame

    def _recv_frame(self: Any, message: Any = None) -> Any:
        outbox: Outbox | None = getattr(self, "outbox", None)
        if outbox is not None:
            outbox.breathe(sleep)
            self.max_frame_length = protocol.MESSAGE_BYTES if outbox.trusted else VIEWER_MESSAGE_BYTES
        return receive(self, message=message)

    websocket_class._recv_frame = _recv_frame


def _unmask_fast(websocket_class: Any) -> None:
    mask, data = (1, 2, 3, 4), os.urandom(1001)
    naive = bytes(byte ^ mask[(3 + position) % 4] for position, byte in enumerate(data))
    if unmask(data, mask, offset=3) != naive or websocket_class._apply_mask(data, mask, offset=3) != naive:
        raise RuntimeError("This version of eventlet masks WebSocket frames in another way than the hub knows.")
    websocket_class._apply_mask = staticmethod(unmask)


def _limit_messages(websocket_class: Any) -> None:
    """Cap the total of a fragmented message, where eventlet caps each frame alone."""

    class Message(websocket_class.Message):  # type: ignore[misc]
        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.size += len(data) or 1  # empty pieces take memory too
            if self.size > protocol.MESSAGE_BYTES:
                raise ValueError("message is too large")
            super().push(data, final)

    message = Message(1, protocol.MESSAGE_BYTES)
    message.push(b"a" * protocol.MESSAGE_BYTES)
    try:
        message.push(b"a")
    except ValueError:
        websocket_class.Message = Message
    else:
        raise RuntimeError("This version of eventlet collects WebSocket messages in another way than the hub knows.")
