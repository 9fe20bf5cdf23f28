"""A run while somebody publishes or watches it: how far it is received, and how far durable.

Knows no transport, and of the store the record alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from progress_hub import state
from progress_hub.queries import RunRecord, sum_of
from progress_hub.requests import Requests
from progress_hub.rhythm import STALLED_AFTER, Rhythm
from progress_hub.summary import Summary, event_name, is_word
from progress_hub.wire import Append, Events
from progress_run.protocol import INLINE_BYTES, WINDOW_BYTES, State

RECENT_EVENTS = 200
"""How many events behind the end a viewer may be and still be brought up to date inline."""
OVERDRAWN_BYTES = 4 * WINDOW_BYTES
"""How much of a run may wait for its commit: a publisher that keeps to its window never gets there."""
OVERDRAWN_EVENTS = 10_000
ENDING_BYTES = 4096
"""How much of the end of its output a run's last line is looked for in."""
ESSENTIAL = ("control", "gap", "exit")
"""The kinds of events that are taken of a run which has all that it may have, or nobody would know how it ended."""
RESERVED_EVENTS = 1000
"""The most of those."""
CATCHING_UP = 5.0
"""Seconds that a publisher has, when it takes a run up, to send what was said meanwhile."""


class Verdict(NamedTuple):
    """What is known of the integrity of a run's copy here, see schema.py: columns of the table."""

    complete: bool
    sha256: str | None
    holes: list[list[int]]
    torn: list[int]
    conflict: int | None

    @property
    def flawed(self) -> bool:
        """Something of it is damaged."""
        return bool(self.holes or self.torn)


class Check:
    """A reading back of what the store has of a run; `sha256` is empty when that is damaged."""

    failed = False
    """The store could not be read at all."""

    def __init__(self, size: int, finished: Any) -> None:
        self.size = size
        self.finished = finished
        self.sha256: str | None = None


class Gap(Exception):
    """What was sent can't be taken, as it begins beyond the end; the run wants `end` and `events_end` next."""


class Piece(NamedTuple):
    """Output from offset `at`, first written at `t`."""

    at: int
    t: float
    data: bytes

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.at + len(self.data)


class Run:
    """`end`, `events_end` is how far it is received; `record` what the store durably has."""

    def __init__(self, record: RunRecord, hub_up: float, stalled_after: float = STALLED_AFTER) -> None:
        """`stalled_after` is how long it may be silent in any case, in seconds."""
        self.record = record
        self.epoch = record.epoch
        self.publisher: str | None = None
        self.viewers = 0
        self.requests = Requests()
        self.holds = 0
        """How many publishers, viewers and requests need it in memory."""
        self.pending = 0
        """How many writes of it are not durable yet."""
        self.mending = False
        """A write failed, and its writes that were queued behind it are still to be told of."""
        self.rewinds = 0
        self.check: Check | None = None
        self.replacing = self.replaced = 0
        """How many replacements of damaged rows are on their way into the store, and how many have got there."""
        self.removed = record.removed
        """It is being deleted: nobody may read it or add to it any more."""
        self.heard = record.heard
        self.taken = 0.0
        """When its publisher took it up."""
        self.spoke: float | None = record.tally.get("spoke", record.heard if record.size else None)
        """When something last came of the job itself."""
        self.rhythm = Rhythm(*record.tally.get("rhythm", ()))
        self.state: State = "waiting"
        self.summary = Summary()
        for began, event in record.latest:
            self.summary.take(event, began)
        self._hub_up = hub_up
        self._stalled_after = stalled_after
        self.rewind()

    def rewind(self) -> None:
        """Forget what is not durable; a publisher is asked for it again."""
        self.rewinds += 1
        self.verdict = Verdict(*(getattr(self.record, column) for column in Verdict._fields))
        self.summary.recount(self.record.tally)  # tasks and metrics stay as they are: the same events come again
        if self.summary.exit and self.summary.exit["seq"] >= self.record.events:
            self.summary.exit = None
        self.end, self.events_end, self.lines = self.record.size, self.record.events, self.record.lines
        self.left_out = self.record.left_out
        """How many of its publisher's events it has no room for: those behind them count on without them here."""
        self.cut: bool = self.record.tally.get("cut", False)
        """There is no room for the rest of its output."""
        self.tail: deque[Piece] = deque()
        self.recent: deque[dict[str, Any]] = deque()
        self.ending = None if self.end else b""
        """The last of everything received, ENDING_BYTES of it; None while that is in the store alone."""
        self.digest = None if self.end else hashlib.sha256()
        """Of everything received, when it was followed from the first byte."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def is_sealed(self) -> bool:
        """It is end-to-end encrypted: nothing of it can be read here."""
        return "sealed" in self.record.meta

    @property
    def idle(self) -> bool:
        """Whether it may leave the memory: nobody needs it, and everything is durable."""
        return not self.holds and not self.pending

    @property
    def complete(self) -> bool:
        """It is sealed, durably so, and no damage was found since."""
        return self.record.complete and self.verdict.complete

    @property
    def holes(self) -> list[list[int]]:
        """Ranges of output that can't be given: found damaged, and what was sent again is not durable yet."""
        holes = self.record.holes
        for hole in self.verdict.holes:
            holes = united(holes, hole)
        return holes

    def append(self, message: Append, now: float) -> Append | None:
        """Take output; returns the part of it that is new, if any. Raises `Gap`."""
        self.heard = now
        if message.at > self.end or self.end - self.record.size > OVERDRAWN_BYTES:
            raise Gap
        if message.end <= self.end:
            return None
        self.cut = False  # the hub takes more than it did
        fresh = message.part(self.end, message.end)
        self._hear(now, [fresh.t, *(mark[1] for mark in fresh.marks or ())])
        self.end += len(fresh.raw)
        self.lines += fresh.raw.count(b"\n")
        if self.digest is not None:
            self.digest.update(fresh.raw)
        self.tail.append(Piece(fresh.at, fresh.t, fresh.raw))
        if self.ending is not None:
            self.ending = (self.ending + fresh.raw[-ENDING_BYTES:])[-ENDING_BYTES:]
        return fresh

    def add_events(self, message: Events, now: float, most: int = 0) -> list[tuple[dict[str, Any], str]]:
        """Take events; returns the new ones, each with its JSON. Raises `Gap`.

        Beyond the first `most` of the run (0 is any number) the essential ones alone are kept.
        """
        self.heard = now
        first = message.events[0]["seq"]
        if first > self.received_events or self.events_end - self.record.events > OVERDRAWN_EVENTS:
            raise Gap
        fresh = list(zip(message.events, message.bodies, strict=True))[self.received_events - first :]
        self._hear(now, [event["t"] for event, _body in fresh if is_word(event)])
        return [self._add_event(*each) for each in fresh if self._has_room(each[0], most)]

    def _has_room(self, event: dict[str, Any], most: int) -> bool:
        """Whether an event is kept; if not, it is left out."""
        kind, beyond = event["kind"], self.events_end - most
        is_last = kind == "exit" and not self.summary.exit
        kept = not most or beyond < 0 or is_last or (kind in ESSENTIAL and beyond < RESERVED_EVENTS)
        self.left_out += not kept
        return kept

    def _add_event(self, event: dict[str, Any], body: str) -> tuple[dict[str, Any], str]:
        if self.left_out:
            event = {**event, "seq": self.events_end}
            body = json.dumps(event)
        self.events_end += 1
        self.recent.append(event)
        self.summary.count(event)
        if event["kind"] == "control":
            self.requests.answered(event)
        return event, body

    @property
    def limited(self) -> list[str]:
        """Of what there is more than is taken of a run."""
        return [what for what, is_limited in (("output", self.cut), ("events", self.left_out)) if is_limited]

    @property
    def received_events(self) -> int:
        """How many of its publisher's events were received, whether kept or not."""
        return self.events_end + self.left_out

    def _hear(self, now: float, times: list[float]) -> None:
        """The job has spoken at these times of its clock."""
        if times:
            self.spoke, self.rhythm = now, self.rhythm.heard(times)

    @property
    def position(self) -> dict[str, Any]:
        """How far it is received: columns of the store's table, see schema.py."""
        tally = {**self.summary.counts, "spoke": self.spoke, "rhythm": self.rhythm}
        tally |= {"left_out": self.left_out, "cut": self.cut}
        return {"size": self.end, "lines": self.lines, "events": self.events_end, "heard": self.heard, "tally": tally}

    def committed(self, position: dict[str, Any]) -> None:
        """The store durably has this much now."""
        self.record = replace(self.record, **position)
        self.trim()

    def trim(self) -> None:
        """Keep in memory what is not durable yet and, while somebody watches, a little more."""
        spare_bytes, spare_events = (INLINE_BYTES, RECENT_EVENTS) if self.viewers else (0, 0)
        oldest = min(self.record.size, self.end - spare_bytes)
        while self.tail and self.tail[0].end <= oldest:
            self.tail.popleft()
        oldest_event = min(self.record.events, self.events_end - spare_events)
        while self.recent and self.recent[0]["seq"] < oldest_event:
            self.recent.popleft()

    def output_since(self, at: int) -> list[Piece] | None:
        """What was received from `at` on; None when that is in the store alone."""
        if at < self.end and (not self.tail or at < self.tail[0].at):
            return None
        pieces = []
        for piece in reversed(self.tail):
            if piece.end <= at:
                break
            pieces.append(piece)
        if pieces and pieces[-1].at < at:
            _, t, data = pieces[-1]
            pieces[-1] = Piece(at, t, data[at - pieces[-1].at :])
        return pieces[::-1]

    def events_since(self, at: int) -> list[dict[str, Any]] | None:
        """Events received from number `at` on; None when those are in the store alone."""
        if at < self.events_end and (not self.recent or at < self.recent[0]["seq"]):
            return None
        missing = max(0, self.events_end - at)
        return list(self.recent)[len(self.recent) - missing :]

    def state_at(self, now: float) -> State:
        """The state as of `now`."""
        stalls_at = self.stalls_at
        return state.derive(
            spoken=self.spoke is not None,
            exit_event=self.summary.exit,
            connected=self.publisher is not None,
            overdue=stalls_at is not None and now >= stalls_at,
            away=state.away(now, self.heard, self._hub_up),
        )

    @property
    def stalls_at(self) -> float | None:
        """When it is called stalled, should it stay silent; None where it won't be."""
        if self.spoke is None or self.summary.exit or self.publisher is None:
            return None
        return max(self.spoke + self.rhythm.patience(self._stalled_after), self.taken + CATCHING_UP)

    def info(self, now: float) -> dict[str, Any]:
        """`protocol.Info`, without the role; sizes are those of what is durable."""
        exit_event, summary = self.summary.exit, self.summary
        return {
            **self.record.meta,
            "id": self.id,
            "state": self.state_at(now),
            "started": self.record.started,
            "ended": self.record.started + exit_event["t"] if exit_event else None,
            "heard": now if self.publisher else self.heard,
            "now": now,
            "exit_code": exit_event.get("code") if exit_event else None,
            "signal": exit_event.get("signal") if exit_event else None,
            "size": self.record.size,
            "lines": self.record.lines,
            "events": self.record.events,
            "complete": self.complete,
            "sha256": self.record.sha256,
            "holes": self.holes,
            "conflict": self.verdict.conflict,
            "limited": self.limited,
            "tasks": list(summary.tasks.values()),
            "metrics": {metric["name"]: metric for metric in summary.metrics.values()},
            "notes": summary.notes,
            "progress": summary.progress,
            "peak_memory": summary.peak_memory,
            "refused": summary.refused,
            "spoke": self.spoke,
            "stalls_at": self.stalls_at,
            "viewers": self.viewers,
        }


def united(holes: list[list[int]], hole: Sequence[int]) -> list[list[int]]:
    """Holes with one more, those that touch joined."""
    start, end = hole
    apart = []
    for each in holes:
        if each[1] < start or each[0] > end:
            apart.append(each)
        else:
            start, end = min(start, each[0]), max(end, each[1])
    return sorted([*apart, [start, end]])


def chunk_row(message: Append) -> dict[str, Any]:
    """The row of `schema.chunks` for new output."""
    return {
        "run": message.run,
        "at": message.at,
        "size": len(message.raw),
        "t": message.t,
        "codec": message.codec,
        "sum": sum_of(message.raw, message.at),
        "data": message.data,
        "marks": json.dumps(message.marks) if message.marks else None,
    }


def event_row(run: str, event: dict[str, Any], body: str) -> dict[str, Any]:
    """The row of `schema.events` for an event and its JSON."""
    row = {"run": run, "seq": event["seq"], "kind": event["kind"], "name": event_name(event), "body": body}
    return {**row, "sum": sum_of(body.encode(), event["seq"])}
