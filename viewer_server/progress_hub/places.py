"""Where in a run's output is what: routes for pages that show it without having it all."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from progress_hub import links
from progress_hub.index import STRETCH_BYTES, Index
from progress_hub.indexer import Indexer
from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged, LinkRecord
from progress_hub.run import Run
from progress_hub.runs import Runs
from progress_hub.store import Store

STRETCHES = 50_000
"""The most stretches in one answer: twelve gigabytes' worth."""
MARKS = 50_000
"""About the most marks in one answer."""
MOST_BUCKETS = 1000


class Places:
    """`/index`, `/timing`, `/density` and `/at` of a run."""

    def __init__(self, runs: Runs, integrity: Integrity, store: Store, indexer: Indexer) -> None:
        self._runs = runs
        self._integrity = integrity
        self._store = store
        self._indexer = indexer
        self.views: dict[str, Callable[..., Any]] = {
            "/r/<token>/index": self.index,
            "/r/<token>/timing": self.timing,
            "/r/<token>/density": self.density,
            "/r/<token>/at": self.at,
        }

    def index(self, link: LinkRecord) -> dict[str, Any]:
        """The stretches from `from` on as `[at, line, t, drawn, style, modes]`, see index.py; `size` is how far.

        That may be less than the run's size where it isn't indexed yet: the rest is there when asked for again.
        """
        run_id = links.readable(self._runs, link.run)
        start = links.number("from") or 0
        with self._runs.held(run_id) as run:
            index = self._indexer.reach(run)
        size, stretches = index.size, [each for each in index.stretches if each.at >= start]
        if len(stretches) > STRETCHES:
            size = stretches[STRETCHES].at
        entries = [
            [each.at, each.line, each.t, int(each.drawn), each.style, each.modes] for each in stretches[:STRETCHES]
        ]
        return {"size": size, "entries": entries}

    def timing(self, link: LinkRecord) -> dict[str, Any]:
        """When which output from `from` to `to` was written: `[at, t, fd]` from there on; up to `to` it is all."""
        run_id = links.readable(self._runs, link.run)
        with self._runs.held(run_id) as run:
            start, end = links.span(run.record.size)
        marks: list[Any] = []
        while start < end and len(marks) < MARKS:
            pieces = self._store.times(run_id, start, end)
            for piece in pieces:
                marks += piece.marks()
                start = max(start, piece.end)
                if len(marks) >= MARKS:
                    break
            if not pieces:
                start = end
        return {"marks": marks, "to": min(start, end)}

    def density(self, link: LinkRecord) -> dict[str, Any]:
        """How much was written in each of `buckets` parts of the run's time, and when it was silent for long."""
        run_id = links.readable(self._runs, link.run)
        buckets = max(1, links.number("buckets", MOST_BUCKETS) or 200)
        with self._runs.held(run_id) as run:
            density = self._indexer.reach(run).density
            duration = max(self._duration(run), density.last, 0.001)
        return {"duration": duration, "bytes": density.over(duration, buckets), "silences": density.silences}

    def at(self, link: LinkRecord) -> dict[str, Any]:
        """How far the output had come `t` seconds after the start, and how many newlines come before."""
        run_id = links.readable(self._runs, link.run)
        t = links.seconds("t")
        with self._runs.held(run_id) as run:
            index = self._indexer.reach(run)
        if not index.stretches or t < index.stretches[0].t:
            return {"at": 0, "line": 0}
        at, first = self._written_by(run_id, index, t)
        return {"at": at, "line": first.line + self._newlines(run_id, first.at, at)}

    def _written_by(self, run_id: str, index: Index, t: float) -> tuple[int, Any]:
        number = index.at_time(t)
        first = index.stretches[number]
        end = index.stretches[number + 1].at if number + 1 < len(index.stretches) else index.size
        chunk = self._store.begun_by(run_id, t, first.at, end)
        if chunk is None:
            return first.at, first
        later = (at for at, when, _fd in chunk.marks() if when > t)
        return max(first.at, min(next(later, chunk.end), end)), first

    def _newlines(self, run_id: str, start: int, end: int) -> int:
        """Of a stretch's output; all of them are in its first STRETCH_BYTES, unless they end it."""
        end = min(end, start + STRETCH_BYTES)
        if start >= end:
            return 0
        try:
            return self._integrity.output(run_id, start, end).count(b"\n")
        except Damaged:
            return 0

    def _duration(self, run: Run) -> float:
        with self._runs.lock:
            info = run.info(time.time())
        return float((info["ended"] or info["heard"]) - info["started"])
