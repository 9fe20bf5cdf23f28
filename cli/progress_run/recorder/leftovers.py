"""What is left when the runner returns: a stalled reader's bytes, what the job left running writes, the last events."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Sequence
from typing import NamedTuple

from progress_run.descriptors import close_all_but
from progress_run.recorder.monitor import RELAYED
from progress_run.recorder.run_log import RunLog

READ_BYTES = 64 * 1024


class Leftover(NamedTuple):
    """A stream at the runner's end: what its sink has not taken yet, and the source if somebody may still write."""

    pending: bytes
    sink: int
    source: int | None


def copy_on(leftovers: Sequence[Leftover], kept: int) -> None:
    """Leave a process behind that gives each sink what is pending, and then what comes from its source until the end.

    It keeps `kept` open, too, by which the monitor knows that the session is still in use.
    """
    if os.fork() == 0:
        try:
            _settle({kept, *(fd for left in leftovers for fd in (left.sink, left.source) if fd is not None)})
            for left in leftovers:
                _give(left.sink, left.pending)
            _copy({left.source: left.sink for left in leftovers if left.source is not None})
        finally:
            os._exit(0)


def write_on(log: RunLog, kept: int) -> None:
    """Leave a process behind that writes the last events once there is room; it keeps `kept` open, as above."""
    if os.fork() == 0:
        try:
            os.setsid()
            _settle({kept, *log.descriptors})
            log.settle()
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
    except OSError:
        return False
    return bool(data) and _give(sink, data)


def _give(sink: int, data: bytes) -> bool:
    """Write all of it, however long that takes; False when nobody takes it any more."""
    try:
        while data:
            data = data[_write(sink, data) :]
    except OSError:
        return False
    return True


def _write(sink: int, data: bytes) -> int:
    try:
        return os.write(sink, data)
    except BlockingIOError:
        writable = select.poll()
        writable.register(sink, select.POLLOUT)
        writable.poll()
        return 0
