"""A run as a row of the owner's list."""

from __future__ import annotations

import re
import time
from typing import Any, cast

from progress_hub.integrity import Integrity
from progress_hub.queries import Damaged
from progress_hub.run import ENDING_BYTES, Run
from progress_hub.runs import NoRun, Runs
from progress_hub.state import ENDED
from progress_hub.store import Store
from progress_hub.text import plain
from progress_run.protocol import LISTED_RUNS, LISTED_TAGS, ListedRun
from progress_run.shown import shown_text

SEALED = "End-to-end encrypted: only its own link shows more."
"""What stands for the last line of a run that the hub can't read."""

_PLACED = re.compile(rb"\x1b\[[\d;]*[Hf]")
"""CUP and HVP, which put the cursor somewhere (ECMA-48)."""


class Listing:
    """Describes runs, and remembers which of them may still change by the passing of time alone."""

    def __init__(self, runs: Runs, integrity: Integrity, store: Store) -> None:
        self._runs = runs
        self._integrity = integrity
        self._store = store
        self._unsettled: set[str] = set()

    def page(self, before: str | None) -> list[ListedRun] | None:
        """The runs that started last, or last before the run with that id, newest first; None when there is none."""
        found = self._store.newest(LISTED_RUNS, before)
        return None if found is None else [run for run in map(self.run, found) if run]

    def run(self, run_id: str) -> ListedRun | None:
        """The run with this id as it is now; None when it was deleted."""
        try:
            with self._runs.held(run_id) as run:
                listed = self._listed(run)
        except NoRun:
            self._unsettled.discard(run_id)
            return None
        if listed["state"] in (*ENDED, "lost"):
            self._unsettled.discard(run_id)
        else:
            self._unsettled.add(run_id)
        return listed

    def fading(self) -> list[str]:
        """The runs that were listed as alive and that nobody publishes: nothing will tell when they are lost."""
        return [run_id for run_id in tuple(self._unsettled) if not self._runs.is_published(run_id)]

    def _listed(self, run: Run) -> ListedRun:
        with self._runs.lock:
            info = run.info(time.time())
        told = {
            **{name: info.get(name) for name in ListedRun.__annotations__},
            **{name: shown_text(info.get(name, "")) for name in ("name", "host", "user")},
            "tags": shown_tags(info.get("tags", {})),
            "last_line": self._last_line(run),
            "kept": run.record.kept,
        }
        return cast(ListedRun, told)

    def _last_line(self, run: Run) -> str:
        if run.is_sealed:
            return SEALED
        if run.ending is None:
            size = run.record.size
            try:
                ending = self._integrity.whole(run.id, max(0, size - ENDING_BYTES), size)
            except Damaged:
                return ""
            with self._runs.lock:
                if run.end != size:
                    return last_line(ending)  # it has grown meanwhile
                run.ending = ending
        return last_line(run.ending)


def shown_tags(tags: dict[str, Any]) -> dict[str, str]:
    """Tags, as many and as long as are shown, in an order that stays."""
    return {shown_text(name): shown_text(str(value)) for name, value in sorted(tags.items())[:LISTED_TAGS]}


def last_line(tail: bytes) -> str:
    """The last line of output that isn't empty, as a terminal shows it; `tail` may begin anywhere in a line.

    What is put at places of the screen is no line.
    """
    written = (line for line in reversed(tail.split(b"\n")) if not _PLACED.search(line))
    return next(filter(None, (shown_text(plain(line.decode(errors="replace"))) for line in written)), "")
