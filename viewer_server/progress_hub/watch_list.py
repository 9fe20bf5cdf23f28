"""The namespace of the owner's list: /runs."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Any, NamedTuple

from progress_hub.access import NO_SEAT
from progress_hub.audience import DRAINED_BYTES, SLOW_BYTES
from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.failures import Failures
from progress_hub.gate import Gate
from progress_hub.grants import Hold
from progress_hub.hardening import Clients
from progress_hub.keys import Keys
from progress_hub.listing import Listing
from progress_hub.namespace import GuardedNamespace, check_protocol, refuse
from progress_hub.owner import WRONG_KEY
from progress_hub.watch import SHOW_SECONDS
from progress_run import protocol

log = logging.getLogger(__name__)

LISTENING = "listening"


class Watcher(NamedTuple):
    """The address that somebody looks at the list from, and what keeps the key that they have in use."""

    host: str
    hold: Hold


class WatchList(GuardedNamespace):
    """Tells whoever looks at the list which runs have changed; looks at nothing while nobody does.

    Whoever doesn't read gets nothing further, and `missed` when it has taken what waited for it.
    """

    def __init__(
        self,
        listing: Listing,
        bus: Bus,
        keys: Keys,
        failures: Failures,
        clients: Clients,
        gate: Gate,
        concurrency: Concurrency,
    ) -> None:
        super().__init__(protocol.RUNS, failures)
        self.requests = {}
        self._listing = listing
        self._bus = bus
        self._keys = keys
        self._clients = clients
        self._gate = gate
        self._concurrency = concurrency
        self._lock = threading.RLock()
        self._watchers: dict[str, Watcher] = {}
        self._deaf: set[str] = set()
        self._changed: dict[str, None] = {}
        self._something_changed = concurrency.event()
        concurrency.spawn(self._tell)

    def connected(self, sid: str, auth: Any) -> None:
        """Let in whoever has an owner's key, while there are seats and it isn't revoked."""
        check_protocol(auth)
        host = self._clients.host(sid, self.namespace)
        hold = self._keys.hold(auth.get("key"), ("owner",), partial(self._clients.end, sid, self.namespace))
        if hold is None:
            raise refuse("bad_key", WRONG_KEY)
        if not self._gate.sit(host):
            hold.release()
            raise refuse("unavailable", NO_SEAT)
        with self._lock:
            if not self._watchers:
                self._bus.listen(self._note)
            self._watchers[sid] = Watcher(host, hold)
            try:
                self.server.enter_room(sid, LISTENING, namespace=self.namespace)
            except Exception:
                self.disconnected(sid)
                raise

    def disconnected(self, sid: str) -> None:
        """A watcher has gone."""
        with self._lock:
            watcher = self._watchers.pop(sid, None)
            if watcher is None:
                return
            watcher.hold.release()
            self._deaf.discard(sid)
            self._gate.rise(watcher.host)
            if not self._watchers:
                self._bus.ignore(self._note)
                self._changed.clear()

    def tick(self) -> None:
        """Once a second: see who reads and who doesn't, and look at runs that fall silent for good."""
        for sid in tuple(self._watchers):
            outbox = self._clients.outbox(sid, self.namespace)
            if outbox is None:
                self.disconnected(sid)
                self._clients.forget(sid, self.namespace)
            else:
                self._listen_or_not(sid, outbox.size)
        if self._watchers:
            for run_id in self._listing.fading():
                self._note(run_id)

    def _listen_or_not(self, sid: str, waiting: int) -> None:
        if sid in self._deaf and waiting <= DRAINED_BYTES:
            self._deaf.discard(sid)
            self.server.enter_room(sid, LISTENING, namespace=self.namespace)
            self.send("missed", {}, to=sid)
        elif sid not in self._deaf and waiting > SLOW_BYTES:
            self._deaf.add(sid)
            self.server.leave_room(sid, LISTENING, namespace=self.namespace)

    def _note(self, run_id: str) -> None:
        self._changed[run_id] = None
        self._something_changed.set()

    def _tell(self) -> None:
        while True:
            self._something_changed.wait()
            self._something_changed.clear()
            try:
                self._tell_changes()
            except Exception:
                log.exception("The list could not be told of changes; the next time it will be")
            self._concurrency.sleep(SHOW_SECONDS)

    def _tell_changes(self) -> None:
        """Those that have waited for longest; the others have their turn with the next message."""
        with self._lock:
            changed = list(self._changed)[: protocol.LISTED_RUNS]
            for run_id in changed:
                del self._changed[run_id]
            if self._changed:
                self._something_changed.set()
        found = {run_id: self._listing.run(run_id) for run_id in changed}
        runs = [run for run in found.values() if run]
        gone = [run_id for run_id, run in found.items() if run is None]
        if found:
            self.send("runs", protocol.ListedRuns(runs=runs, gone=gone), to=LISTENING)
