"""The main task's progress in the tab or the task bar of the user's own terminal, by OSC 9;4.

`ESC ] 9 ; 4 ; state ; percent ST` is ConEmu's (https://conemu.github.io/en/AnsiEscapeCodes.html#ConEmu_specific_OSC):
state 0 removes it, 1 is normal, 2 an error, 3 indeterminate, 4 paused. It is written between the job's own bytes, never
in them, and reaches neither the recording nor a pipe.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Mapping

from progress_run.protocol import UNDER_WAY, main_task
from progress_run.recorder.board import Board
from progress_run.recorder.stream import Stream
from progress_run.recorder.terminal_sink import CANCEL, TerminalSink

REFRESH = 8.0
"""Seconds after which it is said again: Ghostty takes a bar that is not for abandoned after 15."""

INTERVAL = 0.2
"""Seconds between two changes: nobody sees more."""

BUSY = 2.0
"""Seconds for which a terminal that somebody else writes to just now is asked again."""

CLEAR = b"\x1b]9;4;0;\x1b\\"
_CODES = {"running": 1, "paused": 4, "indeterminate": 3}

KNOWN = {
    "ghostty": (1, 2),
    "WezTerm": (20250209,),
    "iTerm.app": (3, 6, 6),
    "mintty": (3, 4, 2),
}
"""By TERM_PROGRAM, the first version that shows it; others of these, and other terminals, may take it for a message."""

VERSIONS = {"VTE_VERSION": (7900,), "KONSOLE_VERSION": (250400,)}
"""The same for GNOME Terminal, Ptyxis and others by their library, and for Konsole."""


def is_shown(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is known to show it; inside a multiplexer nobody knows."""
    term = environ.get("TERM", "")
    if term == "dumb" or term.startswith(("screen", "tmux")) or environ.keys() & {"TMUX", "STY", "ZELLIJ"}:
        return False
    if "WT_SESSION" in environ or environ.get("ConEmuANSI") == "ON":
        return True
    program = environ.get("TERM_PROGRAM", "")
    if program in KNOWN:
        return _version(environ.get("TERM_PROGRAM_VERSION", "")) >= KNOWN[program]
    return any(_version(environ.get(name, "")) >= first for name, first in VERSIONS.items())


class TaskBar:
    """Shows the board's main task as long as the job doesn't show anything there itself."""

    def __init__(self, board: Board, streams: list[Stream]) -> None:
        self._board = board
        self._sinks = [(stream, stream.sink) for stream in streams if isinstance(stream.sink, TerminalSink)]
        self._shown = b""
        self._seen = -1
        self._look_at = 0.0
        self._refresh_at = float("inf")

    def update(self) -> None:
        """Say what has changed, or say it again."""
        now = time.monotonic()
        if now < self._look_at or not self._sinks or (self._board.changes == self._seen and now < self._refresh_at):
            return
        self._look_at = now + INTERVAL
        if any(sink.boundary.claimed for _, sink in self._sinks):
            self._shown = b""  # and not ours to clear
            return
        wanted = self._wanted()
        if (wanted == self._shown and now < self._refresh_at) or self._say(wanted or CLEAR):
            self._seen = self._board.changes

    @property
    def patience(self) -> float:
        """Seconds after which `update` is wanted."""
        if not self._sinks:
            return float("inf")
        waits = self._board.changes != self._seen
        return min(self._refresh_at, self._look_at if waits else float("inf")) - time.monotonic()

    def clear(self) -> None:
        """Remove it, now and whatever the job is at; it comes back if there is still something to show."""
        if self._shown:
            self._shown, self._seen, self._refresh_at = b"", -1, float("inf")
            self._sinks[0][1].conclude(CLEAR)

    def close(self) -> None:
        """Remove it for good."""
        self.clear()
        self._sinks = []

    def _say(self, what: bytes) -> bool:
        """Where both streams go to the terminal, both have to be at a boundary."""
        now, (stream, sink) = time.monotonic(), self._sinks[0]
        if not all(sink.boundary.safe for _, sink in self._sinks) or not sink.insert(what):
            return False
        self._shown = b"" if what == CLEAR else what
        self._refresh_at = now + REFRESH if self._shown else float("inf")
        stream.look_after_sink()
        return True

    def _wanted(self) -> bytes:
        task = main_task(self._board.tasks)
        if task is None or task["state"] not in UNDER_WAY:
            return b""
        if task["percent"] is None:
            return b"\x1b]9;4;3;\x1b\\"
        return b"\x1b]9;4;%d;%d\x1b\\" % (_CODES[task["state"]], task["percent"])


def clear_at(path: str) -> None:
    """Remove it from the terminal of that name, for who can't do so because it was killed, perhaps in mid-sequence."""
    with contextlib.suppress(OSError):  # it has been closed, or takes no more
        fd = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _write_between(fd, CANCEL + CLEAR)
        finally:
            os.close(fd)


def _write_between(fd: int, data: bytes) -> None:
    """The kernel turns away who won't wait while another process writes, as the shell does that says "Killed"."""
    deadline = time.monotonic() + BUSY
    while True:
        try:
            os.write(fd, data)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))
