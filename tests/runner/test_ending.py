"""However a job ends, `progress run` ends the same way: codes, signals, last words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.support.hub import environment, wait_until
from tests.support.runner import Home
from tests.support.terminal import Terminal

MODES = ("--pty", "--no-pty")

ENDINGS = {
    "exit 0": (0, (0, None)),
    "exit 7": (7, (7, None)),
    "exit 255": (255, (255, None)),
    "kill -TERM $$": (143, (None, 15)),
    "kill -KILL $$": (137, (None, 9)),
    "kill -SEGV $$": (139, (None, 11)),
    "kill -INT $$": (130, (None, 2)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("script", ENDINGS)
def test_the_code_is_the_jobs_own_or_128_and_the_signal(home: Home, mode: str, script: str) -> None:
    status, ending = ENDINGS[script]
    assert subprocess.run(["bash", "-c", f"sh -c '{script}'; exit $?"], env=environment()).returncode == status
    assert home.run(mode, "sh", "-c", script).returncode == status
    assert home.only_run.ending == ending


def test_a_command_that_is_not_there_ends_with_127_and_a_sentence(home: Home) -> None:
    result = home.run("no-such-command")
    assert result.returncode == 127
    assert result.stderr == b"progress: no-such-command: not found. Check the name, or give the path of the script.\n"
    assert result.stdout == b""


def test_a_script_without_permission_ends_with_126(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "job"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o644)
    result = home.run(str(script))
    assert result.returncode == 126
    assert b"is not executable" in result.stderr
    assert b"chmod +x" in result.stderr


@pytest.mark.parametrize("mode", MODES)
def test_a_script_whose_interpreter_is_missing_ends_with_127(home: Home, tmp_path: Path, mode: str) -> None:
    script = tmp_path / "job"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    result = home.run(mode, str(script))
    assert result.returncode == 127
    assert b"can't be executed" in result.stderr
    assert home.only_run.ending == (127, None)


def test_a_script_without_a_first_line_runs_as_in_a_shell(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "job"
    script.write_text("echo hello $1\n")
    script.chmod(0o755)
    assert home.run(str(script), "you").stdout == b"hello you\n"


HANDLER = textwrap.dedent(
    """
    import signal, sys, time
    def bye(signo, frame):
        print("cleaning up", flush=True)
        time.sleep(0.3)
        print("clean", flush=True)
        sys.exit(3)
    signal.signal(signal.SIGTERM, bye)
    print("ready", flush=True)
    while True:
        signal.pause()
    """
)


def test_a_term_handler_may_take_its_time_and_its_words_arrive(home: Home) -> None:
    with home.terminal("--quiet", sys.executable, "-c", HANDLER) as terminal:
        terminal.until(b"ready")
        terminal.kill(signal.SIGTERM)
        assert terminal.finish() == 3
    assert terminal.output == home.only_run.output == b"ready\r\ncleaning up\r\nclean\r\n"


def test_a_term_handler_in_pipe_mode(home: Home) -> None:
    with home.start(sys.executable, "-c", HANDLER) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.terminate()
        assert process.stdout.read() == b"cleaning up\nclean\n"
        assert process.wait() == 3


COUNTER = textwrap.dedent(
    """
    import signal, sys, threading
    got, came = [], threading.Event()
    def handler(signo, frame):
        got.append(signal.Signals(signo).name)
        came.set()
    for name in sys.argv[1:]:
        signal.signal(getattr(signal, name), handler)
    print("ready", flush=True)
    came.wait()
    print("got", *got, flush=True)
    """
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_a_signal_to_the_runner_reaches_the_job(home: Home, mode: str, name: str) -> None:
    with home.start(mode, sys.executable, "-c", COUNTER, name) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == b"ready"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read().strip() == f"got {name}".encode()
        assert process.wait() == 0


TWICE = textwrap.dedent(
    """
    import signal, sys, threading, time
    count, once, again = 0, threading.Event(), threading.Event()
    def handler(signo, frame):
        global count
        count += 1
        (once if count == 1 else again).set()
    signal.signal(signal.SIGTERM, handler)
    print("ready", flush=True)
    once.wait()
    if sys.argv[1:]:
        time.sleep(0.1)  # some times the monitor's grace
        open(sys.argv[1]).close()
    again.wait(0.5)  # a second one, if it came, would come within that grace
    print("times", count, flush=True)
    """
)


def test_a_signal_to_the_whole_group_reaches_the_job_once(home: Home) -> None:
    with home.start("--no-pty", sys.executable, "-c", TWICE, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, signal.SIGTERM)
        assert process.stdout.read() == b"times 1\n"


def test_a_signal_to_the_whole_group_reaches_the_job_once_though_the_runner_sleeps(home: Home, tmp_path: Path) -> None:
    """On a machine that is busy it may take any time until it hears of it, and passes it on."""
    got_it = tmp_path / "got it"
    os.mkfifo(got_it)
    with home.start("--no-pty", sys.executable, "-c", TWICE, str(got_it), start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGSTOP)
        os.killpg(process.pid, signal.SIGTERM)
        got_it.open("w").close()
        process.send_signal(signal.SIGCONT)
        assert process.stdout.read() == b"times 1\n"


@pytest.mark.parametrize("mode", MODES)
def test_what_a_shell_ignores_stays_ignored(home: Home, mode: str) -> None:
    script = "print('ready', flush=True); import signal; print(signal.getsignal(signal.SIGHUP).name)"
    result = subprocess.run(
        ["nohup", *home.argv(mode, sys.executable, "-c", script)],
        env=home.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert result.stdout.split() == [b"ready", b"SIG_IGN"]


def test_a_closed_window_tells_the_job_and_its_last_words_are_kept(home: Home) -> None:
    script = HANDLER.replace("SIGTERM", "SIGHUP")
    with home.terminal("--quiet", sys.executable, "-c", script) as terminal:
        terminal.until(b"ready")
        terminal.hang_up()
        wait_until(lambda: b"exit" in (home.only_run.path / "events.ndjson").read_bytes(), "the job's end")
    assert home.only_run.output == b"ready\r\ncleaning up\r\nclean\r\n"


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_runner_leaves_the_job_as_a_closed_terminal_would(home: Home, mode: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"trap 'echo $? > {mark}; exit 1' HUP PIPE; echo ready; while :; do sleep 0.05; echo x; done"
    with Terminal(home.argv("--quiet", mode, "bash", "-c", script), environ=home.environ) as terminal:
        terminal.until(b"ready")
        terminal.kill(signal.SIGKILL)
        wait_until(mark.exists, "the job's reaction")


@pytest.mark.parametrize("mode", MODES)
def test_what_a_job_leaves_running_keeps_its_place_to_write_to(home: Home, mode: str) -> None:
    """As without us: the prompt is back at once, and the background process is neither killed nor silenced."""
    with home.start(mode, "sh", "-c", "(sleep 0.7; echo late) & echo early") as process:
        assert process.stdout
        assert process.wait(30) == 0
        assert process.stdout.read().split() == [b"early", b"late"]
    assert b"late" not in home.only_run.output
