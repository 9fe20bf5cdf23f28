"""What a run's events come to: its tasks, metrics, notes and end, folded in one by one.

Events are anybody's: what is kept of them is bounded, and safe to show.
"""

from __future__ import annotations

import sys
from typing import Any, cast

from progress_run import protocol
from progress_run.protocol import LABEL_CHARACTERS, METRICS_PER_RUN, TASKS_PER_RUN, UNDER_WAY, main_task
from progress_run.shown import shown_text

Event = dict[str, Any]

PROCESS = "process/"
"""What the names of metrics begin with that the sender measures of the job's processes."""
MEMORY = "process/memory"
UNIT_CHARACTERS = 20
COUNTABLE = 2.0**53
SOURCES = ("job", "osc", "text", "process")


class Summary:
    """Tasks and metrics as their last events have them, each in the order of their first ones, and what was counted.

    `counts` is what the events at hand can't tell again: it is stored with the run.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, protocol.Task] = {}
        self.metrics: dict[str, protocol.Metric] = {}
        self.exit: Event | None = None
        self.changes = 0
        """Grows with each event that changes what is shown."""
        self.recount({})

    def recount(self, counts: dict[str, Any]) -> None:
        """Take the counts from the store: events that follow are counted on top."""
        self.notes = protocol.Notes(warning=counts.get("warning", 0), error=counts.get("error", 0))
        self.refused: int = counts.get("refused", 0)
        self.peak_memory: float | None = counts.get("peak_memory")

    @property
    def counts(self) -> dict[str, Any]:
        """What `recount` takes."""
        return {**self.notes, "refused": self.refused, "peak_memory": self.peak_memory}

    @property
    def progress(self) -> protocol.Progress | None:
        """The main task."""
        task = main_task(self.tasks.values())
        return (
            cast(protocol.Progress, {name: task[name] for name in protocol.Progress.__annotations__}) if task else None
        )

    def count(self, event: Event) -> None:
        """Take in an event for the first time."""
        level = event.get("level")
        if event["kind"] == "note" and isinstance(level, str) and level in self.notes:
            self.notes[level] += 1  # type: ignore[literal-required]
            self.changes += 1
        self.refused += self.take(event)

    def take(self, event: Event, began: float | None = None) -> int:
        """Take in an event, perhaps again; returns how much of it can't be shown. A task began at `began`, else now."""
        kind, name = event["kind"], event_name(event)
        if kind not in ("task", "metric", "exit"):
            return 0
        self.changes += 1
        if kind == "exit":
            self.exit = event
            return 0
        fields = _Fields(event)
        kept: Any = self.tasks if kind == "task" else self.metrics
        known = kept.get(name)
        if known and known["seq"] > event["seq"]:
            return 0
        if kind == "task":
            shown: Any = _task(fields, known["began"] if known else event["t"] if began is None else began)
        else:
            shown = _metric(fields)
            self._measure(shown)
        if known is None and not self._make_room(kind):
            return 1
        kept[name] = shown
        return fields.refused

    def _measure(self, metric: protocol.Metric) -> None:
        if metric["name"] == MEMORY and metric["value"] is not None:
            self.peak_memory = max(self.peak_memory or 0.0, metric["value"])

    def _make_room(self, kind: str) -> bool:
        """Whether there is room for one more; the task that ended first gives way."""
        if kind == "metric" or len(self.tasks) < TASKS_PER_RUN:
            return kind == "task" or len(self.metrics) < METRICS_PER_RUN
        ended = next((key for key, task in self.tasks.items() if task["state"] not in UNDER_WAY), None)
        if ended is not None:
            del self.tasks[ended]
        return ended is not None


class _Fields:
    """Reads the fields of one event; `refused` counts those that make no sense, which are None then."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.refused = 0

    def number(self, name: str, low: float = 0.0, high: float = COUNTABLE) -> float | None:
        value: Any = self.event.get(name)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        found: float | None = self._sound(value, is_number and low <= value <= high)
        return found

    def text(self, name: str, length: int = LABEL_CHARACTERS) -> str | None:
        value = self._sound(self.event.get(name), isinstance(self.event.get(name), str))
        return None if value is None else shown_text(value, length)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.event.get(name)
        found: str | None = self._sound(value, value in allowed)
        return found

    def _sound(self, value: Any, is_sound: bool) -> Any:
        self.refused += not is_sound and value is not None
        return value if is_sound else None


def _task(fields: _Fields, began: float) -> protocol.Task:
    name = fields.text("id") or ""
    task = {
        **_place(fields.event),
        "id": name,
        "label": fields.text("label") or name,
        "current": fields.number("current"),
        "total": fields.number("total"),
        "unit": fields.text("unit", UNIT_CHARACTERS),
        "percent": fields.number("percent", high=100.0),
        "state": fields.one_of("state", protocol.TASK_STATES) or "running",
        "parent": fields.text("parent"),
        "source": fields.one_of("source", SOURCES),
        "rate": fields.number("rate"),
        "eta": fields.number("eta"),
        "began": began,
    }
    return cast(protocol.Task, task)


def _metric(fields: _Fields) -> protocol.Metric:
    metric = {
        **_place(fields.event),
        "name": fields.text("name") or "",
        "value": fields.number("value", -sys.float_info.max, sys.float_info.max),
        "step": fields.number("step", -COUNTABLE),
        "source": fields.one_of("source", SOURCES),
    }
    return cast(protocol.Metric, metric)


def _place(event: Event) -> Event:
    return {name: event[name] for name in ("seq", "t", "at", "kind")}


def metric_of(event: Event) -> protocol.Metric:
    """A metric event, made safe to show."""
    return _metric(_Fields(event))


def event_name(event: Event) -> str:
    """What tells events of one kind apart: the task's id, the metric's name."""
    return str(event.get({"task": "id", "metric": "name"}.get(event["kind"], ""), ""))[:256]


def is_word(event: Event) -> bool:
    """Whether the job shows by this event that it goes on: what is done to it doesn't, nor a look at its processes.

    What is encrypted says by `quiet` that it is one of those.
    """
    if event["kind"] in ("resize", "control", "sealed"):
        return event["kind"] == "sealed" and event.get("quiet") is not True
    return not (event["kind"] == "metric" and event_name(event).startswith(PROCESS))
