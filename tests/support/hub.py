"""A real hub process for a test: started on a free port, killed, started again on the same one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from tests.support import forked
from tests.support.forked import Forked

START_SECONDS = 30.0
MODES = ("eventlet", "threading")


def environment() -> dict[str, str]:
    """This process's environment as a user's would be: nothing of ours set, output buffered."""
    ours = ("PROGRESS_", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    root = Path(__file__).parents[2]
    return {**kept, "PYTHONPATH": os.pathsep.join([str(root / "cli"), str(root / "viewer_server")])}


def wait_until(condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Wait for a condition, or fail saying what did not happen.

    The longer it lasts, the less often it looks: asking a hub all the time would keep the machine from all else.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(min(max(0.01, waited / 10), 0.2))


class StillbornError(AssertionError):
    """A hub has died before it said where it is."""


class Hub:
    """`with Hub("threading") as hub:` … a hub on a data directory of its own, at `hub.url`, with the key `hub.key`.

    Attributes:
        port: where it listens, the same when it is started again.
        failpoints: what is added to its environment at its next start, see `forked.armed`.
    """

    forks: ClassVar[bool] = False
    """Whether hubs are forked from a process that has imported everything, which takes a fifth of the processor."""
    program: ClassVar[str] = "progress_hub.__main__"

    def __init__(
        self,
        mode: str = "eventlet",
        *flags: str,
        data: Path | None = None,
        files: int = 0,
        inherit: tuple[str, ...] = (),
    ) -> None:
        """`files` is how many descriptors it may have; `inherit` names variables of ours that it gets nevertheless."""
        self._inherit = inherit
        self._own = tempfile.TemporaryDirectory(prefix="hub-") if data is None else None
        self.data = data or Path(self._own.name if self._own else "") / "data"
        self._args = ["serve", "--data", str(self.data), "--async-mode", mode, *flags]
        self._files = files
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self.port = 0
        self.failpoints: dict[str, str] = {}

    def __enter__(self) -> Hub:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if error is not None:
            sys.stderr.write(self.log)
        if self._own:
            self._own.cleanup()

    @property
    def url(self) -> str:
        """Where the hub is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """The publish key."""
        return (self.data / "key").read_text().strip()

    @property
    def owner_key(self) -> str:
        """The key that opens the list of runs."""
        return (self.data / "owner_key").read_text().strip()

    @property
    def log(self) -> str:
        """What the hub has written to stderr."""
        return (self.data / "hub.log").read_text()

    @property
    def process(self) -> subprocess.Popen[bytes] | Forked:
        """The running hub."""
        assert self._process is not None, "the hub is not running"
        return self._process

    def start(self) -> None:
        """Start it, on the port it had before, and wait until it accepts connections."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._said.unlink(missing_ok=True)
        args = [*self._args, "--port", str(self.port)]
        environ = {**environment(), **{name: os.environ[name] for name in self._inherit}, **self.failpoints}
        log = self.data / "hub.log"
        if self.forks:
            self._process = forked.start(self.program, args, environ, log, self._said, self._files)
        else:
            self._process = self._executed(args, environ, log)
        wait_until(self._has_started, f"the hub at {self.data} starts")
        self.port = int(self._said.read_text().splitlines()[0].rsplit(":", 1)[1])

    def kill(self) -> None:
        """SIGKILL, if it runs."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; returns its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self, *flags: str) -> None:
        """SIGKILL it and start it again on the same port and data, from now on with these flags too."""
        self.kill()
        self._args += flags
        self.start()

    def has_died(self) -> bool:
        """Whether it has come to its end, by itself or by a failpoint."""
        return self._process is None or self._process.poll() is not None

    @property
    def _said(self) -> Path:
        return self.data / "hub.out"

    def _executed(self, args: list[str], environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", self.program, *args]
        if self._files:
            command = ["sh", "-c", f'ulimit -n {self._files}; exec "$@"', "sh", *command]
        with open(self._said, "wb") as stdout, open(log, "ab") as stderr:
            return subprocess.Popen(command, env=environ, stdout=stdout, stderr=stderr, start_new_session=True)

    def _has_started(self) -> bool:
        died = self.has_died()  # it may have started before that
        started = self._said.exists() and self._said.read_text().endswith("\n")
        if died and not started:
            raise StillbornError(f"the hub did not start:\n{self.log}")
        return started

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(START_SECONDS)
        self._process = None
        return code

    def get(self, path: str, **headers: str) -> bytes:
        """The body at a path of this hub; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=named)
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:
            body: bytes = response.read()
        return body

    def status(self, path: str) -> int:
        """The status of the answer at a path of this hub."""
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def info(self, token: str) -> dict[str, Any]:
        """The run at a link."""
        found: dict[str, Any] = json.loads(self.get(f"/r/{token}/info"))
        return found
