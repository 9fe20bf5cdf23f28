"""Where the job may report: the Unix datagram socket named in PROGRESS_EVENTS, one JSON event a datagram."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
from pathlib import Path
from typing import Any

from progress_run.protocol import EVENT_BYTES
from progress_run.recorder.run_log import RunLog

KINDS = ("task", "metric", "group", "note")
"""The kinds a job may report; the others are the recorder's own observations."""

NAMES = ("id", "name")
"""Fields by which events are told apart: texts, whatever the job makes of them."""

PATH_LIMIT = 100
"""Bytes that every system takes in a Unix socket's path."""


class EventsSocket:
    """Receives what the job reports; what is not an event is dropped, since the job must never be harmed."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / name
        self._made: str | None = None
        if len(os.fsencode(self.path)) > PATH_LIMIT:
            import tempfile

            self._made = tempfile.mkdtemp(prefix="progress-")
            self.path = Path(self._made) / name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(os.fspath(self.path))
        self.fd = self._socket.fileno()

    def receive(self, log: RunLog) -> bool:
        """Record one report; False when there is none."""
        try:
            data = self._socket.recv(EVENT_BYTES + 1)
        except BlockingIOError:
            return False
        event = _parse(data)
        if event:
            _record(log, event)
        return True

    def close(self) -> None:
        """Remove the socket from the file system."""
        self._socket.close()
        with contextlib.suppress(OSError):  # somebody cleaned up before us
            self.path.unlink(missing_ok=True)
            if self._made:
                os.rmdir(self._made)


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or event.get("kind") not in KINDS:
        return None
    return {**event, **{name: str(event[name]) for name in NAMES if name in event}}


def _record(log: RunLog, event: dict[str, Any]) -> None:
    at = event.get("at")
    known = isinstance(at, int) and not isinstance(at, bool) and 0 <= at <= log.end
    with contextlib.suppress(ValueError, RecursionError):  # larger than the protocol allows once it is numbered
        log.event(event["kind"], _sayable(event), at if known else None)


def _sayable(value: Any) -> Any:
    """As strict JSON has it: a loss that is NaN is null there, and half a surrogate pair is a question mark."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_sayable(name): _sayable(item) for name, item in value.items()}
    return [_sayable(item) for item in value] if isinstance(value, list) else value
