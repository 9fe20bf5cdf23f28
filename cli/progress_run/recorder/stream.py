"""One stream of the job's output on its way: from the PTY or a pipe to the user first, then to be recorded."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from progress_run.recorder.leftovers import Leftover
from progress_run.recorder.poller import GONE, READ, WRITE, Poller
from progress_run.recorder.recording import Recording
from progress_run.recorder.sink import Sink

READ_BYTES = 128 * 1024

OnGone = Callable[["Stream"], None]


class Stream:
    """Copies `source` to `sink` and the recording; reads no further while the user's side is stalled.

    Args:
        on_sink_gone: called once when the user's side has gone away; unless it closes the stream, the job goes on
            without it, as when a terminal's window was closed.
        fd: the job's descriptor that this stream is, 1 or 2.
        read: reads `source`, which is non-blocking.
    """

    def __init__(
        self,
        poller: Poller,
        recording: Recording,
        source: int,
        sink: Sink,
        *,
        fd: int,
        on_sink_gone: OnGone,
        read: Callable[[], bytes] | None = None,
    ) -> None:
        self.source = source
        self._read_source = read or partial(os.read, source, READ_BYTES)
        self.open = True
        self.taken = 0
        self.wants_write = False
        self._told = False
        self._poller = poller
        self._recording = recording
        self.sink = sink
        self._fd = fd
        self._on_sink_gone = on_sink_gone
        self.on_writable: Callable[[], None] = lambda: None
        self.update()

    def update(self) -> None:
        """Tell the poller what is wanted now."""
        events = (READ if self.open and not self.sink.pending else 0) | (WRITE if self.wants_write else 0)
        if self.open and events:
            self._poller.watch(self.source, events, self._on_source)
        else:
            self._poller.forget(self.source)
        if self.sink.gone:
            self._poller.forget(self.sink.fd)
        else:
            self._poller.watch(self.sink.fd, WRITE if self.sink.pending else 0, self._on_sink)

    @property
    def stalled(self) -> bool:
        """The user's side has not yet taken everything that was read."""
        return bool(self.sink.pending)

    @property
    def leftover(self) -> Leftover:
        """What remains to be done for this stream."""
        return Leftover(self.sink.pending, self.sink.fd, self.source if self.open else None)

    def close(self) -> None:
        """Close the source before its end: whoever writes to it meets SIGPIPE."""
        if self.open:
            self._stop()
            os.close(self.source)

    def leave_poller(self) -> None:
        """Be watched no more; source and sink stay as they are."""
        self._poller.forget(self.source)
        self._poller.forget(self.sink.fd)

    def copy(self) -> None:
        """Take what is there: to the user first, then to the recording."""
        data = self._read()
        if data is None:
            return
        if not data:
            self._stop()
            return
        if not self.sink.gone:
            self.sink.write(data)
        self.taken += len(data)
        self._recording.append(data, self._fd)
        self.look_after_sink()

    def look_after_sink(self) -> None:
        """Somebody else has written to the user's side."""
        if self.sink.pending or self.sink.gone:
            self._after_sink()

    def _stop(self) -> None:
        """Read no more. The source stays open: hanging up on a PTY would end the monitor's session."""
        self.open = False
        self.update()

    def _read(self) -> bytes | None:
        try:
            return self._read_source()
        except BlockingIOError:
            return None
        except OSError:
            return b""  # EIO is how a PTY says that nobody holds its other side any more

    def _on_source(self, events: int) -> None:
        if events & WRITE:
            self.on_writable()
        if events & (READ | GONE) and not self.sink.pending:
            self.copy()

    def _on_sink(self, events: int) -> None:
        if events & GONE:
            self.sink.gone = True
            self.sink.pending = b""
        else:
            self.sink.flush()
        self._after_sink()

    def _after_sink(self) -> None:
        self.update()
        if self.sink.gone and not self._told:
            self._told = True
            self._on_sink_gone(self)
