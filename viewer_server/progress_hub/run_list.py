"""The list of runs, for the hub's owner: a link leads to one run, the owner's key tells of all."""

from __future__ import annotations

import hmac
import time
from typing import Any

from flask import Blueprint, Response, abort, request

from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged
from progress_hub.run import Run
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.summary import shown_text
from progress_hub.text import plain
from progress_run.protocol import LISTED_RUNS, ListedRun

TAIL_BYTES = 4096
"""How much of the end of its output a run's last line is looked for in."""


class RunList:
    """`GET /api/runs`."""

    def __init__(self, runs: Runs, integrity: Integrity, store: Store, key: str) -> None:
        self._runs = runs
        self._integrity = integrity
        self._store = store
        self._key = key.encode()
        self.blueprint = Blueprint("run_list", __name__)
        self.blueprint.add_url_rule("/api/runs", "runs", self.runs)

    def runs(self) -> list[dict[str, Any]]:
        """The runs that started last, or last before the run with the id `before`, newest first."""
        self._admit()
        before = request.args.get("before")
        found = self._store.newest(LISTED_RUNS, before)
        if found is None:
            abort(400, "before has to be the id of a run.")
        return [self._listed(run_id) for run_id in found]

    def _admit(self) -> None:
        given = request.authorization
        token = given.token if given and given.type == "bearer" and given.token else ""
        if not hmac.compare_digest(token.encode(errors="replace"), self._key):
            sentence = "This list takes the hub's owner key as a bearer token; it is in its data directory.\n"
            abort(Response(sentence, 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain; charset=utf-8"))

    def _listed(self, run_id: str) -> dict[str, Any]:
        with self._runs.held(run_id) as run:
            with self._runs.lock:
                info = run.info(time.time())
            told = {name: info.get(name) for name in ListedRun.__annotations__}
            return {**told, "last_line": self._last_line(run)}

    def _last_line(self, run: Run) -> str:
        size = run.record.size
        try:
            tail = self._integrity.output(run.id, max(0, size - TAIL_BYTES), size) if size else b""
        except Damaged:
            return ""
        return last_line(tail)


def last_line(tail: bytes) -> str:
    """The last line of output that isn't empty, as a terminal shows it; `tail` may begin anywhere in a line."""
    lines = plain(tail.decode(errors="replace")).split("\n")
    return next(filter(None, map(shown_text, reversed(lines))), "")
