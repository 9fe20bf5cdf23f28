"""A run while somebody publishes or watches it: how far it is received, and how far durable.

Knows no transport, and of the store the record alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import replace
from typing import Any, NamedTuple

from progress_hub import state
from progress_hub.store import RunRecord
from progress_hub.wire import Append, Events
from progress_run.protocol import INLINE_BYTES, WINDOW_BYTES, State

RECENT_EVENTS = 200
"""How many events behind the end a viewer may be and still be brought up to date inline."""
OVERDRAWN_BYTES = 4 * WINDOW_BYTES
"""How much of a run may wait for its commit: a publisher that keeps to its window never gets there."""
TASKS_SHOWN = 200
"""How many tasks and metrics `info` tells of, those that changed last."""


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

    def __init__(self, record: RunRecord, now: float) -> None:
        self.record = record
        self.epoch = record.epoch
        self.publisher: str | None = None
        self.viewers = 0
        self.holds = 0
        """How many publishers, viewers and requests need it in memory."""
        self.pending = 0
        """How many writes of it are not durable yet."""
        self.mending = False
        """A write failed, and its writes that were queued behind it are still to be told of."""
        self.heard = record.heard
        self.spoke = now
        self.state: State = "waiting"
        self.latest: dict[tuple[str, str], dict[str, Any]] = {}
        self.rewind()
        for event in record.latest:
            self._remember(event)

    def rewind(self) -> None:
        """Forget what is not durable; a publisher is asked for it again."""
        self.end, self.events_end, self.lines = self.record.size, self.record.events, self.record.lines
        self.tail: deque[Piece] = deque()
        self.recent: deque[dict[str, Any]] = deque()
        self.digest = None if self.end else hashlib.sha256()
        """Of everything received, when it was followed from the first byte."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def idle(self) -> bool:
        """Whether it may leave the memory: nobody needs it, and everything is durable."""
        return not self.holds and not self.pending

    def append(self, message: Append, now: float) -> Append | None:
        """Take output; returns the part of it that is new, if any. Raises `Gap`."""
        self.heard = self.spoke = now
        if message.at > self.end or self.end - self.record.size > OVERDRAWN_BYTES:
            raise Gap
        fresh = _after(message, self.end)
        if fresh is None:
            return None
        self.end += len(fresh.raw)
        self.lines += fresh.raw.count(b"\n")
        if self.digest is not None:
            self.digest.update(fresh.raw)
        self.tail.append(Piece(fresh.at, fresh.t, fresh.raw))
        return fresh

    def add_events(self, message: Events, now: float) -> list[tuple[dict[str, Any], str]]:
        """Take events; returns those that are new, each with its JSON. Raises `Gap`."""
        self.heard = self.spoke = now
        first = message.events[0]["seq"]
        if first > self.events_end:
            raise Gap
        fresh = list(zip(message.events, message.bodies, strict=True))[self.events_end - first :]
        for event, _body in fresh:
            self.recent.append(event)
            self._remember(event)
        self.events_end += len(fresh)
        return fresh

    def committed(self, size: int, lines: int, events: int) -> None:
        """The store durably has this much now."""
        self.record = replace(self.record, size=size, lines=lines, events=events)
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
        return state.derive(
            size=self.end,
            exit_event=self.latest.get(("exit", "")),
            connected=self.publisher is not None,
            silent=now - self.spoke,
            away=now - self.heard,
        )

    def info(self, now: float) -> dict[str, Any]:
        """`protocol.Info`, without the role; sizes are those of what is durable."""
        exit_event = self.latest.get(("exit", ""))
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
            "complete": self.record.complete,
            "sha256": self.record.sha256,
            "tasks": self._latest("task")[-TASKS_SHOWN:],
            "metrics": {event["name"]: event for event in self._latest("metric")[-TASKS_SHOWN:] if "name" in event},
            "viewers": self.viewers,
        }

    def _latest(self, kind: str) -> list[dict[str, Any]]:
        return [event for (each, _name), event in self.latest.items() if each == kind]

    def _remember(self, event: dict[str, Any]) -> None:
        if event["kind"] in ("task", "metric", "exit"):
            key = (event["kind"], event_name(event))
            self.latest.pop(key, None)
            self.latest[key] = event


def event_name(event: dict[str, Any]) -> str:
    """What tells events of one kind apart: the task's id, the metric's name."""
    return str(event.get({"task": "id", "metric": "name"}.get(event["kind"], ""), ""))[:256]


def chunk_row(message: Append, crc: int) -> dict[str, Any]:
    """The row of `schema.chunks` for new output."""
    return {
        "run": message.run,
        "at": message.at,
        "size": len(message.raw),
        "t": message.t,
        "codec": message.codec,
        "crc": crc,
        "data": message.data,
        "marks": json.dumps(message.marks) if message.marks else None,
    }


def _after(message: Append, end: int) -> Append | None:
    """The part of the output from offset `end` on."""
    overlap = end - message.at
    if overlap >= len(message.raw):
        return None
    if not overlap:
        return message
    raw = message.raw[overlap:]
    marks = [mark for mark in message.marks or [] if mark[0] >= end]
    return message._replace(at=end, raw=raw, codec="", data=raw, marks=marks or None)
