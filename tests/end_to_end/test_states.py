"""Whoever dies, the state tells what is known and no more, and tells the end once somebody knows it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.end_to_end.stage import (
    Cue,
    Published,
    at_hub,
    encrypted_at_length,
    encrypted_too,
    get,
    hub_at_a_quiet_port,
    published,
)
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

from progress_hub.state import LOST_AFTER
from progress_run.recorder.monitor import RECORDER_DIED
from progress_run.recorder.run_log import END_UNKNOWN
from progress_run.run_directory import read_delivery

MODES = ("--pty", "--no-pty")

CHATTY = "echo ready; while :; do sleep 0.05; echo x; done"
WAITING = 'echo ready; read -r _ < "$0"; '


@pytest.fixture
def mortal_hub() -> Iterator[Hub]:
    """A hub at a port that is free again after its death."""
    with hub_at_a_quiet_port() as hub:
        yield hub


@pytest.mark.parametrize(
    ("mode", "script", "ending"),
    [
        ("--pty", CHATTY, ("killed", None, signal.SIGHUP)),
        ("--no-pty", CHATTY, ("killed", None, signal.SIGPIPE)),
        ("--pty", f"trap 'exit 5' HUP; {CHATTY}", ("failed", 5, None)),
        ("--no-pty", f"trap 'exit 5' PIPE; {CHATTY}", ("failed", 5, None)),
    ],
)
@encrypted_too
def test_a_killed_recorder(connected: Home, mode: str, script: str, ending: tuple[str, int | None, int | None]) -> None:
    """The job gets what a closed terminal gives, and the page shows how that ended it, though nobody was there."""
    runner = connected.start(mode, "bash", "-c", script, stdout=subprocess.DEVNULL)
    run = published(connected).on_the_hub()
    run.grows_to(len("ready\n"))
    runner.kill()
    runner.wait()
    shows(run, *ending)
    run.arrives()
    *_, note, end = hub_events(run)
    assert (note["kind"], note["level"], note["text"]) == ("note", "error", RECORDER_DIED)
    assert note["at"] == end["at"] == len(run.run.output)
    assert [event["seq"] for event in hub_events(run)] == list(range(len(hub_events(run))))


@encrypted_too
def test_a_killed_recorder_of_a_job_that_works_on_in_silence(connected: Home, cue: Cue) -> None:
    """Until the job ends it is running, with a word that nobody records it; then its true code is shown."""
    runner = connected.start("--no-pty", "sh", "-c", WAITING + "exit 4", cue.path)
    run = published(connected).on_the_hub()
    run.grows_to(len("ready\n"))
    runner.kill()
    runner.wait()
    wait_until(lambda: RECORDER_DIED in [event.get("text") for event in hub_events(run)], "the page says what happened")
    shows(run, "running", None, None)
    cue.give()
    shows(run, "failed", 4, None)
    run.arrives()


@encrypted_too
def test_a_recorder_killed_while_the_hub_is_away(home: Home, mortal_hub: Hub, cue: Cue) -> None:
    at_hub(home, mortal_hub.url, mortal_hub.key)
    runner = home.start("--no-pty", "sh", "-c", WAITING + "exit 4", cue.path)
    run = published(home).on_the_hub()
    mortal_hub.kill()
    runner.kill()
    runner.wait()
    cue.give()
    wait_until(lambda: bool(run.run.of_kind("exit")), "the end is recorded")
    mortal_hub.start()
    run.arrives()
    shows(run, "failed", 4, None)


@encrypted_too
def test_a_recorder_killed_in_the_middle_of_an_event(connected: Home, cue: Cue) -> None:
    """What it left of the line is cut off, so that the events behind it can be read."""
    runner = connected.start("--no-pty", "sh", "-c", WAITING + "exit 4", cue.path)
    run = published(connected).on_the_hub()
    runner.send_signal(signal.SIGSTOP)
    with open(run.run.path / "events.ndjson", "ab") as events:
        events.write(b'{"kind":"note","text":"tor')
    runner.kill()
    runner.wait()
    cue.give()
    run.arrives()
    assert [event["kind"] for event in hub_events(run)][-2:] == ["note", "exit"]


@pytest.mark.parametrize("mode", MODES)
@encrypted_too
def test_everybody_on_the_jobs_machine_is_killed_but_the_sender(connected: Home, mode: str, cue: Cue) -> None:
    """Nobody knows how the job ended, and nobody says so: the run is lost since it was last heard of."""
    runner = connected.start(mode, "sh", "-c", f"{CHATTY}", cue.path)
    run = published(connected).on_the_hub()
    run.grows_to(20)
    killed_at = time.time()
    for process in [*psutil.Process(runner.pid).children(), psutil.Process(runner.pid)]:
        if process not in run.senders():
            process.kill()
    runner.wait(30)
    shows(run, "lost", None, None)
    wait_until(lambda: not run.senders(), "the sender has gone")
    assert abs(info(run)["heard"] - killed_at) < LOST_AFTER
    assert run.copy == run.run.output
    assert not info(run)["complete"]


@encrypted_too
def test_a_killed_monitor(connected: Home, cue: Cue) -> None:
    """The job goes on, its output is recorded to the end, and how it ended is told by nobody."""
    script = 'echo "$PPID"; read -r _ < "$0"; echo late'
    runner = connected.start("--no-pty", "sh", "-c", script, cue.path)
    assert runner.stdout
    os.kill(int(runner.stdout.readline()), signal.SIGKILL)
    cue.give()
    assert runner.stdout.read() == b"late\n"
    assert runner.wait(30) == 128 + signal.SIGKILL
    run = published(connected).on_the_hub()
    wait_until(lambda: END_UNKNOWN in [event.get("text") for event in hub_events(run)], "the page says so")
    assert run.run.output.endswith(b"late\n")
    shows(run, "lost", None, None)
    assert run.copy == run.run.output


@pytest.mark.parametrize("mode", MODES)
@encrypted_too
def test_a_job_that_the_kernel_kills(connected: Home, mode: str) -> None:
    """As the OOM killer does: a SIGKILL that the job did not see coming."""
    assert connected.run(mode, "sh", "-c", "echo hungry; kill -KILL $$").returncode == 137
    run = published(connected)
    run.arrives()
    shows(run, "killed", None, signal.SIGKILL)


@encrypted_too
def test_a_sender_that_is_killed_fifteen_times(connected: Home, tmp_path: Path) -> None:
    """Each fourth time while it starts, else as soon as it has got something to the hub; `bench/sender_kills.py 500`
    is the long form."""
    script = 'while [ ! -e "$0" ]; do echo line $((n += 1)); sleep 0.02; done; exit 7'
    with open(tmp_path / "user", "wb") as user:
        runner = connected.start("--no-pty", "sh", "-c", script, str(tmp_path / "stop"), stdout=user)
    run = published(connected)
    for nth in range(15):
        wait_until(lambda: bool(run.senders()), "a sender is there")
        before = read_delivery(run.run.path)
        if nth % 4:
            wait_until(lambda before=before: read_delivery(run.run.path) != before, "it is at work")  # type: ignore[misc]
        for sender in run.senders():
            sender.kill()
            wait_until(lambda killed=sender: killed not in run.senders(), "it is dead")  # type: ignore[misc]
    (tmp_path / "stop").touch()
    assert runner.wait(30) == 7
    run.arrives()
    shows(run, "failed", 7, None)
    user_saw = (tmp_path / "user").read_bytes()
    assert user_saw == b"".join(b"line %d\n" % n for n in range(1, user_saw.count(b"\n") + 1))
    assert run.ansi == run.run.output == user_saw


def test_the_sender_stands_back_for_the_job(connected: Home, cue: Cue) -> None:
    connected.start("--no-pty", "sh", "-c", WAITING, cue.path)
    run = published(connected).on_the_hub()
    (sender,) = run.senders()
    assert sender.nice() == os.nice(0) + 10
    group = Path(f"/proc/{sender.pid}/autogroup")
    assert not group.exists() or group.read_text().endswith("nice 10\n")


@encrypted_at_length
def test_a_sender_that_is_gone_and_comes_back(connected: Home, cue: Cue) -> None:
    """The recorder is kept from starting another one, so that the run is lost; then it runs, and ends, as if nothing
    had been."""
    runner = connected.start("--no-pty", "sh", "-c", WAITING + "echo done", cue.path)
    run = published(connected).on_the_hub()
    wait_until(lambda: info(run)["state"] == "running", "it runs")
    runner.send_signal(signal.SIGSTOP)
    gone_at = time.time()
    for sender in run.senders():
        sender.kill()
    shows(run, "lost", None, None)
    assert abs(info(run)["heard"] - gone_at) < 2
    runner.send_signal(signal.SIGCONT)
    wait_until(lambda: info(run)["state"] == "running", "it runs again")
    cue.give()
    run.arrives()
    shows(run, "succeeded", 0, None)
    assert runner.wait(30) == 0


@encrypted_at_length
def test_a_machine_that_sleeps(connected: Home, cue: Cue) -> None:
    """Everything on it stands still, its connection too, until the hub gives it up; then all goes on."""
    runner = connected.start("--no-pty", "sh", "-c", WAITING + "echo done", cue.path)
    run = published(connected).on_the_hub()
    wait_until(lambda: info(run)["state"] == "running", "it runs")
    asleep = [each for each in connected.processes() if each.pid != os.getpid()]
    slept_at = time.time()
    for process in asleep:
        process.suspend()
    shows(run, "lost", None, None, seconds=60)
    assert abs(info(run)["heard"] - slept_at) < 25
    for process in asleep:
        process.resume()
    wait_until(lambda: info(run)["state"] == "running", "it runs again")
    cue.give()
    run.arrives()
    shows(run, "succeeded", 0, None)
    assert runner.wait(30) == 0


@encrypted_at_length
def test_a_hub_that_is_back_gives_silent_runs_the_time_to_return(home: Home, mortal_hub: Hub, cue: Cue) -> None:
    """A run that had said nothing for half an hour, or has been lost for days, when the hub was restarted."""
    at_hub(home, mortal_hub.url, mortal_hub.key)
    states = []
    for nth, silent in enumerate((1800, 3 * 86400)):
        home.start("--no-pty", "sh", "-c", WAITING, cue.path)
        run = published(home, nth).on_the_hub()
        wait_until(lambda run=run: info(run)["state"] == "running", "it runs")  # type: ignore[misc]
        states.append((run, silent))
    mortal_hub.kill()
    home.clear_away()
    with closing(sqlite3.connect(mortal_hub.data / "hub.db")) as database, database:
        for run, silent in states:
            database.execute("UPDATE runs SET heard = heard - ? WHERE id = ?", (silent, run.run.record["id"]))
    mortal_hub.start()
    assert [info(run)["state"] for run, _ in states] == ["running", "lost"]
    shows(states[0][0], "lost", None, None)


@encrypted_at_length
def test_of_a_silent_run_the_hub_remembers_that_it_was_there(home: Home, mortal_hub: Hub, cue: Cue) -> None:
    """Killed itself, and back without that run, it knows when it last heard of it, not of its last byte."""
    at_hub(home, mortal_hub.url, mortal_hub.key)
    home.start("--no-pty", "sh", "-c", WAITING, cue.path)
    run = published(home).on_the_hub()
    wait_until(lambda: info(run)["state"] == "running", "it runs")
    last_byte = time.time()
    wait_until(lambda: heard(mortal_hub) > last_byte + 10, "the hub has made a note")
    mortal_hub.kill()
    home.clear_away()
    mortal_hub.start()
    assert info(run)["heard"] > last_byte + 10


def heard(hub: Hub) -> float:
    """When the one run at this hub was heard of, by what the hub has noted on disk."""
    with closing(sqlite3.connect(hub.data / "hub.db")) as database:
        ((seconds,),) = database.execute("SELECT heard FROM runs")
    return float(seconds)


def shows(run: Published, state: str, code: int | None, signo: int | None, seconds: float = 30) -> None:
    """Wait until the hub says that this is the run's state, with this code and signal."""
    wait_until(lambda: info(run)["state"] == state, f"{run.link} is {state}", seconds)
    assert (info(run)["exit_code"], info(run)["signal"]) == (code, signo)


def info(run: Published) -> dict[str, Any]:
    """What the hub says of a run."""
    found: dict[str, Any] = json.loads(get(run.link + "/info"))
    return found


def hub_events(run: Published) -> list[dict[str, Any]]:
    """The run's events, as the hub has them."""
    return run.run.opened_events([json.loads(line) for line in get(run.link + "/events").splitlines()])
