"""Watches the job from beside it: what its output shows of its progress, and what its processes take.

A thread of the sender's, since the hub may keep the sender waiting, and what is observed goes to the recorder anyway:
as datagrams to the socket where the job itself reports. It must cost the job nothing, so it looks ten times a second,
and rests like the sender where the processors are taken.
"""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from progress_run.protocol import Meta
from progress_run.sender.courtesy import Courtesy, stand_apart
from progress_run.sender.reporter import Reporter
from progress_run.sender_report import Report

log = logging.getLogger("progress.observer")

LOOK = 0.1
"""Seconds between looks."""

SAMPLE = 1.0
FIRST_SAMPLE = 0.4
"""Seconds between two samples of the job's processes, and before the first: a short job is not worth the import."""


def start(path: Path, meta: Meta, events: Path, monitor: int, ear: int, report: Report) -> None:
    """Observe a run that is being recorded, in a thread that ends with it.

    Args:
        events: the recorder's socket for reports.
        monitor: the process whose descendants the job is.
        ear: on which the recorder asks for the last, or goes.
    """

    def observe() -> None:
        try:
            report.observer("watching")
            _Observer(path, meta, events, monitor, ear).watch()
        except Exception:  # whatever the job's bytes did to us, delivering them goes on
            log.exception("observing ends")
        report.observer("finished")

    threading.Thread(target=observe, name="observer", daemon=True).start()


class _Observer:
    def __init__(self, path: Path, meta: Meta, events: Path, monitor: int, ear: int) -> None:
        from progress_run.sender.spectator import Spectator

        self._reporter = Reporter(events)
        self._spectator = Spectator(path, meta)
        self._samples = _samples(monitor)
        self._ear = select.poll()
        self._ear.register(ear, select.POLLIN)

    def watch(self) -> None:
        """Look until the recorder asks for the last, and that has been sent."""
        stand_apart()
        courtesy = Courtesy(self._is_asked, self._is_asked, time.thread_time)
        while not self._is_asked(LOOK):
            self._look()
            courtesy.rest()
        self._spectator.look_at_the_last()
        self._reporter.send(self._spectator.reports())

    def _look(self) -> None:
        self._spectator.look()
        self._reporter.send(self._spectator.reports())
        self._reporter.send(next(self._samples))

    def _is_asked(self, seconds: float = 0) -> bool:
        """Whether the recorder has asked for the last, or gone; waits for that so many seconds."""
        return bool(self._ear.poll(seconds * 1000))


def _samples(monitor: int) -> Iterator[list[dict[str, Any]]]:
    """At each look, what the job's processes take if it is time for that again."""
    due = time.monotonic() + FIRST_SAMPLE
    while time.monotonic() < due:
        yield []
    from progress_run.sender.sampler import Sampler

    sampler = Sampler(monitor)
    while True:
        if time.monotonic() >= due:
            due = time.monotonic() + SAMPLE
            yield sampler.sample()
        else:
            yield []
