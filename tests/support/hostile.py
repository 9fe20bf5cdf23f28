"""Clients that mean no good, by hand on a socket: what a library would not let them do."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import struct
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from tests.support.hub import Hub

from progress_run.protocol import PROTOCOL

PONG, CLOSED = "3", select.POLLHUP | select.POLLERR | select.POLLRDHUP


def frame(data: str | bytes, opcode: int = 0x81) -> bytes:
    """A WebSocket frame as a client sends it, masked with zeroes; 0x81 is a whole text."""
    payload = data.encode() if isinstance(data, str) else data
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", opcode, 0x80 | size)
    elif size < 65536:
        header = struct.pack("!BBH", opcode, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", opcode, 0x80 | 127, size)
    return header + bytes(4) + payload


class Raw:
    """A TCP connection to a hub, by default with as small a receive buffer as there is."""

    def __init__(self, hub: Hub, receive_buffer: int = 4096) -> None:
        self.hub = hub
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", hub.port))
        self.got = b""

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes; no error when the hub has closed."""
        with suppress(OSError):
            self.socket.sendall(data)

    def request(self, line: str, *headers: str, body: bytes = b"") -> None:
        """Send a request."""
        head = [f"{line} HTTP/1.1", f"Host: 127.0.0.1:{self.hub.port}", *headers, "", ""]
        self.socket.sendall("\r\n".join(head).encode() + body)

    def read_until(self, wanted: bytes) -> bytes:
        """Read until some bytes have come; returns all that came."""
        while wanted not in self.got:
            piece = self.socket.recv(4096)
            assert piece, f"the hub closed the connection after {self.got[-200:]!r}"
            self.got += piece
        return self.got

    @property
    def is_cut(self) -> bool:
        """Whether the hub has closed the connection, seen without reading from it."""
        poll = select.poll()
        poll.register(self.socket, CLOSED)
        return bool(poll.poll(0))

    def ends(self, seconds: float = 20.0) -> bool:
        """Read to the end; whether it comes in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.socket.settimeout(max(0.01, deadline - time.monotonic()))
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False


class RawWebSocket(Raw):
    """A WebSocket on which the hub has said its first word."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = (
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        self.request("GET /socket.io/?EIO=4&transport=websocket", *upgrade)
        self.read_until(b'"sid"')

    def say(self, text: str) -> None:
        """Send a text."""
        self.send(frame(text))

    def join(self, token: str) -> RawWebSocket:
        """Become a viewer."""
        self.say("40/watch," + json.dumps({"link": token, "protocol": PROTOCOL}))
        self.read_until(b"40/watch,")
        return self

    def watch(self, at: int = 0, events_at: int = 0, id_: str = "") -> None:
        """Send `watch`, with or without asking for a reply."""
        self.say(f'42/watch,{id_}["watch",{{"from":{at},"events_from":{events_at}}}]')


class RawPolling:
    """A client by long polling that polls when it is told to; with a link, a viewer."""

    def __init__(self, hub: Hub, token: str = "") -> None:
        self.path = "/socket.io/?EIO=4&transport=polling"
        self.hub = hub
        opening = self.get()
        self.path += "&sid=" + json.loads(opening[1:])["sid"]
        if token:
            self.post("40/watch," + json.dumps({"link": token, "protocol": PROTOCOL}))
            assert b"40/watch," in self.get()

    def get(self) -> bytes:
        """Poll once."""
        return self.hub.get(self.path)

    def post(self, *packets: str) -> tuple[int, bytes]:
        """Send packets; returns status and body of the answer."""
        body = "\x1e".join(packets).encode()
        with Raw(self.hub) as raw:
            raw.request("POST " + self.path, f"Content-Length: {len(body)}", "Connection: close", body=body)
            with suppress(OSError):
                while piece := raw.socket.recv(65536):
                    raw.got += piece
        head, _, answer = raw.got.partition(b"\r\n\r\n")
        return int(head.split()[1]) if head else 0, answer

    @property
    def is_cut(self) -> bool:
        """Whether the hub knows it no more."""
        return self.post(PONG)[0] != 200
