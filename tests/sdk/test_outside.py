"""Where there is no `progress run`: bars on a terminal, silence elsewhere, escape sequences where they are wanted."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.sdk.test_harmless import NONSENSE
from tests.support.hub import environment, wait_until
from tests.support.terminal import Terminal

REPORT = re.compile(rb"\033]7747;progress;([A-Za-z0-9_-]+)\033\\")

LOOPS = """
from progress_run import tqdm, track
for n in track(range(40), "Resize"): pass
for n in tqdm(range(2), desc="Outer", unit="batch"):
    for m in tqdm(range(1200), desc="Inner", leave=False, unit_scale=True): pass
    tqdm.write(f"batch {n}")
"""


def at_a_terminal(program: str, **environ: str) -> bytes:
    """What a program writes to a terminal of a hundred columns."""
    command = [sys.executable, "-c", program]
    with Terminal(command, environ={**environment(), "TERM": "xterm-256color", **environ}) as terminal:
        assert terminal.finish() == 0, terminal.output
        return terminal.output


def reports_in(output: bytes) -> list[dict[str, Any]]:
    """The reports on their way through a terminal, in order."""
    padded = (found + b"=" * (-len(found) % 4) for found in REPORT.findall(output))
    return [json.loads(base64.urlsafe_b64decode(each)) for each in padded]


def screen_of(output: bytes) -> list[str]:
    """The rows that are left to be read, as far as bars need a terminal: returns, line feeds, up, and erase."""
    rows, row = [""], 0
    for part in re.split(r"(\r?\n|\r|\033\[A|\033\[K)", output.decode()):
        if part.endswith("\n"):
            row += 1
            rows += [""] * (row + 1 - len(rows))
        elif part == "\033[A":
            row -= 1
        elif part == "\r" or part == "":
            continue
        elif part == "\033[K":
            rows[row] = ""
        else:
            rows[row] = part
    return [text for text in rows if text]


def test_loops_are_drawn_on_a_terminal_as_tqdm_draws_them() -> None:
    rows = screen_of(at_a_terminal(LOOPS))
    assert [re.sub(r"█+", "█", row).split(" [")[0] for row in rows] == [
        "Resize: 100%|█| 40/40",
        "batch 0",
        "batch 1",
        "Outer: 100%|█| 2/2",
    ]


def test_elsewhere_nothing_is_written() -> None:
    done = subprocess.run([sys.executable, "-c", LOOPS], env=environment(), capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("batch 0\nbatch 1\n", "")


def test_nonsense_at_a_terminal_ends_no_thread_and_no_job() -> None:
    output = at_a_terminal(NONSENSE)
    assert b"survived" in output
    assert b"Traceback" not in output


def test_a_file_of_the_jobs_own_may_fail_in_its_own_way() -> None:
    program = """
from progress_run import tqdm
class Odd:
    def isatty(self): return True
    def __getattr__(self, name): raise RuntimeError(name)
class Odder(Odd):
    def isatty(self): raise RuntimeError
print([sum(tqdm([1, 2], file=file)) for file in (Odd(), Odder())])
"""
    assert at_a_terminal(program) == b"[3, 3]\r\n"


def test_a_disabled_bar_neither_draws_nor_reports() -> None:
    program = "from progress_run import tqdm\nfor _ in tqdm(range(3), desc='Hidden', disable=True): pass"
    assert at_a_terminal(program, PROGRESS_OSC="1") == b""


def test_through_a_terminal_reports_travel_as_escape_sequences() -> None:
    program = """
from progress_run import metric, note, step, task
with step("Übersetzen"), task("Build", total=3) as t:
    t.advance(3)
    metric("loss", 0.5, step=3)
    note("über\\x1b\\\\alles")
print("end")
"""
    output = at_a_terminal(program, PROGRESS_OSC="1")
    assert REPORT.sub(b"", output) == b"end\r\n"
    reports = reports_in(output)
    assert [r["open"] for r in reports if r["kind"] == "group"] == [True, False]
    assert [r["text"] for r in reports if r["kind"] == "note"] == ["über\x1b\\alles"]
    assert [(r["current"], r["state"]) for r in reports if r["kind"] == "task"][-1] == (3, "done")
    assert [(r["name"], r["value"], r["step"]) for r in reports if r["kind"] == "metric"] == [("loss", 0.5, 3)]


FULL = """
import os
from pathlib import Path
from progress_run import note
full, said = Path("full"), Path("said")
fd = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(fd, b"x" * 100)
except BlockingIOError: full.touch()
while full.exists(): pass
note("y" * 6000)
said.touch()
input()
print("and on", flush=True)
"""


def test_no_half_sequence_is_left_in_a_terminal_that_was_full(tmp_path: Path) -> None:
    """It would swallow what the job prints next."""
    environ = {**environment(), "PROGRESS_OSC": "1"}
    with Terminal([sys.executable, "-c", FULL], environ=environ, cwd=tmp_path) as terminal:
        wait_until((tmp_path / "full").exists, "no more room")
        terminal.read(3000)
        terminal.read(3000)
        (tmp_path / "full").unlink()
        wait_until((tmp_path / "said").exists, "half a note")
        terminal.until(REPORT.pattern)
        terminal.send(b"\r")
        terminal.finish()
    assert REPORT.sub(b"", terminal.output).strip(b"x").split() == [b"and", b"on"]
    assert [len(each["text"]) for each in reports_in(terminal.output)] == [6000]


@pytest.mark.parametrize("events", ["", "/nowhere/events.sock"])
def test_the_terminal_is_the_second_way_where_the_socket_is_not(events: str) -> None:
    """In a container that was given our environment, the socket is not there, but the terminal is."""
    program = "from progress_run import note; note('from inside')"
    output = at_a_terminal(program, PROGRESS_OSC="1", PROGRESS_EVENTS=events)
    assert [report["text"] for report in reports_in(output)] == ["from inside"]


def test_no_sequence_goes_into_a_file(tmp_path: Path) -> None:
    program = "from progress_run import note; note('x'); print('end')"
    with open(tmp_path / "out", "w+b") as out:
        environ = {**environment(), "PROGRESS_OSC": "1"}
        command = ["setsid", sys.executable, "-c", program]  # away from the terminal of whoever runs the tests
        assert subprocess.run(command, env=environ, stdout=out, stdin=subprocess.DEVNULL, timeout=60).returncode == 0
    assert (tmp_path / "out").read_bytes() == b"end\n"
