"""What the sender sees of the job: progress in its output, and what its processes take; and that this never matters."""

from __future__ import annotations

import os
import re
import signal
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home, Run, command_line

BARS = """
import pathlib, sys, time
def bar(label, first, last):
    for done in range(first, last + 1):
        line = f"\\r{label}: {10 * done:3d}%|{'#' * done:<10}| {done}/10 [00:01<00:02, 30.00it/s]"
        print(line, end="", flush=True)
        time.sleep(0.02)
def wait_for(name):
    while not pathlib.Path(name).exists(): time.sleep(0.02)
"""


def bars(script: str) -> list[str]:
    """A job that draws bars as tqdm does."""
    return [sys.executable, "-c", BARS + textwrap.dedent(script)]


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """Any hub will do."""
    with Hub() as running:
        yield running


@pytest.fixture(autouse=True)
def _patience(home: Home, hub: Hub) -> None:
    """Who waits for the delivery also waits for what is still to be seen; no longer than both take."""
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="30")


def tasks(run: Run) -> dict[str, dict[str, Any]]:
    """The last event of each task, by its label."""
    return {event["label"]: event for event in run.of_kind("task")}


def sender_of(home: Home) -> psutil.Process:
    """The sender of the run that is under way."""
    found: list[psutil.Process] = []

    def find() -> bool:
        found[:] = [each for each in home.processes() if "sender.process" in command_line(each)]
        return bool(found)

    wait_until(find, "a sender")
    return found[0]


def test_a_bar_that_was_drawn_once_at_the_very_end_counts(home: Home) -> None:
    assert home.run("--pty", *bars("bar('Load', 10, 10); bar('Train', 4, 4)")).returncode == 0
    assert tasks(home.only_run)["Train"]["percent"] == 40


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_the_bars_of_a_program_that_knows_nothing_of_us_are_tasks(home: Home, mode: str) -> None:
    assert home.run(mode, *bars("bar('Load', 0, 10); print(); bar('Train', 0, 7); sys.exit(3)")).returncode == 3
    run = home.only_run
    load, train = tasks(run)["Load"], tasks(run)["Train"]
    assert (load["state"], load["current"], load["total"], load["source"]) == ("done", 10, 10, "text")
    assert (train["state"], train["current"], train["percent"]) == ("failed", 7, 70)
    assert run.events[-1]["kind"] == "exit"


def test_a_job_that_is_over_at_once_is_seen_nevertheless(home: Home) -> None:
    home.run("printf", r"\r 10%%|# | 1/10 [00:01<00:02]\r100%%|##| 10/10 [00:01<00:00]\n")
    (task,) = tasks(home.only_run).values()
    assert (task["state"], task["current"]) == ("done", 10)


def test_an_event_belongs_to_the_output_that_showed_it(home: Home) -> None:
    home.run(*bars("bar('Load', 0, 10)"))
    output = home.only_run.output
    for event in home.only_run.of_kind("task"):
        if event["state"] == "running":
            assert output[: event["at"]].endswith(b"it/s]")
            assert f"{event['current']}/10 ".encode() in output[event["at"] - 40 : event["at"]]


def test_a_sender_that_was_killed_goes_on_where_it_was(home: Home, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    job = bars(f"bar('Load', 0, 10); print(); bar('Load', 0, 3); wait_for({str(mark)!r}); bar('Load', 4, 10)")

    def of(name: str) -> list[dict[str, Any]]:
        return [event for event in home.only_run.of_kind("task") if event["id"] == name]

    with home.start(*job) as process:
        wait_until(lambda: bool(home.runs) and [event["current"] for event in of("text:Load#2")][-1:] == [3], "a bar")
        before = of("text:Load")
        sender = sender_of(home)
        sender.kill()
        wait_until(lambda: not sender.is_running(), "it is buried")
        mark.touch()
        assert process.wait(30) == 0
    assert of("text:Load") == before
    assert [event["current"] for event in of("text:Load#2")][-1:] == [10]
    assert {event["id"] for event in home.only_run.of_kind("task")} == {"text:Load", "text:Load#2"}


def test_a_sender_that_hangs_does_not_keep_anybody_waiting(home: Home, tmp_path: Path) -> None:
    home.environ["PROGRESS_DRAIN"] = "0"
    mark = tmp_path / "mark"
    with home.start(*bars(f"bar('Load', 0, 10); wait_for({str(mark)!r})")) as process:
        wait_until(lambda: bool(home.runs) and "Load" in tasks(home.only_run), "a bar")
        sender_of(home).suspend()
        mark.touch()
        began = time.monotonic()
        assert process.wait(30) == 0
    assert time.monotonic() - began < 3
    assert home.only_run.ending == (0, None)


def test_what_a_killed_runner_has_begun_is_ended_by_the_monitor(home: Home, tmp_path: Path) -> None:
    job = bars(f"bar('Load', 0, 5); wait_for({str(tmp_path / 'never')!r})")
    with home.start("--pty", *job) as process:
        wait_until(lambda: bool(home.runs) and tasks(home.only_run).get("Load", {}).get("current") == 5, "a bar")
        process.kill()
    wait_until(lambda: home.only_run.of_kind("exit") != [], "the run's end")
    assert home.only_run.ending == (None, signal.SIGHUP)
    assert tasks(home.only_run)["Load"]["state"] == "failed"
    assert home.only_run.events[-1]["kind"] == "exit"


def test_of_a_flood_the_end_is_seen(home: Home) -> None:
    """Sixty megabytes in a moment are not read for bars; the bar at their end is."""
    home.run(*bars("sys.stdout.write('nothing to see here\\n' * 3_000_000); bar('Load', 0, 10)"))
    assert tasks(home.only_run)["Load"]["state"] == "done"


WORK = "x = bytearray(150_000_000)\nimport pathlib, sys\nwhile not pathlib.Path(sys.argv[1]).exists(): pass"


def test_the_processes_of_the_job_are_counted_and_nobody_elses(home: Home, tmp_path: Path) -> None:
    """All the work is done by one that has lost its parents."""
    mark = str(tmp_path / "mark")
    script = f"""
        import subprocess
        subprocess.Popen(["sh", "-c", '"$0" -c "$1" "$2" &', sys.executable, {WORK!r}, {mark!r}])
        wait_for({mark!r})
    """

    def last(name: str) -> float:
        values = [event["value"] for event in home.only_run.of_kind("metric") if event["name"] == name]
        return float(values[-1]) if values else 0.0

    with home.start("--pty", *bars(script)) as process:
        wait_until(lambda: bool(home.runs) and last("process/memory") > 150e6, "its memory")
        wait_until(lambda: last("process/cpu") > 10, "its processor time")
        (tmp_path / "mark").touch()
        assert process.wait(30) == 0
    assert last("process/memory") < 400e6
    names = {event["name"] for event in home.only_run.of_kind("metric")}
    assert names == {"process/cpu", "process/memory", "process/read", "process/write"}


def test_what_hardly_changes_is_not_told_again(home: Home, tmp_path: Path) -> None:
    with home.start(*bars(f"wait_for({str(tmp_path / 'mark')!r})")) as process:
        wait_until(lambda: bool(home.runs) and home.only_run.of_kind("metric") != [], "a first sample")
        began = time.monotonic()
        while time.monotonic() - began < 4:
            os.sched_yield()
            time.sleep(0.1)
        (tmp_path / "mark").touch()
        assert process.wait(30) == 0
    memory = [event for event in home.only_run.of_kind("metric") if event["name"] == "process/memory"]
    assert len(memory) <= 3


def test_bytes_that_make_no_sense_are_nobodys_progress(home: Home) -> None:
    script = "import os; os.write(1, os.urandom(300_000)); os.write(1, b'\\x1b[99999999999;1H\\x1b]9;4;1;999\\x07 42%')"
    assert home.run(sys.executable, "-c", script).returncode == 0
    run = home.only_run
    assert run.events[-1]["kind"] == "exit"
    assert b"Traceback" not in (run.path / "sender.log").read_bytes()


def is_large(metric: dict[str, Any]) -> bool:
    """Whether it is the memory of a job that holds 100 MB."""
    return bool(metric["name"] == "process/memory" and metric["value"] > 100_000_000)


def test_the_summary_has_the_tasks_and_the_memory(home: Home, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    job = "x = bytearray(100_000_000); bar('Load', 0, 10); print(); bar('Train', 0, 7)"
    script = f"{job}; wait_for({os.fspath(seen)!r}); time.sleep(1.1); sys.exit(3)"
    with home.terminal(*bars(script)) as terminal:
        wait_until(lambda: any(is_large(each) for run in home.runs for each in run.of_kind("metric")), "its memory")
        seen.touch()
        terminal.finish()
    words = [line.split() for line in terminal.output.decode().splitlines()]
    said = " ".join(word for line in words for word in line)
    assert re.search(r"✗ \S*failed\S* with exit code 3", said), said
    assert re.search(r"✓ Load\S* .*?10/10 ", said), said
    assert re.search(r"✗ Train\S* .*?7/10 ", said), said
    assert re.search(r"1\d\d\.\d MB of memory at most", said), said
