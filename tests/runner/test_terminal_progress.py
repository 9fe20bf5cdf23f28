"""Progress in the tab of the user's own terminal: between the job's bytes, never in them, gone at the end."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.hub import wait_until
from tests.support.runner import Home
from tests.support.terminal import Terminal

from progress_run.recorder.boundary import Boundary
from progress_run.recorder.taskbar import is_shown

CLEAR = b"\x1b]9;4;0;\x1b\\"
SHOWN = rb"\x1b\]9;4;1;(\d+)\x1b\\"
ANY = re.compile(rb"\x1b\]9;4;[0-4];\d*\x1b\\")

REPORTS = """
import json, os, pathlib, socket, sys, time
reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def say(**fields): reports.sendto(json.dumps({"kind": "task", **fields}).encode(), os.environ["PROGRESS_EVENTS"])
def write(data): os.write(1, data)
def wait_for(name):
    while not pathlib.Path(name).exists(): time.sleep(0.02)
"""


def job(script: str) -> list[str]:
    """A job that reports."""
    return [sys.executable, "-c", REPORTS + script]


@pytest.fixture
def tab(home: Home) -> Home:
    """A home whose terminal shows progress."""
    home.environ["WT_SESSION"] = "some"
    return home


def test_it_is_shown_and_gone_at_the_end_and_not_in_the_recording(tab: Home, tmp_path: Path) -> None:
    script = (
        f"say(id='a', current=42, total=100); write(b'hello'); wait_for({str(tmp_path / 'mark')!r}); write(b' you')"
    )
    with tab.terminal("--quiet", "--terminal-progress", *job(script)) as terminal:
        assert terminal.until(SHOWN)[1] == b"42"
        (tmp_path / "mark").touch()
        assert terminal.finish() == 0
    assert terminal.output.rstrip().endswith(CLEAR)
    assert ANY.sub(b"", terminal.output) == tab.only_run.output == b"hello you"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("'state': 'indeterminate'", rb"\x1b\]9;4;3;\x1b"),
        ("'state': 'paused', 'percent': 30", rb"\x1b\]9;4;4;30\x1b"),
        ("'percent': 99.9", rb"\x1b\]9;4;1;99\x1b"),
    ],
)
def test_its_states_are_the_tasks(tab: Home, tmp_path: Path, state: str, shown: bytes) -> None:
    with tab.terminal(*job(f"say(id='a', **{{{state}}}); wait_for({str(tmp_path / 'mark')!r})")) as terminal:
        terminal.until(shown)
        (tmp_path / "mark").touch()
        terminal.until(re.escape(CLEAR))


def test_a_task_that_ends_before_the_job_is_shown_no_longer(tab: Home, tmp_path: Path) -> None:
    script = f"say(id='a', percent=5); wait_for({str(tmp_path / 'one')!r}); say(id='a', state='done'); input()"
    with tab.terminal(*job(script)) as terminal:
        terminal.until(SHOWN)
        (tmp_path / "one").touch()
        terminal.until(re.escape(CLEAR))
        terminal.send(b"\r")
        terminal.finish()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_is_gone_however_the_job_ends(tab: Home, number: signal.Signals) -> None:
    with tab.terminal("--quiet", "--terminal-progress", *job("say(id='a', percent=5); input()")) as terminal:
        terminal.until(SHOWN)
        terminal.kill(number)
        assert terminal.finish() == 128 + number
    assert terminal.output.rstrip().endswith(CLEAR)


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_it_is_gone_though_the_runner_is_killed(tab: Home, mode: str) -> None:
    shell = ["bash", "-c", 'echo $$; "$@"; echo and on; read -r _', "bash"]
    script = "say(id='a', percent=5); input()"
    with Terminal([*shell, *tab.argv(mode, "--terminal-progress", *job(script))], environ=tab.environ) as terminal:
        shell_pid = int(terminal.until(rb"(\d+)\r\n")[1])
        terminal.until(SHOWN)
        (runner,) = psutil.Process(shell_pid).children()
        runner.kill()
        terminal.until(re.escape(CLEAR))
        terminal.send(b"\r")


def test_it_is_gone_while_the_job_is_stopped(tab: Home) -> None:
    shell = ["bash", "-ic", '"$@"; echo stopped; read -r _; fg', "bash"]
    script = "say(id='a', percent=5); input(); say(id='a', percent=6); input()"
    with Terminal([*shell, *tab.argv("--quiet", "--terminal-progress", *job(script))], environ=tab.environ) as terminal:
        terminal.until(SHOWN)
        terminal.send(b"\x1a")
        terminal.until(re.escape(CLEAR) + rb".*stopped")
        terminal.send(b"\r")
        terminal.until(SHOWN)
        terminal.send(b"\r\r")
        terminal.until(re.escape(CLEAR))


def test_a_job_that_shows_its_own_is_not_talked_over(tab: Home, tmp_path: Path) -> None:
    script = f"""
write(b'\\x1b]9;4;1;77\\x07')
say(id='a', percent=5)
wait_for({str(tmp_path / "one")!r})
write(b'\\x1b]9;4;0\\x07')
say(id='a', percent=6)
wait_for({str(tmp_path / "two")!r})
"""
    with tab.terminal(*job(script)) as terminal:
        terminal.until(b"77\x07")
        wait_until(lambda: bool(tab.only_run.of_kind("task")), "a report")
        (tmp_path / "one").touch()
        assert terminal.until(SHOWN)[1] == b"6"
        (tmp_path / "two").touch()
        terminal.finish()
    assert terminal.output.count(b"\x1b]9;4;1;5\x1b") == 0


def test_neither_a_pipe_nor_a_file_gets_it(tab: Home, tmp_path: Path) -> None:
    script = f"say(id='a', percent=5); print('out', flush=True); wait_for({str(tmp_path / 'mark')!r})"
    process = tab.start("--terminal-progress", *job(script))
    assert process.stdout
    assert process.stdout.readline() == b"out\n"
    wait_until(lambda: bool(tab.only_run.of_kind("task")), "a report")
    (tmp_path / "mark").touch()
    assert process.communicate()[0] == b""


def test_the_terminal_that_stderr_is_shows_what_a_pipeline_is_at(tab: Home, tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        script = f"say(id='a', percent=5); print('out', flush=True); wait_for({str(tmp_path / 'mark')!r})"
        with tab.terminal(*job(script), stdout=out.fileno()) as terminal:
            assert terminal.until(SHOWN)[1] == b"5"
            (tmp_path / "mark").touch()
            terminal.finish()
    assert (tmp_path / "out").read_bytes() == b"out\n"


@pytest.mark.parametrize("torn", [b"\\x1b[38;5", b"\\x1b]0;title", b"\\xe2\\x96", b"\\x1b", b"\\x1bP1;2q"])
def test_nothing_of_the_jobs_is_torn_apart(tab: Home, tmp_path: Path, torn: bytes) -> None:
    """The job stops in the midst of something while it reports: it is shown only after the rest has come."""
    rest = {b"\\x1b[38;5": b";1m", b"\\xe2\\x96": b"\\x88", b"\\x1b": b"M"}.get(torn, b"\\x1b\\\\")
    script = f"""
write(b'{torn.decode()}')
say(id='a', percent=5)
wait_for({str(tmp_path / "mark")!r})
write(b'{rest.decode()}')
input()
"""
    with tab.terminal("--quiet", "--terminal-progress", *job(script)) as terminal:
        wait_until(lambda: bool(tab.runs) and bool(tab.only_run.of_kind("task")), "a report")
        (tmp_path / "mark").touch()
        terminal.until(SHOWN)
        terminal.send(b"\r")
        terminal.finish()
    whole = (torn + rest).decode().encode().decode("unicode_escape").encode("latin-1")
    assert whole + b"\x1b]9;4;1;5" in terminal.output


KNOWN = [
    {"WT_SESSION": "x"},
    {"ConEmuANSI": "ON"},
    {"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"},
    {"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20250209-182623-44866cc1"},
    {"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.10"},
    {"VTE_VERSION": "7900"},
    {"KONSOLE_VERSION": "250800"},
]
UNKNOWN = [
    {},
    {"ConEmuANSI": "OFF"},
    {"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.1.3"},
    {"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.5"},
    {"TERM_PROGRAM": "Apple_Terminal", "TERM_PROGRAM_VERSION": "455"},
    {"VTE_VERSION": "7600"},
    {"VTE_VERSION": "x"},
    {"WT_SESSION": "x", "TMUX": "/tmp/tmux"},
    {"WT_SESSION": "x", "TERM": "screen-256color"},
    {"WT_SESSION": "x", "TERM": "dumb"},
]


@pytest.mark.parametrize("environ", KNOWN, ids=str)
def test_a_terminal_that_is_known_to_show_it(environ: dict[str, str]) -> None:
    assert is_shown({"TERM": "xterm-256color", **environ})


@pytest.mark.parametrize("environ", UNKNOWN, ids=str)
def test_a_terminal_that_might_take_it_for_something_else(environ: dict[str, str]) -> None:
    assert not is_shown({"TERM": "xterm-256color", **environ})


def test_an_unknown_terminal_is_left_alone_and_so_is_who_says_no(home: Home) -> None:
    script = "say(id='a', percent=5); write(b'x'); import time; time.sleep(0.5)"
    for flags, environ in (
        ([], {}),
        (["--no-terminal-progress"], {"WT_SESSION": "x"}),
        (["--quiet"], {"WT_SESSION": "x"}),
    ):
        home.environ.update(environ)
        with home.terminal(*flags, *job(script)) as terminal:
            terminal.finish()
        assert not ANY.search(terminal.output)


ATOMS = [
    b"a",
    b"\r",
    b"\n",
    "é".encode(),
    "█".encode(),
    "🚀".encode(),
    b"\x1b[0m",
    b"\x1b[38;2;1;2;3m",
    b"\x1b[?1049h",
    b"\x1b(B",
    b"\x1b7",
    b"\x1bM",
    b"\x1b]0;title\x07",
    b"\x1b]8;;http://x\x1b\\",
    b"\x1b]9;4;1;50\x1b\\",
    b"\x1bP1;2q#0~~\n~\x1b\\",
    b"\x1b_Gabc\x1b\\",
    b"\x1b]" + b"y" * 300 + b"\x07",
    b"\x1b[" + b"1;" * 100 + b"m",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(ATOMS), max_size=8), st.data())
def test_it_is_safe_exactly_between_two_things(atoms: list[bytes], data: st.DataObject) -> None:
    """However the output is cut."""
    output = b"".join(atoms)
    between = {0}
    for atom in atoms:
        between.add(max(between) + len(atom))
    boundary, at = Boundary(), 0
    while at < len(output):
        end = data.draw(st.integers(at + 1, len(output)))
        boundary.feed(output[at:end])
        at = end
        assert boundary.safe == (at in between)
    assert boundary.claimed == (b"\x1b]9;4;1;50\x1b\\" in atoms)


def test_random_bytes_are_followed_in_linear_time() -> None:
    boundary = Boundary()
    for _ in range(100):
        boundary.feed(os.urandom(10_000) + b"\x1b[" * 1000 + b"\x1b]" * 1000)
