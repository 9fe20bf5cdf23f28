"""Where the job's output goes first: the user's terminal, pipe or file, written without ever blocking the recorder."""

from __future__ import annotations

import errno
import os
import stat


class Sink:
    """A descriptor of the user's. What it won't take yet is kept, and the caller stops reading until it has gone.

    Attributes:
        fd: the descriptor to poll.
        pending: bytes not taken yet.
        gone: its reader, or the terminal, has gone away, or it takes nothing more.
        error: what it failed with, if it was not its reader's going away: a full disk, say.
    """

    def __init__(self, fd: int) -> None:
        self.fd = _non_blocking(fd)
        self._is_terminal = os.isatty(fd)
        self.pending = b""
        self.gone = False
        self.error: OSError | None = None

    def write(self, data: bytes) -> None:
        """Write what can be written now and keep the rest."""
        self.pending += data
        self.flush()

    def flush(self) -> None:
        """Go on with what is pending."""
        try:
            while self.pending:
                self.pending = self.pending[os.write(self.fd, self.pending) :]
        except BlockingIOError:
            return
        except OSError as error:
            self.gone = True
            self.pending = b""
            if error.errno != errno.EPIPE and not self._is_terminal:
                self.error = error


def _non_blocking(fd: int) -> int:
    """The same pipe or terminal by a description of our own, since O_NONBLOCK on the user's would be theirs too."""
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            return os.open(f"/dev/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        pass  # not ours to open (another user's terminal): blocking writes to it are as good as it gets
    return fd
