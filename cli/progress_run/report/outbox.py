"""What this process has to say and has not yet said: bounded, since of each task the last state counts."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from functools import partial

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Reported(Protocol):
        """Something whose state is reported: a task."""

        id: str

        def report(self) -> dict[str, Any]:
            """How it stands, as the protocol has it."""


MOST_NAMES = 1000
"""The most open tasks, and the most metrics; the recorder takes no more either."""

MOST_REMARKS = 1000
ENDED = ("done", "failed")
POINTS = 16
"""The most points of one metric that are kept between two deliveries; the oldest go first."""


class Outbox:
    """Open tasks, fresh points of metrics, and remarks that found no room; `deliver` sends what has changed."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may report while the job does
        self._tasks: dict[str, Reported] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self._points: dict[str, deque[tuple[float, float | None]]] = {}
        self._remarks: deque[dict[str, Any]] = deque(maxlen=MOST_REMARKS)
        self._channel: Any = None
        self._opened = False
        self.wanted = bool(os.environ.get("PROGRESS_EVENTS")) or os.environ.get("PROGRESS_OSC") == "1"

    def follow(self, task: Reported) -> None:
        """Report of a task until it has ended; one too many is not reported at all."""
        if self.wanted and len(self._tasks) < MOST_NAMES:
            with self._lock:
                self._tasks[task.id] = task
                self._say(task)

    def tell(self, task: Reported) -> None:
        """A task has changed its state: say so at once."""
        if self.wanted and task.id in self._tasks:
            with self._lock:
                self._say(task)

    def remark(self, report: dict[str, Any]) -> None:
        """A note or a group: each is said, in order."""
        if self.wanted:
            with self._lock:
                self._remarks.append(report)
                self._send_remarks()

    def point(self, name: str, value: float, step: float | None) -> None:
        """A metric's value, sent with the next delivery."""
        points = self._points.get(name)
        if points is None:
            if len(self._points) >= MOST_NAMES or not self.wanted:
                return
            points = self._points.setdefault(name, deque(maxlen=POINTS))
        points.append((value, step))

    @property
    def waits(self) -> bool:
        """Whether there is, or soon may be, something to deliver."""
        channel = self._channel
        is_torn = channel is not None and channel.is_torn
        return self.wanted and bool(is_torn or self._tasks or self._remarks or any(list(self._points.values())))

    def deliver(self, seconds: float) -> None:
        """Send what has changed, for that long if there is no room; the lock is free while room is waited for."""
        until = time.monotonic() + seconds
        tasks: list[Callable[[], bool]] = [partial(self._say, task) for task in list(self._tasks.values())]
        for say in (self._send_remarks, *tasks, self._send_points, self._flush):
            while not self._locked(say):
                channel = self._channel
                if channel is None or not channel.wait_for_room(until - time.monotonic()):
                    return

    def close(self) -> None:
        """Say nothing more."""
        with self._lock:
            self._tasks.clear()
            self.abandon()

    def abandon(self) -> None:
        """Let go of the way out, whoever has the lock: after a fork that may be a thread of the parent."""
        self.wanted = False
        channel, self._channel = self._channel, None
        if channel:
            channel.close()

    def _locked(self, say: Callable[[], bool]) -> bool:
        with self._lock:
            return say()

    def _say(self, task: Reported) -> bool:
        """Whether nothing is left to say of a task, which then queues up again, or is forgotten if it ended."""
        if self._tasks.get(task.id) is not task:
            return True
        report = task.report()
        if report != self._said.get(task.id):
            if not self._send(report):
                return False
            self._said[task.id] = report
        self._tasks.pop(task.id, None)  # a signal's handler may have done so
        if report["state"] in ENDED:
            self._said.pop(task.id, None)
        else:
            self._tasks[task.id] = task
        return True

    def _send_remarks(self) -> bool:
        with contextlib.suppress(IndexError):  # none is left; a signal's handler may have sent the last
            while True:
                remark = self._remarks.popleft()
                if not self._send(remark):
                    self._remarks.appendleft(remark)
                    return False
        return True

    def _send_points(self) -> bool:
        return all(self._send_points_of(name, points) for name, points in list(self._points.items()))

    def _send_points_of(self, name: str, points: deque[tuple[float, float | None]]) -> bool:
        while points:
            value, step = point = points.popleft()
            if not self._send({"kind": "metric", "name": name, "value": value, "step": step, "source": "job"}):
                if len(points) < POINTS:
                    points.appendleft(point)
                return False
        return True

    def _flush(self) -> bool:
        """Whether nothing is left of what was sent."""
        try:
            return not self._channel or bool(self._channel.flush())
        except Exception:  # noqa: BLE001 -- a report never harms the job
            return True

    def _send(self, report: dict[str, Any]) -> bool:
        """Whether it need not be sent again: it was taken, can't be said, or nobody listens."""
        try:
            return self._sent(report)
        except Exception:  # noqa: BLE001 -- a report never harms the job
            return True

    def _sent(self, report: dict[str, Any]) -> bool:
        from progress_run.report import channel  # longer to import than the rest of us: when there is something to say

        if not self._opened:
            self._opened, self._channel = True, channel.open_channel(os.environ)
            self.wanted = self._channel is not None
        try:
            return not self._channel or bool(self._channel.send(channel.encode(report)))
        except channel.Gone:
            self.close()
            return True
