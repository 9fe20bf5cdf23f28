"""A flood of lines gets its line ends from the runner instead of the kernel, and nobody can tell."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import pytest
from tests.support.hub import wait_until
from tests.support.runner import Home
from tests.support.terminal import Terminal

PYTHON = """
import curses, getpass, os, random, sys, termios, time, tty
def write(text):
    data = text.encode()
    while data: data = data[os.write(1, data):]
def flood(lines=20000, end="\\n"): write("".join(f"line {n}{end}" for n in range(lines)))
"""

JOBS = {
    "lines": "flood(60_000)",
    "lines that end in CR LF": r"flood(end='\r\n')",
    "LF CR": r"flood(end='\n\r')",
    "empty lines": "os.write(1, bytes([10]) * 150_000)",
    "no lines": "os.write(1, b'x' * 1_000_000)",
    "one after the other": "flood(); time.sleep(0.3); write('a\\nb\\n'); flood(); time.sleep(0.3); write('c\\n')",
    "settings seen afterwards": "flood(); time.sleep(0.3); write(repr(termios.tcgetattr(1)))",
    "raw at once": r"flood(); tty.setraw(1); write('\x1b[2J' + 'raw\n' * 20_000)",
    "raw and back": r"""
        before = termios.tcgetattr(1)
        flood(); tty.setraw(1); write('\x1b[2J'); flood(); time.sleep(0.3)
        write('\n' * 10); termios.tcsetattr(1, termios.TCSADRAIN, before); flood()
        """,
    "no translation asked for": """
        settings = termios.tcgetattr(1); settings[1] &= ~termios.ONLCR
        termios.tcsetattr(1, termios.TCSANOW, settings); flood(); time.sleep(0.3); flood()
        """,
    "no processing at all": "tty.setraw(1); flood()",
    "capitals": """
        settings = termios.tcgetattr(1); settings[1] |= 0o2  # OLCUC
        termios.tcsetattr(1, termios.TCSANOW, settings); flood()
        """,
    "curses": """
        flood()
        def draw(screen):
            for n in range(50): screen.addstr(n % 20, n, f"at {n}"); screen.refresh()
        curses.wrapper(draw); flood()
        """,
    "at random": r"""
        choice = random.Random(7)
        for _ in range(150):
            write(''.join(choice.choices(['x', 'yz ' * 30, '\n', '\rab', '\t'], k=choice.choice([1, 30, 1000]))))
            if choice.random() < 0.02: time.sleep(0.15)
        """,
}


def output_of(argv: list[str], home: Home) -> bytes:
    """What the terminal gets."""
    with Terminal(argv, environ=home.environ) as terminal:
        assert terminal.finish() == 0
        return terminal.output


def first_difference(ours: bytes, bare: bytes) -> str:
    """Where they differ, and what is there; nothing where they are the same."""
    if ours == bare:
        return ""
    at = next((at for at, pair in enumerate(zip(ours, bare, strict=False)) if pair[0] != pair[1]), len(bare))
    return f"byte {at}: {ours[at - 20 : at + 20]!r} instead of {bare[at - 20 : at + 20]!r}"


@pytest.mark.parametrize("name", JOBS)
def test_the_terminal_gets_the_same_bytes(home: Home, name: str) -> None:
    job = [sys.executable, "-c", PYTHON + textwrap.dedent(JOBS[name])]
    bare = output_of(job, home)
    assert not first_difference(output_of(home.argv("--quiet", *job), home), bare)
    assert not first_difference(home.only_run.output, bare)


def test_a_program_that_draws_gives_back_what_it_found(home: Home, tmp_path: Path) -> None:
    """It was started in the flood, so what it found and sets again was for the flood alone."""
    script = f"""
def wait_for(name):
    while not os.path.exists(f"{tmp_path}/{{name}}"): time.sleep(0.01)
flood(); before = termios.tcgetattr(1); tty.setraw(1); write('\\x1b[Hraw\\n'); wait_for("drawn")
termios.tcsetattr(1, termios.TCSADRAIN, before); write('cooked\\n'); wait_for("left"); flood(); write('end\\n')
"""
    with home.terminal("--quiet", sys.executable, "-c", PYTHON + script) as terminal:
        terminal.until(rb"line 19999\r\n\x1b\[Hraw\n")
        (tmp_path / "drawn").touch()
        terminal.until(rb"cooked\r\n")
        (tmp_path / "left").touch()
        terminal.until(rb"line 19999\r\nend\r\n")
        assert terminal.finish() == 0
    assert b"\r\r" not in terminal.output


def test_an_answer_typed_after_a_flood_is_echoed_as_ever(home: Home) -> None:
    job = [sys.executable, "-c", PYTHON + "flood(); print(repr(input('name: '))); print(getpass.getpass('secret: '))"]
    said = []
    for argv in (job, home.argv("--quiet", *job)):
        with Terminal(argv, environ=home.environ) as terminal:
            terminal.until(rb"name: ")
            terminal.send(b"J\xc3\xbcrgem\x7fn\r")
            terminal.until(rb"secret: ")
            terminal.send(b"hush\r")
            assert terminal.finish() == 0
            said.append(terminal.output)
    assert said[0] == said[1]


def test_a_terminal_that_takes_its_time_is_no_end_of_the_flood(home: Home, tmp_path: Path) -> None:
    job = [sys.executable, "-c", PYTHON + f"flood(); open({str(tmp_path / 'done')!r}, 'w'); time.sleep(0.3)"]
    with Terminal(home.argv("--quiet", *job), environ=home.environ) as terminal:
        wait_until(lambda: bool(home.runs) and len(home.only_run.output) > 0, "the flood has begun")
        wait_until(lambda: _stands_still(home), "nobody takes it")
        assert not (tmp_path / "done").exists()
        assert terminal.finish() == 0
        assert terminal.output == b"".join(b"line %d\r\n" % n for n in range(20_000))


def _stands_still(home: Home) -> bool:
    before = len(home.only_run.output)
    time.sleep(0.3)  # three times as long as makes an end of a flood
    return len(home.only_run.output) == before
