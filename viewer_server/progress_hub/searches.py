"""The route that searches a run, in slices off the event loop, and tells what it finds as it finds it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, abort, request

from progress_hub import links
from progress_hub.concurrency import Concurrency
from progress_hub.gate import Connection, Gate
from progress_hub.index import Index
from progress_hub.indexer import Indexer
from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged, LinkRecord
from progress_hub.runs import Runs
from progress_hub.search import BadPattern, Hit, Search, compiled

SEARCHES = 8
"""How many go on at once."""
HITS, MOST_HITS = 10_000, 100_000
"""How many lines one search finds, unless `limit` says otherwise, and at most."""
TOLD_SECONDS = 0.5
"""How often it is told how far a search is."""


class Searches:
    """`/search` of a run."""

    def __init__(
        self,
        runs: Runs,
        integrity: Integrity,
        indexer: Indexer,
        concurrency: Concurrency,
        gate: Gate,
        seconds: float,
    ) -> None:
        """One search may take that many seconds."""
        self._runs = runs
        self._integrity = integrity
        self._indexer = indexer
        self._concurrency = concurrency
        self._gate = gate
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(SEARCHES)
        self.views: dict[str, Callable[..., Any]] = {"/r/<token>/search": self.search}

    def search(self, link: LinkRecord) -> Response:
        """Lines from offset `from` to `to` that have `q` in them, see search.Hit; NDJSON.

        Also `{"to"}`, up to where it has been searched, and last `{"done": true, "count", "limited", "to"}`: a search
        that is limited has found enough, or taken too long. The next one goes on at `to`.
        """
        run_id = links.readable(self._runs, link.run)
        try:
            pattern = compiled(request.args.get("q", ""), case=_flag("case"), regex=_flag("regex"))
        except BadPattern as error:
            abort(400, str(error))
        limit = max(1, links.number("limit", MOST_HITS) or HITS)
        with self._runs.held(run_id) as run:
            start, end = links.span(run.record.size)
            index = self._indexer.reach(run)
        if not self._places.acquire(blocking=False):
            abort(503, "Too many searches are going on; try again in a moment.")
        job = Job(Search(pattern, *_line_start(index, start)), start, end, limit, self._seconds)
        lines = self._found(run_id, job, self._gate.of(request.environ))
        response = Response(lines, mimetype="application/x-ndjson")
        response.call_on_close(self._places.release)
        response.headers["X-Accel-Buffering"] = "no"
        return response

    def _found(self, run_id: str, job: Job, reader: Connection | None) -> Iterator[str]:
        while job.goes_on and not (reader is not None and reader.has_left()):
            try:
                piece = self._integrity.output(run_id, job.read, job.end)
            except Damaged as damage:
                job.skip(damage.end)
            else:
                yield self._concurrency.offload(job.feed, piece)
        yield self._concurrency.offload(job.finish)


class Job:
    """One search, from offset `start` to `end`; what it returns is NDJSON."""

    def __init__(self, search: Search, start: int, end: int, limit: int, seconds: float) -> None:
        self.read, self.end = search.at, end
        self._search = search
        self._start = start
        self._limit = limit
        self._count = 0
        self._deadline = time.monotonic() + seconds
        self._told = time.monotonic()

    @property
    def goes_on(self) -> bool:
        """There is more to search, and it may be."""
        return self.read < self.end and not self._limited

    @property
    def _limited(self) -> bool:
        return self._count >= self._limit or time.monotonic() >= self._deadline

    def feed(self, piece: bytes) -> str:
        """Search what comes next."""
        self.read += len(piece)
        lines = self._lines(self._search.feed(piece))
        if time.monotonic() - self._told >= TOLD_SECONDS:
            self._told = time.monotonic()
            lines += _line(to=self._search.at)
        return lines

    def skip(self, end: int) -> None:
        """What is there up to `end` can't be read."""
        self.read = min(max(end, self.read + 1), self.end)
        self._search.skip(self.read)

    def finish(self) -> str:
        """The last hits, and how it went."""
        lines = "" if self._limited else self._lines(self._search.end())
        return lines + _line(done=True, count=self._count, limited=self._limited, to=self._search.at)

    def _lines(self, hits: list[Hit]) -> str:
        fresh = [hit for hit in hits if hit.at >= self._start]
        if len(fresh) > self._limit - self._count:
            fresh = fresh[: self._limit - self._count]
            self._search.at = fresh[-1].at + 1
        self._count += len(fresh)
        return "".join(_line(**hit._asdict()) for hit in fresh)


def _line(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def _line_start(index: Index, at: int) -> tuple[int, int]:
    """A line's beginning before `at`, and how many newlines come before it."""
    stretch = index.before(at)
    return (stretch.at, stretch.line) if stretch else (0, 0)


def _flag(name: str) -> bool:
    return request.args.get(name) == "1"
