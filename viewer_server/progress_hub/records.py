"""What there is of a run at the moment: its facts, ranges of its output and events, metrics, a badge."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from flask import Response, abort, request

from progress_hub import links
from progress_hub.badge import badge
from progress_hub.integrity import Integrity
from progress_hub.metrics_csv import HEADER, metric_rows
from progress_hub.queries import Damaged, LinkRecord
from progress_hub.runs import Runs

STEP_EVENTS = 100
"""How many events are read at a time."""
FOR_EVER = "private, max-age=31536000, immutable"
"""A range of a run that is complete never changes."""


class Records:
    """`/info`, `/output`, `/events`, `/metrics.csv` and `/badge.svg` of a run."""

    def __init__(self, runs: Runs, integrity: Integrity) -> None:
        self._runs = runs
        self._integrity = integrity
        self.views: dict[str, Callable[..., Any]] = {
            "/r/<token>/info": self.info,
            "/r/<token>/output": self.output,
            "/r/<token>/events": self.events,
            "/r/<token>/metrics.csv": self.metrics_csv,
            "/r/<token>/badge.svg": self.badge,
        }

    def info(self, link: LinkRecord) -> dict[str, Any]:
        """The run as `protocol.Info`."""
        with self._runs.held(link.run) as run, self._runs.lock:
            return {**run.info(time.time()), "role": link.role}

    def output(self, link: LinkRecord) -> Response:
        """Output from byte `from` to `to`, or a `Range` of it: what is durable, and no waiting for more.

        It ends where a hole begins; what begins within one is answered by 410 and that hole.
        """
        run_id = link.run
        with self._runs.held(run_id) as run:
            size, holes, complete = run.record.size, run.holes, run.complete
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
        pieces = self._output(run_id, start, end)
        try:
            first = next(pieces, b"")
        except Damaged as damage:
            return _gone([damage.start, damage.end])
        response = Response(chain([first], pieces), mimetype="application/octet-stream")
        response.content_length = end - start
        response.headers["Accept-Ranges"] = "bytes"
        if complete and "to" in request.args and not link.private and link.expires is None:
            response.headers["Cache-Control"] = FOR_EVER
        if ranged:
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return response

    def events(self, link: LinkRecord) -> Response:
        """Events from number `from` on, one a line: what is durable, and no waiting for more."""
        run_id = link.run
        with self._runs.held(run_id) as run:
            start, end = links.span(run.record.events)
        groups = self._event_groups(run_id, start, end)
        lines = ("".join(f"{event}\n" for event in events) for events in groups)
        return Response(lines, mimetype="application/x-ndjson")

    def metrics_csv(self, link: LinkRecord) -> Response:
        """All values of all metrics so far."""
        run_id = links.readable(self._runs, link.run)
        with self._runs.held(run_id) as run:
            events = self._event_groups(run_id, 0, run.record.events)
        response = Response(chain([HEADER], map(metric_rows, events)), content_type="text/csv; charset=utf-8")
        links.offer(response, f"{run_id}-metrics.csv")
        return response

    def badge(self, link: LinkRecord) -> Response:
        """The run's state as a picture for other pages, which ask for it again each time they show it."""
        run_id = link.run
        with self._runs.held(run_id) as run, self._runs.lock:
            picture = badge(run.info(time.time()))
        response = Response(picture, content_type="image/svg+xml; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _output(self, run_id: str, start: int, end: int) -> Iterator[bytes]:
        return (b"".join(piece.data for piece in pieces) for pieces in self._integrity.pieces(run_id, start, end))

    def _event_groups(self, run_id: str, start: int, end: int) -> Iterator[list[str]]:
        while start < end:
            events = self._integrity.events(run_id, start, min(end, start + STEP_EVENTS))
            start += len(events)
            yield events


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
