"""The ways out of a job: the recorder's datagram socket, or an escape sequence through the terminal (ssh, docker).

A report is one JSON object, of the kinds docs/protocol.md lists. Imported when there is something to send, since json
and socket take longer to import than all the rest.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import select
import socket
from collections.abc import Mapping

from progress_run.protocol import EVENT_BYTES

OSC = b"\033]7747;progress;%b\033\\"
"""A report on its way through a terminal: base64url without padding."""

RETRY = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.EINTR)
"""What passes: the queue is full."""


class Gone(Exception):
    """Nobody listens there, now or later."""


class DatagramSocket:
    """The socket named in PROGRESS_EVENTS; connecting fails where there is none, as in a container."""

    is_torn = False

    def __init__(self, path: str) -> None:
        with contextlib.ExitStack() as opened:
            try:
                self._socket = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
                self._socket.setblocking(False)
                self._socket.connect(path)
            except (OSError, ValueError) as error:
                raise Gone from error
            opened.pop_all()

    def send(self, data: bytes) -> bool:
        """Whether it was taken; False while the queue is full.

        Raises:
            Gone: the run is over, or its recorder is.
        """
        try:
            self._socket.send(data)
        except OSError as error:
            if error.errno not in RETRY:
                raise Gone from error
            return False
        return True

    def flush(self) -> bool:
        """Whether all that was taken has gone: a datagram is never cut."""
        return True

    def wait_for_room(self, seconds: float) -> bool:
        """Whether there is room within that time."""
        return _writable(self._socket.fileno(), seconds)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()


class Terminal:
    """The controlling terminal, or stdout's, opened anew so that not blocking is our affair alone."""

    def __init__(self) -> None:
        self._fd = _open_terminal()
        self._rest = b""

    def send(self, data: bytes) -> bool:
        """Whether it was taken; a sequence of which a part was written is finished before the next begins.

        Raises:
            Gone: the terminal has hung up.
        """
        if not self.flush():
            return False
        self._write(OSC % base64.urlsafe_b64encode(data).rstrip(b"="))
        return True

    @property
    def is_torn(self) -> bool:
        """Whether something is left of a sequence, see `flush`."""
        return bool(self._rest)

    def flush(self) -> bool:
        """Write what is left of a sequence, which would swallow what the job prints; whether nothing is left.

        Raises:
            Gone: the terminal has hung up.
        """
        return not self._write(self._rest)

    def _write(self, data: bytes) -> bytes:
        """Write what there is room for; what is left."""
        try:
            self._rest = data[os.write(self._fd, data) :] if data else b""
        except OSError as error:
            if error.errno not in RETRY:
                raise Gone from error
            self._rest = data
        return self._rest

    def wait_for_room(self, seconds: float) -> bool:
        """Whether there is room within that time."""
        return _writable(self._fd, seconds)

    def close(self) -> None:
        """Let go of the terminal."""
        with contextlib.suppress(OSError):
            os.close(self._fd)


Channel = DatagramSocket | Terminal


def _writable(fd: int, seconds: float) -> bool:
    poll = select.poll()
    try:
        poll.register(fd, select.POLLOUT)
        return bool(poll.poll(1000 * max(0.0, seconds)))
    except (OSError, ValueError):
        return True  # closed: sending will say so


def _open_terminal() -> int:
    for path in ("/dev/tty", "/proc/self/fd/1", "/dev/fd/1"):
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            if os.isatty(fd):
                return fd
            os.close(fd)
    raise Gone


def open_channel(environ: Mapping[str, str]) -> Channel | None:
    """The way out that the environment names; None where nobody listens."""
    with contextlib.suppress(Gone):
        if path := environ.get("PROGRESS_EVENTS"):
            return DatagramSocket(path)
    with contextlib.suppress(Gone):
        if environ.get("PROGRESS_OSC") == "1":
            return Terminal()
    return None


def encode(report: Mapping[str, object]) -> bytes:
    """One report; a note's text is cut to what fits.

    Raises:
        ValueError: it is too large all the same, or something in it can't be said in JSON.
    """
    data = _json(report)
    while len(data) > EVENT_BYTES and report["kind"] == "note":
        text = str(report["text"])
        report = {**report, "text": text[: len(text) * 2 // 3]}
        data = _json(report)
    if len(data) > EVENT_BYTES:
        raise ValueError("more than an event may have")
    return data


def _json(report: Mapping[str, object]) -> bytes:
    return json.dumps(report, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
