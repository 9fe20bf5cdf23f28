"""Defences against what the WebSocket and Socket.IO libraries let clients do; all that touches their private parts.

Public hooks are used where there are any (the packet class, engineio's message handler, a logger, WSGI). What patches
private parts was written for the versions below, and is tried out at start whatever the version.
"""

from __future__ import annotations

import logging
import os
import resource
import time
from importlib.metadata import version
from typing import Any

import socketio.packet

from progress_hub.concurrency import Concurrency, WSGIApp
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
REPEAT_SECONDS = 60.0

_REQUESTS = {protocol.PUBLISH: protocol.PUBLISH_REQUESTS, protocol.WATCH: protocol.WATCH_REQUESTS}


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


class Quietly(logging.Filter):
    """Lets each kind of message through once a minute, in one line: a client can't fill the log."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; strips its traceback."""
        now, kind = time.monotonic(), str(record.msg)[:40]
        if now - self._last.get(kind, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        if len(self._last) < 1000:
            self._last[kind] = now
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = f"{record.msg}: {record.exc_info[1]!r}", ()
        record.exc_info = None
        return True


def quiet_logger(name: str) -> logging.Logger:
    """A logger for engineio and socketio, which write a traceback for each malformed packet."""
    logger = logging.getLogger(f"progress_hub.{name}")
    logger.setLevel(logging.ERROR)
    if not any(isinstance(each, Quietly) for each in logger.filters):
        logger.addFilter(Quietly())
    return logger


def harden(server: Any, concurrency: Concurrency) -> None:
    """Put the defences into a socketio.Server, and prove that they hold; raises RuntimeError if not."""
    _warn_of_unknown_versions(concurrency)
    _cut_senders_of_nonsense(server)
    server.eio._async = {**server.eio._async, "websocket": concurrency.websocket}
    for websocket_class in concurrency.parts:
        _unmask_fast(websocket_class)
        _limit_messages(websocket_class)


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


def _cut_senders_of_nonsense(server: Any) -> None:
    def message(eio_sid: str, data: Any) -> None:
        try:
            server._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - whatever a client's bytes may raise
            quiet_logger("packets").error("A client sent what it may not, and was cut: %r", error)
            socket = server.eio.sockets.get(eio_sid)
            if socket is not None:
                socket.close(wait=False, abort=True)

    server.eio.on("message", message)


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
            self.size += len(data)
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
