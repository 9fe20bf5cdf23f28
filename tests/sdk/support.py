"""What tests of the SDK have in common."""

from __future__ import annotations

from typing import Any

from tests.support.runner import Run


def tasks(run: Run) -> dict[str, dict[str, Any]]:
    """The last event of each task, by its label."""
    last = {event["id"]: event for event in run.of_kind("task")}
    return {event["label"]: event for event in last.values()}


def state_of(run: Run, label: str) -> tuple[Any, Any, str]:
    """current, total and state of a task."""
    task = tasks(run)[label]
    return task["current"], task["total"], task["state"]


def last_metrics(run: Run) -> dict[str, tuple[Any, Any]]:
    """The last value of each metric the job reported, and its step."""
    return {e["name"]: (e["value"], e["step"]) for e in run.of_kind("metric") if not e["name"].startswith("process/")}
