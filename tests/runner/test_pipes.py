"""Where stdout is a pipe or a file: nothing of ours in it, nothing changed, and the same endings as without us."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.runner import Home

MODES = ("--pty", "--no-pty")


def test_stdout_and_stderr_stay_apart(home: Home) -> None:
    result = home.run("sh", "-c", "echo out; echo err >&2")
    assert (result.stdout, result.stderr) == (b"out\n", b"err\n")
    run = home.only_run
    assert (run.stream(1), run.stream(2)) == (b"out\n", b"err\n")


def test_both_into_one_file_keep_their_order(home: Home, tmp_path: Path) -> None:
    script = "for n in 1 2 3 4 5 6 7 8 9; do echo out $n; echo err $n >&2; done"
    bare = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    with open(tmp_path / "both", "wb") as both:
        home.run("sh", "-c", script, capture_output=False, stdout=both, stderr=both)
    assert (tmp_path / "both").read_bytes() == bare == home.only_run.output


def test_no_terminal_is_pretended(home: Home) -> None:
    result = home.run("sh", "-c", "test -t 0 || test -t 1 || test -t 2 || echo none")
    assert result.stdout == b"none\n"


def test_lines_arrive_when_printed(home: Home) -> None:
    """A Python program into a pipe keeps its lines to itself until its buffer is full; not under us."""
    script = "print('first'); import sys; sys.stdin.readline(); print('second')"
    with home.start(sys.executable, "-c", script, stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"first\n"
        process.communicate(b"go\n")


def test_a_choice_about_buffering_is_left_alone(home: Home) -> None:
    script = "import os; print(os.environ['PYTHONUNBUFFERED'])"
    assert home.run(sys.executable, "-c", script).stdout == b"1\n"
    chosen = {**home.environ, "PYTHONUNBUFFERED": "yes"}
    assert home.run(sys.executable, "-c", script, env=chosen).stdout == b"yes\n"


def test_a_reader_that_goes_away_is_the_jobs_affair(home: Home) -> None:
    pipeline = ["bash", "-c", '"$@" | head -1; echo "${PIPESTATUS[0]}"', "bash"]
    bare, ours = (
        subprocess.run([*pipeline, *argv], env=home.environ, stdin=subprocess.DEVNULL, capture_output=True)
        for argv in (["yes"], home.argv("yes"))
    )
    assert ours.stdout == bare.stdout == b"y\n141\n"


def test_a_silent_job_whose_reader_has_gone_meets_it_at_its_first_word(home: Home) -> None:
    with home.start("sh", "-c", "read line; echo one; echo two; exit 5", stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.write(b"go\n")
        process.stdin.close()
        assert process.wait(30) == 141


@pytest.mark.parametrize("mode", MODES)
def test_stdin_is_that_very_file(home: Home, tmp_path: Path, mode: str) -> None:
    """The job reads the user's own descriptor: what it leaves unread is left for the next one, at the right place."""
    (tmp_path / "input").write_bytes(b"one\ntwo\nthree\n")
    script = "import os; os.write(1, os.read(0, 4))"
    with open(tmp_path / "input", "rb") as file:
        assert home.run(mode, sys.executable, "-c", script, stdin=file).stdout.split() == [b"one"]
        assert os.read(file.fileno(), 100) == b"two\nthree\n"


def test_stdin_may_be_a_pipe(home: Home) -> None:
    data = os.urandom(1_000_000)
    assert home.run("cat", stdin=None, input=data).stdout == data
    assert home.only_run.output == data


def test_a_hundred_megabytes_of_anything_pass_unchanged(home: Home) -> None:
    script = (
        "import os, hashlib, sys\n"
        "digest = hashlib.sha256()\n"
        "for _ in range(100):\n"
        "    block = os.urandom(1_000_000); digest.update(block); sys.stdout.buffer.write(block)\n"
        "print(digest.hexdigest(), file=sys.stderr)\n"
    )
    passed = hashlib.sha256()
    with home.start(sys.executable, "-c", script, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        while block := process.stdout.read(1 << 20):
            passed.update(block)
        told = process.stderr.read().decode().strip()
    assert passed.hexdigest() == told
    assert hashlib.sha256(home.only_run.stream(1)).hexdigest() == told
    assert home.only_run.stream(2).decode().strip() == told


def test_closed_descriptors_are_no_obstacle(home: Home) -> None:
    argv = ["sh", "-c", '"$@" <&- 2>&-', "sh", *home.argv("echo", "hello")]
    assert subprocess.run(argv, env=home.environ, capture_output=True).stdout == b"hello\n"


def test_a_stalled_reader_of_stdout_does_not_hold_up_stderr(home: Home) -> None:
    """Both have a pipe of their own without us, and so they have with us."""
    script = (
        "import os, select\n"
        "room = select.poll(); room.register(1, select.POLLOUT)\n"
        "while room.poll(300): os.write(1, bytes(4096))\n"
        "os.write(2, b'still here\\n'); os._exit(4)\n"
    )
    with home.start(sys.executable, "-c", script, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stderr.readline() == b"still here\n"
        assert process.stdout
        process.stdout.read()
        assert process.wait() == 4


def test_a_signal_in_the_first_moment_keeps_no_job_from_starting(home: Home) -> None:
    """Such as of a window that is being resized, between the wish to hear of it and the job's start."""
    early = (
        "import signal\n"
        "from progress_run import __main__\n"
        "from progress_run.recorder.wiring import Wiring\n"
        "start = Wiring.start_with_pipes\n"
        "def start_late(*args):\n"
        "    for signo in (signal.SIGWINCH, signal.SIGCONT): signal.raise_signal(signo)\n"
        "    return start(*args)\n"
        "Wiring.start_with_pipes = start_late\n"
        "__main__.main()\n"
    )
    argv = [sys.executable, "-c", early, "run", "--no-pty", "sh", "-c", "echo began; exit 3"]
    done = subprocess.run(argv, env=home.environ, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    assert (done.stdout, done.returncode) == (b"began\n", 3)
