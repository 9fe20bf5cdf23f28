"""What the job's processes take of the machine: processors, memory, disk."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psutil

REFRESH = 10.0
"""Seconds after which a value is told again though it has hardly changed."""

MOMENT = 0.01
"""Seconds, the shortest time in which anything is measured."""

SHARE = 0.05
FLOORS = {"cpu": 2.0, "memory": 1024.0 * 1024, "read": 65536.0, "write": 65536.0}
"""A change counts from a twentieth of the value on, and not below these: percent, bytes, bytes a second."""


class _Totals(NamedTuple):
    """Of all processes: seconds of processor time, bytes of memory, bytes from and to disks since they began."""

    cpu: float
    memory: int
    read: int
    write: int


_NOTHING = _Totals(0.0, 0, 0, 0)


class Sampler:
    """Samples the descendants of the monitor, whoever was seen as one and has lost its parents since, and its session.

    The monitor leads a session where the job has a terminal. In a pipe, what loses its parents before it was seen once
    can't be told from the user's other processes.

    Time and bytes of a process that has ended are in its parent's account once that has waited for it, so that a build
    of a thousand short compilers is counted whole. Memory is the resident set, in which shared pages count for each.
    """

    def __init__(self, monitor: int) -> None:
        self._pid = monitor
        self._family: dict[int, psutil.Process] = {}
        self._seen: set[int] = set()
        self._last = time.monotonic() - _age(monitor), _NOTHING
        self._told: dict[str, tuple[float, float]] = {}

    def sample(self) -> list[dict[str, Any]]:
        """Metrics that are worth telling: `process/cpu` in percent of one processor, `process/memory` in bytes,
        `process/read` and `process/write` in bytes per second."""
        try:
            return [
                {"kind": "metric", "name": f"process/{name}", "value": value, "step": None, "source": "process"}
                for name, value in self._measure().items()
                if self._is_news(name, value)
            ]
        except (psutil.Error, OSError):
            return []  # the job has just ended

    def _measure(self) -> dict[str, float]:
        t, totals = time.monotonic(), self._totals()
        (last, before), self._last = self._last, (t, totals)
        seconds = max(t - last, MOMENT)
        return {
            "cpu": round(max(0.0, 100 * (totals.cpu - before.cpu) / seconds), 1),
            **({"memory": totals.memory} if totals.memory else {}),  # what has just ended has none any more
            "read": max(0, round((totals.read - before.read) / seconds)),
            "write": max(0, round((totals.write - before.write) / seconds)),
        }

    def _totals(self) -> _Totals:
        each = [self._of(process) for process in self._processes()]
        return _Totals(*map(sum, zip(*each, strict=True))) if each else _NOTHING

    def _of(self, process: psutil.Process) -> _Totals:
        cpu, memory, read, write = 0.0, 0, 0, 0
        with contextlib.suppress(psutil.Error, OSError), process.oneshot():  # it ends, or is another user's
            times = process.cpu_times()
            cpu = times.user + times.system + times.children_user + times.children_system
            if process.pid != self._pid:  # the monitor is ours, and a fork that shares its pages with the recorder
                memory = process.memory_info().rss
            if hasattr(process, "io_counters"):  # not on macOS
                counters = process.io_counters()
                read, write = counters.read_bytes, counters.write_bytes
        return _Totals(cpu, memory, read, write)

    def _processes(self) -> Iterator[psutil.Process]:
        """The monitor, and the job's processes that live."""
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(self._pid)
        self._family = {pid: process for pid, process in self._family.items() if process.is_running()}
        self._adopt_newcomers()
        yield from self._family.values()

    def _adopt_newcomers(self) -> None:
        """Whose child a process is, or in which session, is decided at its birth: each needs to be asked but once."""
        pids = set(psutil.pids())
        parents = {pid: self._parent(pid) for pid in pids - self._seen}
        self._seen = pids
        known = {self._pid, *self._family}
        while known:
            children = {pid for pid, parent in parents.items() if parent in known} - self._family.keys()
            known = {pid for pid in children if self._adopt(pid)}

    def _parent(self, pid: int) -> int | None:
        """The parent of a process; for those of the monitor's session, if it leads one, that is the monitor."""
        with contextlib.suppress(psutil.Error, OSError):
            return self._pid if os.getsid(pid) == self._pid != pid else psutil.Process(pid).ppid()
        return None

    def _adopt(self, pid: int) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family[pid] = psutil.Process(pid)
        return pid in self._family

    def _is_news(self, name: str, value: float) -> bool:
        now = time.monotonic()
        at, told = self._told.get(name, (float("-inf"), 0.0))
        if now - at < REFRESH and abs(value - told) <= max(FLOORS[name], SHARE * told):
            return False
        self._told[name] = now, value
        return True


def _age(pid: int) -> float:
    """Seconds since a process began; the first sample is of all the time since."""
    with contextlib.suppress(psutil.Error):
        return time.time() - psutil.Process(pid).create_time()
    return 0.0
