"""Who is connected, and for whom there is room: viewers are turned away before publishers are (docs/adr/0014).

Knows TCP connections and addresses, and nothing of what is spoken over them.
"""

from __future__ import annotations

import itertools
import resource
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

REQUEST_SECONDS = 30.0
"""How long a connection may be without a request, from its first byte to its last header."""
RESERVED_FILES = 200
"""Descriptors kept for the store, the log and the hub itself."""
VIEWERS_SHARE = 0.75
"""How much of all there is room for viewers may take; the rest is for publishers."""
_HANG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)


class Connection:
    """A TCP connection of a client, from when it was accepted until it is closed."""

    def __init__(self, sock: Any, host: str) -> None:
        self.host = host
        self.idle_since = time.monotonic()
        self.seated = False
        self._socket = sock

    def end(self) -> None:
        """End it without waiting for anybody: whoever reads from it or writes to it finds it ended."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End it, and have the kernel forget what the client has not taken."""
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def has_left(self) -> bool:
        """Whether the client has closed it."""
        hang_up = select.poll()
        try:
            hang_up.register(self._socket.fileno(), _HANG_UP)
        except ValueError:
            return True  # closed here
        return bool(hang_up.poll(0))


class Gate:
    """All connections, those without a request in the order of their age, and how many seats viewers have taken."""

    def __init__(self, connections: int, per_address: int) -> None:
        """Room for that many connections, and for that many viewers from one address; 0 is any number."""
        self._room = connections
        self._seats = int(connections * VIEWERS_SHARE)
        self._per_address = per_address
        self._lock = threading.Lock()
        self._all: dict[tuple[str, int], Connection] = {}
        self._idle: dict[Connection, None] = {}
        self._seated: Counter[str] = Counter()
        self._taken = 0

    @contextmanager
    def connection(self, sock: Any, address: Any) -> Iterator[Connection]:
        """Around all that is done for a connection; ends the longest idle one when there is no room for it."""
        connection = Connection(sock, address[0])
        with self._lock:
            self._all[address[:2]] = connection
            self._idle[connection] = None
            crowded = len(self._all) > self._room
        if crowded:
            self.make_room()
        try:
            yield connection
        finally:
            with self._lock:
                self._idle.pop(connection, None)
                if self._all.get(address[:2]) is connection:
                    del self._all[address[:2]]

    @contextmanager
    def request(self, connection: Connection) -> Iterator[None]:
        """Around each request on a connection."""
        with self._lock:
            self._idle.pop(connection, None)
        try:
            yield
        finally:
            if connection.seated:
                connection.seated = False
                self.rise(connection.host)
            connection.idle_since = time.monotonic()
            with self._lock:
                self._idle[connection] = None

    def of(self, environ: dict[str, Any]) -> Connection | None:
        """The connection that a request came by; None under a server that isn't the hub's own."""
        return self._all.get((environ.get("REMOTE_ADDR", ""), int(environ.get("REMOTE_PORT") or 0)))

    def seat(self, environ: dict[str, Any]) -> bool:
        """Whether there is a seat for the viewer who makes a request; it is given back when the request is over."""
        connection = self.of(environ)
        if connection is not None and not connection.seated:
            connection.seated = self.sit(connection.host)
            return connection.seated
        return True

    def sit(self, host: str) -> bool:
        """Take one of the viewers' seats, if there is one for this address; `rise` gives it back."""
        with self._lock:
            if self._taken >= self._seats or self._is_full(host):
                return False
            self._taken += 1
            self._seated[host] += 1
            return True

    def rise(self, host: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken -= 1
            self._seated[host] -= 1
            if not self._seated[host]:
                del self._seated[host]

    def make_room(self, share: float = 0.0) -> bool:
        """End those that have been without a request for longest: a share of them, or one, if there is one."""
        with self._lock:
            oldest = tuple(itertools.islice(self._idle, max(1, int(share * len(self._idle)))))
            for connection in oldest:
                del self._idle[connection]
                connection.end()
        return bool(oldest)

    def tick(self) -> None:
        """End those who take too long for a request."""
        latest = time.monotonic() - REQUEST_SECONDS
        with self._lock:
            for connection in tuple(self._idle):
                if connection.idle_since > latest:
                    return
                del self._idle[connection]
                connection.end()

    def _is_full(self, host: str) -> bool:
        # This machine is never one address too many: its own user and a reverse proxy both come from there.
        local = host.removeprefix("::ffff:").startswith("127.") or host == "::1"
        return bool(self._per_address) and not local and self._seated[host] >= self._per_address


def room_for_connections(most: int) -> int:
    """How many connections this process has descriptors for, and no more than `most`."""
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(most, files - min(RESERVED_FILES, files // 4))
