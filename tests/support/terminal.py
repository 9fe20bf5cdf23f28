"""A real terminal around a real process: a PTY whose other side the test reads, types at and resizes."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

PATIENCE = 30.0
"""Seconds that any one condition is waited for; far more than needed, so that a slow machine fails no test."""


class Terminal:
    """Runs a program in a session of its own with this terminal as its controlling one.

    Attributes:
        output: every byte that the terminal got so far.
        process: the program.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        rows: int = 30,
        cols: int = 100,
        cwd: str | os.PathLike[str] | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.output = b""
        self._seen = 0
        self._master, slave = os.openpty()
        self.resize(rows, cols)
        # setsid takes the terminal from its stdin; the program's own descriptors are put in place after it.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "bash", "-c", 'exec "$@" <&"$IN" >&"$OUT" 2>&"$ERR"', "bash", *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environ, "IN": str(stdin or 0), "OUT": str(stdout or 1), "ERR": str(stderr or 2)},
            pass_fds=[fd for fd in (stdin, stdout, stderr) if fd],
            cwd=cwd,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def resize(self, rows: int, cols: int) -> None:
        """Change the window's size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def settings(self) -> list[object]:
        """The terminal's termios, as `termios.tcgetattr` gives it."""
        return list(termios.tcgetattr(self._master))

    def read(self, most: int) -> None:
        """Take so much of what was written, and leave the rest where it is."""
        self.output += os.read(self._master, most)

    def until(self, pattern: bytes, seconds: float = PATIENCE) -> re.Match[bytes]:
        """Read until new output matches; the match's end is where the next call goes on."""
        deadline = time.monotonic() + seconds
        while not (match := re.compile(pattern, re.DOTALL).search(self.output, self._seen)):
            left = deadline - time.monotonic()
            assert left > 0, f"waited {seconds} s for {pattern!r} in {self.output[self._seen :]!r}"
            if not self._read(left):
                raise AssertionError(f"the terminal ended before {pattern!r}: {self.output[self._seen :]!r}")
        self._seen = match.end()
        return match

    def finish(self, seconds: float = PATIENCE) -> int:
        """Read to the end; the exit code, negative for a signal."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            assert time.monotonic() < deadline, f"still running after {seconds} s: {self.output[-2000:]!r}"
        return self.process.wait(seconds)

    def kill(self, signo: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(signo)

    def hang_up(self) -> None:
        """Close the terminal's window."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0, seconds))
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False  # EIO: nobody holds the other side any more
        self.output += data
        return bool(data)
