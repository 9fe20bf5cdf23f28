"""What the user types on its way to the job: from the raw terminal to the PTY's master."""

from __future__ import annotations

import os

from progress_run.recorder.poller import READ, Poller
from progress_run.recorder.stream import Stream
from progress_run.recorder.terminal import Terminal

READ_BYTES = 4096


class Keyboard:
    """Copies keys to the job while the terminal is ours; reads no further while the job doesn't take them."""

    def __init__(self, poller: Poller, terminal: Terminal, job: Stream) -> None:
        self.terminal = terminal
        self._poller = poller
        self._job = job
        self._pending = b""
        job.on_writable = self._flush
        self.claim()

    def claim(self) -> None:
        """Take the terminal if we are in its foreground; a background job tries again now and then."""
        if self.terminal.claim():
            self._want_more()

    def release(self) -> None:
        """Give the terminal back as it was."""
        self._poller.forget(self.terminal.fd)
        self.terminal.release()

    def _want_more(self) -> None:
        self._job.wants_write = bool(self._pending)
        self._job.update()
        if self._pending:
            self._poller.forget(self.terminal.fd)
        else:
            self._poller.watch(self.terminal.fd, READ, self._on_keys)

    def _on_keys(self, _events: int) -> None:
        try:
            keys = os.read(self.terminal.fd, READ_BYTES)
        except OSError:
            keys = b""
        if keys:
            self._pending += keys
            self._flush()
        else:
            self._poller.forget(self.terminal.fd)  # hung up

    def _flush(self) -> None:
        try:
            self._pending = self._pending[os.write(self._job.source, self._pending) :]
        except BlockingIOError:
            pass  # the poller says when there is room
        except OSError:
            self._pending = b""  # the job has closed its terminal
        self._want_more()
