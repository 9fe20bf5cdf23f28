"""The namespace of publishers: /publish."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from progress_hub.bus import Bus
from progress_hub.namespace import GuardedNamespace, check_protocol, refuse
from progress_hub.run import Gap, Run
from progress_hub.runs import Runs
from progress_hub.wire import Refused, read_append, read_events, read_open, read_seal
from progress_run import failpoint, protocol

QUIET_APPENDS = 1000
"""Appends a second up to which every run may be heard as often as it likes."""
BUSY_APPENDS = 3000
"""Appends a second at which runs that nobody watches are asked to speak once a second."""


@dataclass
class Opened:
    """A run that a publisher has opened, and what it was last told of it."""

    run: Run
    epoch: int
    publisher: str
    told: tuple[int, int]

    @property
    def fenced(self) -> bool:
        """Whether another publisher has taken the run since."""
        return self.run.publisher != self.publisher or self.run.epoch != self.epoch


class Publish(GuardedNamespace):
    """Takes runs from publishers; acknowledges only what is durable."""

    def __init__(self, runs: Runs, bus: Bus, key: str) -> None:
        super().__init__(protocol.PUBLISH)
        self.requests = {"open": self._open, "append": self._append, "event": self._event, "seal": self._seal}
        self.rate = 0.0
        """Appends a second of the whole hub, lately."""
        self._runs = runs
        self._bus = bus
        self._key = key.encode()
        self._opened: dict[str, dict[str, Opened]] = {}
        self._listeners: dict[tuple[str, str], Any] = {}

    def connected(self, sid: str, auth: Any) -> None:
        """Let in whoever has the publish key."""
        check_protocol(auth)
        key = auth.get("key")
        if not isinstance(key, str) or not hmac.compare_digest(key.encode(errors="replace"), self._key):
            raise refuse("bad_key", "The publish key is wrong; `progress hub key` prints the right one on the hub.")
        self._opened[sid] = {}

    def disconnected(self, sid: str) -> None:
        """The publisher's runs have nobody any more."""
        for opened in self._opened.pop(sid, {}).values():
            self._bus.unsubscribe(opened.run.id, self._listeners.pop((sid, opened.run.id)))
            self._runs.leave(opened.run, sid)

    def _open(self, sid: str, data: Any) -> protocol.Position:
        message = read_open(data)
        run, displaced = self._runs.open(message, sid)
        mine = self._opened.get(sid)
        if mine is None:
            self._runs.leave(run, sid)
            raise Refused("unavailable", "The connection was closed meanwhile.")
        if displaced:
            self.send("fenced", {"run": run.id}, to=displaced)
        before = mine.get(run.id)
        opened = mine[run.id] = Opened(run, message.epoch, sid, (run.record.size, run.record.events))
        if before:
            self._runs.release(run)
        self._listen(opened)
        return _position(run)

    def _append(self, sid: str, data: Any) -> None:
        failpoint.reach("hub.before-append")
        message = read_append(data)
        opened = self._find(sid, message.run, message.epoch)
        if opened is None:
            return
        try:
            if not self._runs.append(opened.run, message):
                self._acknowledge(opened)
        except Gap:
            self._need(opened)

    def _event(self, sid: str, data: Any) -> None:
        message = read_events(data)
        opened = self._find(sid, message.run, message.epoch)
        if opened is None:
            return
        try:
            if not self._runs.add_events(opened.run, message):
                self._acknowledge(opened)
        except Gap:
            self._need(opened)

    def _seal(self, sid: str, data: Any) -> protocol.Position:
        message = read_seal(data)
        opened = self._find(sid, message.run, message.epoch)
        if opened is None:
            raise Refused("fenced", f"Another publisher has taken run {message.run}; stop.")
        self._runs.seal(opened.run, message)
        return _position(opened.run)

    def _find(self, sid: str, run: str, epoch: int) -> Opened | None:
        """The run as this publisher opened it; tells the publisher, and returns None, when it was taken from it."""
        opened = self._opened.get(sid, {}).get(run)
        if opened is None or epoch > opened.epoch:
            raise Refused("bad_request", f"Run {run} is not open with epoch {epoch} here; send `open` first.")
        if opened.fenced or epoch < opened.epoch:
            self.send("fenced", {"run": run}, to=sid)
            return None
        return opened

    def _listen(self, opened: Opened) -> None:
        """Acknowledge whatever becomes durable of the run, as it does."""

        def listener() -> None:
            if (opened.run.record.size, opened.run.record.events) != opened.told and not opened.fenced:
                self._acknowledge(opened)

        key = (opened.publisher, opened.run.id)
        if key in self._listeners:
            self._bus.unsubscribe(opened.run.id, self._listeners[key])
        self._listeners[key] = listener
        self._bus.subscribe(opened.run.id, listener)

    def _acknowledge(self, opened: Opened) -> None:
        end, events_end = opened.told = (opened.run.record.size, opened.run.record.events)
        ack = protocol.Ack(run=opened.run.id, end=end, events_end=events_end, pace=self._pace(opened.run))
        failpoint.reach("hub.before-ack")
        self.send("ack", ack, to=opened.publisher)
        failpoint.reach("hub.after-ack")

    def _need(self, opened: Opened) -> None:
        need = protocol.Need(run=opened.run.id, end=opened.run.end, events_end=opened.run.events_end)
        self.send("need", need, to=opened.publisher)

    def _pace(self, run: Run) -> int:
        """How seldom a run should be heard, in ms: as often as it likes while watched, or while the hub has time."""
        if run.viewers:
            return 0
        busy = (self.rate - QUIET_APPENDS) / (BUSY_APPENDS - QUIET_APPENDS)
        return int(1000 * min(1.0, max(0.0, busy)))


def _position(run: Run) -> protocol.Position:
    return {"end": run.record.size, "events_end": run.record.events, "complete": run.record.complete}
