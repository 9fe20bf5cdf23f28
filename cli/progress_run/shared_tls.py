"""TLS sockets that threads share, which CPython's own bear from 3.13 on alone: the hub's, and the sender's to a hub."""

from __future__ import annotations

import errno
import os
import select
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any


class SharedTls(ssl.SSLSocket):
    """For one thread that reads and others that write: OpenSSL bears one of them at a time, so none waits within it."""

    _patience: float | None
    _within: threading.Lock
    _writing: threading.Lock

    def __new__(cls, *args: Any, **options: Any) -> SharedTls:
        """The only constructor that ssl.SSLSocket has."""
        self = super().__new__(cls, *args, **options)
        self._within, self._writing = threading.Lock(), threading.Lock()
        return self

    def settimeout(self, value: float | None) -> None:
        """How long reading or writing may take, in seconds."""
        self._patience = value
        super().settimeout(0.0)

    def gettimeout(self) -> float | None:
        """What `settimeout` was given."""
        return self._patience

    def do_handshake(self, block: bool = False) -> None:
        """Greet the peer."""
        self._patiently(super().do_handshake)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - the name of the base class
        """Read what there is, at most so much."""
        return self._patiently(super().read, len, buffer)

    def send(self, data: Any, flags: int = 0) -> int:
        """Write all of it; a second writer waits until it is out, as OpenSSL wants the same bytes again till then."""
        with self._writing:
            return int(self._patiently(super().send, data, flags))

    def shutdown(self, how: int) -> None:
        """End the connection below TLS: readers and writers find it ended, none of them in clear text."""
        super(ssl.SSLSocket, self).shutdown(how)

    def _patiently(self, act: Callable[..., Any], *args: Any) -> Any:
        deadline = None if self._patience is None else time.monotonic() + self._patience
        try:
            while True:
                try:
                    with self._within:
                        return act(*args)
                except ssl.SSLWantReadError:
                    self._wait(select.POLLIN, deadline)
                except ssl.SSLWantWriteError:
                    self._wait(select.POLLOUT, deadline)
        except ValueError:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None  # it was closed meanwhile

    def _wait(self, event: int, deadline: float | None) -> None:
        ready = select.poll()
        ready.register(self.fileno(), event)
        left = None if deadline is None else max(0.0, 1000 * (deadline - time.monotonic()))
        if not ready.poll(left):
            raise TimeoutError("timed out")
