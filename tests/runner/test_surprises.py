"""Whatever happens around a run, the job keeps its output, its code and its terminal, and other runs are delivered."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home, command_line, name_of
from tests.support.terminal import Terminal

from progress_run import run_directory
from progress_run.recorder.run_log import RunLog
from progress_run.source import Source


def test_a_run_directory_that_vanishes_costs_the_recording_alone(home: Home) -> None:
    script = (
        'rm -rf "$(dirname "$PROGRESS_EVENTS")"; pkill -KILL -f "$PROGRESS_RUN_ID" ; sleep 1.3; echo still here; exit 5'
    )
    with home.terminal("sh", "-c", script) as terminal:
        before = terminal.settings()
        assert terminal.finish() == 5
        assert terminal.settings() == before
    assert b"still here" in terminal.output


def test_a_socket_directory_that_was_cleaned_up_does_not_change_the_code(home: Home, tmp_path: Path) -> None:
    home.environ["PROGRESS_HOME"] = str(tmp_path / ("long" * 30))
    result = home.run("sh", "-c", 'rm -rf "$(dirname "$PROGRESS_EVENTS")"; exit 5')
    assert (result.returncode, result.stderr) == (5, b"")


def test_nothing_of_the_users_is_held_by_what_goes_on(home: Home) -> None:
    """A sender lives on behind a dead hub; a pipe that it inherited would keep its reader waiting."""
    reader, writer = os.pipe()
    assert home.run("true", pass_fds=[writer]).returncode == 0
    os.close(writer)
    with open(reader, "rb") as pipe:
        assert pipe.read() == b""
    assert any("sender" in command_line(process) for process in home.processes())


def test_the_job_has_the_descriptors_that_it_would_have_without_us(home: Home) -> None:
    script = "import os; print(sorted(map(int, os.listdir('/dev/fd')))[:-1])"
    with open(os.devnull) as extra:
        bare, ours = (
            subprocess.run(
                argv, env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[extra.fileno()]
            )
            for argv in ([sys.executable, "-c", script], home.argv(sys.executable, "-c", script))
        )
    assert ours.stdout == bare.stdout


def test_output_that_finds_no_room_is_not_a_success(home: Home) -> None:
    with open("/dev/full", "wb") as full:
        result = home.run("echo", "hello", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode != 0
    assert b"No space left on device" in result.stderr


def test_an_ignored_sigchld_changes_nothing(home: Home) -> None:
    argv = ["env", "--ignore-signal=CHLD", *home.argv("sh", "-c", "exit 3")]
    assert subprocess.run(argv, env=home.environ, stdin=subprocess.DEVNULL).returncode == 3


def test_a_hub_that_says_nothing_of_itself_costs_the_link_alone(home: Home) -> None:
    directory = home.path / "hub"
    directory.mkdir(parents=True)
    lock = run_directory.try_lock(directory / "hub.lock")
    assert lock is not None
    del home.environ["PROGRESS_HUB"]
    with home.terminal("sh", "-c", "echo hello; exit 3") as terminal:
        assert terminal.finish() == 3
    os.close(lock)
    assert b"can't record" in terminal.output
    assert terminal.output.endswith(b"hello\r\n")


def test_a_killed_monitor_does_not_keep_the_runner_busy(home: Home) -> None:
    with home.start("--no-pty", "sh", "-c", "echo $PPID; sleep 1; exit 3") as process:
        assert process.stdout
        os.kill(int(process.stdout.readline()), signal.SIGKILL)
        assert process.wait(30) == 137


def test_a_signal_ends_the_wait_for_a_reader_that_takes_nothing(home: Home) -> None:
    with home.start("sh", "-c", "head -c 90000 /dev/zero; exit 3") as process:
        assert process.stdout
        wait_until(lambda: bool(home.runs) and home.only_run.output != b"", "the first output")
        wait_until(lambda: not any(name_of(process) in ("sh", "head") for process in home.processes()), "the job's end")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 3
        assert process.stdout.read() == bytes(90000)


def test_a_job_that_stops_itself_gives_the_terminal_back(home: Home) -> None:
    prompt = rb"bash-[0-9.]+[#$] "
    with Terminal(["bash", "--norc", "--noprofile", "-i"], environ=home.environ) as terminal:
        terminal.until(prompt)
        command = " ".join(home.argv("--quiet", "sh", "-c", "'echo ready; kill -STOP $$; echo back'"))
        terminal.send(f"{command}\r".encode())
        terminal.until(rb"ready\r\n")
        terminal.until(b"Stopped.*" + prompt)
        terminal.send(b"fg\r")
        terminal.until(rb"back\r\n")
        terminal.until(prompt)
        terminal.send(b"exit\r")
        terminal.finish()


def test_one_bad_directory_does_not_keep_the_others_from_arriving(home: Home, hub: Hub) -> None:
    home.environ["PROGRESS_HUB"] = hub.url
    home.run("echo", "older", env={**home.environ, "PROGRESS_KEY": "wrong"})
    home.clear_away()
    older = home.only_run
    for name, text in (("20200101-000000-000-empty", ""), ("20200101-000000-000-strange", '{"hub": 7}')):
        path = run_directory.create(home.path / "runs", name)
        (path / "meta.json").write_text(text)
    home.environ.update(PROGRESS_KEY=hub.key, PROGRESS_DRAIN="20")
    assert home.run("echo", "newer").returncode == 0
    newer = [run for run in home.path.glob("runs/*/delivery.json") if run.parent != older.path]
    assert json.loads(newer[0].read_text())["complete"]
    delivery = older.path / "delivery.json"
    wait_until(lambda: delivery.exists() and json.loads(delivery.read_text())["complete"], "the older run")


def test_a_command_line_of_any_length_is_shown_as_far_as_it_goes(home: Home, hub: Hub) -> None:
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="20")
    assert home.run("true", *map(str, range(8000))).returncode == 0
    run = home.only_run
    assert json.loads((run.path / "delivery.json").read_text())["complete"]
    assert run.record["meta"]["command"][:2] == ["true", "0"]
    assert run.record["meta"]["command"][-1].endswith(" more")


def test_a_loss_that_is_no_number_is_null_in_json(home: Home) -> None:
    script = (
        "import os, socket\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['PROGRESS_EVENTS'])\n"
        's.send(b\'{"kind": "metric", "name": "loss", "value": NaN}\')\n'
    )
    assert home.run(sys.executable, "-c", script).returncode == 0
    assert home.only_run.of_kind("metric")[0]["value"] is None


def test_a_directory_that_lost_its_end_after_delivery_is_done_with(home: Home, hub: Hub) -> None:
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="20")
    home.run("echo", "hello")
    run = home.only_run
    wait_until(lambda: not home.processes(), "its own sender has gone")
    (run.path / "output.log").write_bytes(b"he")
    (run.path / "events.ndjson").write_bytes(b"")
    code = "import sys; from progress_run.sender.process import main; sys.exit(main())"
    argv = [sys.executable, "-c", code, str(run.path)]
    with subprocess.Popen(argv, env=home.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sender:
        assert sender.stdout
        assert b"delivered" in sender.stdout.read()


@pytest.mark.parametrize("torn", [b"12 0.5", b"garbage\n", b"5 0.1 5 0.2 1\n"])
def test_a_torn_mark_is_passed_over(tmp_path: Path, torn: bytes) -> None:
    log = RunLog(tmp_path, time.time())
    log.append(b"hello", 1)
    with open(tmp_path / "timing", "ab") as timing:
        timing.write(torn)
        if not torn.endswith(b"\n"):
            timing.write(b"\n")
    log.append(b" world", 2)
    source = Source(tmp_path)
    piece = source.piece(0)
    source.close()
    assert piece is not None
    assert piece.data == b"hello world"
    assert [(at, fd) for at, _, fd in piece.marks] == [(0, 1), (5, 2)]


def test_catching_up_reads_the_times_once(tmp_path: Path) -> None:
    """Short lines far apart: marks run out before a message's bytes, and the next one begins where it ended."""
    log = RunLog(tmp_path, time.time())
    for number in range(20_000):
        log.append(b"0123456789", 1 + number % 2)
    source = Source(tmp_path)
    reads = 0
    take = source._marks._lines.next

    def counted() -> bytes | None:
        nonlocal reads
        reads += 1
        return take()

    source._marks._lines.next = counted  # type: ignore[method-assign]
    at = 0
    while piece := source.piece(at):
        at += len(piece.data)
    source.close()
    assert at == log.end
    assert reads < 1.1 * 20_000
