"""What the hub gives over HTTP: the page, and runs as text, bytes, JSON and NDJSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, request, send_from_directory
from werkzeug.exceptions import HTTPException, NotFound

from progress_hub import links, state
from progress_hub.badge import badge
from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.gate import Connection, Gate
from progress_hub.integrity import Integrity
from progress_hub.metrics_csv import HEADER, metric_rows
from progress_hub.queries import Damaged
from progress_hub.run import Run
from progress_hub.runs import NoRun, Runs
from progress_hub.store import Store
from progress_hub.text import PlainText
from progress_hub.wire import is_token, token_sha256
from progress_run import __version__
from progress_run.protocol import PROTOCOL

PAGE = Path(__file__).parent / "page"
GIVE_UP_SECONDS = 60.0
"""A stream of a lost run ends after this long without a word of it."""
ARRIVAL_SECONDS = 3.0
"""How long the page of an unknown run is waited for: a link is printed, and opened, before the hub has its run."""
ARRIVAL_LOOK_SECONDS = 0.1
ARRIVALS = 32
"""How many may be waited for at once: links that lead nowhere must not keep the hub busy."""
SETTLE_SECONDS = 10.0
"""A stream of a run that has ended waits this long for what may still come of it."""
LOOK_SECONDS = 2.0
"""How often a stream that waits looks whether the run is lost, or its reader has left."""
STEP_BYTES = 256 * 1024
"""How much is read at a time: as much is in memory for each reader that takes its time."""
FEED_BYTES = 8 * 1024
"""How much is filtered at once where it comes, as handing it to a thread would take longer."""
STEP_EVENTS = 100
"""How many events are read at a time."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Web:
    """The routes of design.md; a link is all it takes to read a run."""

    def __init__(
        self,
        runs: Runs,
        integrity: Integrity,
        bus: Bus,
        store: Store,
        concurrency: Concurrency,
        gate: Gate,
        *further: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._runs = runs
        self._integrity = integrity
        self._bus = bus
        self._store = store
        self._concurrency = concurrency
        self._gate = gate
        self._started = time.time()
        self._expecting = 0
        self.blueprint = Blueprint("web", __name__)
        views: dict[str, Callable[..., Any]] = {
            "/": self.list_page,
            "/healthz": self.health,
            "/assets/<path:name>": self.asset,
            "/r/<token>": self.page,
            "/r/<token>.txt": self.text,
            "/r/<token>.ansi": self.ansi,
            "/r/<token>/info": self.info,
            "/r/<token>/output": self.output,
            "/r/<token>/events": self.events,
            "/r/<token>/metrics.csv": self.metrics_csv,
            "/r/<token>/badge.svg": self.badge,
        }
        for rule, view in chain(views.items(), *(each.items() for each in further)):
            self.blueprint.add_url_rule(rule, view.__name__, view)
        self.blueprint.after_app_request(_secure)
        self.blueprint.app_errorhandler(HTTPException)(_say)
        self.blueprint.app_errorhandler(NoRun)(lambda _: _say(NotFound()))

    def health(self) -> dict[str, Any]:
        """Who and how the hub is."""
        return {"status": "ok", "progress": "hub", "protocol": PROTOCOL, "version": __version__}

    def page(self, token: str) -> Response:
        """The page, for links that lead to a run."""
        self._expect(token)
        links.find(self._store, token)
        return self.list_page()

    def list_page(self) -> Response:
        """The page as it is at the address without a run: the list, which asks for the owner's key itself."""
        if not (PAGE / "index.html").is_file():
            abort(503, "The page was not built into this hub; run `make page` in a checkout, or install a release.")
        response = send_from_directory(PAGE, "index.html")
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    def asset(self, name: str) -> Response:
        """A part of the page; its name has a hash of its content, so it never changes."""
        return send_from_directory(PAGE / "assets", name, max_age=31536000)

    def info(self, token: str) -> dict[str, Any]:
        """The run as `protocol.Info`."""
        run_id, role = links.find(self._store, token)
        with self._runs.held(run_id) as run, self._runs.lock:
            return {**run.info(time.time()), "role": role}

    def output(self, token: str) -> Response:
        """Output from byte `from` to `to`, or a `Range` of it: what is durable, and no waiting for more.

        It ends where a hole begins; what begins within one is answered by 410 and that hole.
        """
        run_id, _role = links.find(self._store, token)
        with self._runs.held(run_id) as run:
            size, holes = run.record.size, run.holes
        start, end = links.span(size)
        ranged = None
        if "from" not in request.args and "to" not in request.args and request.range is not None:
            ranged = _range(size)
            start, end = ranged or (start, end)
        hole = next((each for each in holes if start < each[1] and each[0] < end), None)
        if hole:
            if hole[0] <= start:
                return _gone(hole)
            end = hole[0]
        pieces = self._pieces(run_id, start, end)
        try:
            first = next(pieces, b"")
        except Damaged as damage:
            return _gone([damage.start, damage.end])
        response = Response(chain([first], pieces), mimetype="application/octet-stream")
        response.content_length = end - start
        response.headers["Accept-Ranges"] = "bytes"
        if ranged:
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return response

    def events(self, token: str) -> Response:
        """Events from number `from` on, one a line: what is durable, and no waiting for more."""
        run_id, _role = links.find(self._store, token)
        with self._runs.held(run_id) as run:
            start, end = links.span(run.record.events)
        groups = self._event_groups(run_id, start, end)
        lines = ("".join(f"{event}\n" for event in events) for events in groups)
        return Response(lines, mimetype="application/x-ndjson")

    def metrics_csv(self, token: str) -> Response:
        """All values of all metrics so far."""
        run_id, _role = links.find(self._store, token)
        with self._runs.held(run_id) as run:
            events = self._event_groups(run_id, 0, run.record.events)
        response = Response(chain([HEADER], map(metric_rows, events)), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{run_id}-metrics.csv"'
        return response

    def badge(self, token: str) -> Response:
        """The run's state as a picture for other pages, which ask for it again each time they show it."""
        run_id, _role = links.find(self._store, token)
        with self._runs.held(run_id) as run, self._runs.lock:
            picture = badge(run.info(time.time()))
        response = Response(picture, content_type="image/svg+xml; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    def ansi(self, token: str) -> Response:
        """All output as it is, and what comes, until the run is over."""
        return self._stream(token, lambda pieces: pieces)

    def text(self, token: str) -> Response:
        """All output as plain text, and what comes, until the run is over."""
        return self._stream(token, self._as_text)

    def _expect(self, token: str) -> None:
        """Wait a moment for the run of a link, unless it can't be one."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        if self._expecting >= ARRIVALS or not is_token(token):
            return
        self._expecting += 1
        try:
            while self._store.link(token_sha256(token)) is None and time.monotonic() < deadline:
                self._concurrency.sleep(ARRIVAL_LOOK_SECONDS)
        finally:
            self._expecting -= 1

    def _stream(self, token: str, form: Any) -> Response:
        run_id, _role = links.find(self._store, token)
        run = self._runs.hold(run_id)
        response = Response(
            form(self._follow(run, self._gate.of(request.environ))),
            mimetype="text/plain",
            content_type="text/plain; charset=utf-8",
        )
        response.call_on_close(lambda: self._runs.release(run))
        response.headers["X-Accel-Buffering"] = "no"
        return response

    def _follow(self, run: Run, reader: Connection | None) -> Iterator[bytes]:
        """The run's durable output from the first byte, as it becomes so, until no more can come or the reader left."""
        grown = self._concurrency.event()
        self._bus.subscribe(run.id, grown.set)
        try:
            at = 0
            while True:
                grown.clear()
                over = self._is_over(run)  # before looking how much there is, or the last of it would be missed
                for piece in self._pieces(run.id, at, run.record.size):
                    at += len(piece)
                    yield piece
                if over or (reader is not None and reader.has_left()):
                    return
                grown.wait(LOOK_SECONDS)
        finally:
            self._bus.unsubscribe(run.id, grown.set)

    def _pieces(self, run_id: str, start: int, end: int) -> Iterator[bytes]:
        while start < end:
            # Damage breaks the connection off: this isn't all.
            piece = self._integrity.output(run_id, start, min(end, start + STEP_BYTES))
            start += len(piece)
            yield piece

    def _event_groups(self, run_id: str, start: int, end: int) -> Iterator[list[str]]:
        while start < end:
            events = self._integrity.events(run_id, start, min(end, start + STEP_EVENTS))
            start += len(events)
            yield events

    def _as_text(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        plain = PlainText()
        for piece in pieces:
            # Hostile output takes its time to filter, a second a megabyte: not on the event loop.
            feed = plain.feed if len(piece) <= FEED_BYTES else partial(self._concurrency.offload, plain.feed)
            yield feed(piece).encode()
        yield plain.end().encode()

    def _is_over(self, run: Run) -> bool:
        """Whether no more output can be expected of a run."""
        if run.complete:
            return True
        now = time.time()
        run_state, silent = run.state_at(now), state.away(now, run.heard, self._started)
        if run_state == "lost":
            return silent >= GIVE_UP_SECONDS
        return run.publisher is None and run_state in ("succeeded", "failed", "killed") and silent >= SETTLE_SECONDS


def _gone(hole: list[int]) -> Response:
    """The answer to a request for output from within a hole."""
    return Response(json.dumps({"hole": hole}), 410, {"X-Progress-Hole": f"{hole[0]}-{hole[1]}"}, "application/json")


def _range(size: int) -> tuple[int, int] | None:
    """The one range of bytes that the request asks for; None when it is to be given everything instead."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    found = asked.range_for_length(size)
    if found is None:
        abort(Response("That range begins beyond the end.\n", 416, {"Content-Range": f"bytes */{size}"}))
    start, end = found
    return start, end


def _secure(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if not request.path.startswith("/assets/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _say(error: HTTPException) -> Response:
    """An error as a sentence. The one of 404 is the same for whatever isn't there."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    sentence = error.description or ""
    if error.code == 404 and sentence == NotFound.description:
        sentence = "There is nothing here. The link may be mistyped or revoked; ask for a new one."
    response = Response(f"{sentence}\n", error.code, content_type="text/plain; charset=utf-8")
    response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response
