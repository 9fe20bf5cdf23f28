"""Puts the small chunks of complete runs together, since a run that was written line by line takes a row a line.

A step is one commit of one new chunk in the place of those it is made of, so that others' commits wait for little; a
hub that is killed in between goes on with it when it is back.
"""

from __future__ import annotations

import json
import logging
import time
import zlib
from typing import Any

from progress_hub.concurrency import Concurrency
from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged, sum_of
from progress_hub.run import Run
from progress_hub.runs import NoRun, Runs
from progress_hub.store import Store
from progress_hub.timed import Timed
from progress_hub.wire import Refused
from progress_hub.writer import Write
from progress_run.protocol import CHUNK_BYTES, MARKS_PER_CHUNK

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often it is looked for runs that have become complete."""
REST = 4.0
"""Nobody waits for this: it rests so many times as long as it has worked."""


class Compaction:
    """One task that takes the runs to be compacted in turn; whichever it can't do waits for the hub's next start."""

    def __init__(self, runs: Runs, integrity: Integrity, store: Store, concurrency: Concurrency) -> None:
        self._runs = runs
        self._integrity = integrity
        self._store = store
        self._concurrency = concurrency
        self._left: set[str] = set()

    def go_on(self) -> None:
        """For as long as the hub runs."""
        while True:
            try:
                for run_id in self._store.uncompacted(besides=self._left):
                    self._attend(run_id)
            except Exception:
                log.exception("It could not be found out which runs are to be compacted; the next time it will be")
            self._concurrency.sleep(LOOK_SECONDS)

    def _attend(self, run_id: str) -> None:
        try:
            with self._runs.held(run_id) as run:
                self._compact(run)
        except (NoRun, Refused):
            pass  # it is being deleted, or the store can't be written; the next look finds it again if it is there
        except Damaged:
            self._left.add(run_id)  # integrity has it on record, and asks its publisher
        except Exception:
            log.exception("Run %s could not be compacted", run_id)
            self._left.add(run_id)

    def _compact(self, run: Run) -> None:
        at = 0
        while at < run.record.size:
            began = time.monotonic()
            at = self._step(run, at)
            self._concurrency.sleep(REST * (time.monotonic() - began))
        self._runs.commit(Write(run.id, owner={"compacted": True}))

    def _step(self, run: Run, at: int) -> int:
        """Put together what fits into one chunk from `at` on; returns where the next one begins."""
        there = self._store.times(run.id, at, at + CHUNK_BYTES)
        chunks = first_group([chunk for chunk in there if chunk.at >= at])
        if not chunks or chunks[0].at != at or chunks[0].end <= at:
            self._integrity.output(run.id, at, at + 1)  # which finds the damage, and notes it
            raise Damaged(run.id, at, at + 1)
        end = chunks[-1].end
        if len(chunks) > 1:
            data = self._integrity.whole(run.id, at, end)
            row = self._concurrency.offload(merged, run.id, chunks, data)
            self._runs.commit(Write(run.id, chunk=row, merged=(at, end)))
        return end


def first_group(chunks: list[Timed]) -> list[Timed]:
    """The first of these adjacent chunks, as many as one may hold, but one at least if there is one."""
    group: list[Timed] = []
    marks = 0
    for chunk in chunks:
        marks += len(chunk.marks())
        if group and (chunk.end - group[0].at > CHUNK_BYTES or marks > MARKS_PER_CHUNK):
            break
        group.append(chunk)
    return group


def merged(run: str, chunks: list[Timed], data: bytes) -> dict[str, Any]:
    """The row of `schema.chunks` for adjacent chunks and the output in them: every byte keeps its time."""
    packed = zlib.compress(data)
    codec = "zlib" if len(packed) < len(data) else ""
    at = chunks[0].at
    return {
        "run": run,
        "at": at,
        "size": len(data),
        "t": chunks[0].t,
        "codec": codec,
        "sum": sum_of(data, at),
        "data": packed if codec else data,
        "marks": json.dumps([mark for chunk in chunks for mark in chunk.marks()]),
    }
