"""The user's terminal as the place of the job's output, and between its words of ours."""

from __future__ import annotations

from progress_run.recorder.boundary import Boundary
from progress_run.recorder.sink import Sink

CANCEL = b"\x1b\\"
"""Ends whatever string or sequence the job has left open."""


class TerminalSink(Sink):
    """Passes on the job's bytes as they are, and ours only where nothing of the job's is torn apart."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd)
        self.boundary = Boundary()

    def write(self, data: bytes) -> None:
        """The job's."""
        self.boundary.feed(data)
        super().write(data)

    def insert(self, data: bytes) -> bool:
        """Ours, if this is the moment for it."""
        if self.pending or self.gone or not self.boundary.safe:
            return False
        super().write(data)
        return True

    def conclude(self, data: bytes) -> None:
        """Ours, after all of the job's."""
        if not self.gone:
            super().write(data if self.boundary.safe else CANCEL + data)
