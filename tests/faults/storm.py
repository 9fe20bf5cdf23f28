"""A run delivered over thousands of connections, of which none lives long."""

from __future__ import annotations

import random
import secrets
from contextlib import suppress
from typing import NamedTuple, cast

import socketio
from tests.faults.by_hand import Given
from tests.faults.checker import History
from tests.faults.publisher import Lost, MortalPublisher
from tests.support.clients import new_token
from tests.support.hub import Hub

LARGEST = 4_000
SIZE = 100_000_000
"""More than is ever delivered."""


class _Door(NamedTuple):
    """Where a client finds the hub."""

    url: str
    key: str


class ResetStorm:
    """One run; `resets` connections of its publisher have come to a bad end."""

    def __init__(self, seed: int) -> None:
        self.resets = self._furthest = 0
        self._chance = random.Random(f"storm {seed}")
        self._given = Given(seed, SIZE)
        self._run, self._token = f"storm-{seed}-{secrets.token_hex(4)}", new_token()

    def blow(self, hub: Hub, url: str) -> None:
        """One connection, until it is reset."""
        with suppress(Lost, OSError, socketio.exceptions.SocketIOError), self._publisher(hub, url) as publisher:
            try:
                publisher.take_up(**self._given.changes)
                publisher.deliver(self._given.truth, self._chance, LARGEST)
            finally:
                self._furthest = max(self._furthest, publisher.furthest)
        self.resets += 1

    def calm(self, hub: Hub) -> History:
        """The rest, over a connection that holds."""
        truth = self._given.truth[: self._furthest]
        with self._publisher(hub, hub.url) as publisher:
            publisher.take_up(**self._given.changes)
            publisher.deliver(truth, self._chance, LARGEST)
            publisher.event(self._given.ending)
            assert publisher.seal(truth)["complete"]
        return History(truth, {"hub": hub.get(f"/r/{self._token}/output")})

    def _publisher(self, hub: Hub, url: str) -> MortalPublisher:
        return MortalPublisher(cast(Hub, _Door(url, hub.key)), self._run, token=self._token)
