"""A publisher that notices when its hub dies, and remembers the most that was ever promised to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import socketio
from tests.support.clients import Publisher
from tests.support.hub import START_SECONDS

from progress_run.protocol import WINDOW_BYTES


class Lost(Exception):
    """The connection has ended."""


class MortalPublisher(Publisher):
    """Raises `Lost` from whatever it is doing when the connection ends; `acked` is the furthest `ack` or `open`."""

    lost = False
    acked = 0
    furthest = 0
    """How far it has ever sent."""

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
        """Wait until a condition holds."""
        super().wait_for(lambda: self.lost or condition(), what, seconds)
        if self.lost:
            raise Lost

    def emit(self, event: str, data: Any) -> None:
        """Send."""
        try:
            super().emit(event, data)
        except socketio.exceptions.SocketIOError:
            raise Lost from None

    def append(self, at: int, data: bytes, codec: str = "", t: float = 0.0, **more: Any) -> None:
        """Send output from an offset."""
        self.furthest = max(self.furthest, at + len(data))
        super().append(at, data, codec, t, **more)

    def take_up(self, **changes: Any) -> None:
        """Open the run and go on from where the hub says it is."""
        position = self.open(**changes)
        assert "error" not in position, position
        self.end, self.events_end = position["end"], position["events_end"]
        self.acked = max(self.acked, self.end)

    def deliver(self, truth: bytes, chance: random.Random, largest: int = 16_384) -> None:
        """Send what is missing in pieces of any size, some of them twice, until all is acknowledged."""
        sent, window = self.end, chance.choice([1, 3 * largest, WINDOW_BYTES - largest])
        while self.end < len(truth):
            while sent < len(truth) and sent - self.end < window:
                at = max(0, sent - chance.randint(0, 2 * largest)) if chance.random() < 0.1 else sent
                piece = truth[at : at + chance.randint(1, largest)]
                self.append(at, piece, chance.choice(["", "zlib"]))
                sent = max(sent, at + len(piece))
            known = self.end
            self.wait_for(lambda known=known: self.end > known, "an ack")  # type: ignore[misc]

    def on_ack(self, data: Any) -> None:
        """Durable up to here."""
        super().on_ack(data)
        self.acked = max(self.acked, self.end)

    def on_disconnect(self, reason: Any) -> None:
        """The connection has ended."""
        self.lost = True
