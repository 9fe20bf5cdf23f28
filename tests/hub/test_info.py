"""Tasks, metrics and notes of a run as a real hub tells them: live, at a pace, and the same after a restart."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from tests.support.clients import Publisher, Viewer
from tests.support.hub import MODES, Hub, wait_until

from progress_run.protocol import TASKS_PER_RUN

TOLD = ("tasks", "metrics", "notes", "progress", "peak_memory", "refused", "spoke")
TASK = {"kind": "task", "id": "train", "label": "Training", "total": 100, "state": "running"}


@contextmanager
def opened(hub: Hub) -> Iterator[Publisher]:
    """A publisher whose run is open."""
    with Publisher(hub) as publisher:
        publisher.open()
        yield publisher


class Counting(Viewer):
    """A viewer that keeps when it was told of the run."""

    def __init__(self, hub: Hub, token: str) -> None:
        self.told: list[float] = []
        super().__init__(hub, token)

    def on_run(self, data: Any) -> None:
        """The run has changed."""
        self.told.append(time.monotonic())
        super().on_run(data)


def test_where_a_run_began_is_told_as_the_runner_said_it(hub: Hub) -> None:
    said = {"git": {"commit": "0123abcd" * 5, "branch": "main"}, "environment": {"python": "3.12.4"}}
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", **said})
        info = hub.info(publisher.token)
    assert {name: info[name] for name in said} == said


def memory(value: float) -> dict[str, Any]:
    return {"kind": "metric", "name": "process/memory", "value": value}


def test_viewers_see_progress_as_info_has_it(hub: Hub) -> None:
    with opened(hub) as publisher, Viewer(hub, publisher.token) as viewer:
        assert (viewer.run["tasks"], viewer.run["metrics"], viewer.run["progress"]) == ([], {}, None)
        publisher.event({**TASK, "current": 42, "percent": 42, "eta": 7}, {"kind": "note", "level": "warning"})
        publisher.event({"kind": "metric", "name": "loss", "value": 0.5, "step": 3}, memory(9e6), memory(5e6))
        viewer.wait_for(lambda: "process/memory" in viewer.run["metrics"], "the metrics")
        info = hub.info(publisher.token)
    assert {name: viewer.run[name] for name in TOLD} == {name: info[name] for name in TOLD}
    assert viewer.run["progress"]["percent"] == 42
    assert viewer.run["notes"] == {"warning": 1, "error": 0}
    assert viewer.run["metrics"]["loss"]["step"] == 3
    assert viewer.run["peak_memory"] == 9e6


def test_a_run_that_only_reports_is_running(hub: Hub) -> None:
    with opened(hub) as publisher:
        assert hub.info(publisher.token)["state"] == "waiting"
        publisher.event({**TASK, "current": 1})
        assert hub.info(publisher.token)["state"] == "running"


def test_after_a_restart_it_is_all_the_same(own_hub: Hub) -> None:
    with opened(own_hub) as publisher:
        publisher.append_all(b"out")
        publisher.event(*({**TASK, "id": name, "percent": 10} for name in ("z", "a", "m")), t_is(5, TASK))
        publisher.event(
            {**TASK, "id": "z", "percent": -7}, memory(9e6), memory(5e6), {"kind": "note", "level": "error"}
        )
        publisher.event({"kind": "exit", "code": 0, "signal": None, "t": 9.0})
        before = own_hub.info(publisher.token)
        assert [task["id"] for task in before["tasks"]] == ["z", "a", "m", "train"]
        own_hub.restart()
        after = own_hub.info(publisher.token)
    assert {name: after[name] for name in (*TOLD, "state", "ended")} == {
        name: before[name] for name in (*TOLD, "state", "ended")
    }


def t_is(t: float, event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "t": t}


def test_what_is_counted_after_a_restart_goes_on(own_hub: Hub) -> None:
    with opened(own_hub) as publisher:
        publisher.event({"kind": "note", "level": "error"}, memory(9e6))
    own_hub.restart()
    with Publisher(own_hub, publisher.run, token=publisher.token, epoch=2) as successor:
        successor.events_end = successor.open()["events_end"]
        successor.event({"kind": "note", "level": "error"}, memory(5e6))
        info = own_hub.info(publisher.token)
    assert (info["notes"], info["peak_memory"]) == ({"warning": 0, "error": 2}, 9e6)


def test_events_sent_twice_are_counted_once(hub: Hub) -> None:
    with opened(hub) as publisher:
        note = {"seq": 0, "t": 0.0, "at": 0, "kind": "note", "level": "error"}
        for _ in range(3):
            publisher.emit("event", {"run": publisher.run, "epoch": 1, "events": [note]})
        publisher.event({"kind": "note", "level": "error"})
        wait_until(lambda: hub.info(publisher.token)["notes"] == {"warning": 0, "error": 1}, "it is counted")


def test_a_run_of_a_million_events_is_taken_up_as_fast_as_any(own_hub: Hub) -> None:
    """A metric a second for days: the last one is looked up, not all of them read."""
    with opened(own_hub) as publisher:
        publisher.event({**TASK, "percent": 1}, memory(7e6))
    with closing(sqlite3.connect(own_hub.data / "hub.db", timeout=30)) as database, database:
        database.execute(
            "WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < 500000) "
            "INSERT INTO events SELECT ?, seq, 'metric', 'process/memory', '{}', '' FROM n",
            [publisher.run],
        )
        began = time.monotonic()
        database.execute("SELECT * FROM events").fetchall()
        all_of_them = time.monotonic() - began
    infos = [info_after_restart(own_hub, publisher) for _ in range(3)]
    assert min(seconds for _, seconds in infos) < all_of_them / 2
    info, _ = infos[-1]
    assert info["peak_memory"] == 7e6
    assert [task["id"] for task in info["tasks"]] == ["train"]


def info_after_restart(hub: Hub, publisher: Publisher) -> tuple[dict[str, Any], float]:
    """What a hub that has just started says of a run, and the seconds that took."""
    hub.restart()
    asked = time.monotonic()
    return hub.info(publisher.token), time.monotonic() - asked


def test_a_flood_of_names_is_bounded_also_after_a_restart(own_hub: Hub) -> None:
    with opened(own_hub) as publisher:
        for start in range(0, 2000, 200):
            publisher.event(
                *({**TASK, "id": f"{n:05}", "label": "\x1b" + "x" * 5000} for n in range(start, start + 200))
            )
        flooded = own_hub.info(publisher.token)
        own_hub.restart()
        for info in (flooded, own_hub.info(publisher.token)):
            assert [task["id"] for task in info["tasks"]] == [f"{n:05}" for n in range(TASKS_PER_RUN)]
            assert {len(task["label"]) for task in info["tasks"]} == {200}
        assert flooded["refused"] == 1800


def test_viewers_of_a_flood_are_told_four_times_a_second_and_of_the_last(hub: Hub) -> None:
    with opened(hub) as publisher, Counting(hub, publisher.token) as viewer:
        began = time.monotonic()
        viewer.told.clear()
        for n in range(300):
            publisher.event(*({**TASK, "current": n * 20 + each} for each in range(20)))
        viewer.wait_for(lambda: bool(viewer.run["tasks"]) and viewer.run["tasks"][0]["current"] == 5999, "the last one")
        seconds = time.monotonic() - began
        assert 1 < len(viewer.told) <= 4 * seconds + 4  # and of the state, the viewers and the first one at once


def test_a_flood_leaves_the_others_their_pace(hub: Hub) -> None:
    stop = threading.Event()

    def flood() -> None:
        while not stop.is_set():
            flooder.event(*({**TASK, "id": str(n), "current": n} for n in range(200)))

    with opened(hub) as flooder, opened(hub) as publisher, Viewer(hub, publisher.token) as viewer:
        calm = sorted(seconds_until_seen(publisher, viewer, n) for n in range(1, 7))
        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            waits = sorted(seconds_until_seen(publisher, viewer, n) for n in range(7, 27))
        finally:
            stop.set()
            flooding.join()
    assert waits[10] < max(0.6, 2.5 * calm[3])
    assert waits[-1] < max(1.5, 6 * calm[-1])


def seconds_until_seen(publisher: Publisher, viewer: Viewer, current: int) -> float:
    sent = time.monotonic()
    publisher.event({**TASK, "current": current})
    viewer.wait_for(lambda: [task["current"] for task in viewer.run["tasks"]] == [current], "the progress")
    return time.monotonic() - sent


@pytest.mark.parametrize("mode", MODES)
def test_viewers_learn_by_themselves_that_it_stalled_and_since_when(mode: str) -> None:
    with Hub(mode, "--stalled-after", "4") as hub, opened(hub) as publisher, Viewer(hub, publisher.token) as viewer:
        publisher.append_all(b"a last word\n")
        spoke = hub.info(publisher.token)["spoke"]
        for n in range(8):
            publisher.event(memory(n), {"kind": "metric", "name": "process/cpu", "value": 99.0})
        viewer.wait_for(lambda: viewer.run["spoke"] == spoke, "since when it is silent")
        assert viewer.run["state"] == "running"
        assert viewer.run["stalls_at"] - viewer.run["spoke"] >= 4
        viewer.wait_for(lambda: viewer.run["state"] == "stalled", "that it stalled")
        assert viewer.run["stalls_at"] <= viewer.run["now"] < viewer.run["stalls_at"] + 3
        publisher.append(publisher.end, b"it was nothing\n")
        viewer.wait_for(lambda: viewer.run["state"] == "running", "that it goes on")
