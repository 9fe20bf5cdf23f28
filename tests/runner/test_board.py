"""What is reported becomes events: merged, at a bearable pace, the last value always there, and nothing harmful."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.runner import Run

from progress_run.recorder.board import MOST_NAMES, PER_SECOND, Board, recall
from progress_run.recorder.run_log import RunLog


class Stage:
    """A board over a run log whose clock the test moves."""

    def __init__(self, path: Path) -> None:
        self.t = 0.0
        self.log = RunLog(path, time.time())
        self.log.seconds = lambda: self.t  # type: ignore[method-assign]
        self.board = Board(self.log)
        self._run = Run(path)

    def say(self, kind: str = "task", **fields: Any) -> None:
        self.board.report(json.dumps({"kind": kind, **fields}).encode())

    def wait(self, seconds: float) -> None:
        """Let time go by, flushing whenever the board wants it, as the recorder does."""
        until = self.t + seconds
        while (due := max(self.t, self.board.flush_at)) <= until:
            self.t = due
            self.board.flush()
        self.t = until

    @property
    def events(self) -> list[dict[str, Any]]:
        return self._run.events

    def of(self, kind: str) -> list[dict[str, Any]]:
        return self._run.of_kind(kind)

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A stage of the test's own."""
    return Stage(tmp_path)


WHOLE = {"id", "label", "current", "total", "unit", "percent", "state", "parent", "source", "rate", "eta"}


def test_an_event_says_all_of_its_task_though_a_report_said_one_thing(stage: Stage) -> None:
    stage.say(id="a", label="Epoch 1", total=40, unit="it", parent="run")
    stage.wait(1)
    stage.say(id="a", current=10)
    assert set(stage.last) == WHOLE | {"seq", "t", "at", "kind"}
    assert stage.last["label"] == "Epoch 1"
    assert (stage.last["current"], stage.last["total"], stage.last["percent"]) == (10, 40, 25)
    assert (stage.last["state"], stage.last["parent"], stage.last["source"]) == ("running", "run", "job")


def test_rate_and_time_left_come_with_the_numbers(stage: Stage) -> None:
    for done in range(11):
        stage.say(id="a", current=2 * done, total=100)
        stage.wait(1)
    assert stage.last["rate"] == pytest.approx(2)
    assert stage.last["eta"] == pytest.approx(40)
    stage.say(id="a", state="done")
    assert stage.last["eta"] is None


def test_percent_alone_has_a_rate_too(stage: Stage) -> None:
    for percent in range(0, 50, 10):
        stage.say(id="a", percent=percent, source="osc")
        stage.wait(2)
    assert (stage.last["current"], stage.last["rate"], stage.last["eta"]) == (None, 5.0, 12.0)


def test_of_a_hundred_reports_a_second_ten_are_written_and_the_last_one_always(stage: Stage) -> None:
    for current in range(1, 101):
        stage.say(id="a", current=current, total=100)
        stage.wait(0.01)
    stage.wait(0.2)
    events = stage.of("task")
    assert 9 <= len(events) <= 12
    assert events[0]["current"] == 1
    assert events[-1]["current"] == 100


def test_a_change_of_state_does_not_wait(stage: Stage) -> None:
    stage.say(id="a", current=1)
    stage.say(id="a", current=2)
    stage.say(id="a", current=3, state="failed")
    assert [(event["current"], event["state"]) for event in stage.of("task")] == [(1, "running"), (3, "failed")]


def test_all_together_stay_within_a_bound_and_none_is_forgotten(stage: Stage) -> None:
    names = [f"task {number}" for number in range(500)]
    for _ in range(10):
        for name in names:
            stage.say(id=name, current=stage.t)
        stage.wait(0.1)
    assert len(stage.of("task")) <= 2.2 * PER_SECOND
    stage.wait(10)
    assert {event["id"]: event["current"] for event in stage.of("task")} == dict.fromkeys(names, pytest.approx(0.9))


def test_states_that_flap_stay_within_the_bound(stage: Stage) -> None:
    for number in range(5000):
        stage.say(id="a", state=("running", "paused")[number % 2])
    assert len(stage.events) <= PER_SECOND
    stage.wait(1)
    assert stage.last["state"] == "paused"


def test_more_tasks_than_anybody_can_keep_are_refused_and_counted(stage: Stage) -> None:
    for number in range(MOST_NAMES + 7):
        stage.say(id=str(number), current=1)
        stage.wait(0.01)
    stage.board.close(good=True)
    assert len({event["id"] for event in stage.of("task")}) == MOST_NAMES
    assert "7 malformed or surplus reports" in stage.last["text"]


def test_one_task_after_the_other_may_be_as_many_as_they_like(stage: Stage) -> None:
    stage.say(id="all", current=0)
    for number in range(3 * MOST_NAMES):
        stage.say(id=str(number), state="done")
        stage.wait(0.01)
    stage.say(id="all", current=3)
    stage.wait(1)
    assert len({event["id"] for event in stage.of("task")}) == 3 * MOST_NAMES + 1
    assert len(stage.board.tasks) == MOST_NAMES
    assert (stage.last["id"], stage.last["current"]) == ("all", 3)


def test_a_metric_is_written_twenty_times_a_second_with_its_last_value(stage: Stage) -> None:
    for step in range(1000):
        stage.say("metric", name="loss", value=1 / (step + 1), step=step)
        stage.wait(0.001)
    stage.wait(1)
    assert 18 <= len(stage.events) <= 22
    assert stage.last["step"] == 999
    assert (stage.last["name"], stage.last["value"], stage.last["source"]) == ("loss", 0.001, "job")


def test_what_the_job_reports_and_also_prints_is_one_task(stage: Stage) -> None:
    stage.say(id="sdk", label="Train", current=1)
    stage.say(id="bar", label="Train:", current=1, source="text")
    stage.say(id="other", label="Load", current=1, source="text")
    stage.say(id="bar", label="Valid", current=2, source="text")
    assert [event["id"] for event in stage.of("task")] == ["sdk", "other"]


def test_bars_of_what_the_job_reports_may_be_drawn_for_ever(stage: Stage) -> None:
    stage.say(id="sdk", label="Train", current=1)
    for n in range(3 * MOST_NAMES):
        stage.say(id=f"text:Train#{n}", label="Train", current=1, source="text")
    assert {event["id"] for event in stage.of("task")} == {"sdk"}
    assert len(stage.board._doubles) <= MOST_NAMES


def test_what_is_measured_of_the_processes_the_job_has_no_say_in(stage: Stage) -> None:
    stage.say("metric", name="process/memory", value=5e6, source="process")
    stage.say("metric", name="process/memory", value=1e15)
    stage.say("metric", name="loss", value=0.25, source="process")
    stage.wait(1)
    assert [(event["name"], event["value"], event["source"]) for event in stage.events] == [
        ("process/memory", 5e6, "process")
    ]
    assert stage.board.peak_memory == 5e6


def test_a_metric_that_the_job_reports_is_not_read_from_its_output_too(stage: Stage) -> None:
    stage.say("metric", name="loss", value=0.25, step=7)
    stage.say("metric", name="loss", value=0.2, source="text")
    stage.say("metric", name="accuracy", value=0.9, source="text")
    stage.wait(1)
    assert [(event["name"], event["value"]) for event in stage.events] == [("loss", 0.25), ("accuracy", 0.9)]


@pytest.mark.parametrize(
    ("good", "report", "state"),
    [
        (True, {"current": 10, "total": 10}, "done"),
        (True, {"current": 7, "total": 10}, "paused"),
        (True, {"current": 7}, "done"),
        (True, {"percent": 100}, "done"),
        (True, {"percent": 99}, "paused"),
        (True, {"state": "indeterminate"}, "done"),
        (True, {"state": "failed"}, "failed"),
        (False, {"current": 10, "total": 10}, "failed"),
        (False, {"current": 10, "state": "done"}, "done"),
        (None, {"current": 7, "total": 10}, "running"),
    ],
)
def test_the_end_of_a_run_is_the_end_of_its_tasks(
    stage: Stage, good: bool | None, report: dict[str, Any], state: str
) -> None:
    stage.say(id="a", **report)
    stage.board.close(good=good)
    assert stage.last["state"] == state
    assert stage.last["current"] == report.get("current")


def test_the_last_value_arrives_though_the_run_ends_at_once(stage: Stage) -> None:
    stage.say(id="a", current=1, state="done")
    stage.say(id="a", current=2)
    stage.say("metric", name="loss", value=2)
    stage.say("metric", name="loss", value=1)
    stage.board.close(good=True)
    assert stage.of("metric")[-1]["value"] == 1
    assert stage.of("task")[-1]["current"] == 2


def test_who_takes_over_ends_what_another_has_begun(stage: Stage) -> None:
    stage.say(id="a", label="Train", current=1, total=3)
    stage.say(id="b", state="done")
    recall(stage.log).close(good=False)
    assert [(event["id"], event["state"]) for event in stage.of("task")][2:] == [("a", "failed")]
    assert (stage.last["label"], stage.last["current"], stage.last["total"]) == ("Train", 1, 3)


NONSENSE = [-1, 2**60, 10**400, "12", True, [], {}]


@pytest.mark.parametrize("value", NONSENSE, ids=str)
@pytest.mark.parametrize("field", ["current", "total", "percent"])
def test_a_number_that_makes_no_sense_is_left_out_and_counted(stage: Stage, field: str, value: object) -> None:
    fields: dict[str, Any] = {"current": 3, field: value}
    stage.say(id="a", label="Train", **fields)
    assert stage.last[field] is None
    assert stage.last["label"] == "Train"
    stage.board.close(good=True)
    assert "1 senseless value" in stage.last["text"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_task_counts_in_numbers(stage: Stage, number: str) -> None:
    stage.board.report(b'{"kind": "task", "id": "a", "current": %s}' % number.encode())
    stage.board.report(b'{"kind": "metric", "name": "loss", "value": %s}' % number.encode())
    assert stage.of("task")[0]["current"] is None
    assert stage.of("metric")[0]["value"] is None


@pytest.mark.parametrize(
    "datagram",
    [
        b"no JSON",
        b"\xff\xfe",
        b"[" * 5000,
        b"[]",
        b'"task"',
        b"{}",
        b'{"kind": "exit", "code": 0}',
        b'{"kind": ["task"]}',
        b'{"kind": "task"}',
        b'{"kind": "task", "id": null}',
        b'{"kind": "metric", "name": "loss"}',
        b'{"kind": "metric", "name": "loss", "value": "low"}',
        b'{"kind": "group", "name": "build", "open": 1}',
        b'{"kind": "note", "level": "info"}',
        b'{"kind": "task", "id": "a", "label": "' + b"x" * 9000 + b'"}',
    ],
)
def test_what_is_no_report_is_refused_and_counted(stage: Stage, datagram: bytes) -> None:
    stage.board.report(datagram)
    assert stage.events == []
    stage.board.close(good=True)
    assert "1 malformed or surplus report" in stage.last["text"]


HOSTILE = {
    "\x1b[31mred\x1b[0m": "red",
    "a\nb\tc": "a b c",
    "\u202egnp.exe": "gnp.exe",
    "x" * 500: "x" * 200,
    "half \ud800 pair": "half  pair",
    "\x07\x9b\x7f": "",
    "émoji 🚀": "émoji 🚀",
    "<script>": "<script>",
}


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_a_label_is_one_line_that_can_be_shown_anywhere(stage: Stage, label: str) -> None:
    stage.say(id="a", label=label)
    assert stage.last["label"] == HOSTILE[label]


def test_no_text_makes_an_event_too_large(stage: Stage) -> None:
    """Characters that JSON writes as twelve take their room."""
    astral = "\U0001f680" * 400
    for report in ({"kind": "task", "id": astral, "label": astral, "parent": astral}, {"kind": "note", "text": astral}):
        stage.board.report(json.dumps(report, ensure_ascii=False).encode())
    assert [event["kind"] for event in stage.events] == ["task", "note"]


def test_a_flood_of_notes_is_bounded_and_counted(stage: Stage) -> None:
    for number in range(3000):
        stage.say("note", level="info", text=str(number))
    stage.board.close(good=True)
    assert len(stage.events) == 1001
    assert "2,000 malformed or surplus" in stage.last["text"]


def test_an_offset_that_is_not_there_is_the_end(stage: Stage) -> None:
    stage.log.append(b"hello\n")
    for number, at in enumerate((3, 99, -1, "x")):
        stage.say(id=str(number), at=at)
    assert [event["at"] for event in stage.events] == [3, 6, 6, 6]


def test_what_arrives_is_cheap(stage: Stage) -> None:
    """A flood is read two thousand times a second at most; that has to be some percent of a processor."""
    began = time.process_time()
    for number in range(20_000):
        stage.say(id="a", current=number)
    assert time.process_time() - began < 2
