"""Two senders for one run: exactly one wins, the other is told, and nobody's bytes are overwritten."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
from tests.end_to_end.stage import JOBS, Cue, Published, encrypted_too, published
from tests.support.clients import Publisher, sha256
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

DIFFERS = 65
ELSEWHERE = 75

MEGABYTES = 30
"""So much that delivering it takes a while."""

NEXT_CENTURY = 4_102_444_800
"""An epoch by a clock that is wrong."""


@encrypted_too
def test_a_copy_is_synced_beside_the_live_run(connected: Home, cue: Cue, tmp_path: Path) -> None:
    runner = connected.start(str(JOBS / "count.py"), cue.path, "100", "1")
    run = published(connected).on_the_hub()
    wait_until(lambda: bool(run.senders()), "its sender is there")
    done = connected.copy(tmp_path / "copy").sync("--all")
    assert (done.returncode, done.stdout) == (ELSEWHERE, "")
    assert "is connected and delivers" in done.stderr
    cue.give()
    assert len(runner.communicate(timeout=60)[0].splitlines()) == 100
    run.arrives()
    assert run.ansi == run.run.output


@encrypted_too
def test_the_live_run_takes_back_what_a_copy_took_meanwhile(
    cut_off: Home, absent_hub: Hub, cue: Cue, tmp_path: Path
) -> None:
    runner, run = one_that_waits(cut_off, cue, tmp_path)
    copy = cut_off.copy(tmp_path / "copy")
    (copy.only_run.path / "sender.lock").write_text(f"{NEXT_CENTURY}\n")
    with asleep(run.senders()):
        absent_hub.start()
        sync = copy.start_sync()
        wait_until((copy.only_run.path / "delivery.json").exists, "the copy has the run")
        os.kill(sync.pid, signal.SIGSTOP)
    wait_until(lambda: absent_hub.info(run.token)["size"] >= MEGABYTES * 1_000_000, "the live run has it again")
    os.kill(sync.pid, signal.SIGCONT)
    assert "delivers" in sync.communicate(timeout=60)[1]
    assert sync.returncode == ELSEWHERE
    cue.give()
    assert runner.wait(60) == 0
    run.arrives()
    assert run.ansi == run.run.output
    assert int((run.run.path / "sender.lock").read_text()) == NEXT_CENTURY + 2


@encrypted_too
def test_of_two_copies_one_is_delivered_and_the_other_told(cut_off: Home, absent_hub: Hub, tmp_path: Path) -> None:
    first, second = two_copies(cut_off, tmp_path)
    absent_hub.start()
    winner = first.start_sync()
    wait_until((first.only_run.path / "delivery.json").exists, "one copy has the run")
    with asleep([psutil.Process(winner.pid)]):
        loser = second.sync()
        assert (loser.returncode, loser.stdout) == (ELSEWHERE, "")
        assert "is connected and delivers" in loser.stderr
    assert winner.communicate(timeout=60) == (f"{published(first).printed}  complete\n", "")
    assert second.sync().returncode == 0
    assert published(first).ansi == first.only_run.output


@encrypted_too
def test_of_two_copies_at_the_same_moment_one_wins(cut_off: Home, absent_hub: Hub, tmp_path: Path) -> None:
    copies = two_copies(cut_off, tmp_path)
    absent_hub.start()
    syncs = [copy.start_sync() for copy in copies]
    print([sync.communicate(timeout=60) for sync in syncs])  # shown when the test fails
    codes = {sync.returncode for sync in syncs}
    assert codes in ({0}, {0, ELSEWHERE}), "the slower one may have come when the other was done"
    assert published(copies[0]).ansi == copies[0].only_run.output
    assert absent_hub.info(published(copies[0]).token)["complete"]


@encrypted_too
def test_a_diverged_copy_is_refused_and_flagged(connected: Home, standing_hub: Hub, tmp_path: Path) -> None:
    connected.run("seq", "100000")
    run = published(connected)
    run.arrives()
    truth = run.ansi
    copy = connected.copy(tmp_path / "copy")
    edit(copy.only_run.given_away_from / "output.log", at=1000)
    (copy.only_run.path / "delivery.json").unlink()
    assert standing_hub.info(run.token)["conflict"] is None
    done = copy.sync()
    assert (done.returncode, done.stdout) == (DIFFERS, "")
    assert "differ" in done.stderr
    assert standing_hub.info(run.token)["conflict"] == 1000
    assert run.ansi == truth == run.run.output


@encrypted_too
def test_what_others_began_with_other_bytes_is_not_completed(cut_off: Home, absent_hub: Hub) -> None:
    cut_off.run("seq", "100000")
    cut_off.clear_away()
    absent_hub.start()
    run = published(cut_off)
    lies = b"\xff" * 1000
    with Publisher(absent_hub, run.run.path.name, token=run.token) as other:
        assert "error" not in open_as(other, run)
        other.append(0, lies)
        other.wait_for(lambda: other.end == len(lies), "the hub has it")
    assert cut_off.sync().returncode == DIFFERS
    info = absent_hub.info(run.token)
    assert (info["conflict"], info["complete"]) == (0, False)
    assert absent_hub.get(f"/r/{run.token}/output") == lies


@encrypted_too
def test_a_copy_that_has_lost_its_end_is_no_harm(connected: Home, tmp_path: Path) -> None:
    connected.run("seq", "100000")
    run = published(connected)
    run.arrives()
    copy = connected.copy(tmp_path / "copy")
    for folder in {copy.only_run.path, copy.only_run.given_away_from}:
        os.truncate(folder / "output.log", 500)
    done = copy.sync("--all")
    assert (done.returncode, done.stdout) == (DIFFERS, "")
    sizes = [len(each.given_away()) for each in (run.run, copy.only_run)]
    assert "The hub has {:,} bytes, this directory {:,}.".format(*sizes) in done.stderr
    assert run.ansi == run.run.output
    assert connected.sync("--all").returncode == 0


@encrypted_too
def test_a_courier_goes_on_to_other_runs(cut_off: Home, absent_hub: Hub) -> None:
    for name in ("held", "free"):
        cut_off.run("echo", name)
    cut_off.clear_away()
    held, free = (published(cut_off, nth) for nth in range(2))
    absent_hub.start()
    with Publisher(absent_hub, held.run.path.name, token=held.token) as other:
        assert "error" not in open_as(other, held)
        assert cut_off.run("true").returncode == 0
        free.arrives()
        assert not held.complete
        assert other.socket.connected
    held.arrives()
    assert (held.ansi, free.ansi) == (b"held\n", b"free\n")


def open_as(publisher: Publisher, run: Published) -> dict[str, object]:
    """Take a run up from another place, with the links it has."""
    record = run.run.record
    links = [{"role": role, "sha256": sha256(record[f"{role}_token"].encode())} for role in ("view", "owner")]
    reply: dict[str, object] = publisher.open(meta=record["meta"], links=links)
    return reply


def one_that_waits(home: Home, cue: Cue, folder: Path) -> tuple[subprocess.Popen[bytes], Published]:
    """A run that has written a lot, none of which has arrived, and that waits for its cue to end."""
    (folder / "noise").write_bytes(os.urandom(MEGABYTES * 1_000_000))
    runner = home.start("sh", "-c", 'cat "$0"; cat "$1"', str(folder / "noise"), cue.path, stdout=subprocess.DEVNULL)
    run = published(home)
    run.grows_to(MEGABYTES * 1_000_000)
    wait_until(lambda: bool(run.senders()), "its sender is there")
    wait_until(lambda: run.run.opened(run.run.given_away()) == run.run.output, "what is encrypted is so")
    return runner, run


def two_copies(home: Home, folder: Path) -> tuple[Home, Home]:
    """Of a state directory whose one run has not arrived."""
    home.run("head", "-c", f"{MEGABYTES}000000", "/dev/urandom", stdout=subprocess.DEVNULL, capture_output=False)
    home.clear_away()
    return home.copy(folder / "first"), home.copy(folder / "second")


@contextlib.contextmanager
def asleep(processes: list[psutil.Process]) -> Iterator[None]:
    """Stopped, as on a machine that is not scheduled."""
    for process in processes:
        process.suspend()
    yield
    for process in processes:
        process.resume()


def edit(path: Path, at: int) -> None:
    """Make one byte of a file another."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
