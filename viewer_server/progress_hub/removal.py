"""Deletes runs: out of sight with one commit, then their bytes a little at a time, so that nobody's commits wait long.

A hub that is killed in between goes on with it when it is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.run import Run
from progress_hub.runs import Runs
from progress_hub.state import ENDED
from progress_hub.store import Store
from progress_hub.wire import Refused
from progress_hub.writer import DELETE_CHUNKS, DELETE_EVENTS, DELETE_INDEXES, DELETE_LINKS, DELETE_RUN, Write

log = logging.getLogger(__name__)

STEP_BYTES = 4 * 1024 * 1024
"""How much output one commit deletes."""
STEP_EVENTS = 5000
RETRY_SECONDS = 5.0


class Removal:
    """Runs on their way out. Their viewers are told by the bus, on which they find `Run.removed`."""

    def __init__(self, runs: Runs, bus: Bus, store: Store, concurrency: Concurrency) -> None:
        self._runs = runs
        self._bus = bus
        self._store = store
        self._concurrency = concurrency

    def remove(self, run_id: str) -> None:
        """Delete a run for good; raises `NoRun`, or `Refused` while it goes on. When this returns nobody can see it."""
        run = self._runs.hold(run_id)
        try:
            self._hide(run)
        except BaseException:
            self._runs.release(run)
            raise
        self._concurrency.spawn(self._erase, run)

    def resume(self) -> None:
        """Go on with what a hub before this one had begun."""
        for run_id in self._store.removed():
            run = self._runs.hold_removed(run_id)
            if run is not None:
                self._erase(run)

    def _hide(self, run: Run) -> None:
        with self._runs.lock:
            state = run.state_at(time.time())
            if state not in (*ENDED, "lost"):
                raise Refused("conflict", f"This run is {state}. Stop it first, or wait until it has ended.")
            run.removed, run.publisher = True, None
            hidden = Write(run.id, owner={"removed": True}, erase=[(DELETE_LINKS, {"of": run.id})])
            wait = self._runs.begin(hidden)
            self._bus.announce(run.id)
        wait()

    def _erase(self, run: Run) -> None:
        try:
            for write in _steps(run):
                self._commit(write)
            self._runs.forget(run)
        finally:
            self._runs.release(run)

    def _commit(self, write: Write) -> None:
        while True:
            try:
                return self._runs.commit(write)
            except Refused:
                log.warning("Run %s can't be deleted from the store yet; trying again.", write.run)
                self._concurrency.sleep(RETRY_SECONDS)


def _steps(run: Run) -> Iterator[Write]:
    of = {"of": run.id}
    for start in range(0, run.end, STEP_BYTES):
        yield Write(run.id, erase=[(DELETE_CHUNKS, {**of, "start": start, "end": start + STEP_BYTES})])
    for start in range(0, run.events_end, STEP_EVENTS):
        yield Write(run.id, erase=[(DELETE_EVENTS, {**of, "start": start, "end": start + STEP_EVENTS})])
    rest = (*DELETE_INDEXES, DELETE_LINKS, DELETE_RUN)
    yield Write(run.id, erase=[(statement, of) for statement in rest], scrub=True)
