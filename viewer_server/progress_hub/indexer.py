"""Keeps the indexes of runs up to date: behind their growth where nobody looks, at once where somebody does."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakKeyDictionary

from progress_hub.concurrency import Concurrency
from progress_hub.index import Index
from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged
from progress_hub.run import Run
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.writer import Write

log = logging.getLogger(__name__)

BEHIND_BYTES = 1024 * 1024
"""A run that goes on is indexed when it has grown by this much, or somebody asks."""
KEPT_BYTES = 16 * 1024 * 1024
"""An index that has grown by this much is stored."""
REST = 4.0
"""What nobody waits for rests so many times as long as it has worked: publishers have the right of way."""
PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 0.01


@dataclass
class Known:
    """The index of a run, made since so many replacements of damaged output; how much of it is stored."""

    index: Index
    replaced: int
    stored: int
    stored_stretches: int


class Indexer:
    """One task that takes a slice of each run that is behind, in turns."""

    def __init__(self, runs: Runs, integrity: Integrity, store: Store, concurrency: Concurrency) -> None:
        self._runs = runs
        self._integrity = integrity
        self._store = store
        self._concurrency = concurrency
        self._known: WeakKeyDictionary[Run, Known] = WeakKeyDictionary()
        self._behind: dict[str, Run] = {}
        self._asked: set[str] = set()
        self._work = concurrency.event()
        concurrency.spawn(self._go_on)

    def reach(self, run: Run) -> Index:
        """The index of a run that is held: of all there is, or of as much as can be found out in two seconds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        size = run.record.size
        while self._reached(run) < size and time.monotonic() < deadline:
            self._asked.add(run.id)
            self._add(run.id)
            self._concurrency.sleep(LOOK_SECONDS)
        known = self._known.get(run)
        return known.index if known and known.replaced == run.replaced else Index()

    def tick(self) -> None:
        """Once a second: see which runs have grown."""
        for run in self._runs.live():
            behind = 0 if run.is_sealed else run.record.size - self._reached(run)
            if behind >= BEHIND_BYTES or (behind > 0 and run.complete):
                self._add(run.id)

    def _reached(self, run: Run) -> int:
        known = self._known.get(run)
        return known.index.size if known and known.replaced == run.replaced else 0

    def _add(self, run_id: str) -> None:
        with self._runs.lock:
            if run_id not in self._behind:
                self._behind[run_id] = self._runs.hold(run_id)
        self._work.set()

    def _go_on(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            while self._behind:
                for run in tuple(self._behind.values()):
                    self._attend(run)

    def _attend(self, run: Run) -> None:
        began = time.monotonic()
        try:
            more = self._advance(run)
        except Exception:
            log.exception("Run %s could not be indexed", run.id)
            more = False
        if not more:
            self._leave(run)
        elif run.id not in self._asked:
            self._concurrency.sleep(REST * (time.monotonic() - began))

    def _advance(self, run: Run) -> bool:
        """Index one slice; returns whether there may be more."""
        if run.removed:
            return False
        known = self._recall(run)
        index, size = known.index, run.record.size
        if index.size < size:
            try:
                pieces = self._integrity.timed(run.id, index.size, size)
            except Damaged as damage:
                index.skip(max(damage.end, index.size + 1))
            else:
                self._concurrency.offload(index.take, pieces)
        more = index.size < size
        self._keep(run, known, KEPT_BYTES if more else 1 if run.complete else BEHIND_BYTES)
        return more

    def _recall(self, run: Run) -> Known:
        known = self._known.get(run)
        if known is None or known.replaced != run.replaced:
            replaced, index = run.replaced, self._store.index(run.id)
            known = self._known[run] = Known(index, replaced, index.size, len(index.stretches))
        return known

    def _keep(self, run: Run, known: Known, least: int) -> None:
        """Store an index that has grown by so much since it was, unless what it was made from is being replaced."""
        index = known.index
        with self._runs.lock:
            if index.size - known.stored >= least and not run.replacing and known.replaced == run.replaced:
                self._runs.submit(run, _write(run.id, index, max(0, known.stored_stretches - 1)))
                known.stored, known.stored_stretches = index.size, len(index.stretches)

    def _leave(self, run: Run) -> None:
        with self._runs.lock:
            self._asked.discard(run.id)
            del self._behind[run.id]
            self._runs.release(run)


def _write(run_id: str, index: Index, first: int) -> Write:
    rows: list[dict[str, Any]] = [{"run": run_id, **asdict(stretch)} for stretch in index.stretches[first:]]
    return Write(run_id, index={"run": run_id, "at": index.size, "state": index.state()}, stretches=rows)
