"""What the job is known to be at: reports from all sources made into events, at a pace that everybody can follow.

It stands between the events socket and the run log. A report may have any number of fields of its task; the event has
them all, with rate and time left. Of many reports in a short time the last one counts.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from progress_run import run_directory
from progress_run.allowance import Allowance
from progress_run.recorder.eta import Meter, remaining
from progress_run.recorder.pace import Pace
from progress_run.recorder.report import Refusals, Report, read
from progress_run.recorder.run_log import RunLog

TASK_INTERVAL = 0.1
METRIC_INTERVAL = 0.05
"""Seconds between two events of one task, of one metric; a task's first and each change of its state come at once."""

PER_SECOND = 200
"""The most events a second of all tasks together, and of all metrics."""

MOST_NAMES = 1000
"""The most tasks under way at once, and the most metrics of a run: who reads them has to keep one each."""

REMARKS_PER_SECOND, REMARKS_AT_ONCE = 50, 1000
"""Notes and groups can't stand for one another, so there is a bound to how many are kept."""

AFTERGLOW = 2.0
"""Seconds for which what the job prints of a task that has ended may still be on its way."""

PROCESS = "process/"
"""What the names of metrics begin with that are measured of the job's processes; the job itself has no say in these."""
MEMORY = "process/memory"

Fields = dict[str, Any]


class _Task:
    """A task as it stands."""

    def __init__(self, t: float) -> None:
        self.began = self.changed = t
        self.at = 0
        self.meter = Meter()
        self.fields: Fields = {
            "label": "",
            "current": None,
            "total": None,
            "unit": None,
            "percent": None,
            "state": "running",
            "parent": None,
            "source": "job",
            "rate": None,
            "eta": None,
        }

    def merge(self, report: Report, t: float) -> None:
        fields = self.fields
        counted_in_units = fields["current"] is not None
        fields.update({name: report[name] for name in fields if name in report})
        if report.get("percent") is None and fields["total"] and fields["current"] is not None:
            fields["percent"] = round(min(100.0, 100 * fields["current"] / fields["total"]), 2)
        if (fields["current"] is not None) != counted_in_units:
            self.meter.forget()
        self.at, self.changed = report["at"], t
        self._measure(t)

    def _measure(self, t: float) -> None:
        value = self.fields["percent"] if self.fields["current"] is None else self.fields["current"]
        if value is not None:
            self.meter.observe(t, value)
        if self.fields["state"] == "paused":
            self.meter.rest(t)

    def estimate(self) -> None:
        """Say how fast it goes, and how long it will take at that."""
        rate = self.meter.rate
        left = remaining(self.fields["current"], self.fields["total"], self.fields["percent"])
        self.fields["rate"] = None if rate is None else float(f"{rate:.4g}")
        goes_on = self.fields["state"] == "running"
        self.fields["eta"] = round(left / rate, 1) if goes_on and rate and left is not None else None

    def close(self, t: float, *, good: bool) -> None:
        """The run is over and nobody has said how this task ended."""
        self.changed = t
        percent, total = self.fields["percent"], self.fields["total"]
        reached = percent is not None and percent >= 100
        unmeasured = percent is None and total is None
        self.fields["state"] = "failed" if not good else "done" if reached or unmeasured else "paused"

    @property
    def is_open(self) -> bool:
        return self.fields["state"] not in ("done", "failed")


class Board:
    """All tasks and metrics of a run, as far as they have been reported.

    Args:
        mask: masks what is secret in a text.

    Attributes:
        changes: how many events have been written; a reader that has seen it knows whether to look again.
        peak_memory: the most bytes that the job's processes were seen to have, None if nobody looked.
    """

    def __init__(self, log: RunLog, mask: Callable[[str], str] = str) -> None:
        self._log = log
        self._mask = mask
        self._tasks: dict[str, _Task] = {}
        self._doubles: set[str] = set()
        self._metrics: dict[str, Report] = {}
        self._task_pace = Pace(TASK_INTERVAL, PER_SECOND)
        self._metric_pace = Pace(METRIC_INTERVAL, PER_SECOND)
        self._remarks = Allowance(REMARKS_PER_SECOND, REMARKS_AT_ONCE)
        self._refused = Refusals()
        self.changes = 0
        self.peak_memory: int | None = None

    def report(self, data: bytes) -> None:
        """Take in one datagram."""
        report = read(data, self._refused, self._mask)
        if report is None:
            return
        report["at"] = min(report.get("at", self._log.end), self._log.end)
        if report["kind"] == "task":
            self._on_task(report)
        elif report["kind"] == "metric":
            self._on_metric(report)
        else:
            self._on_remark(report)

    def flush(self) -> None:
        """Write what is due."""
        t = self._log.seconds()
        for key in self._task_pace.take(t):
            self._write_task(key)
        for name in self._metric_pace.take(t):
            self._write_metric(name)

    @property
    def flush_at(self) -> float:
        """When something will be due, in seconds of the log; infinity if nothing waits."""
        return min(self._task_pace.next, self._metric_pace.next)

    @property
    def tasks(self) -> list[Fields]:
        """All tasks in the order in which they began: the fields of their events, and the `seconds` they have taken."""
        return [{"id": key, "seconds": task.changed - task.began, **task.fields} for key, task in self._tasks.items()]

    def close(self, *, good: bool | None) -> None:
        """The run is over: say the last of everything; `good` is None where nobody knows how it ended."""
        for name in self._metric_pace.take_all():
            self._write_metric(name)
        unwritten = set(self._task_pace.take_all())
        for key, task in self._tasks.items():
            closes = task.is_open and good is not None
            if closes:
                task.close(self._log.seconds(), good=bool(good))
            if closes or key in unwritten:
                self._write_task(key)
        if self._refused:
            self._write({"kind": "note", "level": "warning", "text": str(self._refused), "at": self._log.end})

    def recall(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Know what another board has written: the one whose process was killed."""
        for event in events:
            if event.get("kind") == "task" and "id" in event:
                task = self._tasks.setdefault(event["id"], _Task(event["t"]))
                task.fields.update({name: event[name] for name in task.fields if name in event})
                task.at = event["at"]

    # --- what is reported

    def _on_task(self, report: Report) -> None:
        key, t = report["id"], self._log.seconds()
        task = self._tasks.get(key)
        before = task.fields["state"] if task else None
        task = task or self._admit(report, t)
        if task is None:
            return
        task.merge(report, t)
        self._task_pace.want(key, t, at_once=task.fields["state"] != before)
        self.flush()

    def _admit(self, report: Report, t: float) -> _Task | None:
        """A new task, unless it is none, or one too many."""
        key = report["id"]
        if key in self._doubles:
            return None
        if report.get("source") == "text" and self._is_double(report.get("label", ""), t):
            self._remember_double(key)
            return None
        if len(self._tasks) >= MOST_NAMES and not self._make_room():
            self._refused.reports += 1
            return None
        self._tasks[key] = _Task(t)
        return self._tasks[key]

    def _remember_double(self, key: str) -> None:
        if len(self._doubles) >= MOST_NAMES:
            self._doubles.clear()
        self._doubles.add(key)

    def _make_room(self) -> bool:
        """Forget the task that ended first, if one has ended; whether that was so. Who reads us does the same."""
        key = next((key for key, task in self._tasks.items() if not task.is_open), None)
        if key is None:
            return False
        if self._task_pace.forget(key):
            self._write_task(key)
        del self._tasks[key]
        return True

    def _is_double(self, label: str, t: float) -> bool:
        """Whether the job itself reports of what it also prints."""
        return any(
            task.fields["source"] == "job"
            and task.fields["label"].rstrip(": ") == label.rstrip(": ")
            and (task.is_open or t - task.changed < AFTERGLOW)
            for task in self._tasks.values()
        )

    def _on_metric(self, report: Report) -> None:
        name, value = report["name"], report["value"]
        known = self._metrics.get(name)
        if name.startswith(PROCESS) != (report.get("source") == "process"):
            self._refused.reports += 1
            return
        if known is None and len(self._metrics) >= MOST_NAMES:
            self._refused.reports += 1
            return
        if known and known["source"] == "job" and report.get("source") == "text":
            return  # the job reports of what it also prints
        if name == MEMORY and value is not None:
            self.peak_memory = max(self.peak_memory or 0, int(value))
        self._metrics[name] = {"step": None, "source": "job", **report}
        self._metric_pace.want(name, self._log.seconds())
        self.flush()

    def _on_remark(self, report: Report) -> None:
        if self._remarks.take(self._log.seconds()):
            self._write({"level": "info", **report} if report["kind"] == "note" else report)
        else:
            self._refused.reports += 1

    # --- what is written

    def _write_task(self, key: str) -> None:
        task = self._tasks[key]
        task.estimate()
        self._write({"kind": "task", "id": key, **task.fields, "at": task.at})

    def _write_metric(self, name: str) -> None:
        self._write(self._metrics[name])

    def _write(self, event: Report) -> None:
        fields = {name: value for name, value in event.items() if name not in ("kind", "at")}
        with contextlib.suppress(ValueError):  # larger than the protocol allows, by texts that JSON writes at length
            self._log.event(event["kind"], fields, event["at"])
        self.changes += 1


def recall(log: RunLog) -> Board:
    """The board of a recorder that was killed, from what it has written."""
    board = Board(log)
    with contextlib.suppress(OSError), open(log.path / run_directory.EVENTS, "rb") as events:
        board.recall(json.loads(line) for line in events if b'"kind":"task"' in line and line.endswith(b"\n"))
    return board
