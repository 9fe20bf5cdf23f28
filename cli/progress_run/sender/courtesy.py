"""Leaves the processors to the job: where more wants them than there are, the sender mostly rests."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

SHARE = 0.005
"""Of all the machine's processors together: how much of them the sender takes while others wait for one."""

LONGEST = 1.0
"""Seconds: the longest rest at once, so that whoever watches sees the job go on."""

LOOK = 0.1
"""Seconds between looks whether the job has ended."""

MOMENT = 1.0
"""Seconds for which a crowd is taken to last."""

PROCESSORS = os.cpu_count() or 1

_crowd: deque[float] = deque([float("-inf")], maxlen=1)
"""When one was seen last."""

_apart: list[int] = []
"""The clocks of threads that make up for their own work."""


def stand_apart() -> None:
    """Nobody else shall make up for what this thread does."""
    if hasattr(time, "pthread_getcpuclockid"):  # macOS has none; there nobody rests, see `is_crowded`
        _apart.append(time.pthread_getcpuclockid(threading.get_ident()))


def others_time() -> float:
    """Processor time of the process without the threads that stand apart."""
    try:
        return time.process_time() - sum(map(time.clock_gettime, _apart))
    except OSError:  # one of them has ended, and so has the job
        return time.process_time()


class Courtesy:
    """Being nice alone does not do: even a process of the lowest priority costs a busy pipeline its caches and places.

    Args:
        is_over: nobody need be spared any more.
        pause: sleeps for so many seconds, or until nobody need be spared if it notices that sooner.
        clock: whose processor time is to be made up for, in seconds.
    """

    def __init__(
        self,
        is_over: Callable[[], bool],
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._is_over = is_over
        self._pause = pause
        self._clock = clock or others_time
        self._worked = self._clock()

    def rest(self) -> None:
        """Make up for the work since the last call."""
        before, self._worked = self._worked, self._clock()
        owed = min(LONGEST, (self._worked - before) / (SHARE * PROCESSORS)) if is_crowded() else 0.0
        until = time.monotonic() + owed
        while not self._is_over() and (left := until - time.monotonic()) > 0:
            self._pause(min(LOOK, left))


def is_crowded() -> bool:
    """Whether more tasks have been running than there are processors, now or a moment ago.

    The processes of a pipeline wait for each other, so that at any one time there may be room.
    """
    now = time.monotonic()
    if _running() > PROCESSORS:
        _crowd.append(now)
    return now - _crowd[-1] < MOMENT


def _running() -> int:
    """What `proc_pid_loadavg(5)` counts, we among them; 0 where there is no Linux, and niceness has to do."""
    try:
        with open("/proc/loadavg", "rb") as file:
            return int(file.read().split()[3].partition(b"/")[0])
    except (OSError, ValueError, IndexError):
        return 0
