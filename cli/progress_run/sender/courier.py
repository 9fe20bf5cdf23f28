"""The courier: the one process on a machine that goes on delivering runs whose own senders have gone.

One is enough however many runs are left: a loop of short jobs beside a dead hub costs one process, not hundreds.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from progress_run import run_directory
from progress_run.run_directory import is_recording, read_delivery, read_record, try_lock
from progress_run.sender.bell import Bell
from progress_run.sender.connection import RefusedError, UnreachableError
from progress_run.sender.pause import Pause
from progress_run.sender.shipment import Shipment
from progress_run.spawn import spawn

log = logging.getLogger("progress.courier")

LOCK = "courier.lock"
LOG = "courier.log"
LINGER = 3600.0
"""Seconds for which a courier goes on trying; later the next `progress run` that reaches the hub sends a new one."""

UNREADABLE = (OSError, ValueError, KeyError, TypeError)
"""What reading a directory that a crash, another user or another version left behind may raise; others go on."""

HOPELESS = ("bad_key", "bad_protocol", "not_a_hub")
"""Refusals that hold for every run."""


def main() -> int:
    """Deliver what is left for the hub named on the command line, behind the runs directory; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    return serve(Path(sys.argv[1]), sys.argv[2], os.environ.get("PROGRESS_KEY", ""))


def send_for_older_runs(runs: Path, hub: str) -> None:
    """Start a courier if there is something for it to do at this hub and none is under way."""
    if next(_undelivered(runs, hub), None) is None:
        return
    try:
        with open(runs / LOG, "ab") as out:
            spawn("progress_run.sender.courier", [os.fspath(runs), hub], os.environ, output=out.fileno())
    except OSError as error:
        log.warning("no courier can be started: %s", error)  # the next `progress run` tries again


def serve(runs: Path, hub: str, key: str) -> int:
    """Deliver what is left for `hub`, unless another courier does; the exit code."""
    lock = try_lock(runs / LOCK)
    if lock is None:
        return 0
    bell, pause, until = Bell(None), Pause(), time.monotonic() + LINGER
    while _round(runs, hub, key, bell, pause) and time.monotonic() < until:
        bell.wait(pause.next())
    os.close(lock)
    return 0


def _round(runs: Path, hub: str, key: str, bell: Bell, pause: Pause) -> bool:
    """Try each run once; whether trying again makes sense."""
    for path in _undelivered(runs, hub):
        shipment = _take(path, key, bell)
        if shipment is None:
            continue
        try:
            shipment.attempt(pause.attempts, pause.reset)
            log.info("delivered %s", path.name)
        except RefusedError as error:
            log.warning("%s: %s", path.name, error)
            if error.code in HOPELESS:
                return False
        except UnreachableError as error:
            log.info("%s", error)
            return True
        finally:
            shipment.close()
    return False


def _take(path: Path, key: str, bell: Bell) -> Shipment | None:
    """The run, unless another sender has it or there is something wrong with its directory."""
    try:
        return Shipment.take(path, key, bell)
    except UNREADABLE as error:
        log.warning("%s can't be delivered: %r", path, error)
        return None


def _undelivered(runs: Path, hub: str) -> Iterator[Path]:
    """Runs for this hub that are over, as far as their recorder is concerned, and that no hub has confirmed."""
    for path in sorted(runs.iterdir()):
        try:
            wanted = _is_wanted(path, hub)
        except UNREADABLE as error:
            log.warning("%s is left alone: %r", path, error)
            continue
        if wanted:
            yield path


def _is_wanted(path: Path, hub: str) -> bool:
    if not (path / run_directory.META).is_file() or _is_delivered(path) or is_recording(path):
        return False
    return read_record(path)["hub"] == hub


def _is_delivered(path: Path) -> bool:
    """Confirmed whole; or, of a run whose recorder died before it could write an end, all there is has arrived."""
    delivery = read_delivery(path)
    if delivery is None or delivery["complete"]:
        return delivery is not None
    recorded = (path / run_directory.OUTPUT).stat().st_size
    return delivery["end"] == recorded and run_directory.last_event(path).get("kind") != "exit"
