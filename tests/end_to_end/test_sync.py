"""`progress sync`: what never arrived is delivered, days later, from wherever the state directory is by then."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.stage import (
    JOBS,
    Address,
    Cue,
    Published,
    at_hub,
    embedded,
    encrypted_too,
    hub_at_a_quiet_port,
    published,
)
from tests.support.damage import flip_a_bit
from tests.support.hub import Hub, wait_until
from tests.support.runner import NO_HUB, SYNC, Home, command_line
from tests.support.terminal import Terminal

UNAVAILABLE = 69
IO_ERROR = 74
CONFIG = 78

REPORTING_JOB = """
import os, socket, sys
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.connect(os.environ["PROGRESS_EVENTS"])
for done in (1, 2, 3):
    print("part", done)
    sock.send(b'{"kind": "task", "id": "parts", "label": "parts", "current": %d, "total": 4}' % done)
sock.send(b'{"kind": "metric", "name": "loss", "value": 0.5, "step": 3}')
print("no more", file=sys.stderr)
sys.exit(3)
"""


@encrypted_too
def test_a_copied_state_directory_days_later(cut_off: Home, absent_hub: Hub, tmp_path: Path) -> None:
    for name in ("one", "two"):
        cut_off.run("echo", name)
    copy = moved(cut_off, tmp_path / "copy")
    absent_hub.start()
    first, second = (published(copy, nth) for nth in range(2))
    done = copy.sync()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{first.printed}  complete\n{second.printed}  complete\n"
    assert (first.ansi, second.ansi) == (b"one\n", b"two\n")


@encrypted_too
def test_again_and_again_changes_nothing(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("seq", "1000")
    cut_off.clear_away()
    absent_hub.start()
    run = published(cut_off)
    assert cut_off.sync().returncode == 0
    before = run.ansi, {**absent_hub.info(run.token), "heard": 0, "now": 0}
    assert cut_off.sync().stdout == "Nothing is left to deliver.\n"
    assert cut_off.sync("--all").stdout == f"{run.printed}  complete\n"
    assert (run.ansi, {**absent_hub.info(run.token), "heard": 0, "now": 0}) == before


@encrypted_too
def test_a_run_that_ended_while_the_hub_was_away_looks_like_any_other(
    cut_off: Home, absent_hub: Hub, tmp_path: Path
) -> None:
    assert cut_off.run(sys.executable, "-c", REPORTING_JOB).returncode == 3
    late_home = moved(cut_off, tmp_path / "copy")
    absent_hub.start()
    assert late_home.sync().returncode == 0
    cut_off.environ["PROGRESS_DRAIN"] = "30"
    assert cut_off.run(sys.executable, "-c", REPORTING_JOB).returncode == 3
    late, live = published(late_home), published(cut_off)
    live.arrives()
    assert looks(late, absent_hub) == looks(live, absent_hub)
    assert looks(late, absent_hub)["complete"]


def looks(run: Published, hub: Hub) -> dict[str, object]:
    """What `info` says of a run but for its times, and its numbers of events: what comes at once is told together.

    Of an encrypted run also but for how large it is, as its records are cut by the clock, and for what they hold.
    """
    info = hub.info(run.token)
    (exited,) = run.run.of_kind("exit")
    assert info["started"] == run.run.record["meta"]["started"]
    assert info["ended"] == pytest.approx(float(str(info["started"])) + exited["t"])
    of_records = ("sealed", "size", "lines") if "sealed" in info else ()
    for name in ("id", "started", "ended", "heard", "now", "sha256", "spoke", "events", *of_records):
        info.pop(name)
    for told in (*info["tasks"], *info["metrics"].values(), info["progress"] or {}):
        for name in ("t", "at", "began", "seq"):
            told.pop(name, None)
    return info


def test_while_the_hub_is_away_it_says_so(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("true")
    cut_off.clear_away()
    done = cut_off.sync()
    assert done.returncode == UNAVAILABLE
    assert f"The hub at {absent_hub.url} can't be reached." in done.stderr
    assert done.stdout == ""


@encrypted_too
def test_bad_directories_are_named_and_the_others_go_on(home: Home, standing_hub: Hub) -> None:
    for name in ("cut", "lost", "strange", "mixed up", "good"):
        home.run("echo", name)
    home.clear_away()
    cut, lost, strange, mixed_up, good = home.runs
    (cut.path / "meta.json").write_text('{"id": "')
    (lost.path / "meta.json").unlink()
    (strange.path / "meta.json").write_text(json.dumps({**strange.record, "view_token": "\x1b[2J"}))
    (mixed_up.given_away_from / "events.ndjson").write_text("what is this?\n")
    home.environ["PROGRESS_KEY"] = standing_hub.key
    done = home.sync("--hub", standing_hub.url)
    assert done.returncode == IO_ERROR
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [
        each.path.name for each in (cut, lost, strange, mixed_up)
    ]
    moved = Published(good, Address(standing_hub.url), good.record["view_token"])
    assert done.stdout == f"{moved.printed}  complete\n"


@encrypted_too
def test_elsewhere(home: Home, standing_hub: Hub) -> None:
    """A run whose hub does not exist any more moves to another one, and stays there."""
    home.run("echo", "moving")
    home.clear_away()
    home.environ.update(PROGRESS_KEY=standing_hub.key)
    done = home.sync("--hub", standing_hub.url)
    run = published(home)
    assert run.hub.url == standing_hub.url
    assert (done.returncode, done.stdout) == (0, f"{run.printed}  complete\n")
    assert run.ansi == b"moving\n"
    assert home.sync("--all").returncode == 0


def test_the_hub_for_new_runs_is_not_where_old_ones_go(home: Home, standing_hub: Hub) -> None:
    home.run("echo", "staying")
    home.clear_away()
    home.environ.update(PROGRESS_HUB=standing_hub.url, PROGRESS_KEY=standing_hub.key)
    assert home.sync().returncode == UNAVAILABLE
    assert published(home).hub.url == NO_HUB


def test_a_run_by_its_name_or_place(home: Home, standing_hub: Hub, tmp_path: Path) -> None:
    for name in ("one", "two", "three", "four"):
        home.run("echo", name)
    home.clear_away()
    one, two, three, _four = home.runs
    place = shutil.copytree(three.path, tmp_path / "elsewhere")
    home.environ.update(PROGRESS_KEY=standing_hub.key)
    done = home.sync("--hub", standing_hub.url, "--json", one.path.name, two.path.name[-8:], str(place))
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert [each["id"] for each in told] == [one.path.name, two.path.name, three.path.name]
    assert [(each["complete"], each["state"]) for each in told] == [(True, "delivered")] * 3
    assert [path.parent for path in sorted(home.path.glob("runs/*/delivery.json"))] == [one.path, two.path]


def test_a_name_that_is_no_ones_or_several(home: Home) -> None:
    for _ in range(2):
        home.run("true")
    home.clear_away()
    for name, told in (("nothing", "no run is meant by 'nothing'"), ("20", "2 runs are meant by '20'")):
        done = home.sync(name)
        assert done.returncode == 2
        assert told in done.stderr


def test_the_wrong_key(home: Home, standing_hub: Hub) -> None:
    at_hub(home, standing_hub.url, "wrong")
    home.run("true")
    home.clear_away()
    done = home.sync()
    assert done.returncode == CONFIG
    assert "The publish key is wrong" in done.stderr


def test_a_run_that_is_going_on_is_left_to_its_own_sender(connected: Home, cue: Cue) -> None:
    runner = connected.start(str(JOBS / "count.py"), cue.path, "10", "0", stdout=subprocess.DEVNULL)
    run = published(connected).on_the_hub()
    done = connected.sync()
    assert (done.returncode, done.stdout) == (0, f"{run.link}  still running, its own sender delivers it\n")
    cue.give()
    assert runner.wait(60) == 0
    run.arrives()


@encrypted_too
def test_it_waits_for_another_sender_on_this_machine(cut_off: Home, absent_hub: Hub) -> None:
    for name in ("free", "taken"):
        cut_off.run("echo", name)
    cut_off.clear_away()
    absent_hub.start()
    free, taken = (published(cut_off, nth) for nth in range(2))
    with open(taken.run.path / "sender.lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sync = cut_off.start_sync()
        assert sync.stdout is not None
        assert sync.stdout.readline() == f"{free.printed}  complete\n"
        assert sync.poll() is None
        assert not taken.complete
    assert sync.communicate(timeout=60) == (f"{taken.printed}  complete\n", "")


@encrypted_too
def test_damage_in_the_hubs_store_is_found_and_repaired(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("seq", "100000")
    cut_off.clear_away()
    absent_hub.start()
    assert cut_off.sync().returncode == 0
    run = published(cut_off)
    flip_a_bit(absent_hub, run.run.path.name, 100_000)
    assert cut_off.sync().stdout == "Nothing is left to deliver.\n"
    assert cut_off.sync("--all").stdout == f"{run.printed}  complete\n"
    assert run.ansi == run.run.output
    assert absent_hub.info(run.token)["holes"] == []


def test_ctrl_c_leaves_the_terminal_as_it_was(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("seq", "100000")
    cut_off.clear_away()
    absent_hub.start()
    absent_hub.process.send_signal(signal.SIGSTOP)
    with Terminal(SYNC, environ=cut_off.environ, cols=200) as terminal:
        terminal.until(rb"\x1b\[\?25l")
        terminal.send(b"\x03")
        terminal.until(rb"\x1b\[\?25h")
        terminal.until(rb"interrupted; the next sync goes on from here\.\r\n")
        assert terminal.finish() == 130


def test_the_terminal_shows_how_far_it_is(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("head", "-c", "3000000", "/dev/urandom")
    cut_off.clear_away()
    absent_hub.start()
    run = published(cut_off)
    with Terminal(SYNC, environ=cut_off.environ, cols=200) as terminal:
        terminal.until(rb"\x1b\[\?25l")
        terminal.until(rb"%s \(1 of 1\).*/3.0 MB" % run.run.path.name.encode())
        terminal.until(rb"\x1b\[\?25h")
        terminal.until(rb"%s  complete\r\n" % run.link.encode())
        assert terminal.finish() == 0


@encrypted_too
def test_the_hub_of_ones_own_is_started_for_it_at_whatever_port(home: Home, cue: Cue) -> None:
    run, stranger = left_behind_by_its_hub(home, cue)
    with stranger:
        done = home.sync()
        moved_to = published(home)
        assert (done.returncode, done.stdout) == (0, f"{moved_to.printed}  complete\n")
        assert moved_to.hub != run.hub
        assert moved_to.ansi == run.run.output


@encrypted_too
def test_older_runs_follow_the_hub_of_ones_own_to_its_new_port(home: Home, cue: Cue) -> None:
    _run, stranger = left_behind_by_its_hub(home, cue)
    with stranger:
        assert home.run("true").returncode == 0
        moved_to = published(home)
        moved_to.arrives()
        assert published(home).ansi == moved_to.run.output


@encrypted_too
def test_a_hub_that_stays_away_keeps_nobody_else_waiting(cut_off: Home) -> None:
    """Each hub has a courier of its own."""
    with hub_at_a_quiet_port() as another_absent_hub:
        another_absent_hub.stop()
        cut_off.run("true")
        wait_until(lambda: bool(list(cut_off.path.glob("runs/courier-*.lock"))), "a courier waits for the hub")
        at_other = {**cut_off.environ, "PROGRESS_HUB": another_absent_hub.url, "PROGRESS_KEY": another_absent_hub.key}
        cut_off.run("echo", "elsewhere", env=at_other)
        wait_until(lambda: len(list(cut_off.path.glob("runs/courier-*.lock"))) == 2, "and one for the other hub")
        another_absent_hub.start()
        run = published(cut_off, 1)
        run.arrives()
        assert run.ansi == b"elsewhere\n"


def left_behind_by_its_hub(home: Home, cue: Cue) -> tuple[Published, socket.socket]:
    """A run whose hub was killed on the way, and whose port somebody else has taken."""
    embedded(home).environ["PROGRESS_DRAIN"] = "0"
    runner = home.start(str(JOBS / "count.py"), cue.path, "100", "0", stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    for process in home.processes():
        if "progress_hub.__main__" in command_line(process):
            process.kill()
    cue.give()
    assert runner.wait(60) == 0
    home.clear_away()
    assert not run.complete
    return run, taken_over(int(run.hub.url.rsplit(":", 1)[1]))


def taken_over(port: int) -> socket.socket:
    """A listener at the port of a hub that was killed: its last thread may hold the port a moment longer."""
    listeners: list[socket.socket] = []

    def is_taken() -> bool:
        with contextlib.suppress(OSError):
            listeners.append(socket.create_server(("127.0.0.1", port)))
        return bool(listeners)

    wait_until(is_taken, f"port {port} is free")
    return listeners[0]


def moved(home: Home, path: Path) -> Home:
    """The state directory somewhere else, and nothing of it left where it was."""
    home.clear_away()
    copy = home.copy(path)
    shutil.rmtree(home.path)
    return copy
