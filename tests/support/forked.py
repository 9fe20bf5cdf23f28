"""Processes of ours that start in a tenth of a second: forked from one that has imported everything already.

They are whole processes, to be killed like any; only their imports are shared, and made once for all tests.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import warnings
from multiprocessing.process import BaseProcess
from pathlib import Path

warnings.filterwarnings("ignore", "\\s*Eventlet is deprecated")
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        "tests.support.forked",  # before eventlet, for the line above
        "progress_hub.__main__",
        "progress_run.sender.process",
        "progress_run.sender.errand",
        "alembic.command",
        "engineio.async_drivers.eventlet",
        "eventlet.tpool",
        "eventlet.wsgi",
        "sqlalchemy.dialects.sqlite",
    ]
)


class Forked:
    """A process that was forked, used as one of `subprocess`."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def poll(self) -> int | None:
        """Its exit code, of a signal the negative number, once it has ended."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Likewise, when it ends; raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended; it is another's child, who may know that sooner."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start(
    module: str, args: list[str], environ: dict[str, str], log: Path, said: Path | None = None, files: int = 0
) -> Forked:
    """Start `main` of a module.

    Args:
        module: its dotted name.
        args: of its command line.
        environ: the whole of its environment.
        log: where its stderr goes, at the end of what is there.
        said: where its stdout goes; None is the log.
        files: how many descriptors it may have, 0 is as many as we.
    """
    process = _context.Process(target=_become, args=(module, args, environ, log, said or log, files), daemon=True)
    process.start()
    return Forked(process)


def armed(failpoints: str, seed: int) -> dict[str, str]:
    """The environment that makes a process fail at these places."""
    return {"PROGRESS_FAILPOINTS": failpoints, "PROGRESS_FAILPOINTS_SEED": str(seed)}


def _become(module: str, args: list[str], environ: dict[str, str], log: Path, said: Path, files: int) -> None:
    """In the new process: what a shell and the interpreter would have done before `main`."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for fd, path in ((1, said), (2, log)):
        out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, fd)
        os.close(out)
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    sys.argv = [module, *args]
    importlib.reload(importlib.import_module("progress_run.failpoint"))  # it reads the environment at its import
    raise SystemExit(importlib.import_module(module).main())
