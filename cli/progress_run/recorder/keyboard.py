"""What is typed on its way to the job: from the raw terminal, and from viewers, to the PTY's master."""

from __future__ import annotations

import os
from collections.abc import Callable

from progress_run.recorder.poller import READ, Poller
from progress_run.recorder.stream import Stream
from progress_run.recorder.terminal import Terminal

READ_BYTES = 4096


class JobInput:
    """The way into the PTY's master; what the job doesn't take yet is kept.

    Attributes:
        on_change: called when something has begun to wait, or all of it has gone.
    """

    def __init__(self, job: Stream) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._job = job
        self._pending = b""
        self._on_done: list[Callable[[bool], None]] = []
        job.on_writable = self._flush

    @property
    def is_open(self) -> bool:
        """Somebody still holds the terminal."""
        return self._job.open

    @property
    def waits(self) -> bool:
        """Something was typed that the job hasn't taken."""
        return bool(self._pending)

    def write(self, data: bytes, on_done: Callable[[bool], None] | None = None) -> None:
        """Type; `on_done` is told once the terminal has taken all there is, or never will."""
        self._pending += data
        if on_done:
            self._on_done.append(on_done)
        self._flush()

    def give_up(self) -> None:
        """Nobody will read what waits, if something does."""
        if self._pending:
            self._pending = b""
            self._done(taken=False)

    def _flush(self) -> None:
        taken = True
        try:
            self._pending = self._pending[os.write(self._job.source, self._pending) :]
        except BlockingIOError:
            pass  # the poller says when there is room
        except OSError:
            self._pending, taken = b"", False  # the job has closed its terminal
        self._done(taken=taken)

    def _done(self, *, taken: bool) -> None:
        self._job.wants_write = bool(self._pending)
        self._job.update()
        self.on_change()
        while self._on_done and not self._pending:
            self._on_done.pop(0)(taken)


class Keyboard:
    """Copies keys to the job while the terminal is ours; reads no further while the job doesn't take them.

    `on_keys` is told what is typed before the job gets it.
    """

    def __init__(self, poller: Poller, terminal: Terminal, job: JobInput, on_keys: Callable[[bytes], None]) -> None:
        self.terminal = terminal
        self._tell = on_keys
        self._poller = poller
        self._job = job
        job.on_change = self._listen
        self.claim()

    def claim(self) -> None:
        """Take the terminal if we are in its foreground; a background job tries again now and then."""
        if self.terminal.claim():
            self._listen()

    def release(self) -> None:
        """Give the terminal back as it was."""
        self._poller.forget(self.terminal.fd)
        self.terminal.release()

    def _listen(self) -> None:
        if self._job.waits or not self.terminal.claimed:
            self._poller.forget(self.terminal.fd)
        else:
            self._poller.watch(self.terminal.fd, READ, self._on_keys)

    def _on_keys(self, _events: int) -> None:
        try:
            keys = os.read(self.terminal.fd, READ_BYTES)
        except OSError:
            keys = b""
        if keys:
            self._tell(keys)
            self._job.write(keys)
        else:
            self._poller.forget(self.terminal.fd)  # hung up
