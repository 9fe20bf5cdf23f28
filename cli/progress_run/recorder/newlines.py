"""Line ends of a job that pours out lines, made here instead of by the kernel, which goes character by character.

A terminal turns `\\n` into `\\r\\n` (ONLCR in `termios(3)`), and so does a PTY, at 2 to 3 million lines a second and no
more. While a job floods, the PTY leaves them alone, and what is read gets them here: the same bytes, several times
faster. Before and after, the settings are as the job would find them without us. ADR 0040 says what it could notice.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import termios
import time

from progress_run.lazy import Pattern

_OFLAG = 1
_TIOCGPTPEER = 0x5441
"""Opens the slave of a master, in whatever mount namespace (ioctl_tty(2))."""

_KERNEL = termios.OPOST | termios.ONLCR
_OURS = termios.OPOST
_JOBS = 0
"""Whose the line ends are, by these two output flags."""

FLOOD_BYTES, FLOOD_SECONDS = 64 * 1024, 0.05
"""So much in so short a time is a flood."""

CALM_SECONDS = 0.1
"""Without output for so long it is over."""

FILL_SECONDS, STUCK_LOOKS = 0.004, 3
"""How long the PTY may take to fill up, while it isn't read, in a flood; and how often it is to be found full."""

RETRY_SECONDS = 1.0
"""How long a job is left alone that didn't fill it."""

READ_BYTES = 128 * 1024
"""More than a PTY holds."""

PTY_READ = 4096
"""What it gives at a time, however much there is."""

_BARE = Pattern(rb"(?<!\r)\n")


class Newlines:
    """Reads a PTY's master, which doesn't block; the bytes are those of a terminal that is as the job has set it."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._changed_hands = self._mixed = False
        self._whose = _KERNEL
        self._last = b""
        self._window = (0.0, 0)
        self._last_read = 0.0
        self._retry_at = 0.0

    def read(self) -> bytes:
        """What is there, as `os.read` gives it."""
        data = self._gathered()
        if self._changed_hands:
            data = self._translated(data)
        self._last, self._last_read = data[-1:], time.monotonic()
        if self._whose == _KERNEL and self._is_flood(data) and self._job_is_stuck():
            self._change(_KERNEL, _OURS)
        return data

    @property
    def patience(self) -> float:
        """In how many seconds `tend` has something to do."""
        return CALM_SECONDS if self._whose == _OURS else float("inf")

    def tend(self) -> None:
        """Give line ends back to the kernel once the flood is over."""
        if self._whose == _OURS and time.monotonic() - self._last_read >= CALM_SECONDS:
            self.leave()

    def leave(self) -> None:
        """Give them back now, where they are ours and nothing waits to be read."""
        # In a calm with something to read it is the user's side that takes its time.
        if self._whose == _OURS and not select.select([self._master], [], [], 0)[0]:
            self._change(_OURS, _KERNEL)

    def _gathered(self) -> bytes:
        data = os.read(self._master, PTY_READ)
        return data + self._rest() if len(data) >= PTY_READ - 1 else data

    def _rest(self) -> bytes:
        pieces, size = [], 0
        with contextlib.suppress(OSError):  # nothing more for now, or at all, which the next reading tells
            while size < READ_BYTES and (piece := os.read(self._master, PTY_READ)):
                pieces.append(piece)
                size += len(piece)
        return b"".join(pieces)

    def _translated(self, data: bytes) -> bytes:
        """Exact where the settings are still those of the last reading, and we haven't just changed them.

        Where the job has changed them since, all of what it wrote before is in this piece, and can be told by the
        escape sequence that a program begins with that draws.
        """
        mixed, self._mixed = self._mixed, False
        if mixed:
            data += self._rest()
        before, self._whose = self._whose, _whose(termios.tcgetattr(self._master)[_OFLAG])
        if before != self._whose:
            data += self._rest()
        drawn = data.find(b"\x1b") if self._whose == _JOBS else -1
        end = len(data) if drawn < 0 else drawn
        if mixed or (before, self._whose) in ((_KERNEL, _OURS), (_OURS, _KERNEL), (_JOBS, _OURS)):
            return self._completed(data[:end]) + data[end:]
        return data[:end].replace(b"\n", b"\r\n") + data[end:] if before == _OURS else data

    def _completed(self, data: bytes) -> bytes:
        """Where some lines have the end that the kernel makes, and some have not: it is made where it is missing."""
        done = 1 if self._last == b"\r" and data.startswith(b"\n") else 0
        return data[:done] + _BARE.sub(b"\r\n", data[done:])

    def _is_flood(self, data: bytes) -> bool:
        """Of lines that end in a single newline: among others it could not be told whose end is whose."""
        began, taken = self._window
        now = time.monotonic()
        if now - began > FLOOD_SECONDS:
            began, taken = now, 0
        taken = 0 if b"\r\r\n" in data else taken + len(data)
        self._window = began, taken
        return taken >= FLOOD_BYTES

    def _job_is_stuck(self) -> bool:
        """The PTY is full, and its writer waits for us to read: it can't change settings at the same time as we."""
        if time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_SECONDS
        try:
            slave = fcntl.ioctl(self._master, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY)
        except OSError:  # not Linux
            return False
        try:
            time.sleep(FILL_SECONDS)
            return not any(_takes_more(slave) for _ in range(STUCK_LOOKS))
        finally:
            os.close(slave)  # as long as anybody has it, the end of the output doesn't show

    def _change(self, before: int, after: int) -> None:
        """Change the flags, unless the job has. Nothing may come between: the kernel has no way to do both at once."""
        with contextlib.suppress(termios.error):  # hung up
            settings = termios.tcgetattr(self._master)
            if settings[_OFLAG] == before:  # so that no tabs or capitals are to be made, either
                settings[_OFLAG] = after
                termios.tcsetattr(self._master, termios.TCSANOW, settings)
                self._changed_hands, self._whose, self._mixed = True, after, True


def _takes_more(slave: int) -> bool:
    """Whether somebody could write there and nobody is at it; one look after the other tells of a standstill."""
    time.sleep(FILL_SECONDS / STUCK_LOOKS / 4)
    return bool(select.select([], [slave], [], 0)[1])


def _whose(flags: int) -> int:
    return flags & _KERNEL if flags & termios.OPOST else _JOBS
