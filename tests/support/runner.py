"""`progress run` for a test: in a home of its own, with what it leaves behind looked at and cleared away."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from tests.support.hub import environment, wait_until
from tests.support.terminal import Terminal

NO_HUB = "http://127.0.0.1:9"
"""The discard port: nobody listens there, which is refused at once."""

SYNC = [sys.executable, "-m", "progress_run", "sync"]


class Home:
    """A state directory and an environment, and the runs made in them; by default no hub is within reach."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {
            **{name: value for name, value in environment().items() if name not in ("LINES", "COLUMNS")},
            "PROGRESS_HOME": str(path),
            "PROGRESS_HUB": NO_HUB,
            "PROGRESS_DRAIN": "0",
            "TERM": "xterm-256color",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def argv(self, *args: str) -> list[str]:
        """The command line of `progress run ARGS`."""
        return [sys.executable, "-m", "progress_run", "run", *args]

    def run(self, *args: str, **popen: Any) -> subprocess.CompletedProcess[bytes]:
        """Run in pipe mode to the end."""
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "env": self.environ, "timeout": 60, **popen}
        return subprocess.run(self.argv(*args), **options)

    def start(self, *args: str, **popen: Any) -> subprocess.Popen[bytes]:
        """Start in pipe mode, with its stdout to be read."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "env": self.environ, **popen}
        started = subprocess.Popen(self.argv(*args), **options)
        self._started.append(started)
        return started

    def sync(self, *args: str, **popen: Any) -> subprocess.CompletedProcess[str]:
        """`progress sync ARGS` to its end."""
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "env": self.environ, "timeout": 120, **popen}
        return subprocess.run([*SYNC, *args], text=True, **options)

    def start_sync(self, *args: str) -> subprocess.Popen[str]:
        """`progress sync ARGS`, with what it says to be read."""
        pipe = subprocess.PIPE
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "env": self.environ}
        return subprocess.Popen([*SYNC, *args], text=True, **options)

    def copy(self, path: Path) -> Home:
        """A copy of the state directory as it is now, on this machine or another."""
        shutil.copytree(self.path, path, ignore=shutil.ignore_patterns("*.sock"))
        copy = Home(path)
        copy.environ = {**self.environ, "PROGRESS_HOME": str(path)}
        return copy

    @contextlib.contextmanager
    def terminal(self, *args: str, **options: Any) -> Iterator[Terminal]:
        """Run at a terminal."""
        with Terminal(self.argv(*args), environ=self.environ, **options) as terminal:
            yield terminal

    @property
    def runs(self) -> list[Run]:
        """All runs, in the order of their start."""
        return [Run(meta.parent) for meta in sorted(self.path.glob("runs/*/meta.json"))]

    @property
    def only_run(self) -> Run:
        """The one run there is."""
        (run,) = self.runs
        return run

    def processes(self) -> list[psutil.Process]:
        """Every process that lives in this home: runners, senders, hubs, jobs."""
        homes = (str(self.path), self.environ["PROGRESS_HOME"])
        return [process for process in psutil.process_iter() if _home_of(process) in homes]

    def clear_away(self) -> None:
        """Kill what still runs, such as senders for whom there is no hub."""
        wait_until(self._is_clear, f"nothing runs in {self.path}")
        for started in self._started:
            with started:  # closes what could be read of it, and waits for it
                pass

    def _is_clear(self) -> bool:
        # One that was killed is gone; for the machine's init to bury it may take a second more.
        left = self.processes()
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return not left


class Run:
    """A run directory, read as anybody may read it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def output(self) -> bytes:
        """output.log."""
        return (self.path / "output.log").read_bytes()

    @property
    def record(self) -> dict[str, Any]:
        """meta.json."""
        record: dict[str, Any] = json.loads((self.path / "meta.json").read_text())
        return record

    @property
    def marks(self) -> list[tuple[int, float, int]]:
        """timing: (offset, seconds, descriptor)."""
        lines = (line.split() for line in (self.path / "timing").read_text().splitlines())
        return [(int(at), float(seconds), int(fd)) for at, seconds, fd in lines]

    @property
    def given_away_from(self) -> Path:
        """Where the files are that its hub gets: the same, or those encrypted."""
        return self.path / "sealed" if "key" in self.record else self.path

    def given_away(self) -> bytes:
        """What its hub gets, or is about to get: output.log, or that encrypted."""
        return (self.given_away_from / "output.log").read_bytes()

    def opened(self, copy: bytes) -> bytes:
        """A copy of what its hub has, as output."""
        if "key" not in self.record:
            return copy
        from tests.support import unsealed

        return unsealed.output(self.record["key"], copy).output

    def opened_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Events that its hub has, as the recorder wrote them."""
        if "key" not in self.record:
            return events
        from tests.support import unsealed

        return [unsealed.event(self.record["key"], event) for event in events]

    def stream(self, fd: int) -> bytes:
        """What of the output one descriptor wrote."""
        output = self.output
        starts = [*self.marks, (len(output), 0.0, 0)]
        return b"".join(output[at:end] for (at, _, by), (end, _, _) in pairwise(starts) if by == fd)

    @property
    def events(self) -> list[dict[str, Any]]:
        """events.ndjson."""
        return [json.loads(line) for line in (self.path / "events.ndjson").read_text().splitlines()]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event for event in self.events if event["kind"] == kind]

    @property
    def ending(self) -> tuple[int | None, int | None]:
        """Exit code and signal of the job."""
        (event,) = self.of_kind("exit")
        return event["code"], event["signal"]


def name_of(process: psutil.Process) -> str:
    """What a process is called, nothing once it is gone."""
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def command_line(process: psutil.Process) -> str:
    """What a process was started by, nothing once it is gone."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("PROGRESS_HOME")
    except psutil.Error:
        return None
