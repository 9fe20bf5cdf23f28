"""At a terminal the job has a terminal: the same one, as far as it can tell, with a bare PTY as the oracle."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import textwrap
from pathlib import Path

import pytest
from tests.support.runner import Home
from tests.support.terminal import Terminal


def on_both(home: Home, *argv: str, keys: bytes = b"", after: bytes = b"") -> tuple[Terminal, Terminal]:
    """The same program in a bare PTY and under `progress run --quiet` in one, both run to the end."""
    ended = []
    for command in (list(argv), home.argv("--quiet", *argv)):
        with Terminal(command, environ=home.environ) as terminal:
            if keys:
                terminal.until(after)
                terminal.send(keys)
            terminal.finish()
            ended.append(terminal)
    bare, ours = ended
    return bare, ours


def test_stty_says_the_same(home: Home) -> None:
    bare, ours = on_both(home, "stty", "-a")
    assert b"rows 30; columns 100" in ours.output
    assert ours.output == bare.output == home.only_run.output


def test_every_descriptor_is_a_terminal(home: Home) -> None:
    script = "import os; print([os.isatty(fd) for fd in (0, 1, 2)], os.get_terminal_size())"
    bare, ours = on_both(home, sys.executable, "-c", script)
    assert ours.output == bare.output
    assert b"[True, True, True]" in ours.output


def test_the_job_leads_the_foreground(home: Home) -> None:
    _, ours = on_both(home, sys.executable, "-c", "import os; print(os.tcgetpgrp(0) == os.getpgrp())")
    assert ours.output == b"True\r\n"


@pytest.mark.parametrize("stdin", ["terminal", "file"])
def test_a_password_is_read_from_the_terminal_and_not_echoed(home: Home, tmp_path: Path, stdin: str) -> None:
    script = "import getpass, sys; print('got', getpass.getpass('Password: '), repr(sys.stdin.readline()))"
    (tmp_path / "input").write_text("from the file\n")
    file = os.open(tmp_path / "input", os.O_RDONLY) if stdin == "file" else None
    with home.terminal("--quiet", sys.executable, "-c", script, stdin=file) as terminal:
        terminal.until(b"Password: ")
        terminal.send(b"s3cret\n")
        if file is None:
            terminal.until(b"\r\n")
            terminal.send(b"from the file\n")
        assert terminal.finish() == 0
    assert b"got s3cret 'from the file\\n'" in terminal.output
    assert terminal.output.count(b"s3cret") == 1


def test_vim_edits(home: Home, tmp_path: Path) -> None:
    assert shutil.which("vim"), "this test needs vim: apt-get install vim"
    file = tmp_path / "text"
    file.write_text("old\n")
    with home.terminal("--quiet", "vim", "-es", "-u", "NONE", "-c", "%s/old/new/", "-c", "wq", str(file)) as terminal:
        assert terminal.finish() == 0
    assert file.read_text() == "new\n"


def test_less_pages_and_leaves(home: Home, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("".join(f"line {number}\n" for number in range(200)))
    bare, ours = on_both(home, "less", str(tmp_path / "text"), keys=b"Gq", after=b"line 28")
    assert b"line 199" in ours.output
    assert ours.process.returncode == bare.process.returncode == 0
    assert home.only_run.output == ours.output


CURSES = textwrap.dedent(
    """
    import curses
    def main(screen):
        screen.addstr(2, 4, "what now? ")
        key = screen.getkey()
        screen.addstr(3, 4, f"{screen.getmaxyx()} {key}")
        screen.getkey()
    curses.wrapper(main)
    print("done")
    """
)


def test_a_curses_program_draws_and_reads_keys(home: Home) -> None:
    with home.terminal("--quiet", sys.executable, "-c", CURSES) as terminal:
        terminal.until(rb"what now\?")
        terminal.send(b"x")
        terminal.until(rb"\(30, 100\) x")
        terminal.send(b"q")
        terminal.until(b"done")
        assert terminal.finish() == 0
    assert home.only_run.output == terminal.output


def test_a_resize_is_followed_and_recorded(home: Home) -> None:
    script = textwrap.dedent(
        """
        import os, signal, threading
        sizes, came = [], threading.Event()
        def handler(signo, frame):
            sizes.append(os.get_terminal_size())
            came.set()
        signal.signal(signal.SIGWINCH, handler)
        print("ready", flush=True)
        came.wait()
        print(sizes[0].lines, sizes[0].columns)
        """
    )
    with home.terminal("--quiet", sys.executable, "-c", script) as terminal:
        terminal.until(b"ready")
        terminal.resize(40, 132)
        terminal.kill(signal.SIGWINCH)  # a terminal emulator does so by way of the kernel, a test owns the other side
        terminal.until(b"40 132")
        assert terminal.finish() == 0
    (event,) = home.only_run.of_kind("resize")
    assert (event["cols"], event["rows"]) == (132, 40)


def test_the_terminal_is_restored_however_the_run_ends(home: Home) -> None:
    for script in ("exit 0", "stty raw -echo; exit 1", "kill -KILL $$"):
        with home.terminal("--quiet", "sh", "-c", f"read line; {script}") as terminal:
            before = terminal.settings()
            terminal.send(b"go\n")
            terminal.finish()
            assert terminal.settings() == before


@pytest.mark.parametrize("language", ["sh", "python"])
def test_ctrl_c_is_the_jobs(home: Home, language: str) -> None:
    program = {
        "sh": ["sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done"],
        "python": [sys.executable, "-c", "import time\nprint('ready', flush=True)\ntime.sleep(60)"],
    }[language]
    bare, ours = on_both(home, *program, keys=b"\x03", after=b"ready")
    assert ours.process.returncode == (130 if language == "python" else 9)
    assert ours.output.count(b"KeyboardInterrupt") == bare.output.count(b"KeyboardInterrupt")
    assert ours.output.count(b"caught") == bare.output.count(b"caught")


PROMPT = rb"bash-[0-9.]+[#$] "

STOPPED = textwrap.dedent(
    """
    import time
    print("ready", flush=True)
    line = input()
    print("read", line, flush=True)
    """
)


def test_ctrl_z_stops_both_and_fg_continues_both(home: Home) -> None:
    with Terminal(["bash", "--norc", "--noprofile", "-i"], environ=home.environ) as terminal:
        terminal.until(PROMPT)
        before = terminal.settings()
        command = " ".join(home.argv("--quiet", sys.executable, "job.py"))
        (home.path.parent / "job.py").write_text(STOPPED)
        terminal.send(f"cd {home.path.parent}; {command}; echo code $?\n".encode())
        terminal.until(b"ready")
        terminal.send(b"\x1a")
        terminal.until(b"Stopped.*" + PROMPT)
        assert terminal.settings() == before
        terminal.send(b"jobs\n")
        terminal.until(b"Stopped.*" + PROMPT)
        terminal.send(b"fg\r")
        terminal.until(rb"job.py")
        terminal.send(b"hello\r")
        terminal.until(rb"read hello")
        terminal.until(PROMPT)
        terminal.send(b"exit\n")
        terminal.finish()


def test_a_job_in_the_background_leaves_the_terminal_alone_until_it_is_brought_to_the_front(home: Home) -> None:
    (home.path.parent / "job.py").write_text(STOPPED)
    with Terminal(["bash", "--norc", "--noprofile", "-i"], environ=home.environ, cwd=home.path.parent) as terminal:
        terminal.until(PROMPT)
        command = " ".join(home.argv("--quiet", sys.executable, "job.py"))
        terminal.send(f"{command} &\n".encode())
        terminal.until(b"ready")
        terminal.send(b"echo the shell has the keys\n")
        terminal.until(b"\rthe shell has the keys")
        terminal.send(b"fg\r")
        terminal.until(rb"job.py\r\n")
        terminal.send(b"hello\r")
        terminal.until(rb"read hello")
        terminal.until(PROMPT)
        terminal.send(b"exit\n")
        terminal.finish()


def test_the_job_may_stop_reading_what_is_pasted(home: Home) -> None:
    """A paste that nobody reads must not keep the job's output from flowing."""
    script = (
        "import time, sys, tty; tty.setraw(0); print('ready', flush=True)\nfor n in range(20): print(n, 'x' * 5000)"
    )
    with home.terminal("--quiet", sys.executable, "-c", script) as terminal:
        terminal.until(b"ready")
        terminal.send(b"y" * 3000)
        terminal.until(b"19 x")
        assert terminal.finish() == 0


def test_stderr_into_a_file_stays_there(home: Home, tmp_path: Path) -> None:
    with (
        open(tmp_path / "err", "wb") as err,
        home.terminal("sh", "-c", "echo out; echo err >&2; test -t 1 && ! test -t 2", stderr=err.fileno()) as terminal,
    ):
        assert terminal.finish() == 0
    assert (tmp_path / "err").read_bytes() == b"err\n"
    assert b"out" in terminal.output
    assert home.only_run.output == b"out\r\n"
