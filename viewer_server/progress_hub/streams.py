"""All of a run as one document: to read, with what comes while it goes on; or to keep, as it is at the moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Response, request

from progress_hub import links, state
from progress_hub.bus import Bus
from progress_hub.cast import Cast
from progress_hub.concurrency import Concurrency
from progress_hub.gate import Connection, Gate
from progress_hub.headers import NOTHING
from progress_hub.html_copy import HtmlCopy
from progress_hub.integrity import Integrity
from progress_hub.queries import LinkRecord
from progress_hub.run import Run
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.text import PlainText
from progress_hub.timed import Timed

GIVE_UP_SECONDS = 60.0
"""A stream of a lost run ends after this long without a word of it."""
SETTLE_SECONDS = 10.0
"""A stream of a run that has ended waits this long for what may still come of it."""
LOOK_SECONDS = 2.0
"""How often a stream that waits looks whether the run is lost, or its reader has left."""
FEED_BYTES = 8 * 1024
"""How much is converted at once where it comes, as handing it to a thread would take longer."""
SANDBOX = f"{NOTHING}; style-src 'unsafe-inline'; sandbox"

Batches = Iterator[list[Timed]]


class Streams:
    """`.txt`, `.ansi`, `.cast` and `.html` of a run."""

    def __init__(
        self, runs: Runs, integrity: Integrity, bus: Bus, store: Store, concurrency: Concurrency, gate: Gate
    ) -> None:
        self._runs = runs
        self._integrity = integrity
        self._bus = bus
        self._store = store
        self._concurrency = concurrency
        self._gate = gate
        self._started = time.time()
        self.views: dict[str, Callable[..., Any]] = {
            "/r/<token>.txt": self.text,
            "/r/<token>.ansi": self.ansi,
            "/r/<token>.cast": self.cast,
            "/r/<token>.html": self.html,
        }

    def text(self, link: LinkRecord) -> Response:
        """Plain text, see text.py."""
        return self._stream(link, "txt", "text/plain", self._as_text)

    def ansi(self, link: LinkRecord) -> Response:
        """The bytes as they are."""
        return self._stream(link, "ansi", "text/plain", self._as_it_is)

    def cast(self, link: LinkRecord) -> Response:
        """A recording that asciinema plays, see cast.py."""
        return self._stream(link, "cast", "application/x-asciicast", self._as_cast)

    def html(self, link: LinkRecord) -> Response:
        """A page that needs nothing but itself, see html_copy.py."""
        response = self._stream(link, "html", "text/html", self._as_html)
        response.headers["Content-Security-Policy"] = SANDBOX
        return response

    def _as_it_is(self, _run: Run, batches: Batches) -> Iterator[bytes]:
        return (_joined(pieces) for pieces in batches)

    def _as_text(self, _run: Run, batches: Batches) -> Iterator[bytes]:
        plain = PlainText()
        for pieces in batches:
            output = _joined(pieces)
            yield self._converted(plain.feed, output, len(output)).encode()
        yield plain.end().encode()

    def _as_html(self, run: Run, batches: Batches) -> Iterator[bytes]:
        copy = HtmlCopy()
        yield copy.begin(self._info(run)).encode(errors="replace")
        for pieces in batches:
            output = _joined(pieces)
            yield self._converted(copy.feed, output, len(output)).encode()
        yield copy.end().encode()

    def _as_cast(self, run: Run, batches: Batches) -> Iterator[bytes]:
        cast = Cast()
        yield cast.begin(self._info(run)).encode(errors="replace")
        seen = 0
        for pieces in batches:
            resizes = self._store.events_of(run.id, "resize", seen)
            seen = resizes[-1]["seq"] + 1 if resizes else seen
            cast.resizes += resizes
            yield self._converted(cast.feed, pieces, sum(len(piece.data) for piece in pieces)).encode()
        yield cast.end(self._store.events_of(run.id, "exit", 0)).encode()

    def _converted(self, convert: Callable[[Any], str], given: Any, size: int) -> str:
        # Hostile output takes its time to convert, a second a megabyte: not on the event loop.
        return convert(given) if size <= FEED_BYTES else self._concurrency.offload(partial(convert, given))

    def _info(self, run: Run) -> dict[str, Any]:
        with self._runs.lock:
            return run.info(time.time())

    def _stream(
        self, link: LinkRecord, ending: str, kind: str, form: Callable[[Run, Batches], Iterator[bytes]]
    ) -> Response:
        run_id = links.readable(self._runs, link.run)
        run = self._runs.hold(run_id)
        kept = request.args.get("download") == "1"
        reader = self._gate.of(request.environ)
        batches = self._integrity.pieces(run_id, 0, run.record.size) if kept else self._follow(run, reader)
        response = Response(form(run, batches), content_type=f"{kind}; charset=utf-8")
        response.call_on_close(lambda: self._runs.release(run))
        response.headers["X-Accel-Buffering"] = "no"
        if kept:
            links.offer(response, f"{run_id}.{ending}")
        return response

    def _follow(self, run: Run, reader: Connection | None) -> Iterator[list[Timed]]:
        """The run's durable output from the first byte, as it becomes so, until no more can come or the reader left."""
        grown = self._concurrency.event()
        self._bus.subscribe(run.id, grown.set)
        try:
            at = 0
            while True:
                grown.clear()
                over = self._is_over(run)  # before looking how much there is, or the last of it would be missed
                for pieces in self._integrity.pieces(run.id, at, run.record.size):
                    at = pieces[-1].end
                    yield pieces
                if over or (reader is not None and reader.has_left()):
                    return
                grown.wait(LOOK_SECONDS)
        finally:
            self._bus.unsubscribe(run.id, grown.set)

    def _is_over(self, run: Run) -> bool:
        """Whether no more output can be expected of a run."""
        if run.complete:
            return True
        now = time.time()
        run_state, silent = run.state_at(now), state.away(now, run.heard, self._started)
        if run_state == "lost":
            return silent >= GIVE_UP_SECONDS
        return run.publisher is None and run_state in ("succeeded", "failed", "killed") and silent >= SETTLE_SECONDS


def _joined(pieces: list[Timed]) -> bytes:
    return b"".join(piece.data for piece in pieces)
