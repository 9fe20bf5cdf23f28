"""What waits to be sent to a client, counted: engineio's own queue knows neither its bytes nor whether it moves."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from progress_hub.gate import Connection
from progress_hub.pace import Pace

PACKET_COST = 1024
"""What a waiting packet takes beside its data, in bytes."""
STUCK_SECONDS = 30.0
"""How long something may wait for a client that takes nothing."""
TURN_FRAMES = 16
"""How many frames of one client are read before others have their turn."""
TURN_SECONDS = 0.05
"""How long a client without the publish key then waits: a page sends a frame or two a second."""


class Outbox:
    """Mixed into the queue of a client: how much waits for it, since when nothing of that was taken, and who it is."""

    Empty: type[Exception]
    messages_per_second = 0.0

    def __init__(self, *args: Any) -> None:
        self.size = 0
        self.given = self.taken = self.answered = 0
        """Packets put in, taken out, and put in when the last message was handled."""
        self.born = self.moved = time.monotonic()
        self.trusted = False
        """The client has shown the publish key."""
        self.connection: Connection | None = None
        """The WebSocket's, if it uses one."""
        self.frames = 0
        self.pace = Pace(self.messages_per_second)
        """Of its messages, once it is trusted."""
        super().__init__(*args)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take one packet; a WebSocket's writer gets no second one while it is still to send the first."""
        if not block and self.connection is not None:
            raise self.Empty
        return super().get(block, timeout)  # type: ignore[misc]

    def join(self) -> None:
        """Not waited for: a client that takes nothing would keep its caller for ever."""

    def drop(self) -> None:
        """Forget what waits, and tell the writer that this is the end."""
        with suppress(self.Empty):
            while True:
                super().get(False)  # type: ignore[misc]
        self.put(None)  # type: ignore[attr-defined]

    def is_stuck(self, now: float) -> bool:
        """Whether the client has taken nothing for too long."""
        return self.size > 0 and now - self.moved >= STUCK_SECONDS

    def breathe(self, sleep: Any) -> None:
        """Called at each frame that comes: leaves others their turns, whoever floods the hub."""
        self.frames += 1
        if self.frames % TURN_FRAMES == 0:
            sleep(0 if self.trusted else TURN_SECONDS)

    def _put(self, packet: Any) -> None:
        if not self.size:
            self.moved = time.monotonic()
        self.size += _weight(packet)
        self.given += 1
        super()._put(packet)  # type: ignore[misc]

    def _get(self) -> Any:
        packet = super()._get()  # type: ignore[misc]
        self.size -= _weight(packet)
        self.taken += 1
        self.moved = time.monotonic()
        return packet


def _weight(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return PACKET_COST + (len(data) if isinstance(data, (str, bytes)) else 0)
