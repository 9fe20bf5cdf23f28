"""Nothing that a job does with the SDK harms the job: neither nonsense nor a socket that is gone, full or never was."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.conftest import Reports
from tests.sdk.support import tasks
from tests.support.hub import environment

NONSENSE = """
import sys, threading
from progress_run import metric, note, step, task, tqdm, track
class Hostile:
    def __str__(self): raise RuntimeError("no text")
    def __float__(self): raise MemoryError
    def __len__(self): raise OSError
    def __iter__(self): return iter([1])
    def __radd__(self, other): raise ValueError
loop = []; loop.append(loop)
everything = [Hostile(), object(), None, "x" * 10**6, -1, 10**400, float("nan"), float("inf"), 1j, b"\\xff", loop, {},
              "\\ud800 \\x1b]2;owned\\x07 \\u202e", threading.Lock(), lambda: 1, sys]
for it in everything:
    with task(it, total=it, unit=it) as t:
        t.advance(it)
        t.update(current=it, label=it, total=it, unit=it, state=it)
    with tqdm([1, 2], desc=it, total=it, unit=it, unit_scale=it, unit_divisor=it, position=it, leave=False) as bar:
        bar.update(it); bar.n = it; bar.set_description(it); bar.set_postfix(a=it); bar.set_postfix_str(it)
        bar.reset(it); bar.refresh(); bool(bar); len(bar)
    for _ in track([1], it, it, unit=it): pass
    metric(it, it, step=it)
    metric(loss=it, step=it)
    note(it, level=it)
    with step(it): pass
for _ in track(Hostile(), "Good"): pass
print("survived")
"""


def test_nonsense_is_refused_or_shown_harmlessly(reports: Reports) -> None:
    run = reports(NONSENSE)
    assert run.output == b"survived\n"
    assert tasks(run)["Good"]["state"] == "done"
    shown = json.dumps(run.events)
    assert not any(evil in shown for evil in ("\\u001b", "\\u202e", "\\ud800", "Infinity"))
    assert max(len(task["label"]) for task in run.of_kind("task")) == 200
    (note,) = (note["text"] for note in run.of_kind("note") if note["text"].startswith("Not taken"))
    assert "senseless values" in note


def alone(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program outside of any run."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, env={**environment(), **environ}, capture_output=True, text=True, timeout=60)


def test_outside_a_run_nonsense_is_silent() -> None:
    done = alone(NONSENSE)
    assert (done.stdout, done.stderr, done.returncode) == ("survived\n", "", 0)


@pytest.mark.parametrize("path", ["/nowhere/events.sock", "/dev/null", "x" * 300, "\udcff"])
def test_a_socket_that_is_not_there_does_not_matter(path: str) -> None:
    done = alone(NONSENSE, PROGRESS_EVENTS=path)
    assert (done.stdout, done.stderr, done.returncode) == ("survived\n", "", 0)


def test_a_socket_that_goes_away_does_not_matter(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "events.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        program = f"from progress_run import note; note('once'); import os; os.unlink({path!r}); {NONSENSE}"
        done = alone(program.replace("; \n", "\n"), PROGRESS_EVENTS=path)
    assert (done.stdout, done.stderr, done.returncode) == ("survived\n", "", 0)


def test_a_reader_that_never_reads_costs_a_moment_at_the_end_alone(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "events.sock")
    program = """
import time
from progress_run import metric, note, track
note("x" * 5000)
started = time.monotonic()
for n in track(range(50_000), "Loop"):
    if n % 100 == 0: note("still here"); metric("n", n)
print(time.monotonic() - started)
"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        done = alone(program, PROGRESS_EVENTS=path)
        first = json.loads(listener.recv(65536))
    assert (done.stderr, done.returncode) == ("", 0)
    assert float(done.stdout) < 5
    assert first == {"kind": "note", "level": "info", "text": "x" * 5000}


def test_memory_stays_bounded_however_much_is_said(tmp_path: Path) -> None:
    path = os.fspath(tmp_path / "events.sock")
    program = """
import resource
from progress_run import metric, note, task
def say(n):
    note("y" * 1000); metric(f"metric {n}", n); task(f"task {n}")
for n in range(3000): say(n)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for n in range(3000, 30_000): say(n)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        done = alone(program, PROGRESS_EVENTS=path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 4000, "KiB"
