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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from progress_hub.failures import neighbourhood

REQUEST_SECONDS = 30.0
"""How long a connection may be without a request, from its first byte to its last header."""
RESERVED_FILES = 200
"""Descriptors kept for the store, the log and the hub itself."""
VIEWERS_SHARE = 0.75
"""How much of all there is room for viewers may take; the rest is for publishers."""
ADDRESS = "progress_hub.address"
"""Where the environment of a request has the client's own address, see proxies.py."""
_HANG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)


def address_of(environ: dict[str, Any]) -> str:
    """The address that a request comes from."""
    address: str = environ.get(ADDRESS) or environ.get("REMOTE_ADDR", "")
    return address


class Connection:
    """A TCP connection of a client, from when it was accepted until it is closed."""

    def __init__(self, sock: Any) -> None:
        self.idle_since = time.monotonic()
        self.seated: str | None = None
        """The address whose seat its request has taken."""
        self._socket = sock

    def end(self) -> None:
        """End it without waiting for anybody: whoever reads from it or writes to it finds it ended."""
        with suppress(OSError):
            if isinstance(self._socket, socket.socket):  # not what TLS makes of it: clear text from then on
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            else:
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


class Seats:
    """So many seats, and so many for one holder, such as an address or a link; 0 is any number."""

    def __init__(self, total: int, per_holder: int, exempt: Callable[[str], bool] = lambda _holder: False) -> None:
        """`exempt` says who may have any number of what there is."""
        self._total = total
        self._per_holder = per_holder
        self._exempt = exempt
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._taken = 0

    def sit(self, holder: str) -> bool:
        """Take a seat, if there is one for this holder; `rise` gives it back."""
        with self._lock:
            if (self._total and self._taken >= self._total) or self._is_full(holder):
                return False
            self._taken += 1
            self._held[holder] += 1
            return True

    def rise(self, holder: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken -= 1
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]

    def _is_full(self, holder: str) -> bool:
        return bool(self._per_holder) and not self._exempt(holder) and self._held[holder] >= self._per_holder


def is_this_machine(address: str) -> bool:
    """It is never one address too many: its own user and a reverse proxy both come from there."""
    return address.removeprefix("::ffff:").startswith("127.") or address == "::1"


def household(address: str) -> str:
    """Whose seats they are that an address takes."""
    return address if is_this_machine(address) else neighbourhood(address)


class Gate:
    """All connections, those without a request in the order of their age, and the seats of viewers and publishers."""

    def __init__(self, connections: int, viewers_per_address: int, publishers_per_address: int = 0) -> None:
        """Room for that many connections, and for that many viewers and publishers from one address."""
        self.publishers = Seats(0, publishers_per_address, is_this_machine)
        self._viewers = Seats(max(1, int(connections * VIEWERS_SHARE)), viewers_per_address, is_this_machine)
        self._room = connections
        self._lock = threading.Lock()
        self._all: dict[tuple[str, int], Connection] = {}
        self._idle: dict[Connection, None] = {}

    @contextmanager
    def connection(self, sock: Any, address: Any) -> Iterator[Connection]:
        """Around all that is done for a connection; ends the longest idle one when there is no room for it."""
        connection = Connection(sock)
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
            if connection.seated is not None:
                self.rise(connection.seated)
                connection.seated = None
            connection.idle_since = time.monotonic()
            with self._lock:
                self._idle[connection] = None

    def of(self, environ: dict[str, Any]) -> Connection | None:
        """The connection that a request came by; None under a server that isn't the hub's own."""
        return self._all.get((environ.get("REMOTE_ADDR", ""), int(environ.get("REMOTE_PORT") or 0)))

    def seat(self, environ: dict[str, Any]) -> bool:
        """Whether there is a seat for the viewer who makes a request; it is given back when the request is over."""
        connection, host = self.of(environ), address_of(environ)
        if connection is None or connection.seated is not None:
            return True
        if self.sit(host):
            connection.seated = host
        return connection.seated is not None

    def sit(self, host: str) -> bool:
        """Take one of the viewers' seats, if there is one for this address; `rise` gives it back."""
        return self._viewers.sit(household(host))

    def rise(self, host: str) -> None:
        """Give a viewer's seat back."""
        self._viewers.rise(household(host))

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


def room_for_connections(most: int) -> int:
    """How many connections this process has descriptors for, and no more than `most`."""
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(most, files - min(RESERVED_FILES, files // 4))
