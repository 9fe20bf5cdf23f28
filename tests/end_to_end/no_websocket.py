"""A proxy as some companies have it: HTTP passes, a WebSocket's handshake is answered with 403."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
from types import TracebackType

FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HANDSHAKE = re.compile(rb"\r\nUpgrade: *websocket\r\n", re.IGNORECASE)


class NoWebSocket(socketserver.ThreadingTCPServer):
    """`with NoWebSocket(port) as proxy:` … the server at that port is also at `proxy.url`, without WebSockets."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.target = ("127.0.0.1", port)
        self.refused = 0
        """How many handshakes were turned away."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where the proxy is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> NoWebSocket:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Visit(socketserver.BaseRequestHandler):
    """One connection; clients make a new one for a WebSocket, so its first request tells what it is for."""

    request: socket.socket
    server: NoWebSocket

    def handle(self) -> None:
        head = self.request.recv(65536)
        if HANDSHAKE.search(head):
            self.server.refused += 1
            self.request.sendall(FORBIDDEN)
            return
        with socket.create_connection(self.server.target) as hub:
            hub.sendall(head)
            back = threading.Thread(target=_copy, args=(hub, self.request), daemon=True)
            back.start()
            _copy(self.request, hub)
            back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side has gone; so does the other
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
