"""What events come to: what is shown of them is bounded and harmless, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_hub.summary import Summary
from progress_run.protocol import METRICS_PER_RUN, TASKS_PER_RUN, Metric, Notes, Task

PLACE = {"seq", "t", "at", "kind"}
FIELDS = sorted({*Task.__annotations__, *Metric.__annotations__, "level", "text"} - PLACE)
VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.just([]) | st.just({})
)
EVENTS = st.builds(
    lambda kind, fields: {"kind": kind, **fields},
    st.sampled_from(["task", "metric", "note", "group"]),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
)


def summary_of(*events: dict[str, Any]) -> Summary:
    """Of events that are numbered, and a second apart."""
    summary = Summary()
    for seq, event in enumerate(events):
        summary.count({"seq": seq, "t": float(seq), "at": 0, **event})
    return summary


def task(name: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "task", "id": name, **fields}


def test_tasks_are_their_last_events_in_the_order_of_their_first() -> None:
    summary = summary_of(task("a", current=1), task("b", current=1), task("a", current=2, label="Build"))
    assert [(each["id"], each["current"], each["began"], each["t"]) for each in summary.tasks.values()] == [
        ("a", 2, 0.0, 2.0),
        ("b", 1, 1.0, 1.0),
    ]
    assert summary.tasks["a"] == {
        "seq": 2, "t": 2.0, "at": 0, "kind": "task", "id": "a", "label": "Build", "current": 2, "total": None,
        "unit": None, "percent": None, "state": "running", "parent": None, "source": None, "rate": None, "eta": None,
        "began": 0.0,
    }  # fmt: skip


def test_the_main_task_is_the_progress_of_the_run() -> None:
    summary = summary_of(task("a"), task("b", label="Epoch", percent=42.5, eta=7.0), task("c", percent=1))
    assert summary.progress == {
        "id": "b", "label": "Epoch", "percent": 42.5, "eta": 7.0, "t": 1.0, "state": "running",
    }  # fmt: skip
    assert Summary().progress is None


def test_metrics_notes_and_the_most_memory() -> None:
    memory = [
        {"kind": "metric", "name": "process/memory", "value": value, "source": "process"} for value in (5e6, 9e6, 7e6)
    ]
    notes = [{"kind": "note", "level": level} for level in ("warning", "error", "error", "info", "x", 7, None)]
    summary = summary_of(*memory, *notes)
    assert summary.metrics["process/memory"]["value"] == 7e6
    assert summary.metrics["process/memory"]["source"] == "process"
    assert summary.peak_memory == 9e6
    assert summary.notes == {"warning": 1, "error": 2}


def test_what_is_counted_goes_on_from_what_was_stored() -> None:
    summary = summary_of({"kind": "note", "level": "error"}, task("a", percent=-1))
    later = Summary()
    later.recount(json.loads(json.dumps(summary.counts)))
    later.count({"seq": 2, "t": 2.0, "at": 0, "kind": "note", "level": "error"})
    assert later.counts == {"warning": 0, "error": 2, "refused": 1, "peak_memory": None}


@pytest.mark.parametrize("field", ["current", "total", "percent", "rate", "eta"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e300, 10**400, True, "7", [], {}])
def test_numbers_that_make_no_sense_are_refused_and_counted(field: str, value: object) -> None:
    summary = summary_of(task("a", **{field: value}))
    assert summary.tasks["a"][field] is None  # type: ignore[literal-required]
    assert summary.refused == 1


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400, False, "0.3", None])
def test_a_metric_that_is_no_number_is_null(value: object) -> None:
    assert summary_of({"kind": "metric", "name": "loss", "value": value}).metrics["loss"]["value"] is None


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b]0;title\x07red\x1b[31m", "]0;titlered[31m"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("half \ud83d", "half"),
        ("x" * 5000, "x" * 200),
        ("\n" * 5000 + "x", "a"),  # nothing is left, the id stands in
        ({"toString": 1}, "a"),
        (None, "a"),
    ],
)
def test_labels_are_one_line_without_tricks(label: object, shown: str) -> None:
    assert summary_of(task("a", label=label)).tasks["a"]["label"] == shown


def test_a_flood_of_tasks_and_metrics_is_bounded_and_counted() -> None:
    tasks = [task(str(n), percent=50) for n in range(TASKS_PER_RUN + 7)]
    metrics = [{"kind": "metric", "name": str(n), "value": n} for n in range(METRICS_PER_RUN + 5)]
    summary = summary_of(*tasks, *metrics)
    assert (len(summary.tasks), len(summary.metrics), summary.refused) == (TASKS_PER_RUN, METRICS_PER_RUN, 12)


def test_tasks_that_have_ended_make_room_for_those_that_begin() -> None:
    ended = [task(str(n), state="done") for n in range(TASKS_PER_RUN)]
    summary = summary_of(task("first"), *ended, task("last"))
    names = list(summary.tasks)
    assert (names[:2], names[-1], len(names), summary.refused) == (["first", "2"], "last", TASKS_PER_RUN, 0)


@given(st.lists(EVENTS, max_size=5))
def test_whatever_events_hold_what_is_shown_has_its_shape_and_is_json(events: list[dict[str, Any]]) -> None:
    summary = summary_of(*events)
    for shown in summary.tasks.values():
        assert shown.keys() == Task.__annotations__.keys()
    for metric in summary.metrics.values():
        assert metric.keys() == Metric.__annotations__.keys()
    assert summary.notes.keys() == Notes.__annotations__.keys()
    shown_all = [list(summary.tasks.values()), list(summary.metrics.values()), summary.progress, summary.counts]
    written = json.dumps(shown_all, allow_nan=False, ensure_ascii=False).encode()
    assert len(written) < 2000 * (len(summary.tasks) + len(summary.metrics) + 1)
