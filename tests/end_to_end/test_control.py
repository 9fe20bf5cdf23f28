"""Who has the link and the leave stops, pauses and answers the job, and everybody sees each step, once."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.end_to_end.stage import Published, at_hub, hub_at_a_quiet_port, published
from tests.support.clients import Viewer, new_token
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home, command_line

from progress_run import protocol
from progress_run.recorder.control import HERE, STEP_SECONDS

MODES = ("--pty", "--no-pty")

CLEANS_UP = """
import signal, sys, time

def clean_up(*_):
    for n in range(5):
        print("cleaning up", n, flush=True)
        time.sleep(0.2)
    sys.exit(3)

signal.signal(signal.SIGINT, clean_up)
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: print("no", flush=True))
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
SLEEPS = (
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print('ready', flush=True); time.sleep(600)"
)
COUNTS = "echo ready; trap 'echo got INT' INT; while :; do sleep 0.05; echo tick; done"


@contextmanager
def owner(run: Published, hub: Hub) -> Iterator[Viewer]:
    """Somebody with the owner's link, once the job is ready."""
    wait_until(lambda: b"ready" in run.run.output, "the job is ready")
    with Viewer(hub, run.run.record["owner_token"]) as viewer:
        viewer.wait_for(lambda: b"ready" in viewer.output, "the viewer sees it")
        yield viewer


@contextmanager
def watched(home: Home, hub: Hub, *args: str) -> Iterator[tuple[subprocess.Popen[bytes], Viewer, Published]]:
    """A run, and somebody with the owner's link."""
    runner = home.start(*args, stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    with owner(run, hub) as viewer:
        yield runner, viewer, run


def answered(viewer: Viewer, request: str, *states: str) -> list[dict[str, Any]]:
    """Wait until the runner has said this much; that."""
    viewer.wait_for(lambda: viewer.states(request)[: len(states)] == list(states), f"{states} of {request}")
    return viewer.steps(request)[: len(states)]


def grows(viewer: Viewer) -> None:
    """Wait for more output."""
    before = len(viewer.output)
    viewer.wait_for(lambda: len(viewer.output) > before, "the job goes on")


def job_of(runner: subprocess.Popen[bytes]) -> psutil.Process:
    """The job: the only child of the only child that is no sender."""
    children = psutil.Process(runner.pid).children()
    (job,) = [job for child in children for job in child.children() if "sender" not in command_line(child)]
    return job


@pytest.mark.parametrize("mode", MODES)
def test_what_a_job_that_is_stopped_has_to_say_is_seen_live(connected: Home, standing_hub: Hub, mode: str) -> None:
    with watched(connected, standing_hub, mode, sys.executable, "-c", CLEANS_UP) as (runner, viewer, run):
        request = viewer.ask("stop")
        viewer.wait_for(lambda: b"cleaning up 0" in viewer.output, "its first word")
        assert b"cleaning up 4" not in viewer.output
        assert runner.poll() is None
        accepted, delivered, exited = answered(viewer, request, "accepted", "delivered", "exited")
        assert (delivered["signal"], delivered["next"]["signal"]) == ("INT", "TERM")
        assert delivered["next"]["at"] - delivered["t"] == pytest.approx(STEP_SECONDS, abs=0.1)
        assert viewer.result(request) == ("forwarded", None)
        assert runner.wait(30) == 3
        viewer.wait_for(lambda: viewer.run.get("state") == "failed", "the end is told")
        assert [event["kind"] for event in run.run.events][-2:] == ["control", "exit"]
        assert {each["by"] for each in (accepted, delivered, exited)} == {"owner"}
        assert viewer.output == run.run.output
    run.arrives()


@pytest.mark.parametrize("mode", MODES)
def test_a_job_that_ignores_it_is_killed(connected: Home, standing_hub: Hub, mode: str) -> None:
    """One that waits needs twenty seconds for that; one more stop each takes the next step at once."""
    with watched(connected, standing_hub, mode, sys.executable, "-c", STUBBORN) as (runner, viewer, _run):
        requests = []
        for signal_sent in ("INT", "TERM", "KILL"):
            requests.append(viewer.ask("stop"))
            step = answered(viewer, requests[-1], "accepted", "delivered")[-1]
            assert step["signal"] == signal_sent
        assert "next" not in step
        assert runner.wait(30) == 128 + signal.SIGKILL
        for request in requests:
            answered(viewer, request, "accepted", "delivered", "exited")


def test_a_step_that_was_taken_meanwhile_is_not_followed_by_the_next(connected: Home, standing_hub: Hub) -> None:
    with watched(connected, standing_hub, sys.executable, "-c", STUBBORN) as (_runner, viewer, _run):
        for do, sent in (
            ({}, "INT"),
            ({"signal": "INT"}, "INT"),
            ({"signal": "TERM"}, "TERM"),
            ({"signal": "TERM"}, "TERM"),
        ):
            step = answered(viewer, viewer.ask("stop", **do), "accepted", "delivered")[-1]
            assert step["signal"] == sent
        assert step["next"]["signal"] == "KILL"
        viewer.wait_for(lambda: viewer.output.count(b"no") == 1, "it hears of it")
        grown = answered(viewer, viewer.ask("stop", signal="HUP"), "refused")[0]
        assert grown["reason"] == "bad_request"


def test_a_job_that_ignores_it_is_killed_in_time(connected: Home, standing_hub: Hub) -> None:
    with watched(connected, standing_hub, sys.executable, "-c", STUBBORN) as (runner, viewer, run):
        request = viewer.ask("stop")
        assert runner.wait(30) == 128 + signal.SIGKILL
        viewer.wait_for(lambda: "exited" in viewer.states(request), "the end is told")
        _accepted, *sent, _exited = viewer.steps(request)
        assert [step["signal"] for step in sent] == ["INT", "TERM", "KILL"]
        for step, following in pairwise(sent):
            assert following["t"] == pytest.approx(step["next"]["at"], abs=0.5)
        assert b"no" in run.run.output


@pytest.mark.parametrize("mode", MODES)
def test_pause_and_continue(connected: Home, standing_hub: Hub, mode: str) -> None:
    with watched(connected, standing_hub, "--control", mode, "bash", "-c", COUNTS) as (runner, viewer, run):
        job = job_of(runner)
        answered(viewer, viewer.ask("pause"), "accepted", "delivered")
        wait_until(lambda: job.status() == psutil.STATUS_STOPPED, "the job is stopped")
        assert runner.poll() is None
        assert psutil.Process(runner.pid).status() != psutil.STATUS_STOPPED
        answered(viewer, viewer.ask("continue"), "accepted", "delivered")
        grows(viewer)
        (step,) = answered(viewer, viewer.ask("signal", signal="INT"), "accepted", "delivered")[1:]
        assert step["signal"] == "INT"
        viewer.wait_for(lambda: b"got INT" in viewer.output, "the trap")
        killed = viewer.ask("signal", signal="KILL")
        answered(viewer, killed, "accepted", "delivered", "exited")
        assert runner.wait(30) == 128 + signal.SIGKILL
        assert [event["do"] for event in run.run.of_kind("control") if event["state"] == "accepted"] == [
            "pause",
            "continue",
            "signal",
            "signal",
        ]


@pytest.mark.parametrize("mode", MODES)
def test_a_paused_job_whose_recorder_is_killed_goes_on(
    connected: Home, standing_hub: Hub, mode: str, tmp_path: Path
) -> None:
    """At a terminal, with what a closed one gives."""
    end, job = tmp_path / "end", 'trap : HUP; echo ready; while :; do sleep 0.05; date > "$1"; done'
    with watched(connected, standing_hub, "--control", mode, "bash", "-c", job, "job", str(end)) as (runner, viewer, _):
        answered(viewer, viewer.ask("pause"), "accepted", "delivered")
        process = job_of(runner)
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, "it is stopped")
        end.unlink(missing_ok=True)
        runner.kill()
        wait_until(end.exists, "it goes on")


def test_a_paused_job_that_is_stopped_hears_of_it(connected: Home, standing_hub: Hub) -> None:
    with watched(connected, standing_hub, "--control", sys.executable, "-c", CLEANS_UP) as (runner, viewer, run):
        answered(viewer, viewer.ask("pause"), "accepted", "delivered")
        answered(viewer, viewer.ask("stop"), "accepted", "delivered", "exited")
        assert runner.wait(30) == 3
        assert b"cleaning up 4" in run.run.output


def test_at_the_users_own_terminal_a_pause_leaves_the_runner_where_it_is(connected: Home, standing_hub: Hub) -> None:
    """Ctrl-Z gives the shell back; a pause from afar must not, or nobody could let the job go on from there."""
    with connected.terminal("--control", "bash", "-c", COUNTS) as terminal:
        terminal.until(rb"tick")
        run = published(connected).on_the_hub()
        with owner(run, standing_hub) as viewer:
            answered(viewer, viewer.ask("pause"), "accepted", "delivered")
            answered(viewer, viewer.ask("continue"), "accepted", "delivered")
            terminal.until(rb"tick")
            terminal.send(b"\x03")
            terminal.until(rb"got INT")
            for states in (("accepted", "delivered"), ("accepted", "delivered", "exited")):
                answered(viewer, viewer.ask("stop"), *states)
        assert terminal.finish() == 128 + signal.SIGTERM
    assert b"killed by SIGTERM, stopped from the page (owner)" in terminal.output


@pytest.mark.parametrize(("keys", "effect"), [(b"\x03", rb"got INT"), (b"\x1a", rb"tick")], ids=["Ctrl-C", "Ctrl-Z"])
def test_the_keys_of_who_is_at_the_terminal_end_a_pause(
    connected: Home, standing_hub: Hub, keys: bytes, effect: bytes
) -> None:
    """Here is no shell to give back, so that Ctrl-Z is followed by `fg`."""
    with connected.terminal("--control", "bash", "-c", COUNTS) as terminal:
        terminal.until(rb"tick")
        run = published(connected).on_the_hub()
        with owner(run, standing_hub) as viewer:
            request = paused(viewer)
            terminal.send(b"x" + keys)
            ended_here(viewer, request)
            terminal.until(effect)
            grows(viewer)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda signo: signo.name)
def test_a_signal_to_the_runner_gets_through_to_a_paused_job(
    connected: Home, standing_hub: Hub, mode: str, signo: signal.Signals
) -> None:
    with watched(connected, standing_hub, "--control", mode, sys.executable, "-c", SLEEPS) as (runner, viewer, run):
        request = paused(viewer)
        runner.send_signal(signo)
        ended_here(viewer, request)
        assert runner.wait(30) == 128 + signo
        assert run.run.ending == (None, signo)


@pytest.mark.parametrize("mode", MODES)
def test_a_pause_that_another_process_has_ended_is_not_shown_any_more(
    connected: Home, standing_hub: Hub, mode: str
) -> None:
    with watched(connected, standing_hub, "--control", mode, "bash", "-c", COUNTS) as (runner, viewer, _run):
        job = job_of(runner)
        for _ in range(3):
            answered(viewer, viewer.ask("continue"), "accepted", "delivered")  # that of a viewer is told as such
            request = paused(viewer)
        wait_until(lambda: job.status() == psutil.STATUS_STOPPED, "the job is stopped")
        assert HERE not in {event.get("by") for event in viewer.events}
        job.resume()
        ended_here(viewer, request)
        assert job.status() != psutil.STATUS_STOPPED


def paused(viewer: Viewer) -> str:
    """Pause the job; the request."""
    request = viewer.ask("pause")
    answered(viewer, request, "accepted", "delivered")
    return request


def ended_here(viewer: Viewer, pause: str) -> None:
    """Wait until everybody is told that somebody at the job's machine has ended a pause."""
    step = answered(viewer, pause, "accepted", "delivered", "delivered")[-1]
    assert (step["do"], step["signal"], step["by"]) == ("continue", "CONT", HERE)


def test_what_is_typed_is_echoed_by_the_jobs_terminal_and_announced(connected: Home, standing_hub: Hub) -> None:
    script = 'exec < /dev/tty; echo ready; read -r answer; echo "you said $answer"'
    with watched(connected, standing_hub, "--control", "--pty", "bash", "-c", script) as (runner, viewer, run):
        answered(viewer, viewer.ask("type", data="yes, pleäse\r"), "accepted", "delivered")
        assert runner.wait(30) == 0
        assert run.run.output == "ready\r\nyes, pleäse\r\nyou said yes, pleäse\r\n".encode()
        (note,) = run.run.of_kind("note")
        assert note["text"] == "owner typed into the job."
        assert "pleäse" not in str(run.run.events)


def test_what_a_job_does_not_read_waits_and_no_more_is_taken_until_then(connected: Home, standing_hub: Hub) -> None:
    script = 'exec < /dev/tty; stty raw; echo ready; read -r _ < "$0"; head -c 12288 | wc -c'
    cue = connected.path.parent / "cue"
    subprocess.run(["mkfifo", str(cue)], check=True)
    with watched(connected, standing_hub, "--control", "--pty", "bash", "-c", script, str(cue)) as (
        runner,
        viewer,
        run,
    ):
        typed = [viewer.ask("type", data="x" * protocol.INPUT_BYTES) for _ in range(3)]
        viewer.wait_for(lambda: viewer.states(typed[-1]) != [], "the runner's answer")
        assert viewer.states(typed[0]) == ["accepted", "delivered"]
        kept = [request for request in typed if "refused" not in viewer.states(request)]
        for request in typed[len(kept) :]:
            assert viewer.steps(request)[-1]["reason"] == "rate"
        cue.write_text("go\n")
        for request in kept:
            answered(viewer, request, "accepted", "delivered")
        for _ in range(3 - len(kept)):
            answered(viewer, viewer.ask("type", data="x" * protocol.INPUT_BYTES), "accepted", "delivered")
        assert runner.wait(30) == 0
        assert b"12288" in run.run.output


@pytest.mark.parametrize("ending", ["exec <&- >&- 2>&-; sleep 600", "exit"], ids=["closes it", "ends"])
def test_what_a_job_has_never_read_is_refused_when_it_leaves_its_terminal(
    connected: Home, standing_hub: Hub, ending: str
) -> None:
    cue = connected.path.parent / "cue"
    subprocess.run(["mkfifo", str(cue)], check=True)
    script = f'exec < /dev/tty; stty raw; echo ready; read -r _ < "$0"; {ending}'
    with watched(connected, standing_hub, "--control", "--pty", "bash", "-c", script, str(cue)) as (_, viewer, _run):
        typed = [viewer.ask("type", data="x" * protocol.INPUT_BYTES) for _ in range(6)]
        viewer.wait_for(lambda: all(viewer.states(request) for request in typed), "each is looked at")
        cue.write_text("go\n")
        viewer.wait_for(
            lambda: ["accepted"] not in [viewer.states(request) for request in typed], "what waited is answered"
        )
        in_vain = [request for request in typed if viewer.states(request) == ["accepted", "refused"]]
        assert [viewer.steps(request)[-1]["reason"] for request in in_vain] == ["no_terminal"] * len(in_vain)


# --- refused


@pytest.mark.parametrize(
    ("flags", "asked", "reason"),
    [
        (["--pty"], {"do": "pause"}, "not_allowed"),
        (["--pty"], {"do": "type", "data": "x"}, "not_allowed"),
        (["--no-control"], {"do": "stop"}, "not_allowed"),
        (["--control", "--no-pty"], {"do": "type", "data": "x"}, "no_terminal"),
        (["--control"], {"do": "signal", "signal": "NONSENSE"}, "bad_request"),
    ],
)
def test_refused_by_the_runner(
    connected: Home, standing_hub: Hub, flags: list[str], asked: dict[str, Any], reason: str
) -> None:
    """As an event, so that everybody knows of the attempt; and the job goes on."""
    with watched(connected, standing_hub, *flags, "bash", "-c", COUNTS) as (_runner, viewer, _run):
        request = viewer.ask(**asked)
        (refused,) = answered(viewer, request, "refused")
        assert refused["reason"] == reason
        assert viewer.result(request) == ("forwarded", None)
        grows(viewer)


def test_refused_by_the_hub(connected: Home, standing_hub: Hub) -> None:
    """By role, by rate, by sense and by state; nothing of it gets to the runner."""
    with watched(connected, standing_hub, "--control", "bash", "-c", COUNTS) as (runner, viewer, run):
        with Viewer(standing_hub, run.token) as reader:
            for asked in ({"do": "stop"}, {"do": "type", "data": "x"}):
                assert reader.result(reader.ask(**asked)) == ("refused", "role")
        senseless: list[dict[str, Any]] = [
            {"do": "reboot"},
            {"do": "signal"},
            {"do": "signal", "signal": "INT; rm"},
            {"do": "type", "data": "é" * protocol.INPUT_BYTES},
            {"do": "type", "data": 7},
        ]
        for asked in senseless:
            assert viewer.result(viewer.ask(**asked)) == ("refused", "bad_request")
        assert "error" in viewer.call("control", {"id": "short", "do": "stop"})
        assert run.run.of_kind("control") == []
        requests = [viewer.ask("continue") for _ in range(protocol.CONTROLS_AT_ONCE + 5)]
        refused = [request for request in requests if viewer.result(request) == ("refused", "rate")]
        assert 1 <= len(refused) <= 5
        for request in refused:
            assert viewer.steps(request) == []
        wait_until(lambda: viewer.result(viewer.ask("signal", signal="KILL"))[0] == "forwarded", "there is room again")
        runner.wait(30)
        viewer.wait_for(lambda: viewer.run["state"] == "killed", "the end is told")
        wait_until(lambda: viewer.result(viewer.ask("stop")) == ("refused", "ended"), "the hub knows of the end")


def test_refused_while_the_runner_is_away(connected: Home, standing_hub: Hub) -> None:
    with watched(connected, standing_hub, "bash", "-c", COUNTS) as (runner, viewer, run):
        runner.send_signal(signal.SIGSTOP)  # so that it starts no other
        for sender in run.senders():
            sender.kill()
        wait_until(lambda: viewer.result(viewer.ask("stop")) == ("refused", "away"), "the hub notices")
        runner.send_signal(signal.SIGCONT)
        arrived = {("forwarded", None), ("refused", "ended")}
        # What was asked before the hub noticed is handed on to the next sender, and may end the job between two looks.
        wait_until(lambda: viewer.result(viewer.ask("stop")) in arrived, "another sender is there")
        assert runner.wait(30)


def test_an_update_under_a_run_costs_its_control_alone(connected: Home, standing_hub: Hub, tmp_path: Path) -> None:
    """What is loaded at the first request may not be there any more; the job goes on, and the page says why not."""
    installed = shutil.copytree(Path(__file__).parents[2] / "cli", tmp_path / "cli")
    connected.environ["PYTHONPATH"] = str(installed)
    with watched(connected, standing_hub, "bash", "-c", COUNTS) as (runner, viewer, _run):
        (installed / "progress_run" / "recorder" / "control.py").unlink()
        viewer.ask("stop")
        viewer.wait_for(lambda: any("could not be done here" in str(e.get("text")) for e in viewer.events), "the note")
        grows(viewer)
        runner.kill()


# --- once


def test_the_same_request_again_is_done_once(connected: Home, standing_hub: Hub) -> None:
    with watched(connected, standing_hub, sys.executable, "-c", STUBBORN) as (runner, viewer, _run):
        request = new_token()
        for _ in range(5):
            viewer.ask("stop", request)
        answered(viewer, request, "accepted", "delivered")
        with Viewer(standing_hub, viewer.token) as other:
            other.ask("stop", request)
            assert other.result(request) == ("forwarded", None)
            answered(other, other.ask("pause"), "refused")  # comes after it, so that has been looked at
            assert other.states(request) == ["accepted", "delivered"]
        runner.kill()


def test_a_hub_that_dies_between_request_and_answer(home: Home) -> None:
    """The viewer asks again with the same id; the job gets one signal, and the answer is told once."""
    with hub_at_a_quiet_port() as hub:
        at_hub(home, hub.url, hub.key)
        with watched(home, hub, "bash", "-c", COUNTS) as (runner, viewer, run):
            runner.send_signal(signal.SIGSTOP)
            request = viewer.ask("stop")
            assert viewer.result(request) == ("forwarded", None)
            hub.restart()
            runner.send_signal(signal.SIGCONT)
            wait_until(lambda: bool(run.run.of_kind("control")), "it has been heeded")
            with Viewer(hub, viewer.token) as again:
                answered(again, request, "accepted", "delivered")
                assert again.result(again.ask("stop", request)) == ("forwarded", None)
                again.wait_for(lambda: b"got INT" in again.output, "the trap")
                grows(again)
                answered(again, again.ask("stop"), "accepted", "delivered", "exited")
                assert again.states(request) == ["accepted", "delivered", "exited"]
                assert again.output.count(b"got INT") == 1
            assert runner.wait(30)


def test_a_sender_that_dies_with_a_request_in_its_hands(connected: Home, standing_hub: Hub) -> None:
    """The hub hands it on again to the next one."""
    with watched(connected, standing_hub, "bash", "-c", COUNTS) as (runner, viewer, run):
        (sender,) = run.senders()
        sender.suspend()
        request = viewer.ask("stop")
        assert viewer.result(request) == ("forwarded", None)
        sender.kill()
        answered(viewer, request, "accepted", "delivered")
        viewer.wait_for(lambda: b"got INT" in viewer.output, "the trap")
        runner.kill()


def test_no_signal_leaves_the_job(connected: Home, standing_hub: Hub, tmp_path: Path) -> None:
    """In a pipeline, runner and neighbours are of the job's own process group, which a stop must not concern."""
    neighbour = tmp_path / "neighbour"
    line = f'"$@" | (trap "echo hit >> {neighbour}" INT TERM; cat; echo end >> {neighbour})'
    argv = connected.argv("bash", "-c", COUNTS)
    with subprocess.Popen(
        ["bash", "-c", line, "bash", *argv], env=connected.environ, stdout=subprocess.DEVNULL
    ) as both:
        run = published(connected).on_the_hub()
        with owner(run, standing_hub) as viewer:
            for states in (("accepted", "delivered"), ("accepted", "delivered", "exited")):
                answered(viewer, viewer.ask("stop"), *states)
        assert both.wait(30) == 0
    assert neighbour.read_text() == "end\n"
    assert run.run.ending == (None, signal.SIGTERM)
