"""The user's terminal: raw while the job has it, as it was before at all other times."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import termios
import tty
from typing import Any, NamedTuple

Settings = list[Any]
"""What `termios.tcgetattr` gives."""

_WINSIZE = struct.Struct("HHHH")


class Size(NamedTuple):
    """Size of a terminal in character cells, and in pixels where it knows."""

    rows: int
    cols: int
    width: int = 0
    height: int = 0


def get_size(fd: int) -> Size:
    """The terminal's size."""
    return Size(*_WINSIZE.unpack(fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(_WINSIZE.size))))


def set_size(fd: int, size: Size) -> None:
    """Change the terminal's size; the kernel tells its foreground by SIGWINCH."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, _WINSIZE.pack(*size))


def interrupting_keys(fd: int) -> tuple[bytes, ...]:
    """What is typed at a terminal to interrupt, quit or stop: mostly Ctrl-C, Ctrl-\\ and Ctrl-Z."""
    characters = termios.tcgetattr(fd)[6]
    return tuple(characters[name] for name in (termios.VINTR, termios.VQUIT, termios.VSUSP))


def open_pty(like: int | None, settings: Settings | None) -> tuple[int, int]:
    """A PTY (master, slave) of the size of the terminal `like`, else 80x24, with these settings, else the kernel's."""
    master, slave = os.openpty()
    set_size(slave, get_size(like) if like is not None else Size(24, 80))
    if settings is not None:
        termios.tcsetattr(slave, termios.TCSANOW, settings)
    os.set_blocking(master, False)
    return master, slave


class Terminal:
    """The terminal that the user types at, open for reading; raw between `claim` and `release`.

    Attributes:
        settings: its termios as the user has it; None as long as we are in the background, where it is somebody else's.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.claimed = False
        self.settings: Settings | None = None
        self._remember()

    def claim(self) -> bool:
        """Make it raw if we are in its foreground; a background job must not touch it. Returns whether it is ours."""
        try:
            if self._remember():
                tty.setraw(self.fd, termios.TCSANOW)
                self.claimed = True
        except (OSError, termios.error):
            self.claimed = False  # hung up
        return self.claimed

    def release(self) -> None:
        """Restore it; harmless when it isn't claimed, or gone."""
        if not self.claimed or self.settings is None:
            return
        self.claimed = False
        with contextlib.suppress(termios.error):  # hung up: nothing left to restore
            termios.tcsetattr(self.fd, termios.TCSANOW, self.settings)

    def _remember(self) -> bool:
        """Whether we are in the foreground; when so for the first time, keep the settings that we found."""
        if os.tcgetpgrp(self.fd) != os.getpgrp():
            return False
        if self.settings is None:
            self.settings = termios.tcgetattr(self.fd)
        return True


def tty_name(fds: tuple[int, ...]) -> str | None:
    """The path of the first of them that is a terminal, None if none is or it has none here."""
    for fd in fds:
        with contextlib.suppress(OSError):
            return os.ttyname(fd)
    return None


def keyboard() -> Terminal | None:
    """The terminal to read keys from: stdin, or behind a redirected stdin the controlling terminal; None without."""
    try:
        fd = 0 if os.isatty(0) else os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        return Terminal(fd)
    except (OSError, termios.error):
        return None
