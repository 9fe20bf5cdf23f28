"""The runs that are in memory: taking them up, appending to them, and their way into the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.queries import RunRecord
from progress_hub.rhythm import STALLED_AFTER
from progress_hub.run import Run, Verdict, chunk_row, event_row
from progress_hub.store import Store
from progress_hub.wire import Append, Events, Fenced, Open, Refused
from progress_hub.writer import Outcome, Write

NOTED_SECONDS = 15.0
"""How often it is noted of a silent run that its publisher is there, for the case that the hub is killed."""


class NoRun(LookupError):
    """There is no run with this id, or it is being deleted."""


class Runs:
    """All changes to runs go through here, under one lock that nobody holds while waiting for anything."""

    def __init__(self, store: Store, bus: Bus, concurrency: Concurrency, stalled_after: float = STALLED_AFTER) -> None:
        self.lock = threading.RLock()
        self._spoken: set[str] = set()  # since the last tick
        self._spoke = 0
        self._store = store
        self._bus = bus
        self._concurrency = concurrency
        self._live: dict[str, Run] = {}
        self._evictions = 0
        self._up = time.time()
        self._stalled_after = stalled_after

    @contextmanager
    def held(self, run_id: str) -> Iterator[Run]:
        """The run, kept in memory meanwhile; raises `NoRun`."""
        run = self.hold(run_id)
        try:
            yield run
        finally:
            self.release(run)

    def hold(self, run_id: str) -> Run:
        """Keep a run in memory until `release`; raises `NoRun`."""
        run = self._hold(run_id, None)
        if run is None:
            raise NoRun(run_id)
        if run.removed:
            self.release(run)
            raise NoRun(run_id)
        return run

    def live(self) -> tuple[Run, ...]:
        """Those that are in memory."""
        with self.lock:
            return tuple(run for run in self._live.values() if not run.removed)

    def hold_removed(self, run_id: str) -> Run | None:
        """Keep a run that is being deleted in memory until `release`, if there is one."""
        return self._hold(run_id, None)

    def forget(self, run: Run) -> None:
        """Let go of a run that was deleted, whoever still holds it: its id is free again."""
        with self.lock:
            if not run.pending and self._live.get(run.id) is run:
                del self._live[run.id]
                self._evictions += 1

    @property
    def speaking(self) -> int:
        """How many runs have sent output within the last second or two."""
        return max(self._spoke, len(self._spoken))

    def is_published(self, run_id: str) -> bool:
        """Whether a publisher has the run."""
        run = self._live.get(run_id)
        return run is not None and run.publisher is not None

    def release(self, run: Run) -> None:
        """Undo one `hold`."""
        with self.lock:
            run.holds -= 1
            self._evict(run)

    def open(self, message: Open, publisher: str) -> tuple[Run, str | None]:
        """Take up a run for a publisher; returns it, held, and the publisher it was taken from. Raises `Refused`."""
        run = self._hold(message.run, message)
        assert run is not None
        try:
            displaced = self._take(run, message, publisher)
            if run.epoch > run.record.epoch:
                self.commit(Write(run.id, header=_header(run), links=_link_rows(run)))
        except BaseException:
            with self.lock:
                if run.publisher == publisher:
                    run.publisher, run.heard = None, time.time()
            self.release(run)
            raise
        return run, displaced

    def working_links(self, run_id: str) -> set[str]:
        """The ids of a run's links that are neither revoked nor expired."""
        now = time.time()
        return {link.id for link in self._store.links(run_id) if link.works_at(now)}

    def leave(self, run: Run, publisher: str) -> None:
        """A publisher that had opened the run has gone."""
        with self.lock:
            if run.publisher == publisher:
                run.publisher = None
                run.heard = time.time()
                self.submit(run, Write(run.id, position=run.position))
                self._bus.announce(run.id)
            self.release(run)

    def append(self, run: Run, message: Append) -> bool:
        """Take output and queue it for the store; returns whether any of it was new. Raises `Gap`."""
        with self.lock:
            if run.record.complete:
                return False
            fresh = run.append(message, time.time())
            if fresh is None:
                return False
            self._spoken.add(run.id)
            self.submit(run, Write(run.id, chunk=chunk_row(fresh), position=run.position))
            self._bus.announce(run.id)
        return True

    def add_events(self, run: Run, message: Events, most: int = 0) -> bool:
        """Take events, `most` in all, and queue them for the store; returns whether any were new. Raises `Gap`."""
        with self.lock:
            received = run.received_events
            fresh = run.add_events(message, time.time(), most)
            if run.received_events == received:
                return False
            rows = [event_row(run.id, event, body) for event, body in fresh]
            self.submit(run, Write(run.id, events=rows, position=run.position))
            self._bus.announce(run.id)
        return True

    def cut(self, run: Run) -> None:
        """Note that there is no room for the rest of a run's output."""
        with self.lock:
            if not run.cut:
                run.cut = True
                self.submit(run, Write(run.id, position=run.position))

    def commit(self, write: Write) -> None:
        """Submit a write of a run that is held, and wait until it is durable; raises `Refused`."""
        self.begin(write)()

    def begin(self, write: Write) -> Callable[[], None]:
        """Submit a write of a run that is held; returns what waits until it is durable, and raises `Refused`."""
        wait = self._store.awaited(write)
        with self.lock:
            self.submit(self._live[write.run], write)
        return wait

    def submit(self, run: Run, write: Write) -> None:
        """Queue a write of a run; the caller has the lock. To one that is being deleted nothing is added any more."""
        if run.removed and not write.erase:
            if write.done:
                write.done(False)
            return
        run.pending += 1
        self._store.submit(write)

    def settle(self, outcomes: list[Outcome]) -> None:
        """What became of writes: move the durable ends, and hint once at each run that they concern."""
        touched: dict[str, Run] = {}
        with self.lock:
            for outcome in outcomes:
                if outcome.write.of_run:
                    run = touched[outcome.write.run] = self._live[outcome.write.run]
                    run.pending -= 1
                    self._settle(run, outcome)
                if outcome.write.done:
                    outcome.write.done(not outcome.failed)
            for run in touched.values():
                self._bus.announce(run.id)
                self._evict(run)

    def tick(self) -> None:
        """Hint at the runs whose state has changed by the passing of time alone; note that silent ones are there."""
        now = time.time()
        with self.lock:
            self._spoke, self._spoken = len(self._spoken), set()
            for run in tuple(self._live.values()):
                if run.publisher and now - run.heard >= NOTED_SECONDS:
                    run.heard = now
                    self.submit(run, Write(run.id, position=run.position))
                current = run.state_at(now)
                if current != run.state:
                    run.state = current
                    self._bus.announce(run.id)

    def _hold(self, run_id: str, opening: Open | None) -> Run | None:
        """Hold a run, from memory or from the store, or new when it is being opened."""
        while True:
            with self.lock:
                evictions = self._evictions
                run = self._live.get(run_id)
                if run is not None:
                    run.holds += 1
                    return run
            record = self._store.run(run_id) or (self._new(opening) if opening else None)
            if record is None:
                return None
            with self.lock:
                # What was read is stale if the run was in memory, grew and was evicted in the meantime.
                if evictions == self._evictions:
                    self._live.setdefault(run_id, Run(record, self._up, self._stalled_after))

    def _new(self, message: Open) -> RunRecord:
        # One that leads to this very run is no stranger's: another publisher has begun it since it was looked for.
        known = filter(None, map(self._store.known_link, message.links))
        if any(link.run != message.run for link in known):
            raise Refused("taken", "One of these links leads to another run; make new tokens.")
        now = time.time()
        return RunRecord(
            id=message.run,
            epoch=-1,
            meta=message.meta,
            started=message.meta.get("started", now),
            size=0,
            lines=0,
            events=0,
            heard=now,
            tally={},
            complete=False,
            sha256=None,
            holes=[],
            torn=[],
            conflict=None,
            kept=False,
            removed=False,
            compacted=False,
            links=message.links,
            latest=[],
        )

    def _take(self, run: Run, message: Open, publisher: str) -> str | None:
        with self.lock:
            if run.removed:
                raise Refused("unavailable", f"Run {run.id} is being deleted here; try again later.")
            if run.record.links != message.links:
                raise Refused("taken", f"Run {run.id} exists already and has other links; choose another run id.")
            if message.epoch < run.epoch:
                raise Fenced(run.epoch, f"A publisher with epoch {run.epoch} has taken run {run.id}; stop.")
            if message.yields and run.publisher not in (None, publisher):
                raise Fenced(run.epoch, f"Another sender is connected and delivers run {run.id}.")
            displaced = run.publisher if run.publisher != publisher else None
            run.epoch, run.publisher, run.heard = message.epoch, publisher, time.time()
            run.taken = run.heard
            self._bus.announce(run.id)
            return displaced

    def _settle(self, run: Run, outcome: Outcome) -> None:
        write = outcome.write
        if outcome.failed and not run.mending:
            run.mending = True
            run.rewind()
            self.submit(run, Write(run.id, mend=True))
        elif write.mend:
            run.mending = False
        elif not outcome.failed:
            _apply(run, write)

    def _evict(self, run: Run) -> None:
        if run.idle and self._live.get(run.id) is run:
            del self._live[run.id]
            self._evictions += 1


def _apply(run: Run, write: Write) -> None:
    """Bring the record to what a committed write has made of it."""
    if write.header:
        run.record = replace(run.record, epoch=write.header["epoch"])
    if write.position:
        run.committed(write.position)
    if write.verdict:
        run.record = replace(run.record, **write.verdict)
    if write.owner:
        run.record = replace(run.record, **write.owner)


def _header(run: Run) -> dict[str, Any]:
    record = run.record
    columns = ("id", "meta", "started", "size", "lines", "events", "heard", "tally", *Verdict._fields)
    return {**{column: getattr(record, column) for column in columns}, "epoch": run.epoch}


def _link_rows(run: Run) -> list[dict[str, Any]]:
    now = time.time()
    return [
        {"sha256": sha256, "run": run.id, "role": role, "minted": False, "label": role, "created": now}
        for sha256, role in run.record.links.items()
    ]
