"""Goes on copying to the user what processes write that the job left running, after the runner has returned."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Sequence

from progress_run.descriptors import close_all_but
from progress_run.recorder.monitor import RELAYED

READ_BYTES = 64 * 1024


def copy_on(pairs: Sequence[tuple[int, int]], kept: int) -> None:
    """Leave a process behind that copies each source to its sink until nobody holds the source any more.

    It keeps `kept` open, too, by which the monitor knows that the session is still in use.
    """
    if os.fork() == 0:
        try:
            _settle({kept, *(fd for pair in pairs for fd in pair)})
            _copy(dict(pairs))
        finally:
            os._exit(0)


def _settle(kept: set[int]) -> None:
    """No longer the runner: signals do what they do to anybody, and nothing is held that isn't needed."""
    signal.set_wakeup_fd(-1)
    for signo in RELAYED:
        if signal.getsignal(signo) != signal.SIG_IGN:
            signal.signal(signo, signal.SIG_DFL)
    close_all_but(kept)


def _copy(sinks: dict[int, int]) -> None:
    poll = select.poll()
    for source in sinks:
        poll.register(source, select.POLLIN)
    while sinks:
        for source, _events in poll.poll():
            if not _copy_once(source, sinks[source]):
                poll.unregister(source)
                os.close(source)
                del sinks[source]


def _copy_once(source: int, sink: int) -> bool:
    """Copy what is there; False at the end of either side."""
    try:
        data = os.read(source, READ_BYTES)
        ended = not data
        while data:
            data = data[_write(sink, data) :]
    except OSError:
        return False
    return not ended


def _write(sink: int, data: bytes) -> int:
    try:
        return os.write(sink, data)
    except BlockingIOError:
        writable = select.poll()
        writable.register(sink, select.POLLOUT)
        writable.poll()
        return 0
