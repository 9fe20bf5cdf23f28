"""Where the job may report: the Unix datagram socket named in PROGRESS_EVENTS, one JSON object a datagram."""

from __future__ import annotations

import _socket  # not socket, which makes enumerations of all its constants: three milliseconds before each job
import contextlib
import os
from pathlib import Path

from progress_run.protocol import EVENT_BYTES

PATH_LIMIT = 100
"""Bytes that every system takes in a Unix socket's path."""


class EventsSocket:
    """Receives what the job and the sender report; who reports faster than is read loses what finds no room."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / name
        self._made: str | None = None
        if len(os.fsencode(self.path)) > PATH_LIMIT:
            import tempfile

            self._made = tempfile.mkdtemp(prefix="progress-")
            self.path = Path(self._made) / name
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(os.fspath(self.path))
        self.fd = self._socket.fileno()

    def receive(self) -> bytes | None:
        """One datagram, cut after a byte more than an event may have; None when there is none."""
        try:
            return self._socket.recv(EVENT_BYTES + 1)
        except BlockingIOError:
            return None

    def close(self) -> None:
        """Remove the socket from the file system."""
        self._socket.close()
        with contextlib.suppress(OSError):  # somebody cleaned up before us
            self.path.unlink(missing_ok=True)
            if self._made:
                os.rmdir(self._made)
