"""The sender's life: one run delivered over as many connections as it takes, reports to the recorder, then the rest.

Started with a run directory as its argument, the doorbell on stdin, the recorder's ear on stdout, a log on stderr.
"""

from __future__ import annotations

import json
import logging
import os
import random
import select
import sys
import time
from pathlib import Path
from typing import Any

from progress_run import run_directory
from progress_run.protocol import Position
from progress_run.recorder.sender_process import FENCED
from progress_run.run_directory import read_record, try_lock
from progress_run.sender.connection import Connection, RefusedError, UnreachableError
from progress_run.sender.delivery import Delivery, write_delivery

log = logging.getLogger("progress.sender")

TRANSPORTS = ("websocket", "polling")
"""Tried in turn: long polling gets through where WebSocket is blocked."""

FIRST_PAUSE = 0.2
LAST_PAUSE = 15.0
REFUSED_PAUSE = 30.0
LINGER = 3600.0
"""Seconds for which a sender goes on trying after its recorder has gone; later the next `progress run` delivers."""

REPORT_INTERVAL = 0.5
"""Seconds between writes of delivery.json."""


class Bell:
    """The doorbell: rings when the run directory has grown, falls silent for good when the recorder has gone."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.gone = False
        self._wake, self._waker = os.pipe()
        for end in (fd, self._wake, self._waker):
            os.set_blocking(end, False)

    def wake(self) -> None:
        """End a wait from another thread."""
        try:
            os.write(self._waker, b".")
        except BlockingIOError:
            return  # wakings enough are waiting

    def wait(self, seconds: float | None) -> None:
        """Until somebody rings or wakes, or so many seconds have passed."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if not self.gone:
            poll.register(self._fd, select.POLLIN)
        for fd, _events in poll.poll(None if seconds is None else seconds * 1000):
            if not os.read(fd, 65536):
                self.gone = True


class Sender:
    """Delivers one run directory."""

    def __init__(self, path: Path, key: str, epoch: int, bell: Bell) -> None:
        self._path = path
        self._key = key
        self._bell = bell
        self._record = read_record(path)
        self._written = 0.0
        self._position: Position | None = None
        self._delivery = Delivery(path, self._record, epoch, self._on_progress)
        self._attempts = 0
        self._left_at: float | None = None

    def run(self) -> int:
        """Until the hub has everything, another sender has taken over, or there is no hope left; the exit code."""
        while True:
            try:
                self._deliver()
                return 0
            except RefusedError as error:
                self._report("fenced" if error.code == "fenced" else "refused", str(error))
                if error.code == "fenced":
                    return FENCED
                pause = REFUSED_PAUSE
            except UnreachableError as error:
                self._report("unreachable", str(error))
                pause = random.uniform(0, min(LAST_PAUSE, FIRST_PAUSE * 2**self._attempts))
            self._attempts += 1
            if self._given_up():
                return 0
            self._rest(pause)

    def _deliver(self) -> None:
        transport = TRANSPORTS[self._attempts % len(TRANSPORTS)]
        connection = Connection(self._record["hub"], self._key, transport, self._bell.wake)
        try:
            self._delivery.open(connection)
            self._attempts = 0
            self._report("connected")
            while not self._delivery.complete:
                self._delivery.take(connection)
                self._bell.wait(self._delivery.give(connection))
        finally:
            connection.close()
            self._write_position()
        self._report("delivered")

    def _rest(self, seconds: float) -> None:
        """Pause before the next attempt; the job's end cuts it short, since somebody is waiting then."""
        until = time.monotonic() + seconds
        had_ended = self._delivery.job_has_ended
        while (left := until - time.monotonic()) > 0:
            self._bell.wait(left)
            if self._delivery.job_has_ended and not had_ended:
                return

    def _given_up(self) -> bool:
        if self._bell.gone and self._left_at is None:
            self._left_at = time.monotonic()
        return self._left_at is not None and time.monotonic() - self._left_at > LINGER

    def _on_progress(self, position: Position) -> None:
        self._position = position
        if position["complete"] or time.monotonic() - self._written > REPORT_INTERVAL:
            self._write_position()

    def _write_position(self) -> None:
        if self._position:
            self._written = time.monotonic()
            try:
                write_delivery(self._path, self._position)
            except OSError as error:
                log.warning("delivery.json: %s", error)

    def _report(self, state: str, message: str = "") -> None:
        log.info("%s %s", state, message)
        report: dict[str, Any] = {"state": state, "message": message}
        try:
            os.write(1, json.dumps(report).encode() + b"\n")
        except OSError:
            return  # the recorder has gone; it is all in the log


def take_epoch(path: Path) -> int | None:
    """The epoch of a new sender, one more than the last; None while another sender has this run. Held until exit."""
    fd = try_lock(path / run_directory.SENDER_LOCK)
    if fd is None:
        return None
    text = os.pread(fd, 32, 0).strip()
    epoch = int(text or b"0") + 1
    os.pwrite(fd, b"%d\n" % epoch, 0)
    return epoch


def main() -> int:
    """Deliver the run named on the command line, then older ones that never arrived."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    path = Path(sys.argv[1])
    epoch = take_epoch(path)
    if epoch is None:
        log.info("another sender has %s", path)
        return 0
    return Sender(path, os.environ.get("PROGRESS_KEY", ""), epoch, Bell(0)).run()
