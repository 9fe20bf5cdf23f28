"""`--echo rich`: bars below the job's lines at the user's terminal, of which nobody else ever knows."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.hub import wait_until
from tests.support.runner import Home
from tests.support.terminal import Terminal

ERASE = b"\x1b[J"
DRAWN = re.compile(rb"\x1b\[J(?:\r\n)*(?:\x1b\[\d+A)?\x1b7.*?\x1b8", re.DOTALL)

REPORTS = """
import json, os, pathlib, socket, sys, time
reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def say(**fields): reports.sendto(json.dumps({"kind": "task", **fields}).encode(), os.environ["PROGRESS_EVENTS"])
def write(text): os.write(1, text.encode())
def wait_for(name):
    while not pathlib.Path(name).exists(): time.sleep(0.02)
"""


def start(home: Home, script: str, *flags: str) -> list[str]:
    """The command line of a job with bars below its lines."""
    return home.argv("--echo", "rich", "--quiet", *flags, sys.executable, "-c", REPORTS + script)


def bars_of(output: bytes) -> str:
    """The last that was drawn."""
    (*_, last) = DRAWN.findall(output)
    return re.sub(rb"\x1b(\[[0-?]*[@-~]|[78])", b"", last).decode().strip()


def test_bars_stand_below_the_lines_and_are_gone_at_the_end(home: Home, tmp_path: Path) -> None:
    script = f"""
say(id='a', label='Train', current=21, total=50, unit='it')
say(id='b', label='Épöch 漢字', state='indeterminate')
write('one\\n'); wait_for({str(tmp_path / "mark")!r}); write('two\\n')
"""
    with Terminal(start(home, script), environ=home.environ) as terminal:
        terminal.until(rb"Train.*\x1b8")
        wait_until(lambda: len(home.only_run.of_kind("task")) == 2, "both")
        terminal.until("漢字.*\x1b8".encode())
        first, second = bars_of(terminal.output).splitlines()
        (tmp_path / "mark").touch()
        assert terminal.finish() == 0
    assert first.split() == ["Train", "━" * 24, "42", "%", "21/50", "it"]
    assert second.startswith("Épöch 漢字  ━")
    assert terminal.output.rpartition(b"\x1b8")[2].startswith(ERASE)
    plain = DRAWN.sub(b"", terminal.output).replace(ERASE, b"")
    assert plain == home.only_run.output == b"one\r\ntwo\r\n"


def test_every_byte_of_the_job_comes_after_an_erase_of_what_is_drawn(home: Home) -> None:
    script = "for n in range(300):\n    say(id='a', current=n, total=300); write(f'line {n}\\n'); time.sleep(0.005)"
    with Terminal(start(home, script), environ=home.environ) as terminal:
        assert terminal.finish() == 0
    drawn = DRAWN.findall(terminal.output)
    assert len(drawn) > 5
    assert all(after.startswith(ERASE) for after in DRAWN.split(terminal.output)[1:] if after)
    assert DRAWN.sub(b"", terminal.output).replace(ERASE, b"") == home.only_run.output


def test_an_unfinished_line_is_the_jobs_own(home: Home) -> None:
    script = "say(id='a', percent=5); write('name? '); input(); write('thanks\\n'); input()"
    with Terminal(start(home, script), environ=home.environ) as terminal:
        terminal.until(rb"name\? ")
        wait_until(lambda: bool(home.only_run.of_kind("task")), "a report")
        terminal.send(b"x\r")
        terminal.until(rb"thanks.*\x1b8")
        terminal.send(b"\r")
        assert terminal.finish() == 0
    assert not DRAWN.search(
        terminal.output[: terminal.output.index(b"thanks")].partition(b"name? ")[2].partition(b"x")[0]
    )


@pytest.mark.parametrize("drawing", ["\x1b[2A", "\x1b[?1049h", "\r 42%", "\x1b[H", "\x1b7"])
def test_a_job_that_draws_itself_gets_no_bars(home: Home, tmp_path: Path, drawing: str) -> None:
    script = f"""
write({drawing!r} + '\\n')
say(id='a', percent=5)
write('x\\n')
wait_for({str(tmp_path / "mark")!r})
"""
    with Terminal(start(home, script), environ=home.environ) as terminal:
        wait_until(lambda: bool(home.runs) and bool(home.only_run.of_kind("task")), "a report")
        (tmp_path / "mark").touch()
        assert terminal.finish() == 0
    assert terminal.output == home.only_run.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_behind(home: Home, number: signal.Signals) -> None:
    with Terminal(start(home, "write('x\\n'); say(id='a', percent=5); input()"), environ=home.environ) as terminal:
        before = terminal.settings()
        terminal.until(rb"\x1b8")
        terminal.kill(number)
        assert terminal.finish() == 128 + number
        assert terminal.settings() == before
    assert terminal.output.rpartition(b"\x1b8")[2].startswith(ERASE)


def test_a_pipe_gets_the_jobs_bytes_alone(home: Home) -> None:
    argv = [sys.executable, "-c", REPORTS + "say(id='a', percent=5); write('x\\n'); input()"]
    job = home.start("--echo", "rich", *argv, stdin=subprocess.PIPE)
    wait_until(lambda: bool(home.runs) and bool(home.only_run.of_kind("task")), "the task is known")
    assert job.communicate(b"\n", timeout=30)[0] == b"x\n"
