"""Hubs and senders that start in a tenth of a second: forked from a process that has imported everything already.

They are whole processes with failpoints of their own, to be killed like any; only their imports are shared.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import socket
import sys
import warnings
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.end_to_end.stage import quiet_port
from tests.support.hub import START_SECONDS, Hub, environment, wait_until

warnings.filterwarnings("ignore", "\\s*Eventlet is deprecated")
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        "tests.faults.forked",  # before eventlet, for the line above
        "progress_hub.serve",
        "progress_run.sender.process",
        "progress_run.sender.errand",
        "alembic.command",
        "engineio.async_drivers.eventlet",
        "eventlet.tpool",
        "eventlet.wsgi",
        "sqlalchemy.dialects.sqlite",
    ]
)


def start(module: str, args: list[str], environ: dict[str, str], log: Path) -> BaseProcess:
    """Start `main` of a module; its words go to the log."""
    process = _context.Process(target=_become, args=(module, args, {**environment(), **environ}, log), daemon=True)
    process.start()
    return process


def armed(failpoints: str, seed: int) -> dict[str, str]:
    """The environment that makes a process fail at these places."""
    return {"PROGRESS_FAILPOINTS": failpoints, "PROGRESS_FAILPOINTS_SEED": str(seed)}


def _become(module: str, args: list[str], environ: dict[str, str], log: Path) -> None:
    """In the new process: what a shell and the interpreter would have done before `main`."""
    os.environ.clear()
    os.environ.update(environ)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = [module, *args]
    importlib.reload(importlib.import_module("progress_run.failpoint"))  # it reads the environment at its import
    raise SystemExit(importlib.import_module(module).main())


class ForkedHub(Hub):
    """A hub as in tests/support, but quick to start again, and with failpoints."""

    def __init__(self, data: Path | None = None) -> None:
        super().__init__(data=data)
        self.port = quiet_port()
        self.failpoints: dict[str, str] = {}
        self._forked: BaseProcess | None = None

    def __enter__(self) -> ForkedHub:
        self.start()
        return self

    def start(self) -> None:
        """Start it with `failpoints` in its environment, and wait until it listens."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        args = ["serve", "--data", str(self.data), "--port", str(self.port)]
        self._forked = start("progress_hub.serve", args, self.failpoints, self.data / "hub.log")
        wait_until(self._listens, f"the hub listens at {self.url}")

    def has_died(self) -> bool:
        """Whether it has come to its end, by itself or by a failpoint."""
        return self._forked is None or not self._forked.is_alive()

    def _end(self, number: signal.Signals) -> int:
        if self._forked is None or self._forked.pid is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._forked.pid, number)
        self._forked.join(START_SECONDS)
        code, self._forked = self._forked.exitcode, None
        return code or 0

    def _listens(self) -> bool:
        assert not self.has_died(), f"the hub did not start:\n{self.log}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0 and (self.data / "key").exists()
