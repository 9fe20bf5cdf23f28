"""A Socket.IO client over a WebSocket by hand: next to nothing a message, so that what is measured is the server."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from collections.abc import Iterator
from typing import Any

from tests.support.hostile import frame

READ_BYTES = 1 << 20
HEADERS = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"


class HubSocket:
    """A connection that has joined one namespace of a Socket.IO server; `taken` counts the bytes that came."""

    def __init__(self, port: int, namespace: str = "/", auth: dict[str, Any] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._prefix = "" if namespace == "/" else namespace + ","
        self._got = bytearray()
        key = base64.b64encode(os.urandom(16)).decode()
        path = f"/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{HEADERS}"
        self.socket.sendall(f"GET {path}\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        self._after(b"\r\n\r\n")
        self.socket.sendall(frame(f"40{self._prefix}{json.dumps(auth or {})}"))
        self._joined()

    def emit(self, event: str, data: Any, attachment: bytes | None = None, ask: int | None = None) -> None:
        """Send an event, with one binary attachment if there is one, and the number of its reply if one is wanted."""
        kind = "42" if attachment is None else "451-"
        text = f"{kind}{self._prefix}{'' if ask is None else ask}{json.dumps([event, data])}"
        self.socket.sendall(frame(text) + (b"" if attachment is None else frame(attachment, 0x82)))

    def read(self) -> Iterator[bytes]:
        """The messages that have come, and more bytes if some are there; pings are answered. EOFError at the end."""
        piece = self.socket.recv(READ_BYTES)
        if not piece:
            raise EOFError("the server has closed the connection")
        self._got += piece
        return self._messages()

    def _messages(self) -> Iterator[bytes]:
        got, at = self._got, 0
        while (end := _end_of_frame(got, at)) and end[1] <= len(got):
            payload = bytes(got[end[0] : end[1]])
            at = end[1]
            if payload == b"2":
                self.socket.sendall(frame("3"))
            else:
                yield payload
        del got[:at]

    def reply(self) -> Any:
        """Wait for the next reply; other messages before it are dropped."""
        while True:
            for message in self.read():
                if message.startswith(b"43"):
                    return json.loads(message[message.index(b"[") :])[0]

    def close(self) -> None:
        """Let go of the connection."""
        self.socket.close()

    def _after(self, end: bytes) -> None:
        while end not in self._got:
            self._got += self.socket.recv(READ_BYTES)
        del self._got[: self._got.index(end) + len(end)]

    def _joined(self) -> None:
        while True:
            for message in self.read():
                if message.startswith(b"44"):
                    raise ConnectionError(message.decode())
                if message.startswith(b"40"):
                    return


def _end_of_frame(got: bytearray, at: int) -> tuple[int, int] | None:
    """Where the payload of a server's frame begins and ends; None while its header isn't there."""
    if len(got) < at + 2:
        return None
    size = got[at + 1]
    if size < 126:
        return at + 2, at + 2 + size
    start = at + (4 if size == 126 else 10)
    if len(got) < start:
        return None
    return start, start + int(struct.unpack_from("!H" if size == 126 else "!Q", got, at + 2)[0])
