"""Sends reports to the recorder, the way the job does: one JSON object a datagram."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

PATIENCE = 0.5
"""Seconds for which a full queue is waited for: the job may be flooding it."""

MOST = 1000
"""Reports kept for a recorder that takes none; older ones are then out of date."""


class Reporter:
    """Keeps what the recorder has not taken yet, and gives up when it has gone."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._waiting: list[dict[str, Any]] = []

    def send(self, reports: list[dict[str, Any]]) -> None:
        """Send these after those that still wait."""
        self._waiting = [*self._waiting, *reports][-MOST:]
        while self._waiting and self._take(self._waiting[0]):
            del self._waiting[0]

    def _take(self, report: dict[str, Any]) -> bool:
        """Whether it is done with: sent, or nobody is there to get it."""
        try:
            self._socket.sendto(json.dumps(report).encode(), self._path)
        except TimeoutError:
            return False
        except OSError:
            return True
        return True
